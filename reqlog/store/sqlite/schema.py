"""The tables of the SQLite store, as the list of steps that made them.

A step, once released, is never edited: a change of the schema is one more step at the end, and the number of steps a
file has seen is its `user_version`. Steps run in one transaction each.

The text index keeps no text, so what is taken out of it must be given to it again: what `rows.text_of` makes of a
request, `filters.searchable` and `filters.words_of` included, is part of the schema. To change it, add a step that
builds the index anew.

`upkeep` keeps numbers about the whole store: `purge` is there after requests were removed and until their text is out
of the file, `last_arrival` is the highest arrival among those that were removed.
"""

APPLICATION_ID = 0x7265716C
"""`PRAGMA application_id` of a store, the bytes `reql`, so that other SQLite files are told apart."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE requests (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        time INTEGER,
        duration_ms REAL,
        method TEXT,
        host TEXT,
        path TEXT,
        query TEXT,
        endpoint TEXT,
        status INTEGER,
        source TEXT,
        livemode INTEGER,
        account TEXT,
        api_key TEXT,
        ip_address TEXT,
        user_agent TEXT,
        api_version TEXT,
        requested_version TEXT,
        idempotency_key TEXT,
        idempotent_replayed INTEGER,
        original_request TEXT,
        should_retry INTEGER,
        error_type TEXT,
        error_code TEXT,
        decline_code TEXT,
        error_param TEXT,
        error_message TEXT,
        truncated TEXT,
        resources TEXT,
        request_headers ANY,
        response_headers ANY,
        request_body ANY,
        response_body ANY
    ) STRICT;
    CREATE INDEX requests_status ON requests (status);
    CREATE INDEX requests_endpoint ON requests (endpoint);
    CREATE INDEX requests_api_version ON requests (api_version);
    CREATE INDEX requests_ip_address ON requests (ip_address) WHERE ip_address IS NOT NULL;
    CREATE INDEX requests_account ON requests (account) WHERE account IS NOT NULL;
    CREATE INDEX requests_idempotency_key ON requests (idempotency_key) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX requests_original_request ON requests (original_request) WHERE original_request IS NOT NULL;
    CREATE INDEX requests_error_type ON requests (error_type) WHERE error_type IS NOT NULL;
    CREATE INDEX requests_error_code ON requests (error_code) WHERE error_code IS NOT NULL;
    CREATE VIRTUAL TABLE requests_text USING fts5 (
        text, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '_-'"
    );
    """,
    """
    CREATE TABLE upkeep (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE requests ADD COLUMN arrival INTEGER;
    CREATE INDEX requests_arrival ON requests (arrival) WHERE arrival IS NOT NULL;
    """,
)

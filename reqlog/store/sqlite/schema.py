"""The tables of the SQLite store, as the list of steps that made them.

A step, once released, is never edited: a change of the schema is one more step at the end, and the number of steps a
file has seen is its `user_version`. Steps run in one transaction each.

The text index keeps no text, so what is taken out of it must be given to it again: what `words.text_of` makes of a
request, `filters.searchable` and `filters.words_of` included, is part of the schema. To change it, add a step that
builds the index anew; likewise for what `tallies.tally` makes of a value.

`upkeep` keeps numbers about the whole store: `purge` is there after requests were removed and until their text is out
of the file, `last_arrival` is the highest arrival among those that were removed, and `untallied FIELD` says that there
are no tallies of a field.
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
    """
    CREATE TABLE kinds (
        kind INTEGER PRIMARY KEY,
        method TEXT,
        host TEXT,
        endpoint TEXT,
        status INTEGER,
        source TEXT,
        livemode INTEGER,
        api_version TEXT,
        requested_version TEXT,
        error_type TEXT,
        error_code TEXT,
        decline_code TEXT,
        error_param TEXT,
        request_headers INTEGER,
        requests INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX kinds_values ON kinds (endpoint, error_code, status, api_version);
    CREATE TABLE hours (
        kind INTEGER NOT NULL, hour INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (kind, hour)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE days (
        kind INTEGER NOT NULL, day INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (kind, day)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE requests ADD COLUMN kind INTEGER;
    INSERT INTO kinds
        SELECT
            NULL, method, host, endpoint, status, source, livemode, api_version, requested_version,
            error_type, error_code, decline_code, error_param, iif(request_headers IS NULL, NULL, 1), count(*)
        FROM requests
        GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14;
    UPDATE requests SET kind = (
        SELECT kind FROM kinds
        WHERE (
            kinds.endpoint IS requests.endpoint AND kinds.error_code IS requests.error_code
            AND kinds.status IS requests.status AND kinds.api_version IS requests.api_version
            AND kinds.method IS requests.method AND kinds.host IS requests.host AND kinds.source IS requests.source
            AND kinds.livemode IS requests.livemode AND kinds.requested_version IS requests.requested_version
            AND kinds.error_type IS requests.error_type AND kinds.decline_code IS requests.decline_code
            AND kinds.error_param IS requests.error_param
            AND kinds.request_headers IS iif(requests.request_headers IS NULL, NULL, 1)
        )
    );
    INSERT INTO hours
        SELECT kind, time / 3600000, count(*) FROM requests WHERE time IS NOT NULL GROUP BY 1, 2;
    INSERT INTO days
        SELECT kind, time / 86400000, count(*) FROM requests WHERE time IS NOT NULL GROUP BY 1, 2;
    DROP INDEX requests_status;
    DROP INDEX requests_endpoint;
    DROP INDEX requests_api_version;
    DROP INDEX requests_error_type;
    DROP INDEX requests_error_code;
    CREATE INDEX requests_kind ON requests (kind);
    """,
    """
    ALTER TABLE requests ADD COLUMN parts BLOB;
    """,
    """
    CREATE TABLE tallies (
        field TEXT NOT NULL, value ANY NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (field, value)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO tallies
        SELECT 'user_agent', tally(user_agent) AS value, count(*) FROM requests
        WHERE user_agent IS NOT NULL GROUP BY value;
    INSERT INTO tallies
        SELECT 'api_key', tally(api_key) AS value, count(*) FROM requests WHERE api_key IS NOT NULL GROUP BY value;
    INSERT INTO tallies
        SELECT 'duration_ms', tally(duration_ms) AS value, count(*) FROM requests
        WHERE duration_ms IS NOT NULL GROUP BY value;
    INSERT OR IGNORE INTO upkeep
        SELECT 'untallied ' || field, 1 FROM tallies
        GROUP BY field HAVING count(*) > 10000 OR max(length(value)) > 300;
    DELETE FROM tallies WHERE 'untallied ' || field IN (SELECT name FROM upkeep);
    """,
    """
    DROP INDEX requests_idempotency_key;
    INSERT INTO requests_text (requests_text) VALUES ('delete-all');
    INSERT INTO requests_text (rowid, text)
        SELECT seq, text_if_readable(
            path, query, request_body, response_body, error_message, resources, parts, idempotency_key
        ) FROM requests ORDER BY seq;
    """,
    """
    ALTER TABLE kinds ADD COLUMN paths TEXT;
    CREATE TEMP TABLE patterns AS
        WITH RECURSIVE patterns (endpoint, paths, rest, parameters) AS (
            SELECT DISTINCT endpoint, '', endpoint, 0 FROM kinds
            WHERE endpoint <> '' AND length(endpoint) <= 1000
            AND endpoint NOT GLOB '*[*?[]*' AND instr(endpoint, char(0)) = 0
            UNION ALL
            SELECT
                endpoint, paths || substr(rest, 1, instr(rest, '{') - 1) || '*',
                substr(rest, instr(rest, '{') + instr(substr(rest, instr(rest, '{')), '}')), parameters + 1
            FROM patterns WHERE instr(rest, '{') AND instr(substr(rest, instr(rest, '{')), '}')
        )
        SELECT endpoint, paths || rest AS paths FROM patterns WHERE NOT instr(rest, '{') AND parameters <= 8;
    UPDATE kinds SET paths = iif(
        endpoint IS NULL, '', (SELECT paths FROM patterns WHERE patterns.endpoint = kinds.endpoint)
    );
    DROP TABLE temp.patterns;
    UPDATE kinds SET paths = NULL WHERE kind IN (
        SELECT kind FROM requests NOT INDEXED CROSS JOIN kinds USING (kind)
        WHERE NOT coalesce(
            iif(paths = '', path IS NULL, path = paths OR instr(paths, '*') AND path GLOB paths), paths IS NULL
        )
    );
    """,
)

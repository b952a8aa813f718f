"""What is asked of the requests, in the words of reqlog and of each peer, and what the answer must cost.

SQL is written once: `<since>`, `<touches>`, `<says>`, `<newest_id>` and `<newest_message>` stand for what dialects say
differently, `<ip>`, `<request>`, `<customer>` and `<raw>` for what is asked about.
"""

from typing import Final, Literal, NamedTuple

Answer = Literal["ids", "one", "number", "versions", "errors"]
"""What an answer is compared by: the ids in their order, the one id, a number, or requests by version or by error."""

CLICK: Final = "click"
DUCKDB: Final = "duckdb"


class Limit(NamedTuple):
    """How much reqlog may take, as a multiple of what something else takes."""

    against: str
    bar: float
    aim: float
    least: int = 1_000_000
    """The requests from which on it holds."""
    is_rate: bool = False
    """Whether megabytes a second are compared, so that more is better."""


class Question(NamedTuple):
    name: str
    title: str
    """What the tables call it: the command, in short."""
    reqlog: str
    sql: str
    answer: Answer
    limits: tuple[Limit, ...]
    shell: tuple[tuple[str, str], ...] = ()
    """Peers that read the file itself, each with the line that a shell is given."""
    may_be_empty: bool = False
    """Whether it may find nothing; elsewhere that would make all answers equal."""


def _listed(where: str, most: str = "LIMIT 20") -> str:
    return f"SELECT * FROM requests WHERE {where} ORDER BY time DESC {most}".rstrip()


_LAST: Final = "tail -n 20 | tac"
"""The newest twenty of a file in the order of time, newest first."""

_STATUS: Final = (Limit(CLICK, 1.5, 1.25), Limit(DUCKDB, 0.5, 0.3))
_JOINED: Final = (Limit(CLICK, 2.0, 1.3),)
_FOUND: Final = (Limit(CLICK, 1.5, 1.25),)
_MAY_BE_EMPTY: Final = ("nothing", "nothing-at-all", "selective", "rare")
"""Those that find nothing, and those that find nothing in few requests."""
_GROUPED: Final = (Limit(CLICK, 2.0, 1.3, least=10_000_000), Limit(DUCKDB, 0.7, 0.3, least=10_000_000))


def _joined(name: str, title: str, flags: str, where: str) -> Question:
    """Return a question of several filters, whose newest twenty answers are wanted."""
    question = Question(f"joined-{name}", title, f"list {flags} --limit 20 --json", _listed(where), "ids", _JOINED)
    return question._replace(may_be_empty=name in _MAY_BE_EMPTY)


JOINED: Final = (
    _joined(
        "selective",
        "three filters, selective",
        "--status 402 --ip <ip> --api-version 2024-06-20",
        "status = 402 AND ip_address = '<ip>' AND api_version = '2024-06-20'",
    ),
    _joined(
        "broad",
        "three filters, broad",
        "--status succeeded --method GET --source api",
        "status BETWEEN 200 AND 299 AND method = 'GET' AND source = 'api'",
    ),
    _joined(
        "rare",
        "two filters, each common, together rare",
        "--ip <ip> --error-type api_error",
        "ip_address = '<ip>' AND error_type = 'api_error'",
    ),
    _joined(
        "nothing",
        "two filters that never meet",
        "--method GET --error-type card_error",
        "method = 'GET' AND error_type = 'card_error'",
    ),
    _joined(
        "nothing-at-all",
        "three filters, one of nothing",
        "--method GET --source api --error-code lock_timeout",
        "method = 'GET' AND source = 'api' AND error_code = 'lock_timeout'",
    ),
    _joined(
        "not",
        "with `--not-`",
        "--status 4xx --method POST --not-error-type invalid_request_error",
        "status BETWEEN 400 AND 499 AND method = 'POST' AND error_type <> 'invalid_request_error'",
    ),
    _joined(
        "since",
        "with `--since`",
        "--since <since> --error-type invalid_request_error --endpoint /v1/customers/{customer}",
        "time >= <since> AND error_type = 'invalid_request_error' AND endpoint = '/v1/customers/{customer}'",
    ),
    _joined(
        "since-broad",
        "with `--since` and `--not-`, broad",
        "--since <since> --not-status failed --livemode",
        "time >= <since> AND status < 400 AND livemode",
    ),
)

_VERSIONS: Final = """SELECT api_version, count(*) AS requests, min(time) AS first_seen, max(time) AS last_seen
FROM requests WHERE time >= <since> GROUP BY api_version"""
_GROUP: Final = "[.error_type, .error_code, .method, .endpoint]"
_ERRORS: Final = """SELECT error_type, error_code, method, endpoint, count(*) AS requests, min(time) AS first_seen,
max(time) AS last_seen, <newest_id> AS id, <newest_message> AS error_message
FROM requests WHERE time >= <since> AND status >= 400
GROUP BY error_type, error_code, CASE WHEN error_code IS NULL THEN status END, method, endpoint"""

QUESTIONS: Final = (
    Question(
        "status",
        "`list --status 4xx --limit 20 --json`",
        "list --status 4xx --limit 20 --json",
        _listed("status BETWEEN 400 AND 499"),
        "ids",
        _STATUS,
        (
            ("jq", f"jq -c 'select(.status >= 400 and .status < 500)' <raw> | {_LAST}"),
            ("ripgrep", f"rg -N '\"status\":4[0-9][0-9],' <raw> | {_LAST}"),
        ),
    ),
    *JOINED,
    Question(
        "resource",
        "`list --resource cus_… --json`",
        "list --resource <customer> --json",
        _listed("<touches>", ""),
        "ids",
        _FOUND,
        (("ripgrep", "rg -N -F -w <customer> <raw> | tac"),),
    ),
    Question(
        "text",
        "`list --text 'insufficient funds' --limit 20`",
        "list --text 'insufficient funds' --limit 20",
        _listed("<says>"),
        "ids",
        _FOUND,
        (("ripgrep", f"rg -N -F 'insufficient funds' <raw> | {_LAST}"),),
    ),
    Question(
        "show",
        "`show req_…`",
        "show <request>",
        "SELECT * FROM requests WHERE id = '<request>'",
        "one",
        _FOUND,
        (
            ("jq", "jq -c 'select(.id == \"<request>\")' <raw>"),
            ("ripgrep", 'rg -N -F -m 1 \'"id":"<request>"\' <raw>'),
        ),
    ),
    Question(
        "versions",
        "`versions`, 7 days of 30",
        "versions --since <since> --json",
        _VERSIONS,
        "versions",
        _GROUPED,
        (("jq", "jq -r 'select(.time >= \"<since>\") | .api_version' <raw> | sort | uniq -c"),),
    ),
    Question(
        "errors",
        "`errors`, 7 days of 30",
        "errors --since <since> --json",
        _ERRORS,
        "errors",
        _GROUPED,
        (
            (
                "jq",
                f"jq -c 'select(.time >= \"<since>\" and .status >= 400) | {_GROUP}' <raw> | sort | uniq -c",
            ),
        ),
    ),
)


def _count(name: str, flags: str, where: str) -> Question:
    title = f"`list --count {flags}`".replace("<ip>", "…").replace("<customer>", "cus_…").replace("<since>", "…")
    command = f"list --count {flags}"
    return Question(
        f"count-{name}", title, command, f"SELECT count(*) AS n FROM requests WHERE {where}", "number", _GROUPED
    )


COUNTS: Final = (
    _count("status", "--status 4xx", "status BETWEEN 400 AND 499"),
    _count("succeeded", "--status succeeded", "status BETWEEN 200 AND 299"),
    _count("method", "--method GET", "method = 'GET'"),
    _count("endpoint", "--endpoint '/v1/payment_intents*'", "endpoint LIKE '/v1/payment_intents%'"),
    _count("version", "--api-version 2024-06-20", "api_version = '2024-06-20'"),
    _count("error-type", "--error-type card_error", "error_type = 'card_error'"),
    _count("error-code", "--error-code card_declined", "error_code = 'card_declined'"),
    _count("source", "--source dashboard", "source = 'dashboard'"),
    _count("since", "--since <since>", "time >= <since>"),
    _count("ip", "--ip <ip>", "ip_address = '<ip>'"),
    _count("livemode", "--testmode", "NOT livemode"),
    _count("resource", "--resource <customer>", "<touches>"),
    _count("text", "--text 'insufficient funds'", "<says>"),
    _count("requested", "--requested-version 2024-06-20", "requested_version = '2024-06-20'"),
    _count("decline", "--decline-code insufficient_funds", "decline_code = 'insufficient_funds'"),
    _count("param", "--error-param currency", "error_param = 'currency'"),
    _count("path", "--path '/v1/charges/*'", "path LIKE '/v1/charges/%'"),
    _count("user-agent", "--user-agent '*RubyBindings*'", "user_agent LIKE '%RubyBindings%'"),
    _count("api-key", "--api-key 'sk_live_*4242'", "api_key LIKE 'sk_live_%4242'"),
    _count("duration", "--min-duration 800ms", "duration_ms >= 800"),
)
ALL: Final = (*QUESTIONS, *COUNTS)

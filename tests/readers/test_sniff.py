import json
from pathlib import Path

import pytest

from reqlog.readers.inputs import expand
from reqlog.readers.sniff import sniff

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
CLI = '{"livemode":false,"method":"GET","url":"/v1/plans","status":200,"request_id":"req_1","created_at":1}\n'
OWN = '{"id":"req_1","time":"2025-02-24T10:00:00.000Z","created":1,"method":"GET","status":200}'
CLF = '192.0.2.1 - ann [24/Feb/2025:10:00:00 +0100] "GET / HTTP/1.1" 200 5'
INTERACTION = '{"request":{"method":"get","uri":"https://a.test/"},"response":{"status":{"code":200}}}'

KNOWN = [
    ("har", '{"log":{"version":"1.2","creator":{"name":"x"},"entries":[]}}'),
    ("har", '\ufeff{\n  "log": {\n    "_recordingName": "x",\n    "creator": {'),
    ("har", '{"comment":"c","log":{"entries":['),
    ("har", 'onInputData({"log":{"version":"1.2","creator":{}}});'),
    ("vcr", "---\nhttp_interactions:\n- request:\n    method: get\n"),
    ("vcr", "---\nhttp_interactions: []\nrecorded_with: VCR 6.0.0\n"),
    ("vcr", "# a comment\n--- \nrecorded_with: VCR 6.0.0\nhttp_interactions:\n"),
    ("vcr", "\ufeff\r\n---\r\nhttp_interactions:\r\n- request:\r\n"),
    ("vcr", "interactions:\n- request:\n    body: null\n"),
    ("vcr", "version: 1\ninteractions:\n- request:\n"),
    ("vcr", "---\nversion: 2\ninteractions:\n    - id: 0\n      request:\n        proto: HTTP/1.1\n"),
    ("vcr", "interactions: []\nversion: 1\n"),
    ("vcr", "- request: !!python/object:vcr.request.Request\n    body: null\n"),
    ("vcr", "--- \n- !ruby/struct:VCR::HTTPInteraction \n  request: !ruby/struct:VCR::Request \n"),
    ("vcr", "\n-\n    request:\n        method: GET\n        url: 'http://a.test/'\n"),
    ("vcr", '{"http_interactions": [' + INTERACTION + "]}"),
    ("vcr", '{"recorded_with": "betamax/0.4.2", "http_interactions": []}'),
    ("vcr", '{\n  "version": 1,\n  "interactions":\n  [\n'),
    ("vcr", "[" + INTERACTION + "]"),
    ("vcr", '[\n  {\n    "request": {\n      "body": "cut in the middle of a long bo'),
    ("stripe-cli", CLI),
    ("stripe-cli", "> Ready! You're now waiting to receive API request logs (^C to quit)\n\n" + CLI),
    ("stripe-cli", "\u28fe Getting ready...\r\x1b[2K> Ready!\n" + CLI),
    ("stripe-cli", "\u28fe Getting ready...\r\x1b[2K" + CLI),
    ("stripe-cli", json.dumps(json.loads(CLI), indent=2)),
    ("stripe-cli", "[" + CLI + "]"),
    ("stripe-cli", "2023-12-31 21:19:06 [200] POST /v1/customers/:id [req_AZUOd0YTu2CjZ2]\n"),
    ("stripe-cli", "2023-12-31 21:19:06 [\x1b[32m200\x1b[0m] POST /v1/customers [req_1]\n"),
    ("reqlog", OWN + "\n"),
    ("reqlog", "\n  " + OWN),
    ("reqlog", "[\n" + OWN + ",\n" + OWN + "\n]\n"),
    ("reqlog", json.dumps([json.loads(OWN)], indent=2)),
    ("reqlog", '{"id":"req_1","time":null,"status":200,"response_body":"goes on past the begin'),
    ("reqlog", '{"id":"req_1","added_later":1,"endpoint":null,"api_version":null}'),
    ("access-log", CLF),
    ("access-log", "# started\nwhat is this\n" + CLF + "\n"),
    ("access-log", "www.example.com:443 " + CLF),
    ("access-log", "2001:db8::1" + CLF.removeprefix("192.0.2.1") + ' "-" "curl/8"'),
    ("json-map", '{"ts":1.5,"msg":"handled request","request":{"method":"GET"},"status":200}\n{"ts":2}\n'),
    ("json-map", '{"ts":1.5}'),
    ("json-map", '{"ts":1.5} \r\n'),
    ("json-map", 'caddy  | {"level":"info","ts":1.5}\n'),
    ("json-map", '2025-12-31T17:37:40.4+01:00 stdout F {":authority":"a.test"}\n'),
]

UNKNOWN = [
    "",
    " \n\t\n",
    "\ufeff",
    "{",
    "[",
    "[]",
    "{}",
    '{"log":',
    '{"log":[1,2]}x',
    '{"ts":1.5,"msg":"not yet all of the li',
    '[{"id":"hardcoded","intercepted":false,"type":"http","request":{},"response":{}}]',
    '{\n  "name": "a-package",\n  "version": "1.0.0"\n}\n',
    '{"a":1} and more\n',
    "[1,2,3]",
    '["request","response"]',
    "{% block content %}",
    "<!doctype html>\n<html>",
    "Once upon a time\nthere was a request: it went\n",
    "parsers:\n- a/b\n- c/d\n",
    "- hosts: all\n  tasks: []\n",
    "interactions: none of that kind\n",
    '24/Feb/2025 "GET / HTTP/1.1" 200\n',
    "Mar 24 14:02:50 host app: " + CLF,
    "\x00\x01\x02" + CLF,
    '{"' * 1000,
    "[" * 60_000,
    '"\\' * 30_000,
    "-" * 60_000,
    "\n" * 60_000,
    "# \n" * 20_000 + "x",
    "a" * 60_000 + "(",
    "\x1b]" * 30_000,
]


@pytest.mark.parametrize(("expected", "text"), KNOWN)
def test_the_first_bytes_tell_the_format(expected, text):
    assert sniff(text.encode()) == expected


@pytest.mark.parametrize("text", UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_is_not_certain_is_no_format(text):
    assert sniff(text.encode()) is None


@pytest.mark.parametrize(("expected", "text"), KNOWN)
def test_less_of_the_beginning_never_tells_another_format(expected, text):
    head = text.encode()
    assert {sniff(head[:size]) for size in range(len(head) + 1)} <= {None, expected}


FORMAT_OF_FOLDER = {"har": "har", "stripe_cli": "stripe-cli", "vcr": "vcr", "vcr_other": "vcr"}
FORMAT_OF_KIND = {"clf/combined": "access-log", "json lines": "json-map"}
EXCEPTIONS = {
    "access/crowdsecurity__hub/tests/envoy-logs/envoy.log": "json-map",  # JSON after a container's prefix
    "access/crowdsecurity__hub/tests/nginx-http-generic-bf/nginx-http-generic-bf.log": "access-log",  # errors between
    "access/crowdsecurity__hub/tests/nginx-proxy-manager-logs/nginx-proxy-manager-logs.log": "access-log",  # one line
    "access/tstack__lnav/test/logfile_caddy_log.0": "json-map",  # JSON after a container's prefix
    "access/tstack__lnav/docs/tutorials/playground/logs/access_log.gz": "access-log",  # packed, not in the counts
    "har/mitmproxy__mitmproxy/test/mitmproxy/data/corrupted_har/brokenfile.har": None,  # not JSON
    "har/mitmproxy__mitmproxy/test/mitmproxy/data/har_extractor.har": None,  # the archive is under another key
    "har/mitmproxy__mitmproxy/test/mitmproxy/data/flows/compressed.zhar": "har",  # packed
    "vcr_other/vcr__vcr/spec/fixtures/cassette_spec/empty.yml": None,  # holds no cassette
}


def _expected(path, kinds):
    """Return the format that a file of the recordings is in."""
    if path in EXCEPTIONS:
        return EXCEPTIONS[path]
    folder, _, rest = path.partition("/")
    if folder == "access":
        return FORMAT_OF_KIND.get(kinds.get(rest, {}).get("kind"))
    suffixes = {"har": (".har",), "vcr": (".yml", ".yaml"), "vcr_other": (".yml", ".yaml", ".json")}
    return FORMAT_OF_FOLDER.get(folder) if path.endswith(suffixes.get(folder, ("",))) else None


def _sniffed(input):
    with input.open() as stream:
        while (found := sniff(stream.head())) is None and stream.look_further():
            pass
    return found


@pytest.mark.skipif(not DATA.is_dir(), reason="the recordings are not beside the checkout")
def test_every_recording_is_told_by_its_first_bytes():
    kinds = json.loads((DATA / "expected.json").read_bytes())["access"]
    found = {input.name.removeprefix(f"{DATA}/"): _sniffed(input) for input in expand([str(DATA)])}
    assert found == {path: _expected(path, kinds) for path in found}

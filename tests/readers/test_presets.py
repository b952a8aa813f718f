"""The mappings that come with reqlog, on a line of each and on recorded logs."""

import io
import json
from collections import Counter
from pathlib import Path

import pytest

from reqlog.readers.base import Reject
from reqlog.readers.json_map import read, reader
from reqlog.readers.presets import PRESETS

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"

LINES = {
    "caddy": {
        "ts": 1740391200.25,
        "request": {
            "remote_addr": "203.0.113.7:4711",
            "method": "POST",
            "host": "shop.example",
            "uri": "/a?b=c",
            "headers": {"User-Agent": ["curl/8"], "Accept": ["a", "b"]},
        },
        "duration": 0.0025,
        "status": 201,
    },
    "traefik": {
        "StartUTC": "2025-02-24T10:00:00.250123456Z",
        "Duration": 2500000,
        "RequestMethod": "POST",
        "RequestScheme": "https",
        "RequestAddr": "shop.example",
        "RequestPath": "/a?b=c",
        "DownstreamStatus": 201,
        "ClientHost": "203.0.113.7",
        "ClientAddr": "203.0.113.7:4711",
        "request_User-Agent": "curl/8",
        "request_Accept": "a, b",
        "request_Referer": "-",
    },
    "nginx-json": {
        "time_local": "24/Feb/2025:12:00:00 +0200",
        "msec": "1740391200.250",
        "request_time": "0.0025",
        "request": "POST /a?b=c HTTP/1.1",
        "http_host": "",
        "host": "shop.example",
        "status": "201",
        "remote_addr": "203.0.113.7",
        "http_user_agent": "curl/8",
        "http_accept": "a, b",
        "request_id": "0123456789abcdef",
    },
    "cloudflare": {
        "EdgeStartTimestamp": 1740391200250000000,
        "ClientRequestMethod": "POST",
        "ClientRequestScheme": "https",
        "ClientRequestHost": "shop.example",
        "ClientRequestURI": "/a?b=c",
        "EdgeResponseStatus": 201,
        "ClientIP": "203.0.113.7",
        "ClientRequestUserAgent": "curl/8",
        "ClientRequestReferer": "",
        "RequestHeaders": {"accept": "a, b"},
        "RayID": "87a1b2c3d4e5f001",
    },
    "alb": {
        "type": "https",
        "time": "2025-02-24T10:00:00.300000Z",
        "request_creation_time": "2025-02-24T10:00:00.250000Z",
        "elb": "app/shop/50dc6c495c0c9188",
        "client": "203.0.113.7:4711",
        "elb_status_code": "201",
        "request": "POST https://shop.example:443/a?b=c HTTP/1.1",
        "user_agent": "curl/8",
    },
    "envoy": {
        ":authority": "shop.example",
        "method": "POST",
        "response_code": 201,
        "start_time": "2025-02-24T10:00:00.250Z",
        "duration": 2.5,
        "x-envoy-origin-path": "/a?b=c",
        "downstream_remote_address": "203.0.113.7:4711",
        "user-agent": "curl/8",
        "x-request-id": "3bbc0252-2d5c-49fe-bd89-104e9b61770b",
    },
}
NO_DURATION = {"cloudflare", "alb"}
NO_ACCEPT = {"alb", "envoy"}


def lines(*objects):
    return "".join(json.dumps(each) + "\n" for each in objects).encode()


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_finds_the_same_request_in_a_line_of_its_own(name):
    (record,) = reader(PRESETS[name])(io.BytesIO(lines(LINES[name])), "SAMPLE")
    assert not isinstance(record, Reject)
    assert (
        record.time and record.time.isoformat(),
        record.duration_ms,
        record.method,
        record.host,
        record.path,
        record.query,
        record.status,
        record.ip_address,
        record.user_agent,
        (record.request_headers or {}).get("accept"),
        record.id[:6],
    ) == (
        "2025-02-24T10:00:00.250000+00:00",
        None if name in NO_DURATION else 2.5,
        "POST",
        "shop.example",
        "/a",
        "b=c",
        201,
        "203.0.113.7",
        "curl/8",
        None if name in NO_ACCEPT else "a, b",
        "local_",
    )


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_recognised(name):
    named = list(reader(PRESETS[name])(io.BytesIO(lines(LINES[name])), "SAMPLE"))
    assert list(read(io.BytesIO(lines(LINES[name])), "SAMPLE")) == named


def _expected():
    path = DATA / "expected.json"
    return json.loads(path.read_bytes())["access"] if path.exists() else {}


LOGS = [name for name, facts in _expected().items() if facts["kind"] == "json lines" and facts["status"]]


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("file", LOGS)
def test_recorded_logs_give_the_independent_counts(file):
    """Lines of status 0 had no response, so their methods are not told; lines without a status are no requests."""
    wanted = _expected()[file]
    found = list(read(io.BytesIO((DATA / "access" / file).read_bytes()), file))
    rejects = Counter(record.reason for record in found if isinstance(record, Reject))
    kept = [record for record in found if not isinstance(record, Reject)]
    assert {
        "status": Counter(str(record.status) for record in kept) + Counter({"0": rejects["no response"]}),
        "methods": Counter(record.method for record in kept).total() + rejects["no response"],
        "others": rejects["not a request"],
        "all dated, with host, address and path": all(r.time and r.host and r.ip_address and r.path for r in kept),
    } == {
        "status": wanted["status"],
        "methods": sum(wanted["method"].values()),
        "others": wanted["lines"] - sum(wanted["status"].values()),
        "all dated, with host, address and path": True,
    }


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("tstack__lnav/test/logfile_caddy_log.0", {304: 3, 200: 1}),
        ("crowdsecurity__hub/tests/envoy-logs/envoy.log", {200: 2, 301: 2, 404: 1, 201: 1}),
    ],
)
def test_recorded_logs_of_container_engines_give_what_their_json_lines_say(file, expected):
    found = read(io.BytesIO((DATA / "access" / file).read_bytes()), file)
    assert Counter(record.status for record in found if not isinstance(record, Reject)) == expected

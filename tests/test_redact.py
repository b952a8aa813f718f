"""No secret is left in a request, whatever field it is in, and nothing else is changed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reqlog.redact import redact, redactions, redactor
from reqlog.redact.pseudonyms import pseudonyms
from reqlog.redact.text import redact_text
from reqlog.request import Request
from reqlog.rules import PSEUDONYMIZED, OwnRules, pattern_from

KEY = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
VCR = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "vcr"
TEXT_FIELDS = (
    "host",
    "path",
    "query",
    "endpoint",
    "user_agent",
    "error_code",
    "error_message",
    "error_param",
    "idempotency_key",
)
FRAGMENTS = (
    *(
        '"',
        "\\",
        '\\"',
        '\\\\\\"',
        ":",
        ": ",
        "=",
        "&",
        "?",
        ";",
        " ",
        "+",
        "%20",
        "%22",
        "%3a",
        "%3d",
        "%5b",
        "%5D",
        "%40",
        "[",
        "]",
    ),
    *(
        "{",
        "}",
        ",",
        "'",
        "\n",
        "\r\n",
        "--",
        "@",
        "://",
        ":\\/\\/",
        "%3A%2F%2F",
        ".",
        "…",
        "é",
        "İ",
        "\x00",
        "\ud800",
        "\\n",
        "\\u0026",
    ),
    *(
        "sk_",
        "sk_test_",
        "rk_live_",
        "whsec_",
        "_secret_",
        "pi_3abc",
        "src_client",
        "abc123XYZ789qwer",
        "REDACTED",
        "xxxx",
        "org_",
        "test_",
    ),
    *(
        "[redacted]",
        "sk_test_…4242",
        "[card …4242]",
        "<KEY>",
        "card",
        "number",
        "cvc",
        "secret",
        "token",
        "password",
        "account_number",
    ),
    *(
        "iban",
        "key",
        "sig",
        "authorization",
        "cookie",
        "Bearer ",
        "Basic ",
        "dXNlcjpwYXNz",
        "eyJ",
        "eyJhbGciOiJI",
        "4242424242424242",
    ),
    *(
        "4242 4242 4242 4242",
        "4242",
        "-4242",
        "1",
        "378282246310005",
        "null",
        "u:p",
        "host",
        "tok_1",
        "pk_test_1",
        'name="',
        "Path=/",
        "=>",
    ),
    *("<", ">", "</", "<![CDATA[", "]]>", "&quot;", "%3C", "%3e", "%5F", "%255F", "%2542", "%70", "%2D", "%C2%A0"),
    *("\\u0070", "\\u0022", "\\\\u0022", "\\u00a0", "\\u2009", "\u2009", " - ", "pass", "ssn", "sort code", "; "),
    *(
        "--b\r\nContent-Disposition: form-data; name=",
        "\r\n\r\n",
        "\r\n--b",
        "-----BEGIN PRIVATE KEY-----",
        "-----END ",
    ),
    *('","value":"', '" value="', "account ", "[redacted …x8Yz]", "…", "hunter2", "42424242", "phone"),
)
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.text(max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(("authorization", "cookie", "set-cookie", "x-api-key", "location", "link")), TEXTS
)
REQUESTS = st.builds(
    Request,
    id=TEXTS,
    host=TEXTS,
    path=TEXTS,
    query=TEXTS,
    api_key=TEXTS,
    error_message=TEXTS,
    request_headers=HEADERS,
    response_headers=HEADERS,
    request_body=TEXTS,
    response_body=TEXTS,
    resources=st.lists(TEXTS, max_size=2).map(tuple),
)


@given(REQUESTS)
def test_redacting_twice_is_redacting_once(request_with_anything):
    once = redact(request_with_anything)
    assert redact(once) == once
    assert not redactions(once)


@given(REQUESTS)
def test_what_is_looked_at_together_is_redacted_as_it_would_be_alone(request_with_anything):
    """Texts of which more is known than that they are texts (query, host, key) aside."""
    redacted = redact(request_with_anything)
    for name in ("path", "error_message", "request_body", "response_body"):
        text = getattr(request_with_anything, name)
        multipart = name in ("path", "error_message") and text.startswith(("--", "\r\n--", "\n--"))
        if text and not multipart:  # such a short text is not looked through for parts unless something else is found
            assert getattr(redacted, name) == redact_text(text, Counter())


@pytest.mark.parametrize("field", [*TEXT_FIELDS, "request_body", "response_body"])
@pytest.mark.parametrize("text", ["sig=hunter2", "hmac=hunter2&a=b", f"a {KEY} b", "cvv=123", "u%40p:pw%40h"])
def test_a_text_is_told_whatever_stands_beside_it(field, text):
    beside: dict[str, Any] = {name: "x" for name in (*TEXT_FIELDS, "request_body", "response_body") if name != field}
    kept: dict[str, Any] = {field: text}
    emptied: dict[str, Any] = {field: None}
    found = redact(Request("req_1", **beside, **kept, resources=("cus_1",), response_headers={"date": "x"}))
    alone = redact(Request("req_1", **kept))
    assert getattr(found, field) == getattr(alone, field)
    assert found._replace(**emptied) == Request("req_1", **beside, resources=("cus_1",), response_headers={"date": "x"})


def test_a_host_is_redacted_for_good():
    once = redact(Request(id="req_1", host='{://user:pass@x/?token=ab\\"c'))
    assert redact(once) == once


def test_no_field_keeps_a_secret():
    request = Request(
        id="req_1",
        host="user:pass@api.example.com",
        path=f"/v1/{KEY}/x",
        query="key=abc&limit=3",
        api_key=KEY,
        user_agent=f"curl {KEY}",
        error_message="Your card 4242 4242 4242 4242 was declined.",
        idempotency_key="pi_3abc_secret_xyz",
        request_headers={
            "authorization": f"Bearer {KEY}",
            "cookie": "a=1",
            "stripe-signature": "t=1,v1=2",
            "accept": "*/*",
        },
        response_headers={
            "set-cookie": "a=1; Path=/",
            "location": "https://u:p@example.com/?token=abc",
            "x-api-key": "abc",
        },
        request_body="card[number]=4242424242424242&card[cvc]=123&amount=100",
        response_body='{"client_secret": "pi_3abc_secret_xyz", "amount": 100}',
        resources=("cus_1", "pi_3abc_secret_xyz"),
    )
    assert redact(request) == Request(
        id="req_1",
        host="[redacted]@api.example.com",
        path="/v1/sk_test_…p7dc/x",
        query="key=[redacted]&limit=3",
        api_key="sk_test_…p7dc",
        user_agent="curl sk_test_…p7dc",
        error_message="Your card [card …4242] was declined.",
        idempotency_key="pi_3abc_secret_[redacted]",
        request_headers={
            "authorization": "Bearer sk_test_…p7dc",
            "cookie": "a=[redacted]",
            "stripe-signature": "[redacted]",
            "accept": "*/*",
        },
        response_headers={
            "set-cookie": "a=[redacted]; Path=/",
            "location": "https://[redacted]@example.com/?token=[redacted]",
            "x-api-key": "[redacted]",
        },
        request_body="card[number]=[card …4242]&card[cvc]=[redacted]&amount=100",
        response_body='{"client_secret": "pi_3abc_secret_[redacted]", "amount": 100}',
        resources=("cus_1",),
    )
    assert redactions(request) == {
        "key": 3,
        "card": 2,
        "cvc": 1,
        "client_secret": 2,
        "url_credentials": 2,
        "authorization": 1,
        "cookie": 2,
        "signature": 1,
        "api_key": 2,
        "token": 1,
    }


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_key_is_masked_in_every_text(field):
    secret: dict[str, Any] = {field: KEY}
    masked: dict[str, Any] = {field: "sk_test_…p7dc"}
    assert redact(Request(id="req_1", **secret)) == Request(id="req_1", **masked)


def test_a_request_without_secrets_is_returned_as_it_is():
    request = Request(
        id="req_1",
        path="/v1/customers/cus_1",
        query="limit=3",
        idempotency_key="85c07c2a-64cf-41c0-9bfd-d41bde07ac9d",
        request_headers={"idempotency-key": "85c07c2a-64cf-41c0-9bfd-d41bde07ac9d", "x-csrf-token-required": "true"},
        response_body='{"client_secret": null, "cvc_check": "pass", "last4": "4242", "created": 1734704602}',
        resources=("cus_1",),
    )
    assert redact(request) is request


def test_a_header_whose_name_is_a_secret_is_named_otherwise():
    request = Request(id="req_1", request_headers={f"x-{KEY}": "a", "accept": "b"})
    assert redact(request).request_headers == {"x-sk_test_…p7dc": "a", "accept": "b"}


@pytest.mark.parametrize("value", [f"Bearer {KEY}", "whsec_" + "5f2c8d1e9a7b3460" * 2])
def test_the_value_of_a_header_whose_name_is_a_secret_is_looked_at_too(value):
    request = Request(id="req_1", request_headers={f"x-{KEY}": value, "accept": "b"})
    assert value.rpartition(" ")[2] not in str(redact(request))


RULES = OwnRules(("tax_id",), ("x-acme-*",), (pattern_from(r"ACME-\d+"),))


def test_a_users_own_rules_reach_every_field():
    request = Request(
        id="req_1",
        path="/v1/ACME-1/x",
        query="tax_id=1&a=2",
        user_agent="ACME-2",
        error_message="No ACME-3, ACME-4",
        request_headers={"x-acme-auth": "a", "x-acme-empty": "", "accept": "ACME-5", "authorization": f"Bearer {KEY}"},
        request_body="tax_id=1",
        response_body='{"tax_id": {"value": 1}}',
        resources=("cus_1", "ACME-6"),
    )
    assert redactor(RULES)(request) == Request(
        id="req_1",
        path="/v1/[redacted]/x",
        query="tax_id=[redacted]&a=2",
        user_agent="[redacted]",
        error_message="No [redacted], [redacted]",
        request_headers={
            "x-acme-auth": "[redacted]",
            "x-acme-empty": "",
            "accept": "[redacted]",
            "authorization": "Bearer sk_test_…p7dc",
        },
        request_body="tax_id=[redacted]",
        response_body='{"tax_id": {"value": "[redacted]"}}',
        resources=("cus_1",),
    )
    assert redactions(request, RULES) == {"own": 9, "authorization": 1}
    assert redactions(request) == {"authorization": 1}


@given(REQUESTS)
def test_redacting_twice_is_redacting_once_by_own_rules_too(request_with_anything):
    cleaning = redactor(OwnRules(("token", "x*"), ("link",), (pattern_from("[a-z]{4,}[0-9]"),)))
    once = cleaning(request_with_anything)
    assert cleaning(once) == once


def test_without_rules_of_ones_own_there_is_one_redaction():
    assert redactor(OwnRules()) is redact


def test_pseudonyms_are_equal_in_every_field_and_joins_still_work():
    given = pseudonyms(b"a key for tests!", PSEUDONYMIZED)
    assert given is not None
    email, address, customer = map(given.in_text, ("jane@example.com", "198.51.100.2", "cus_H8Oool8DklZDOC"))
    request = Request(
        id="req_1",
        path="/v1/customers/cus_H8Oool8DklZDOC",
        query="email=jane%40example.com",
        ip_address="198.51.100.2",
        user_agent="Tool/198.51.100.2",
        error_message="No cus_H8Oool8DklZDOC of Jane@example.com",
        request_headers={"x-forwarded-for": "198.51.100.2", "user-agent": "Tool/198.51.100.2", "accept": "*/*"},
        request_body="customer=cus_H8Oool8DklZDOC&ip=198.51.100.2",
        response_body='{"email": "jane@example.com", "password": "x"}',
        resources=("cus_H8Oool8DklZDOC", "req_2"),
    )
    expected = Request(
        id="req_1",
        path=f"/v1/customers/{customer}",
        query=f"email={email.replace('@', '%40')}",
        ip_address=address,
        user_agent="Tool/198.51.100.2",
        error_message=f"No {customer} of {email}",
        request_headers={"x-forwarded-for": address, "user-agent": "Tool/198.51.100.2", "accept": "*/*"},
        request_body=f"customer={customer}&ip={address}",
        response_body=f'{{"email": "{email}", "password": "[redacted]"}}',
        resources=(customer, "req_2"),
    )
    cleaning = redactor(OwnRules(), given)
    assert cleaning(request) == expected
    assert cleaning(expected) is expected


@pytest.mark.parametrize("size", range(0, 60, 3))
def test_of_a_body_cut_anywhere_no_more_is_left_than_of_the_whole(size):
    body = '{"card": {"password": "' + "hunter2" * 6 + '"}}'
    cut = redact(Request(id="req_1", response_body=body[:size])).response_body
    assert cut == (body[:size] if size <= 23 else '{"card": {"password": "[redacted]')


def test_what_the_recordings_hold_is_redacted_and_nothing_else():
    if not VCR.is_dir():
        pytest.skip("the recordings are not beside this checkout")
    total: Counter[str] = Counter()
    for request in _recorded():
        total += redactions(request)
        assert redact(redact(request)) == redact(request)
    assert total == {"client_secret": 71, "bank": 21, "identity": 1, "key": 4}


class _Loader(yaml.CSafeLoader):
    """Reads what Ruby's VCR writes."""


_Loader.add_constructor("!binary", _Loader.yaml_constructors["tag:yaml.org,2002:binary"])


def _recorded() -> Iterator[Request]:
    for path in sorted(VCR.rglob("*.y*ml")):
        cassette = yaml.load(path.read_bytes(), _Loader)  # a subclass of the safe loader
        for interaction in cassette.get("http_interactions") or cassette["interactions"]:
            yield _request(interaction["request"], interaction["response"])


def _request(sent, received) -> Request:
    url = urlsplit(sent["uri"])
    return Request(
        id="req_1",
        host=url.netloc,
        path=url.path,
        query=url.query,
        request_headers=_header_lines(sent["headers"]),
        response_headers=_header_lines(received["headers"]),
        request_body=_body(sent["body"]),
        response_body=_body(received["body"]),
    )


def _header_lines(headers) -> dict[str, str]:
    return {
        name.lower(): ", ".join(values) if isinstance(values, list) else str(values) for name, values in headers.items()
    }


def _body(body) -> str | None:
    text = body["string"] if isinstance(body, dict) else body
    return text.decode(errors="replace") if isinstance(text, bytes) else text

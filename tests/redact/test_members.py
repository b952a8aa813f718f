"""Secrets are known by the name they stand under, in JSON, forms and multipart bodies, whole or cut."""

import json
from collections import Counter
from urllib.parse import quote, quote_plus

import pytest

from reqlog.redact.members import redact_members

SECRET = "hunter2-S3cret"
MARK = "[redacted]"


def without(letters, text):
    return redact_members(letters, text, Counter())


@pytest.mark.parametrize("name", ["password", "user_password", "Password", "card[password]"])
@pytest.mark.parametrize(
    "form",
    [
        lambda name, value: json.dumps({name: value, "a": 1}),
        lambda name, value: json.dumps([{"a": {name: value}}], indent=2),
        lambda name, value: json.dumps({name: [value, value], "b": ["x"]}),
        lambda name, value: json.dumps({"a": json.dumps({name: value, "b": "x"})}),
        lambda name, value: json.dumps({"a": json.dumps({"b": json.dumps({name: value, "c": "x"})})}),
        lambda name, value: "p=" + quote_plus(json.dumps({name: value})) + "&z=1",
        lambda name, value: repr({name: value}),
        lambda name, value: f"a=1&{name}={value}&b=2",
        lambda name, value: f"{quote(name)}={value}&b=2",
        lambda name, value: f"https://example.com/?a=1&{name}={value}#b",
        lambda name, value: quote(f"https://example.com/?{name}={value}", safe=""),
        lambda name, value: f"Invalid request with {name}={value} in it",
        lambda name, value: f"&quot;{name}&quot;: &quot;{value}&quot;",
        lambda name, value: f'[{{"name": "{name}", "value": "{value}", "x": 1}}]',
        lambda name, value: f'<input type="hidden" name="{name}" value="{value}">',
        lambda name, value: f'{{{name}: "{value}", a: 1}}',
        lambda name, value: f"{{:{name}=>'{value}', :a=>1}}",
        lambda name, value: f"sign in with {name}: {value}, please",
        lambda name, value: f"sign in with {name} = {value}",
        lambda name, value: f'{{"{name}": "{value}',
    ],
)
def test_the_value_goes_and_the_rest_stays(name, form):
    if "#b" in form("", ""):
        assert SECRET not in without("pass", form(name, SECRET))
    else:
        assert without("pass", form(name, SECRET)) == form(name, SECRET).replace(SECRET, MARK)


@pytest.mark.parametrize(
    ("letters", "text", "expected"),
    [
        ("pass", r'{"password":"a\"b\\","c":1}', r'{"password":"[redacted]","c":1}'),
        ("pass", r'{"password":"a\\\"","c":1}', r'{"password":"[redacted]","c":1}'),
        ("pass", r'{"a":"{\"password\":\"x\\\"y\",\"b\":1}"}', r'{"a":"{\"password\":\"[redacted]\",\"b\":1}"}'),
        ("pass", '{"password" : 12345}', '{"password" : "[redacted]"}'),
        ("pass", r'{"a":"{\"password\":12e5}"}', r'{"a":"{\"password\":\"[redacted]\"}"}'),
        ("pass", "password=a b;c'd\"e&x=1", "password=[redacted]&x=1"),
        ("pass", r'{"u":"a?password=x\u0026b=1"}', r'{"u":"a?password=[redacted]\u0026b=1"}'),
        ("cv", '{"cvc": 123, "cvc_check": "pass"}', '{"cvc": "[redacted]", "cvc_check": "pass"}'),
        ("cv", "card%5Bcvc%5D=123", "card%5Bcvc%5D=[redacted]"),
        ("number", "card%5Bnumber%5D=4242424242424241", "card%5Bnumber%5D=[card …4241]"),
        ("number", "card[number]=4242+4242+4242+4242", "card[number]=[card …4242]"),
        ("number", '"number": "4242 4242 4242 4241"', '"number": "[card …4241]"'),
        ("number", '"number": "42424242424', '"number": "[card …2424]'),
        ("number", '"account_number": "000123456789"', '"account_number": "[redacted …6789]"'),
        (
            "number",
            '"account_number": [123456789, "x"], "a": 1',
            '"account_number": ["[redacted …6789]", "[redacted]"], "a": 1',
        ),
        ("number", "Invalid account number: 000123456789.", "Invalid account number: [redacted …6789]."),
        ("number", "bsb_number=110000&a=1", "bsb_number=[redacted]&a=1"),
        ("iban", "sepa_debit[iban]=DE89370400440532013000", "sepa_debit[iban]=[redacted …3000]"),
        ("sortcode", "bacs_debit[sort_code]=108800", "bacs_debit[sort_code]=[redacted]"),
        ("ssn", "individual[ssn_last_4]=0000", "individual[ssn_last_4]=[redacted]"),
        ("cv", "Your cvc: 987 is wrong", "Your cvc: [redacted] is wrong"),
        ("pass", "<password>a b</password><x>1</x>", "<password>[redacted]</password><x>1</x>"),
        ("pass", '<n:Password kind="x">a b</n:Password>', '<n:Password kind="x">[redacted]</n:Password>'),
        ("pass", "<password><![CDATA[a<b]]></password>", "<password><![CDATA[[redacted]]]></password>"),
        ("pass", r'{"x":"<password>a b<\/password>"}', r'{"x":"<password>[redacted]<\/password>"}'),
        ("pass", "%3Cpassword%3Ea%20b%3C%2Fpassword%3E", "%3Cpassword%3E[redacted]%3C%2Fpassword%3E"),
        ("pass", "<password>cut", "<password>[redacted]"),
        ("authorization", "Authorization: Token abc12345\nA: b", "Authorization: Token [redacted]\nA: b"),
        ("cookie", "Cookie: a=1; b=2\nA: b", "Cookie: a=[redacted]; b=[redacted]\nA: b"),
        ("key", "X-Api-Key: abcd1234", "X-Api-Key: [redacted]"),
        ("token", "'token': '4eC39HqLyjWDarjtT1zdp7dc'", "'token': '[redacted …p7dc]'"),
        (
            "authorization",
            '"Authorization": ["Basic YTpi", "Bearer x"]',
            '"Authorization": ["Basic [redacted]", "Bearer [redacted]"]',
        ),
        ("cookie", '"Cookie": "a=1; b=2"', '"Cookie": "a=[redacted]; b=[redacted]"'),
        ("key", "api_key=abc&lookup_key=def", "api_key=[redacted]&lookup_key=def"),
        ("pass", '{"a": "%22password%22:%22abc", "b": 1}', '{"a": "%22password%22:%22[redacted]", "b": 1}'),
        ("pass", "a=%7B%22password%22:%22abc&b=1", "a=%7B%22password%22:%22[redacted]&b=1"),
        ("pass", r'{"a": "\"%22password%22:%22abc\" b"}', r'{"a": "\"%22password%22:%22[redacted]\" b"}'),
        ("pass", '{"a": "\'password\': \'x", "b": "it\'s"}', '{"a": "\'password\': \'[redacted]", "b": "it\'s"}'),
        ("pass", r'{"a": "\"password\": \"x\\", "b": 1}', r'{"a": "\"password\": \"[redacted]\\", "b": 1}'),
        (
            "pass",
            '{"passwords": [1, "x", 2e5], "b": 3}',
            '{"passwords": ["[redacted]", "[redacted]", "[redacted]"], "b": 3}',
        ),
        ("pass", r'{"a": ["\"password\": [\"x", 1]}', r'{"a": ["\"password\": [\"[redacted]", 1]}'),
        ("pass", '"password":1[b', '"password":[redacted][b'),
        ("pass", '"password":1sk_live_x,', '"password":"[redacted]",'),
        ("pass", r'{"a password\\": 1}', r'{"a password\\": "[redacted]"}'),
    ],
)
def test_a_secret_goes(letters, text, expected):
    assert without(letters, text) == expected


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("secret", '"client_secret": null'),
        ("secret", '"description": "secret donation"'),
        ("secret", '"secret": "<SECRET>"'),
        ("secret", '"error_param": "secret"'),
        ("secret", '"client_secret": "pi_3abc_secret_[redacted]"'),
        ("token", '"token": "tok_visa"'),
        ("token", '"network_token": {"used": false}'),
        ("token", '"token": ""'),
        ("token", "e.target(token=1"),
        ("number", '"number": "INV-0001"'),
        ("number", '"number": "+4915112345678"'),
        ("number", '"number": 4915112345678, "a": 1'),
        ("number", '"receipt_number": "1234-5678"'),
        ("cookie", '"cookie": "https://example.com/cookie.png"'),
        ("pass", '{"name": "password"\n\n, "b": 1}'),
        ("pass", '["password",\r\n\r\n"b"]'),
        ("pass", r'{"a": "\"password\": ", "b": 1}'),
        ("pass", r'{"a": "\"password\": [", "b": 1}'),
        ("pass", '{"a": "\'password\': ", "b": 1}'),
        ("pass", '{"a": "%22password%22:", "b": 1}'),
        ("pass", r'{"a": "{\"b\": \"\\\"password\\\": \", \"c\": 1}", "d": 1}'),
        ("secret", '"secret": "https://example.com/emoji/secret.png"'),
        ("pass", '{"usage": "sign in <user> <password>", "next": "<b>bold</b>"}'),
        ("pass", '<a href="/password">Forgotten?</a>'),
        ("pass", "password: required"),
        ("pass", "Password: must have a digit"),
        ("pass", "{password:e.target.value,email:t}"),
        ("pass", "password: this.state.password"),
        ("pass", '"cvc_check": "pass", "a": 1'),
        ("token", 'u = "/a?token=" + t + "&b"'),
        ("token", "No such token: tok_visa"),
        ("token", "token: expected"),
        ("cv", "cvc: incorrect"),
        ("cookie", "cookie: too long"),
        ("authorization", "Authorization: required"),
    ],
)
def test_what_is_no_secret_stays(letters, text):
    assert without(letters, text) == text


@pytest.mark.parametrize(
    "value",
    [
        {"a": "no secret:"},
        {"a": "no secret:", "b": 1},
        {"a": "no secret =", "b": [1]},
        ["no secret: ", "x"],
        ["no secret:", 5],
        {"a": ["no secret:"], "b": json.dumps({"a": "no secret:", "b": json.dumps({"c": "no secret: "})})},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_end_of_a_string_of_json_begins_no_value(value, indent):
    text = json.dumps(value, indent=indent)
    assert without("secret", text) == text


def test_what_looks_like_an_element_hides_no_name_in_it():
    text = '{"a": ">secret ", "client_secret": "%s", "b": ">"}'
    assert without("secret", text % SECRET) == text % MARK


def test_a_list_of_secrets_ends_where_the_text_around_it_does():
    text = r'{"a": "\"password\": [\"x\", ", "b": 1}'
    assert without("pass", text) == r'{"a": "\"password\": [\"[redacted]\", ", "b": 1}'


def test_replacements_are_counted_by_rule():
    tally: Counter[str] = Counter()
    redact_members("number", '{"number":"4242424242424242","account_number":"1","routing_number":"2"}', tally)
    assert tally == {"card": 1, "bank": 2}

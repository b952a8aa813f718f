import pytest

from reqlog.render.payload import payload

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("text", "content_type", "expected"),
    [
        (
            '{"a":[1.00,{}],"b":"\\u202e"}',
            JSON,
            ["{", '  "a": [', "    1.00,", "    {}", "  ],", '  "b": "\\u202e"', "}"],
        ),
        ('{"a":1,"a":2}', None, ["{", '  "a": 1,', '  "a": 2', "}"]),
        (' {"id":12345678901234567890123} ', None, ["{", '  "id": 12345678901234567890123', "}"]),
        ('{"a":"\u202e\x7f"}', JSON, ["{", '  "a": "\\u202e\\x7f"', "}"]),
        ('{"a":"\\ud800"}', JSON, ["{", '  "a": "\\ud800"', "}"]),
        ('{"a":NaN}', JSON, ['{"a":NaN}']),
        ('{"a":1e400, "b" :{ }}', JSON, ["{", '  "a": 1e400,', '  "b": {}', "}"]),
        ('{"a": "cut he', JSON, ['{"a": "cut he']),
        ("a[b]=1&a[c]=2", FORM + "; charset=utf-8", ["{", '  "a": {', '    "b": "1",', '    "c": "2"', "  }", "}"]),
        ("a[b]=%E2%82%AC", None, ["{", '  "a": {', '    "b": "€"', "  }", "}"]),
        ("a=1&a[b]=2", FORM, ["a=1&a[b]=2"]),
        ("a=1", "text/plain", ["a=1"]),
        ("no form = at all", None, ["no form = at all"]),
        ("<p>\r\n\tHi\x1b[2J\n</p>", "text/html", ["<p>", "\tHi\\x1b[2J", "</p>"]),
        ("jQuery({})", None, ["jQuery({})"]),
        ("true", JSON, ["true"]),
    ],
)
def test_a_body_is_laid_out_to_read(text, content_type, expected):
    assert payload(text, content_type, None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300 + "]" * 300,
        "[" * 100_000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "[" * 190 + "1," * 500_000 + "1" + "]" * 190,
    ],
)
def test_what_nests_too_deep_stays_as_it_is(text):
    assert payload(text, JSON, None) == [text]


@pytest.mark.parametrize(
    ("text", "param", "line"),
    [
        ("amount=-1&currency=eur", "amount", '  "amount": "-1",  <-- error_param'),
        ("items[0][price]=x&items[1][price]=y", "items[1][price]", '      "price": "y"  <-- error_param'),
        ("card[number]=42", "card", '  "card": {  <-- error_param'),
        ("e[]=a&e[]=b&z=1", "e[1]", '    "b"  <-- error_param'),
        ('{"a":[{"x":"}"},[1,2]],"b":"1"}', "a[1][1]", "      2  <-- error_param"),
        ('{"a":[{},{"b":1}],"c":[]}', "a[1][b]", '      "b": 1  <-- error_param'),
        ('{"a\\"b":1,"c":[]}', "c", '  "c": []  <-- error_param'),
    ],
)
def test_the_parameter_at_fault_is_marked(text, param, line):
    assert [shown for shown in payload(text, None, param) if "<--" in shown] == [line]


@pytest.mark.parametrize("text", ["a=1&a[b]=2", '{"b":1}', "text"])
def test_a_parameter_that_was_not_sent_marks_nothing(text):
    assert [line for line in payload(text, None, "a") if "<--" in line] == []

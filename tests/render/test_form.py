import pytest

from reqlog.render.form import nested


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount=1000&currency=eur", {"amount": "1000", "currency": "eur"}),
        ("a[b][c]=1&a[b][d]=2&a[e]=", {"a": {"b": {"c": "1", "d": "2"}, "e": ""}}),
        ("card%5Bnumber%5D=4242&name=J%C3%BCrgen+K", {"card": {"number": "4242"}, "name": "Jürgen K"}),
        ("items[0][price]=x&items[1][price]=y", {"items": [{"price": "x"}, {"price": "y"}]}),
        ("items[1]=y&items[0]=x", {"items": ["x", "y"]}),
        ("items[1]=y&items[7]=x", {"items": {"1": "y", "7": "x"}}),
        ("expand[]=customer&expand[]=charges", {"expand": ["customer", "charges"]}),
        ("i[][p]=x&i[][q]=1&i[][p]=y", {"i": [{"p": "x", "q": "1"}, {"p": "y"}]}),
        ("i[][a][b]=1&i[][a][c]=2", {"i": [{"a": {"b": "1", "c": "2"}}]}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a[b]=1&a[b]=2", {"a": {"b": ["1", "2"]}}),
        ("0=zero", {"0": "zero"}),
        ("a=b==&&c=%zz&", {"a": "b==", "c": "%zz"}),
        ("a[0][0]=1", {"a": [["1"]]}),
    ],
)
def test_a_form_is_the_object_it_encodes(text, expected):
    assert nested(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "&",
        "no pairs",
        "a=1&b",
        "=1",
        "[a]=1",
        "a[b=1",
        "a]b=1",
        "a[b]c=1",
        "a[[b]]=1",
        "a[][]=1",
        "a=1&a[b]=2",
        "a[b]=1&a=2",
        "a=1&a[]=2",
        "a[b]=1&a[]=2",
        "a=%ff",
        "a" + "[b]" * 500 + "=1",
        "a" + "[]" * 500 + "=1",
    ],
)
def test_what_is_malformed_or_contradicts_itself_is_no_object(text):
    assert nested(text) is None

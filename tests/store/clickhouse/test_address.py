import pytest

from reqlog.exceptions import UsageError
from reqlog.store.clickhouse.address import Address, address_of, has_password

PLAIN = Address("logs.example", 9000, "reqlog", "ada", None, is_secure=False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("clickhouse://ada@logs.example/reqlog", PLAIN),
        ("clickhouse://ada@logs.example:9001/reqlog/", PLAIN._replace(port=9001)),
        ("clickhouses://ada@logs.example/reqlog", PLAIN._replace(port=9440, is_secure=True)),
        ("clickhouse://logs.example", PLAIN._replace(user="default", database="default")),
        ("clickhouse://ada:p%40ss%2F@logs.example/reqlog", PLAIN._replace(password="p@ss/")),
        ("clickhouse://a%40b@[::1]/reqlog", PLAIN._replace(user="a@b", host="::1")),
        (
            "clickhouses://ada@logs.example/reqlog?timeout=5&connect_timeout=.5&ca_certs=/ca.pem&verify=0",
            PLAIN._replace(port=9440, is_secure=True, timeout=5, connect_timeout=0.5, ca_certs="/ca.pem", verify=False),
        ),
    ],
)
def test_a_url_says_where_the_server_is(url, expected) -> None:
    assert address_of(url, {}) == expected


def test_the_password_of_the_url_goes_before_that_of_the_environment() -> None:
    environ = {"REQLOG_CLICKHOUSE_PASSWORD": "theirs"}
    assert address_of("clickhouse://ada@h/d", environ).password == "theirs"
    assert address_of("clickhouse://ada:mine@h/d", environ).password == "mine"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("clickhouse:///reqlog", "--store clickhouse://…: names no server and database"),
        ("clickhouse://h/a/b", "--store clickhouse://…: names no server and database"),
        ("clickhouse://u:secret@h:port/d", "--store clickhouse://…: not a URL that can be read"),
        ("clickhouse://u:secret@[h/d", "--store clickhouse://…: not a URL that can be read"),
        ("clickhouse://u:sec#ret@h/d", "--store clickhouse://…: not a URL that can be read"),
        ("clickhouse://u:secret@h/d?timeuot=3", "--store clickhouse://…: no such option 'timeuot'"),
        ("clickhouse://u:secret@h/d?timeout=soon", "--store clickhouse://…: timeout must be a number of seconds"),
        ("clickhouse://u:secret@h/d?timeout=nan", "--store clickhouse://…: timeout must be a number of seconds"),
    ],
)
def test_a_url_that_is_wrong_is_refused_without_being_repeated(url, sentence) -> None:
    with pytest.raises(UsageError) as refusal:
        address_of(url, {})
    assert str(refusal.value).startswith(sentence)
    assert "sec" not in str(refusal.value).replace("seconds", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("clickhouse://ada:secret@logs.example/reqlog?timeout=3", "clickhouse://ada@logs.example:9000/reqlog"),
        ("clickhouses://[::1]/a%20b", "clickhouses://default@[::1]:9440/a%20b"),
    ],
)
def test_what_is_shown_has_no_password(url, shown) -> None:
    assert address_of(url, {}).shown == shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("clickhouse://ada:secret@h/d", True),
        ("clickhouses://:secret@h/d", True),
        ("clickhouse://ada@h:9000/d", False),
        ("clickhouse://h:9000/d", False),
        ("folder:with@colon.db", False),
    ],
)
def test_a_password_in_a_url_is_noticed(url, expected) -> None:
    assert has_password(url) is expected

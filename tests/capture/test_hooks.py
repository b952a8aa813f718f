import pytest

from reqlog.capture.hooks import Hook, is_one_of, method_of


class Library:
    def send(self, text: str) -> str:
        return f"sent {text}"


def test_what_is_placed_is_there_until_it_is_removed() -> None:
    library = Library()
    hook = Hook()
    hook.place(library, "send", lambda text: f"seen {text}")
    assert (library.send("a"), hook.is_active) == ("seen a", True)
    hook.remove()
    assert (library.send("a"), hook.is_active, vars(library)) == ("sent a", False, {})


def test_what_somebody_else_placed_above_it_stays() -> None:
    library = Library()
    with Hook() as hook:
        hook.place(library, "send", str.upper)
        library.send = str.lower  # type: ignore[method-assign,assignment]  # somebody else
    assert library.send("aB") == "ab"


def test_the_method_below_is_looked_up_when_it_is_called() -> None:
    library, hook = Library(), Hook()
    below = method_of(library, "send")
    hook.place(Library, "send", lambda self, text: f"seen {text}")
    assert below("a") == "seen a"
    hook.remove()
    assert below("a") == "sent a"


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["*"], True),
        (["api.stripe.com"], True),
        (["*.STRIPE.com"], True),
        (["files.stripe.com", "api.*"], True),
        (["api.stripe.com:8443"], True),
        (["stripe.com"], False),
        ([], False),
    ],
)
def test_hosts_are_globs_with_a_port_or_without(hosts, expected) -> None:
    assert is_one_of(hosts, "https://user:password@API.stripe.com:8443/v1/charges") is expected

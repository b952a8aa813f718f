from reqlog import limits
from reqlog.proxy.bodies import Beginning

MOST = limits.BODY_CHARACTERS


def test_the_beginning_of_a_body_is_all_of_it_while_there_is_room():
    beginning = Beginning()
    beginning.add(b"a" * (MOST - 1))
    beginning.add(b"b")
    assert (bytes(beginning), beginning.is_whole) == (b"a" * (MOST - 1) + b"b", True)


def test_what_there_is_no_room_for_is_left_out():
    beginning = Beginning()
    for piece in (b"a" * (MOST - 1), b"bc", b"d"):
        beginning.add(piece)
    assert (bytes(beginning), beginning.is_whole) == (b"a" * (MOST - 1) + b"b", False)


def test_nothing_at_all_is_whole():
    assert (bytes(Beginning()), Beginning().is_whole) == (b"", True)

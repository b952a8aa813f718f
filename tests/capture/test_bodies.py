from reqlog.capture.bodies import KEPT_BYTES, Body


def test_a_body_is_kept_as_it_passes() -> None:
    body = Body()
    for piece in (b"one ", bytearray(b"two "), memoryview(b"three "), "fünf"):
        body.add(piece)
    body.is_whole = True
    assert (body.kept, body.size, body.is_cut) == ("one two three fünf".encode(), 19, False)


def test_no_more_is_kept_than_there_is_room_for() -> None:
    body = Body()
    body.add(b"a" * (KEPT_BYTES - 1))
    body.add(b"bc")
    body.add(b"d")
    body.is_whole = True
    assert (body.kept, body.size, body.is_cut) == (b"a" * (KEPT_BYTES - 1) + b"b", KEPT_BYTES + 2, True)


def test_a_body_is_cut_until_its_end_is_seen() -> None:
    body = Body()
    assert body.is_cut
    body.is_whole = True
    assert not body.is_cut


def test_a_body_that_is_sent_again_is_kept_once() -> None:
    body = Body()
    body.add(b"one")
    body.start_over()
    body.add(b"two")
    assert (body.kept, body.size) == (b"two", 3)

import io

import pytest

from reqlog.capture.bodies import Body
from reqlog.capture.sent import kept_of, tapped


@pytest.mark.parametrize(
    ("body", "kept"),
    [(None, b""), (b"a", b"a"), ("ä", "ä".encode()), (bytearray(b"a"), b"a"), (memoryview(b"a"), b"a")],
)
def test_what_is_there_is_kept_and_stays_what_it_is(body, kept) -> None:
    seen = Body()
    assert tapped(body, seen) is body
    assert (seen.kept, seen.is_cut) == (kept, False)


def test_text_to_be_read_stays_what_it_is_and_is_not_seen() -> None:
    body, seen = io.StringIO("a"), Body()
    assert tapped(body, seen) is body
    assert seen.is_cut


def test_pieces_are_kept_as_they_are_taken() -> None:
    seen = Body()
    pieces = iter(tapped((piece for piece in (b"one", b"two")), seen))
    assert (next(pieces), seen.kept, seen.is_cut) == (b"one", b"one", True)
    assert (list(pieces), seen.kept, seen.is_cut) == ([b"two"], b"onetwo", False)


def test_pieces_that_are_taken_again_are_kept_once() -> None:
    seen = Body()
    body = tapped([b"one", b"two"], seen)
    assert list(body) == list(body) == list(kept_of([b"one", b"two"], seen))
    assert seen.kept == b"onetwo"


@pytest.mark.parametrize(
    "read",
    [
        lambda file: file.read() + file.read(),
        lambda file: b"".join(iter(lambda: file.read(2), b"")),
        lambda file: b"".join(iter(lambda: file.read1(2), b"")),
        lambda file: b"".join(iter(file.readline, b"")),
        lambda file: b"".join(file.readlines()),
        b"".join,
        lambda file: (buffer := bytearray(20), buffer[: file.readinto(buffer)])[1],
        lambda file: (file.read(3), file.seek(0), file.read())[2],
    ],
)
def test_a_file_is_kept_however_it_is_read(read) -> None:
    seen = Body()
    assert read(tapped(io.BytesIO(b"one\ntwo\n"), seen)) == b"one\ntwo\n"
    assert seen.kept == b"one\ntwo\n"


def test_a_file_is_a_file_in_all_other_ways(tmp_path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"content")
    with path.open("rb") as file:
        body = tapped(file, Body())
        assert (body.name, body.tell(), body.read(3), body.tell(), body.fileno()) == (
            str(path),
            0,
            b"con",
            3,
            file.fileno(),
        )
        assert not hasattr(body, "len")

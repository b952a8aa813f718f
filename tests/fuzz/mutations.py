"""Bytes made of seeds as a fuzzer makes them: spliced, flipped, cut, repeated and nested."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

_NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b'"', b'"'), (b"- ", b"\n"), (b"(", b");"), (b"\xef\xbb\xbf", b""))


def mutated(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy of what up to four mutations make of one of `seeds`."""
    start = st.sampled_from(seeds)
    return st.tuples(start, st.lists(_mutations(start), max_size=4)).map(_applied)


def _applied(drawn: tuple[bytes, list[Callable[[bytes], bytes]]]) -> bytes:
    content, mutations = drawn
    for mutation in mutations:
        content = mutation(content)[:20_000]
    return content


def _mutations(other: st.SearchStrategy[bytes]) -> st.SearchStrategy[Callable[[bytes], bytes]]:
    place = st.floats(0, 1)
    return st.one_of(
        st.builds(_splice, place, place, other),
        st.builds(_overwrite, place, st.binary(min_size=1, max_size=4)),
        st.builds(_overwrite, place, st.sampled_from((b'"', b"\\", b"\0", b"\xff", b"\n", b"{", b"]", b":", b"%22"))),
        st.builds(_cut, place, place),
        st.builds(_repeat, place, place, st.integers(2, 40)),
        st.builds(_nest, st.sampled_from(_NESTS), st.sampled_from((1, 2, 210))),
    )


def _between(content: bytes, one: float, other: float) -> tuple[int, int]:
    first, last = sorted((round(one * len(content)), round(other * len(content))))
    return first, last


def _splice(one: float, other: float, more: bytes) -> Callable[[bytes], bytes]:
    def splice(content: bytes) -> bytes:
        first, last = _between(more, one, other)
        place = round(one * len(content))
        return content[:place] + more[first:last] + content[place:]

    return splice


def _overwrite(place: float, with_: bytes) -> Callable[[bytes], bytes]:
    def overwrite(content: bytes) -> bytes:
        at = round(place * len(content))
        return content[:at] + with_ + content[at + len(with_) :]

    return overwrite


def _cut(one: float, other: float) -> Callable[[bytes], bytes]:
    def cut(content: bytes) -> bytes:
        first, last = _between(content, one, other)
        return content[:first] + content[last:]

    return cut


def _repeat(one: float, other: float, times: int) -> Callable[[bytes], bytes]:
    def repeat(content: bytes) -> bytes:
        first, last = _between(content, one, other)
        return content[:first] + content[first:last] * times + content[last:]

    return repeat


def _nest(around: tuple[bytes, bytes], times: int) -> Callable[[bytes], bytes]:
    def nest(content: bytes) -> bytes:
        return around[0] * times + content + around[1] * times

    return nest

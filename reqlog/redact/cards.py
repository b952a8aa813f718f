"""Card numbers in text: digits that an issuer could have printed, and that pass the Luhn check.

A run of digits inside a longer token, behind a plus, in a decimal fraction or under the name of a phone number is not a
card number, and neither is one without a known issuer or with the wrong length for it: ids, timestamps, amounts and
phone numbers stay.
"""

import re
from collections import Counter

from reqlog.redact.tokens import begins, own_quote

_SEPARATOR = r"(?: - | {1,2}|[-+.\xa0\u2007\u2009\u2010-\u2015\u202f]|%20|%2[dD])"
_NOT_BEFORE = r"(?<!\d\.[2-6])(?<!\A\+[2-6])(?<![^A-Za-z0-9]\+[2-6])(?<!%2[bB][2-6])"
_NOT_AFTER = r"(?![A-Za-z0-9_]|\.\d)"
_CANDIDATE = re.compile(
    rf"[2-6](?=[0-9]{{3}}){begins(1, 'A-Za-z0-9_%')}{_NOT_BEFORE}(?:[0-9]{{12,18}}{_NOT_AFTER}"
    rf"|[0-9]{{3}}(?P<gap>{_SEPARATOR})(?:[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)[0-9]{{1,4}}(?:(?P=gap)[0-9]{{1,3}})?"
    rf"|[0-9]{{6}}(?P=gap)[0-9]{{4,5}}){_NOT_AFTER}|[0-9]{{7}}{_SEPARATOR}[0-9]{{8}}{_NOT_AFTER})",
    re.ASCII,
)
_LENGTHS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = tuple(
    (re.compile(prefix), frozenset(lengths))
    for prefix, lengths in (
        (r"4", (13, 16, 19)),
        (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
        (r"3[47]", (15,)),
        (r"6011|65|64[4-9]", (16, 17, 18, 19)),
        (r"352[89]|35[3-8]", (16, 17, 18, 19)),
        (r"30[0-59]", (14,)),
        (r"36|38", (14, 15, 16, 17, 18, 19)),
        (r"62", (16, 17, 18, 19)),
        (r"220[0-4]", (16,)),
        (r"50(?:1[89]|20|38|6[67]|[89][0-9])|5893|606282|6277|6304|636[23]|6759|676[1-3]", (16, 17, 18, 19)),
    )
)
_NOT_DIGITS = re.compile(r"%[0-9A-Fa-f]{2}|[^0-9]")
_PHONE = re.compile(
    r"(?:phone|mobile|msisdn|whatsapp|telephone|(?<![a-z])(?:tel|fax))[\w\[\]%-]{0,40}(?:\\*[\"']|%22)?"
    r"(?:\s|%20){0,8}(?::|=|%3a|%3d)(?:\s|%20){0,8}(?:\\*[\"']|%22)?\Z",
    re.IGNORECASE,
)
_MEMBER = re.compile(r'(\\*")\s{0,8}:\s{0,8}\Z')
_OPENED = re.compile(r'(?:[{\[,]|"\s{0,8}:)\s{0,8}\Z')
"""Behind what a quote begins a string, and does not end a name."""
_MEMBER_END = re.compile(r"\s{0,8}(?:[,}\]\r\n]|\Z)")
_DOUBLED = {ord(digit): str(sum(divmod(2 * int(digit), 10))) for digit in "0123456789"}


def redact_cards(text: str, tally: Counter[str]) -> str:
    """Return `text` with its card numbers as `[card …4242]`; one that is a bare JSON number becomes a string."""
    pieces: list[str] = []
    done = position = 0
    while match := _CANDIDATE.search(text, position):
        end = _card_end(match)
        if end is None or _PHONE.search(text, max(0, match.start() - 80), match.start()):
            position = match.start() + 1
            continue
        pieces += (
            text[done : match.start()],
            in_place(text, match.start(), end, card_mark(text[match.start() : end])),
        )
        tally["card"] += 1
        done = position = end
    return "".join((*pieces, text[done:])) if pieces else text


def card_mark(number: str) -> str:
    """Return what is left of a card number, whatever separates its digits."""
    return f"[card …{digits_of(number)[-4:]}]"


def digits_of(text: str) -> str:
    """Return the digits of `text`; those of a percent-encoded character are none."""
    return _NOT_DIGITS.sub("", text)


def has_issuer(digits: str) -> bool:
    """Whether a card issuer has numbers that begin like this and are this long."""
    return any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _LENGTHS)


def in_place(text: str, start: int, end: int, mark: str) -> str:
    """Return `mark` for what stands there in `text`, as a JSON string where that is a bare JSON number."""
    member = _MEMBER.search(text, max(0, start - 32), start)
    if member is None or not text[start:end].isdecimal() or not _MEMBER_END.match(text, end):
        return mark
    if _OPENED.search(text, max(0, member.start() - 32), member.start()):
        return mark
    quote = own_quote(member[1])
    return f"{quote}{mark}{quote}"


def _card_end(match: re.Match[str]) -> int | None:
    if _is_card(digits_of(match.group())):
        return match.end()
    if match["gap"] is None:
        return None
    shorter = match.group().rpartition(match["gap"])[0]
    return match.start() + len(shorter) if _is_card(digits_of(shorter)) else None


def _is_card(digits: str) -> bool:
    return has_issuer(digits) and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    weighed = digits[-1::-2] + digits[-2::-2].translate(_DOUBLED)
    return (sum(weighed.encode("ascii")) - 48 * len(weighed)) % 10 == 0

from collections.abc import Iterator
from io import StringIO

from reqlog.columns import RECORD
from reqlog.render import jsonl_endless
from reqlog.render.base import Style
from reqlog.request import Request


def test_every_record_is_written_before_the_next_is_asked_for():
    stream, written = StringIO(), []

    def requests() -> Iterator[Request]:
        for number in range(1000):
            yield Request(id=f"req_{number}")
            written.append(stream.getvalue().count("\n"))

    jsonl_endless.render(requests(), RECORD, stream, Style())
    assert written == list(range(1, 1001))

from io import StringIO
from operator import itemgetter
from typing import Any

import pytest

from reqlog.render import jsonl
from reqlog.render.base import Column, Style


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([], ""), ([("req_1", "a\nb")], '{"id":"req_1","text":"a\\nb"}\n'), ([(1, 2)] * 2, '{"id":1,"text":2}\n' * 2)],
)
def test_a_record_is_a_line(rows, expected):
    stream = StringIO()
    columns: list[Column[Any]] = [Column("id", itemgetter(0)), Column("text", itemgetter(1))]
    jsonl.render(rows, columns, stream, Style(color=True, width=3))
    assert stream.getvalue() == expected

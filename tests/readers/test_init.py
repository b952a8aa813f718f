import gzip
import io
import os
import subprocess
import sys

import pytest

from reqlog.exceptions import InputError, UsageError
from reqlog.readers import FORMATS, Skipped, format_names, read
from reqlog.readers.base import Reject
from reqlog.readers.inputs import expand
from reqlog.request import Request

OWN = b'{"id":"req_%d","time":null,"method":"GET","status":200}\n'
CLI = b'{"method":"GET","url":"/v1/plans","status":200,"request_id":"req_A1b2C3d4","created_at":1740391200}\n'
UNKNOWN = (
    "not a capture that reqlog knows (reqlog, stripe-cli, har, vcr, access-log, json-map); "
    "name its format with --format"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcomes(*paths, format=None):
    """Return the ids of what the inputs of `paths` hold, and the rest as it is."""
    found = [each for input in expand(paths) for each in read(input, format)]
    return [each.id if isinstance(each, Request) else each for each in found]


def test_each_input_is_read_by_what_it_begins_with(folder):
    (folder / "own.jsonl").write_bytes(b"".join(OWN % number for number in range(3)))
    (folder / "tail.txt.gz").write_bytes(gzip.compress(b"> Ready!\n" + CLI))
    assert outcomes("own.jsonl", "tail.txt.gz") == ["req_0", "req_1", "req_2", "req_A1b2C3d4"]


def test_a_named_format_goes_before_the_first_bytes(folder):
    (folder / "own.jsonl").write_bytes(OWN % 1)
    assert outcomes("own.jsonl", format="stripe-cli") == [Reject("own.jsonl", 1, "no url")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f: it is empty"),
        (b" \n\n", "f: it is empty"),
        (
            b"\x00\x01\x02",
            f"f: {UNKNOWN}",
        ),
        (
            b"x" * 1_000_000,
            f"f: {UNKNOWN}",
        ),
    ],
    ids=range(4),
)
def test_an_input_that_was_named_and_is_none_is_refused(folder, content, message):
    (folder / "f").write_bytes(content)
    with pytest.raises(InputError) as raised:
        outcomes("f")
    assert str(raised.value) == message


def test_files_of_a_folder_that_are_none_are_skipped(folder):
    (folder / "in").mkdir()
    (folder / "in" / "1.empty").touch()
    (folder / "in" / "2.jsonl").write_bytes(OWN % 1)
    (folder / "in" / "3.md").write_bytes(b"# Read me\n")
    (folder / "in" / "4.gone").symlink_to("nowhere")
    (folder / "in" / "5.gz").write_bytes(b"\x1f\x8bno gzip")
    assert outcomes("in") == [
        Skipped("in/1.empty", "it is empty"),
        "req_1",
        Skipped("in/3.md", "not a capture that reqlog knows"),
        Skipped("in/4.gone", "no such file or directory"),
        Skipped("in/5.gz", "compressed data is broken within its first 9 bytes"),
    ]


def _truncated():
    return gzip.compress(b"".join(OWN % number for number in range(50_000)))[:-100]


def test_a_truncated_file_gives_the_records_before_its_end(folder):
    packed = _truncated()
    (folder / "f.gz").write_bytes(packed)
    (input,) = expand(["f.gz"])
    found: list[object] = []
    with pytest.raises(InputError) as raised:
        found.extend(read(input))
    assert str(raised.value) == (
        f"f.gz: compressed data ends early after {len(packed)} bytes; what was before that has been read"
    )
    assert len(found) > 40_000


def test_a_truncated_file_of_a_folder_stops_nothing(folder):
    (folder / "in").mkdir()
    (folder / "in" / "1.gz").write_bytes(_truncated())
    (folder / "in" / "2.jsonl").write_bytes(OWN % 99_999)
    found = outcomes("in")
    assert (found[0], type(found[-2]), found[-1]) == ("req_0", Skipped, "req_99999")


def test_an_unknown_format_is_refused_before_anything_is_read(folder):
    (folder / "f").touch()
    (input,) = expand(["f"])
    with pytest.raises(UsageError) as raised:
        read(input, "nginx")
    assert str(raised.value) == (
        "there is no format 'nginx'; the formats are reqlog, stripe-cli, har, vcr, access-log, json-map, caddy, "
        "traefik, nginx-json, cloudflare, envoy, alb"
    )


def test_the_names_are_the_keys():
    assert format_names() == tuple(row.name for row in FORMATS.values()) == tuple(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_reader(folder, name):
    (folder / "f").write_bytes(b"\n")
    (input,) = expand(["f"])
    assert [each for each in read(input, name) if not isinstance(each, Reject)] == []


def test_a_line_of_a_pipe_is_read_as_soon_as_it_is_there(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading, "r") as stdin, os.fdopen(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        (input,) = expand(["-"])
        pipe.write(b"> Ready! You're now waiting to receive API request logs\n" + CLI)
        found = read(input)
        first = next(found)
        pipe.write(CLI.replace(b"A1b2C3d4", b"E5f6G7h8"))
        assert [getattr(each, "id", None) for each in (first, next(found))] == ["req_A1b2C3d4", "req_E5f6G7h8"]


def test_an_empty_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InputError, match=r"^<stdin>: it is empty$"):
        outcomes("-")


def test_knowing_the_formats_imports_no_reader_and_no_library():
    code = "import sys, reqlog.readers; print(sorted({'msgspec', 'yaml', 'apsw', 'json'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

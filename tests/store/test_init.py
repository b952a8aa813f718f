import sys
from contextlib import closing
from pathlib import Path

import pytest

from reqlog.exceptions import StoreError, UsageError
from reqlog.filters import EVERYTHING
from reqlog.request import Request
from reqlog.store import backup_store, create_store, has_password, is_missing, mending, open_store, repair_store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, which is the working folder too."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("where", "file"),
    [
        ("requests.db", "requests.db"),
        ("some/more/requests.db", "some/more/requests.db"),
        ("~/requests.db", "requests.db"),
        ("sqlite:///requests.db", "requests.db"),
        ("sqlite:///~/requests.db", "requests.db"),
        ("odd name %20?.db", "odd name %20?.db"),
        ("~nosuchuser/requests.db", "~nosuchuser/requests.db"),
    ],
)
def test_a_store_is_named_by_a_path_or_a_url(home: Path, where: str, file: str) -> None:
    with closing(open_store(where, write=True)) as store:
        store.add([Request(id="req_1")])
    assert (home / file).is_file()
    with closing(open_store(where)) as store:
        assert list(store.find(EVERYTHING)) == [Request(id="req_1")]


def test_an_absolute_path_takes_a_slash_of_its_own_in_a_url(home: Path) -> None:
    open_store(f"sqlite:///{home}/requests.db", write=True).close()
    assert (home / "requests.db").is_file()


def test_without_a_name_it_is_the_users_own(home: Path) -> None:
    open_store(None, write=True).close()
    assert [path.name for path in home.rglob("requests.db")] == ["requests.db"]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        (
            "mysql://host/db",
            "--store mysql://…: no such kind of store; give a path, or a URL that starts with sqlite:/// or clickhouse://.",
        ),
        ("", "--store '' names no file; give a path, or leave it out for your own store."),
        ("sqlite:///", "--store 'sqlite:///' names no file; give a path, or leave it out for your own store."),
    ],
)
def test_what_names_no_store_is_refused(home: Path, where: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refusal:
        open_store(where)
    assert str(refusal.value) == sentence


def test_to_be_asked_it_must_be_there(home: Path) -> None:
    with pytest.raises(StoreError, match=r"^There is no store at requests\.db"):
        open_store("requests.db")
    assert list(home.iterdir()) == []


ON_SERVER = "clickhouse://ada:s3cret@127.0.0.1:1/reqlog"


def test_a_store_on_a_server_is_not_a_file(home: Path) -> None:
    assert is_missing(ON_SERVER) is None
    assert is_missing("requests.db") == "requests.db"
    assert (has_password(ON_SERVER), has_password("a:b@c.db"), has_password(None)) == (True, False, False)
    assert "repair" in mending("requests.db")
    assert "import the captures" in mending(ON_SERVER)
    with pytest.raises(UsageError, match="have the server back itself up"):
        backup_store(ON_SERVER, "copy.db")
    with pytest.raises(UsageError, match="have the server restore a backup"):
        repair_store(ON_SERVER, None)
    assert list(home.iterdir()) == []


def test_a_file_has_no_cluster(home: Path) -> None:
    with pytest.raises(UsageError, match="--cluster two: a store in a file has none"):
        create_store("requests.db", "two")
    create_store("requests.db", None).close()
    assert (home / "requests.db").is_file()


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "clickhouse_driver", None)
    monkeypatch.delitem(sys.modules, "reqlog.store.clickhouse.driver", raising=False)
    with pytest.raises(StoreError) as refusal:
        open_store(ON_SERVER)
    assert str(refusal.value) == (
        "The store clickhouse://ada@127.0.0.1:1/reqlog needs the package clickhouse-driver; install it with "
        "`pip install 'reqlog-cli[clickhouse]'`."
    )

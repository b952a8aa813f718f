"""No SQL but values on servers either, where values are written into statements: whatever is asked for and stored.

What statements are made of is held by test_sql.py.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from clickhouse_servers import ChdbServer, Running
from hostile.test_sql import ATTACKS, BY_NAME, asked, record

from reqlog.exceptions import UsageError
from reqlog.filters import EVERYTHING, Filter, Not, matches
from reqlog.flags import FLAGS, any_of
from reqlog.request import Request
from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.address import address_of
from reqlog.store.clickhouse.driver import DrivenServer
from reqlog.store.clickhouse.server import Server


def requests() -> list[Request]:
    """Return a request with each attack in every text that it has, as text is kept."""
    found = []
    for number, attack in enumerate(ATTACKS):
        told = {name: value for name, value in record(number, attack).items() if isinstance(value, str)}
        told.pop("time")
        found.append(Request(**{**told, "id": f"{told['id']}{number}"}, status=402))  # type: ignore[arg-type]  # texts
    return found


KEPT = requests()


@pytest.fixture(scope="module", params=["clickhouse", "chdb"])
def store(request: pytest.FixtureRequest) -> Iterator[ClickHouseStore]:
    """A store of them; in the end it is as it was, and nothing is beside it."""
    server: Server
    if request.param == "chdb":
        session = request.getfixturevalue("chdb_session")
        session.query("CREATE DATABASE hostile")
        server = ChdbServer(session, "hostile")
    else:
        running: Running = request.getfixturevalue("clickhouse")
        running.rows("CREATE DATABASE hostile")
        server = DrivenServer(address_of(running.url("hostile"), {}))
    with closing(ClickHouseStore(server, write=True)) as store:
        store.add(KEPT)
        tables = server.rows("SELECT name FROM system.tables WHERE database = 'hostile' ORDER BY name")
        yield store
        assert server.rows("SELECT name FROM system.tables WHERE database = 'hostile' ORDER BY name") == tables
        assert sorted(store.find(EVERYTHING)) == sorted(KEPT)
        assert list(store.check()) == []


def holds(store: ClickHouseStore, filter: Filter) -> None:
    """Hold that the store and `matches` find the same."""
    for wanted in (filter, Not(filter)):
        expected = {request.id for request in KEPT if matches(wanted, request)}
        assert {request.id for request in store.find(wanted)} == expected
        assert sum(group.requests for group in store.count_by(wanted, (), samples=1)) == len(expected)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_takes_attacks_for_values(flag, store) -> None:
    taken = []
    for text in asked(flag):
        try:
            any_of(flag, [text])
        except UsageError:
            continue
        taken.append(text)
    assert len(taken) > 50 or flag.name in {"status", "method", "source", "ip"}
    if taken:
        holds(store, any_of(flag, taken))
    for text in taken[::25]:
        holds(store, any_of(flag, [text]))


@pytest.mark.parametrize("flag", ["error-code", "path"])
def test_attacks_alone_are_values(flag, store) -> None:
    for text in list(asked(BY_NAME[flag]))[::4]:
        holds(store, any_of(BY_NAME[flag], [text]))


def test_what_is_no_field_never_becomes_a_column(store) -> None:
    for attack in ATTACKS:
        with pytest.raises(KeyError):
            store.count_by(EVERYTHING, (attack,), samples=1)

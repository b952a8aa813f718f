"""What a store on a server says of itself, what is wrong with it, and which of its requests are too many for a size."""

from collections.abc import Iterator

from reqlog.filters import EVERYTHING, Compare, Filter, Not, Or, Present
from reqlog.store.base import Info
from reqlog.store.clickhouse.counting import last_versions
from reqlog.store.clickhouse.literals import bind
from reqlog.store.clickhouse.reading import versions
from reqlog.store.clickhouse.removal import is_purged
from reqlog.store.clickhouse.rows import LIVE, UNDATED, row_of, time_of
from reqlog.store.clickhouse.schema import ARRIVALS, IDS, REQUESTS, VERSION, Tables, missing_columns
from reqlog.store.clickhouse.server import Server

_MOST_OF_A_KIND = 100
_CHUNK = 2000
_UNDATED = Not(Present("time"))


def info(server: Server, tables: Tables) -> Info:
    """Return what the store says of itself."""
    sql = f"SELECT count(), min(time), max(time) {last_versions(tables, EVERYTHING)}"
    count, oldest, newest = server.rows(sql)[0]
    room = _room(server, tables)
    return Info(
        place=server.shown,
        bytes=sum(room.values()),
        requests=count,
        oldest=time_of(oldest),
        newest=time_of(newest),
        schema_version=VERSION,
        room=dict(sorted(room.items(), key=lambda part: -part[1])),
        is_purged=is_purged(server, tables),
    )


def _room(server: Server, tables: Tables) -> dict[str, int]:
    """Return how many bytes the requests, their words and the ids take, of each shard one replica."""
    whole = f"SELECT table, sum(bytes_on_disk) FROM {tables.everywhere('parts')} WHERE {_parts(tables)} GROUP BY table"
    sizes = {str(table).removesuffix("_local"): int(size) for table, size in server.rows(whole)}
    columns = tables.everywhere("parts_columns")
    of_words = f"SELECT sum(column_bytes_on_disk) FROM {columns} WHERE {_parts(tables)} AND column = 'words'"
    words = int(server.rows(of_words)[0][0] or 0)
    return {
        "requests": sizes.get(REQUESTS, 0) - words,
        "words": words,
        "ids": sizes.get(IDS, 0),
        "arrivals": sizes.get(ARRIVALS, 0),
    }


def _parts(tables: Tables) -> str:
    names = [f"{name}_local" if tables.cluster else name for name in (REQUESTS, IDS, ARRIVALS)]
    return bind("active AND database = ? AND table IN (?, ?, ?)", (tables.database, *names))


def excess(server: Server, tables: Tables, size: int) -> Filter:
    """Return the filter of the oldest requests without which the store takes about `size` bytes."""
    now = sum(_room(server, tables).values())
    (count,) = server.rows(f"SELECT count() {last_versions(tables, EVERYTHING)}")[0]
    if now <= size or not count:
        return Or()
    share = max(1, count * (now - size) // now) / count
    (moment,) = server.rows(f"SELECT quantile({share:.9f})(moment) {last_versions(tables, EVERYTHING)}")[0]
    if moment < 0 and _is_undated(moment):
        return _UNDATED
    return Or((_UNDATED, Compare("time", "<=", time_of(int(moment)))))  # type: ignore[arg-type]  # it is dated


def _is_undated(moment: float) -> bool:
    return moment <= UNDATED / 2


def problems(server: Server, tables: Tables) -> Iterator[str]:
    """Yield what is wrong with the store, a sentence each, at most a hundred of a kind."""
    missing = missing_columns(server)
    if missing:
        yield f"The table {REQUESTS} lacks {', '.join(missing)}."
        return
    yield from _of_ids(server, tables)
    yield from _of_pointers(server, tables)
    yield from _of_requests(server, tables)


def _of_ids(server: Server, tables: Tables) -> Iterator[str]:
    sql = (
        f"SELECT id FROM (SELECT id, count() AS times {last_versions(tables, EVERYTHING)} GROUP BY id) "
        f"WHERE times > 1 ORDER BY id LIMIT {_MOST_OF_A_KIND}"
    )
    for (id,) in server.rows(sql):
        yield f"The request {id} is there more than once; importing it again makes one of them."


def _of_pointers(server: Server, tables: Tables) -> Iterator[str]:
    sql = (
        f"SELECT id FROM {tables.requests} WHERE deleted = {LIVE} AND (moment, id) NOT IN "
        f"(SELECT moment, id FROM {tables.shard_ids}) ORDER BY id LIMIT {_MOST_OF_A_KIND}"
    )
    for (id,) in server.rows(sql):
        yield f"The request {id} cannot be found by its id."


def _of_requests(server: Server, tables: Tables) -> Iterator[str]:
    """Read every request, and compare what is searched with what is kept."""
    after = bind("moment >= ?", (UNDATED,))
    while True:
        sql = (
            f"SELECT DISTINCT moment, id FROM {tables.requests} WHERE {after} AND deleted = {LIVE} "
            f"ORDER BY moment, id LIMIT {_CHUNK}"
        )
        keys = [(moment, id) for moment, id in server.rows(sql)]
        yield from _of_some(server, tables, keys)
        if len(keys) < _CHUNK:
            return
        moment, id = keys[-1]
        after = bind("moment >= ? AND (moment > ? OR id > ?)", (moment, moment, id))


def _of_some(server: Server, tables: Tables, keys: list[tuple[int, str]]) -> Iterator[str]:
    for kept, (address, words) in versions(server, tables, keys, "(address, words)"):
        if kept.deleted == LIVE and (address, tuple(words)) != row_of(kept.request, 0)[-2:]:
            yield f"The request {kept.request.id} cannot be found by its address or its words."

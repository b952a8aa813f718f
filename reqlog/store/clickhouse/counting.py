"""How requests are counted: by the server, of each request the last version alone.

`FINAL` has the server judge last versions only. What it must read for that is cut down first where the filter is one
that an index or a narrow column answers, as words and ids are: only the keys of rows that match in some version.
"""

from collections.abc import Sequence

from reqlog.filters import And, Filter, Mentions, Or, Touches
from reqlog.request import Request
from reqlog.store.base import Group
from reqlog.store.clickhouse.literals import Row, bind, lists
from reqlog.store.clickhouse.reading import Key, bounds_of, condition, named_ids
from reqlog.store.clickhouse.rows import LIVE, field_value, time_of
from reqlog.store.clickhouse.schema import Tables
from reqlog.store.clickhouse.server import Server
from reqlog.store.sql import column_of


def last_versions(tables: Tables, filter: Filter) -> str:
    """Return the end of a statement, from its `FROM` on, that is about the requests that match."""
    within = bind("moment >= ? AND moment < ?", bounds_of(filter))
    wanted = condition(filter)
    few = ""
    if (ids := named_ids(filter)) is not None:
        few = f"AND (moment, id) IN (SELECT moment, id FROM {tables.shard_ids} WHERE {ids})"
    elif _is_indexed(filter):
        few = f"AND (moment, id) IN (SELECT moment, id FROM {tables.shard_requests} WHERE {within} AND {wanted})"
    return f"FROM {tables.requests} FINAL WHERE {within} {few} AND deleted = 0 AND {wanted}"


def groups(server: Server, tables: Tables, filter: Filter, fields: Sequence[str], samples: int) -> list[Group]:
    """Count the requests that match by the values of `fields`, each group with its newest `samples` requests."""
    columns = [column_of(field) for field in fields]
    names = "".join(f"{column}, " for column in columns)
    by = f"GROUP BY {', '.join(columns)}" if columns else ""
    sql = (
        f"SELECT {names} count() AS requests, min(time), max(time) {last_versions(tables, filter)} {by} "
        "HAVING requests > 0 ORDER BY requests DESC, max((moment, id)) DESC"
    )
    rows = server.rows(sql)
    newest = _newest(server, tables, filter, fields, samples) if samples and rows else {}
    return [_group(row, fields, newest.get(row[: len(fields)], [])) for row in rows]


def _group(row: Row, fields: Sequence[str], newest: list[Request]) -> Group:
    *values, requests, oldest, latest = row
    return Group(
        tuple(field_value(field, value) for field, value in zip(fields, values, strict=True)),
        requests,
        field_value("time", oldest),
        field_value("time", latest),
        tuple(newest),
    )


def _newest(
    server: Server, tables: Tables, filter: Filter, fields: Sequence[str], samples: int
) -> dict[Row, list[Request]]:
    """Return the newest requests of each group, by its values as the server gives them."""
    columns = [column_of(field) for field in fields]
    names = "".join(f", {column}" for column in columns)
    by = f"BY {', '.join(columns)}" if columns else ""
    sql = (
        f"SELECT moment, id {names} {last_versions(tables, filter)} ORDER BY moment DESC, id DESC LIMIT {samples} {by}"
    )
    rows = server.rows(sql)
    requests = _samples(server, tables, [(row[0], row[1]) for row in rows])
    groups: dict[Row, list[Request]] = {}
    for row in rows:
        if (row[0], row[1]) in requests:
            groups.setdefault(row[2:], []).append(requests[row[0], row[1]])
    return groups


def _samples(server: Server, tables: Tables, keys: list[Key]) -> dict[Key, Request]:
    """Return the last versions of the requests of `keys`, as samples."""
    last: dict[Key, tuple[int, Request]] = {}
    for listed in lists(keys):
        sql = (
            f"SELECT moment, id, version, error_message, resources FROM {tables.requests} "
            f"PREWHERE (moment, id) IN {listed} WHERE deleted = {LIVE}"
        )
        for moment, id, version, message, resources in server.rows(sql):
            if version >= last.get((moment, id), (0, None))[0]:
                sample = Request(id, time_of(moment), error_message=message, resources=tuple(resources))
                last[moment, id] = version, sample
    return {key: sample for key, (_, sample) in last.items()}


def _is_indexed(filter: Filter) -> bool:
    """Whether few requests match, and those are found by an index where the server has one."""
    match filter:
        case Touches() | Mentions((_, *_)):
            return True
        case And(filters):
            return any(map(_is_indexed, filters))
        case Or(filters):
            return bool(filters) and all(map(_is_indexed, filters))
        case _:
            return False

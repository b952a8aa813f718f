"""What was measured, as tables, and how it is kept."""

import pytest
from bench.report import growth, limits, write
from bench.results import Cost, Results, Row, load, row, save
from bench.timing import Measured


def cost(seconds: float, ratio: float = 1.0, size: int = 0) -> Cost:
    return Cost(seconds, seconds, 30_000_000, 3, ratio, size)


def results(requests: int, seconds: float, *more: Row) -> Results:
    status = Row("status", "status", {"reqlog": cost(seconds), "click": cost(0.02, seconds / 0.02)})
    return Results(requests, "2026-11-01", {"memory": "1 GB"}, {"reqlog": "1"}, {}, 10**9, [status, *more], {})


@pytest.mark.parametrize(("seconds", "reached"), [(0.024, "aim"), (0.03, "bar"), (0.04, "**no**")])
def test_what_is_reached_is_said(seconds, reached) -> None:
    *_, line = limits([results(1_000_000, seconds)]).splitlines()
    took, ratio = f"{seconds * 1000:.0f} ms", f"{seconds / 0.02:.2f}"
    assert line == f"| status | {took} | `import click` | 20 ms | {ratio} | 1.5 | 1.25 | {reached} |"


def test_a_limit_does_not_hold_before_its_size() -> None:
    assert "1.25" not in limits([results(100_000, 0.03)])


def test_an_export_is_compared_by_megabytes_a_second() -> None:
    export = Row("export", "export", {"reqlog": cost(2, 1, 300_000_000), "duckdb": cost(1, 2, 100_000_000)})
    *_, line = limits([results(1_000_000, 0.03, export)]).splitlines()
    assert line == "| export | 150 MB/s | DuckDB | 100 MB/s | 1.50 | at least 1 | at least 2 | bar |"


def test_memory_and_room_of_an_import_have_limits() -> None:
    imported = Row("import", "import", {"reqlog": Cost(9, 9, 250_000_000, 1, 1.0, 600_000_000)})
    *_, peak, size = limits([results(1_000_000, 0.03, imported)]).splitlines()
    assert peak == "| peak memory of the import | 250 MB |  |  |  | 200 MB |  | **no** |"
    assert size == "| size of the store | 600 MB | the JSON lines | 1.0 GB | 0.60 | 0.75 | 0.5 | bar |"


def test_growth_is_an_exponent() -> None:
    table = growth([results(100_000, 0.1), results(10_000_000, 1.0)])
    assert table.splitlines()[2] == "| status | 100 ms | 1.0 s | 0.50 | 3.2 s |"


def test_one_size_alone_has_no_slope() -> None:
    assert growth([results(100_000, 0.1)]).splitlines()[2] == "| status | 100 ms |  |  |"


def test_the_prose_of_the_page_stays(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- measured: limits -->\nold\n<!-- measured: end -->\n\nprose\n")
    write([results(1_000_000, 0.024)], page)
    before, _, made = page.read_text().partition("<!-- measured: limits -->\n")
    made, _, after = made.partition("<!-- measured: end -->")
    assert (before, after) == ("# A\n\n", "\n\nprose\n")
    assert made.splitlines()[-1].endswith("| aim |")


def test_results_are_kept(tmp_path) -> None:
    kept = results(100_000, 0.1)
    save(kept, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == kept


def test_a_ratio_is_of_the_same_round() -> None:
    series = {
        "reqlog": [Measured(1, 1, 5), Measured(3, 3, 9), Measured(2, 2, 7)],
        "other": [Measured(2, 2, 1), Measured(6, 6, 1), Measured(8, 8, 1)],
    }
    costs = row("a", "A", series).costs
    assert costs["reqlog"] == Cost(2, 2, 9, 3, 1.0)
    assert costs["other"] == Cost(6, 6, 1, 3, 0.5)

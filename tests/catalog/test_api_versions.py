import pytest

from reqlog import catalog


def test_versions_come_oldest_first():
    versions = catalog.versions()
    assert (len(versions), versions[0], versions[-1]) == (128, "2011-01-01", "2026-09-30.endive")
    assert list(versions) == sorted(versions)


@pytest.mark.parametrize(
    ("version", "release", "preview"),
    [
        ("2020-08-27", True, False),
        ("2025-03-31.basil", True, False),
        ("2025-03-31.preview", False, True),
        ("2025-03-01.dashboard", False, True),
        ("2023-10-16; feature_beta=v1", False, True),
        ("2025-<ID>0-29.clover", False, False),
        ("2025-13-01", False, False),
        ("2020-08-2712", False, False),
        ("nightly", False, False),
        ("", False, False),
    ],
)
def test_a_version_is_a_release_a_preview_or_unknown(version, release, preview):
    assert (catalog.is_release(version), catalog.is_preview(version)) == (release, preview)


def test_versions_sort_by_their_date_and_unknown_text_sorts_first():
    ordered = (
        "2025-<ID>0-29.clover",
        "zzz",
        "2023-10-16",
        "2023-10-16; a_beta=v1",
        "2024-09-30.acacia",
        "2025-03-31.basil",
    )
    assert tuple(sorted(set(ordered), key=catalog.version_key)) == ordered


@pytest.mark.parametrize(
    ("seen", "latest"),
    [
        ((), "2026-09-30.endive"),
        (("2020-08-27",), "2026-09-30.endive"),
        (("2099-01-31.yak", "2099-02-28.preview", "2099-03-01; x_beta=v1", "zzz"), "2099-01-31.yak"),
    ],
)
def test_the_latest_is_the_newest_release_of_catalog_and_seen(seen, latest):
    assert catalog.latest_version(seen) == latest

import pytest

from reqlog.capture.served import is_skipped, new_id


def test_ids_look_as_those_of_the_api_and_are_never_the_same() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(id.startswith("req_") and id[4:].isalnum() and len(id) == 26 for id in ids)


@pytest.mark.parametrize(
    ("skip", "expected"), [((), False), (("/healthz",), True), (("/health*",), True), (("/v1/*", "*z"), True)]
)
def test_paths_are_skipped_by_globs(skip, expected) -> None:
    assert is_skipped(skip, "/healthz") is expected

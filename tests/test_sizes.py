import pytest

from reqlog.exceptions import UsageError
from reqlog.sizes import parse_size, size_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("512b", 512),
        ("2GB", 2_000_000_000),
        ("1.5GiB", 1_610_612_736),
        ("500 mb", 500_000_000),
        ("10k", 10_000),
        ("1Ti", 1 << 40),
    ],
)
def test_a_size_is_read(text, expected) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0.1", "-1MB", "2XB", "MB", "1e9", "1,5GB", "٣MB", "9" * 400])
def test_what_is_no_size_is_refused(text) -> None:
    with pytest.raises(UsageError, match=r"is not a size; give one as 500MB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (3_440_640, "3.4 MB"),
        (2 * 10**9, "2.0 GB"),
        (10**13, "10.0 TB"),
    ],
)
def test_a_size_is_told(size, expected) -> None:
    assert size_text(size) == expected

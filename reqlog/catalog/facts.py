"""Reading the data files of this folder; what they are is in `sources.toml`."""

import os.path

_FOLDER = os.path.dirname(__file__)  # noqa: PTH120  importing pathlib costs more than the whole catalog


def lines(name: str) -> tuple[str, ...]:
    """Return the lines of the data file `name`."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123  as above
        return tuple(file.read().splitlines())


def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the tab-separated data file `name`, without its heading."""
    return tuple(tuple(line.split("\t")) for line in lines(name)[1:])

"""One process that fuzzes one target until its time is up or something is found; started by `python -m tests.fuzz`."""

import sys

import atheris

with atheris.instrument_imports(include=["reqlog"]):
    from .targets import TARGETS


def main(name: str, arguments: list[str]) -> None:
    """Fuzz the target called `name`; `arguments` are those of libFuzzer. Does not return."""
    check = TARGETS[name].check
    atheris.Setup([sys.argv[0], *arguments], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""`reqlog demo`: the main job, done on the sample captures that come with the package."""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import click

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

_SINCE = ("--since", "2026-11-02")
_TOUR = (
    ("import", str(SAMPLES)),
    ("list", "--limit", "10"),
    ("errors", *_SINCE),
    ("versions", *_SINCE),
)


@click.command("demo")
@click.option("--store", metavar="PATH|URL", help="Keep the samples in this store; otherwise nothing is kept.")
@click.pass_context
def command(context: click.Context, store: str | None) -> None:
    """Import the sample captures that come with reqlog into a fresh store, and ask about them.

    \b
    Examples:
      reqlog demo
      reqlog demo --store /tmp/demo.db
      reqlog show --store /tmp/demo.db --error-code card_declined
    """
    group = context.find_root().command
    with TemporaryDirectory(prefix="reqlog-demo-") as folder:
        kept = store or str(Path(folder) / "requests.db")
        for words in _TOUR:
            click.secho(f"$ reqlog {shlex.join(words)}", bold=True)
            group.main([*words, "--store", kept], prog_name="reqlog", standalone_mode=False)
            click.echo()
    if store is not None:
        click.echo(f"Ask on with --store {store}, as in: reqlog show --store {store} --error-code card_declined")

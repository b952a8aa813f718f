"""The command `reqlog`: the group of its commands, and the one place where exceptions become exit codes."""

import os
import sys
from collections.abc import Mapping, Sequence
from io import StringIO

import click

from reqlog import __version__, config, places, terminal
from reqlog.commands import COMMANDS, Commands, command_of
from reqlog.exceptions import ExitCode, GateError, NoSuchRequestError, ReqlogError, StoppedError, UsageError


def _show_version(context: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  (click's signature)
    if value and not context.resilient_parsing:
        click.echo(f"reqlog {__version__}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "REQLOG"})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    allow_from_autoenv=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Keep the requests an application sent to an HTTP API, and ask about them.

    \b
    Examples:
      reqlog import test/vcr_cassettes requests.har
      stripe logs tail --format json | reqlog import -
      reqlog list --since 24h --status failed
      reqlog list --error-code card_declined --json | jq -r '.[].id'
      reqlog show req_OjRu7V5jecRDlM
      reqlog errors --since 7d --fail-if-any
      reqlog versions
    """
    context.obj = config.load(
        os.path.join(click.get_app_dir("reqlog"), "config.toml"), places.working_folder(), _options_of
    )
    context.default_map = dict(context.obj.defaults)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code of the process; what it printed is written when it returns."""
    try:
        with terminal.saying_warnings():
            code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return ExitCode.CLOSED_PIPE
    except OSError as error:
        what = "The answer could not be written" if error.filename is None else error.filename
        terminal.say(f"reqlog: {what}: {error.strerror or error}.")
        return ExitCode.NO_ANSWER
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        ended = cli.main(list(arguments), prog_name="reqlog", standalone_mode=False)
    except click.ClickException as error:
        _say_wrong_usage(error)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except StoppedError as stopped:
        return ExitCode(128 + stopped.number)
    except SystemExit as end:
        # click itself ends the process when it has printed completions, and with 1 when a pipe has closed.
        return ExitCode.CLOSED_PIPE if end.code else ExitCode.DONE
    except ReqlogError as error:
        terminal.say(f"reqlog: {error}")
        return _code(error)
    return ended if isinstance(ended, int) else ExitCode.DONE  # a command may end with a code of its own


def _say_wrong_usage(error: click.ClickException) -> None:
    """Write on standard error what click has to say, which quotes what was typed."""
    told = StringIO()
    error.show(told)
    for line in told.getvalue().removesuffix("\n").split("\n"):
        terminal.say(line)


def _options_of(command: str) -> Mapping[str, config.Take] | None:
    from reqlog.options.saved import takes

    return takes(command_of(command)) if command in COMMANDS else None


def _code(error: ReqlogError) -> ExitCode:
    match error:
        case UsageError():
            return ExitCode.USAGE
        case GateError() | NoSuchRequestError():
            return ExitCode.NO
        case _:
            return ExitCode.NO_ANSWER

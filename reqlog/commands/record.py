"""`reqlog record`: record what a program sends, by standing between it and the API."""

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from reqlog import terminal
from reqlog.exceptions import ExitCode, UsageError
from reqlog.options.asking import config_of, store_option, where_of
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.recording.failures import Failures
from reqlog.rules import OwnRules
from reqlog.store import open_store
from reqlog.times import parse_duration
from reqlog.windows import of_flag

if TYPE_CHECKING:
    from reqlog.proxy.server import Settings
    from reqlog.recording.process import RecordingProcess

_PROXY, _COMMAND = "The proxy", "The command"
_VARIABLES = ("STRIPE_API_BASE", "REQLOG_PROXY_URL")
_TELL_SECONDS = 5
_DRAIN_SECONDS = 60.0


@click.command("record", cls=HeadedCommand, context_settings={"allow_interspersed_args": False})
@click.argument("command_line", metavar="[-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--upstream",
    cls=HeadedOption,
    heading=_PROXY,
    metavar="URL",
    default="https://api.stripe.com",
    show_default=True,
    help="Where requests are passed on to.",
)
@click.option(
    "--listen",
    cls=HeadedOption,
    heading=_PROXY,
    metavar="[HOST:]PORT",
    default="127.0.0.1:0",
    help="Address to listen on; by default this machine's own and a free port.",
)
@click.option(
    "--open-to-network",
    cls=HeadedOption,
    heading=_PROXY,
    is_flag=True,
    help="Allow --listen on an address from which other machines can send requests through this one.",
)
@click.option(
    "--ca",
    cls=HeadedOption,
    heading=_PROXY,
    metavar="FILE",
    type=click.Path(),
    help="Trust the authorities in this PEM file too.",
)
@click.option(
    "--timeout",
    cls=HeadedOption,
    heading=_PROXY,
    metavar="TIME",
    default="2m",
    show_default=True,
    help="Give up on an answer after so long without a byte.",
)
@click.option(
    "--env",
    cls=HeadedOption,
    heading=_COMMAND,
    metavar="NAME",
    multiple=True,
    default=_VARIABLES,
    help=f"Variables of the command to set to the proxy's URL, instead of {' and '.join(_VARIABLES)}.",
)
@store_option
@click.pass_context
def command(
    context: click.Context,
    *,
    command_line: tuple[str, ...],
    upstream: str,
    listen: str,
    open_to_network: bool,
    ca: str | None,
    timeout: str,
    env: tuple[str, ...],
    store: str | None,
) -> None:
    """Record what is sent to an API by passing it on: everything a command sends, or whatever comes to an address.

    \b
    Examples:
      reqlog record -- pytest tests/
      reqlog record -- make test && reqlog errors --since 10m --fail-if-any
      reqlog record --listen 127.0.0.1:12111
      reqlog record --upstream https://api.example.com --env EXAMPLE_URL -- npm test

    The client has to use the proxy's URL as its base URL: a command finds it in STRIPE_API_BASE and REQLOG_PROXY_URL.
    The exit code is the command's. Without a command it runs until Ctrl-C.
    """
    names = tuple(map(_variable, env))
    config, kept_in = config_of(context), where_of(context, store)
    settings = _settings(upstream, listen, ca, timeout, is_open=open_to_network)
    open_store(kept_in, write=True).close()
    context.exit(_recorded(settings, kept_in, config.redact, _work_of(command_line, names, settings.upstream)))


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise UsageError(f"--env {name}: not the name of a variable; give one such as STRIPE_API_BASE.")
    return name


def _settings(upstream: str, listen: str, ca: str | None, timeout: str, *, is_open: bool) -> "Settings":
    try:
        from reqlog.proxy import listening, server  # noqa: PLC0415  (aiohttp is an extra, and takes long to import)
        from reqlog.proxy.upstream import parse_upstream  # noqa: PLC0415  (likewise)
    except ModuleNotFoundError as error:
        message = "reqlog record needs aiohttp, which is not installed; add it with: pip install 'reqlog-cli[capture]'"
        raise UsageError(message) from error
    return server.Settings(
        parse_upstream(upstream),
        listening.parse_listening(listen, is_open=is_open),
        server.trust_of(ca),
        _seconds(timeout),
    )


def _seconds(timeout: str) -> float:
    seconds = of_flag("--timeout", partial(parse_duration, timeout)) / 1000
    if not seconds:
        raise UsageError(f"--timeout {timeout}: no answer comes in no time; give more.")
    return seconds


Work = Callable[[str], Awaitable[int]]
"""Take the proxy's URL, do what requests are to be recorded of, and return the exit code."""


def _recorded(settings: "Settings", kept_in: str | None, rules: OwnRules, work: Work) -> int:
    """Record what comes while `work` is done, say what that was, and return the exit code of the work."""
    import asyncio  # noqa: PLC0415  (help needs no network)

    from reqlog.recording.process import RecordingProcess  # noqa: PLC0415  (help needs no msgspec)

    failures = Failures()
    recorder = RecordingProcess(kept_in, note=failures.note, rules=rules)
    try:
        code = asyncio.run(_served(settings, recorder, failures, work))
    finally:
        recorder.close(_DRAIN_SECONDS)
    for line in failures.summary(recorder.counts):
        terminal.say(line)
    return code


async def _served(settings: "Settings", recorder: "RecordingProcess", failures: Failures, work: Work) -> int:
    import asyncio  # noqa: PLC0415  (help needs no network)

    from reqlog.proxy.server import serving  # noqa: PLC0415  (aiohttp is an extra, and takes long to import)

    async def tell_losses() -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            for line in failures.losses(recorder.counts):
                terminal.say(line)

    async with serving(settings, recorder.offer) as url:
        telling = asyncio.create_task(tell_losses())
        try:
            return await work(url)
        finally:
            telling.cancel()


def _work_of(command_line: Sequence[str], names: Sequence[str], upstream: object) -> Work:
    from reqlog import children  # noqa: PLC0415  (it brings asyncio)

    async def run(url: str) -> int:
        return await children.run(command_line, {**os.environ, **dict.fromkeys(names, url)})

    async def wait(url: str) -> int:
        terminal.say(f"Recording what comes to {url}, which is passed on to {upstream}; end with Ctrl-C.")
        ended_by = await children.until_ended()
        return ExitCode.INTERRUPTED if ended_by == "SIGINT" else ExitCode.DONE

    return run if command_line else wait

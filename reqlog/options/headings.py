"""Help in which options stand under headings, and the `--not-` form of a flag with the flag."""

from typing import Any

import click


class HeadedOption(click.Option):
    """An option that stands under a heading of its own in help; `brief` ones are left out of it."""

    def __init__(self, *args: Any, heading: str, brief: bool = False, **kwargs: Any) -> None:  # noqa: ANN401  (click's own)
        super().__init__(*args, **kwargs)
        self.heading = heading
        self.brief = brief


class HelpedCommand(click.Command):
    """A command whose option for help is not looked up in catalogs of translations, which takes 1 ms of each start."""

    _helping: click.Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option for help."""
        if self._helping is None:
            self._helping = click.Option(
                [*self.get_help_option_names(ctx), "_help"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                allow_from_autoenv=False,
                help="Show this message and exit.",
                callback=_show_help,
            )
        return self._helping


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  (click's signature)
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class HeadedCommand(HelpedCommand):
    """A command whose help shows options by heading, in the order of their first options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each group under its heading."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if not isinstance(param, click.Option) or getattr(param, "brief", False):
                continue
            if (record := param.get_help_record(ctx)) is None:
                continue
            groups.setdefault(getattr(param, "heading", "Options"), []).append(record)
        for heading in sorted(groups, key=lambda heading: heading == "Options"):
            with formatter.section(heading):
                formatter.write_dl(groups[heading])
        if any(getattr(param, "brief", False) for param in self.get_params(ctx)):
            formatter.write_paragraph()
            formatter.write_text("Each filter that takes a value has a form that leaves out, as --not-status 404.")

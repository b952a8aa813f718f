"""Help in which options stand under headings, and the `--not-` form of a flag with the flag."""

from typing import Any

import click


class HeadedOption(click.Option):
    """An option that stands under a heading of its own in help; `brief` ones are left out of it."""

    def __init__(self, *args: Any, heading: str, brief: bool = False, **kwargs: Any) -> None:  # noqa: ANN401  (click's own)
        super().__init__(*args, **kwargs)
        self.heading = heading
        self.brief = brief


class HeadedCommand(click.Command):
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

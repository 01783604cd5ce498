"""A group of commands, each in a module of its own that is loaded when it is called.

So ``--help`` need not wait for numeric libraries, and one command not for what another needs.
"""

import difflib
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name.

    Args:
        summaries: By name of the command, what it does, in the order in which they are listed.
        modules: Where they are, before their names; each module has a ``command``.
    """

    def __init__(
        self, *args: Any, summaries: Mapping[str, str], modules: str, **extra: Any
    ) -> None:
        super().__init__(*args, **extra)
        self.summaries = summaries
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names."""
        return list(self.summaries)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command."""
        if cmd_name not in self.summaries:
            return None
        command = import_module(f"{self._modules}{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 -- a defect here, not bad input
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for; suggest another where there is none.

        Raises:
            click.UsageError: If there is none of that name.
        """
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            close = difflib.get_close_matches(name, self.summaries, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))

"""``hoarfrost voices``: who can speak, and who else could.

Without the name of a command it lists, so that what follows are words to search by. As in `root`,
commands are loaded when they are called.
"""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "list": "List the voices. Also without its name: hoarfrost voices",
    "search": "Search the voices of Piper's public catalogue.",
    "add": "Fetch voices of the catalogue.",
    "remove": "Remove voices that were added.",
}
"""By name of the command, and of its module here after ``voices_``, what it does."""


class Voices(click.Group):
    """The group of the commands on voices; what is none of them is for the list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``list`` before what does not begin with a command, unless help is asked for."""
        if not args or (args[0] not in COMMANDS and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names, in the order in which they are needed."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"hoarfrost.cli.voices_{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 -- a defect here, not bad input
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    "voices",
    cls=Voices,
    epilog="Example:  hoarfrost voices list --lang en --gender female\n\nAnother:  "
    "hoarfrost voices search english medium",
)
def command() -> None:
    """List, find, add and remove voices."""

"""``hoarfrost voices``: who can speak, and who else could.

Without the name of a command it lists, so that what follows are words to search by.
"""

from typing import Final

import click

from hoarfrost.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": "List the voices. Also without its name: hoarfrost voices",
    "search": "Search the voices of Piper's public catalogue.",
    "add": "Fetch voices of the catalogue.",
    "remove": "Remove voices that were added.",
}
"""By name of the command, and of its module here after ``voices_``, what it does."""


class Voices(LazyGroup):
    """The group of the commands on voices; what is none of them is for the list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``list`` before what does not begin with a command, unless help is asked for."""
        if not args or (args[0] not in self.summaries and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(
    "voices",
    cls=Voices,
    summaries=COMMANDS,
    modules="hoarfrost.cli.voices_",
    epilog="Example:  hoarfrost voices list --lang en --gender female\n\nAnother:  "
    "hoarfrost voices search english medium",
)
def command() -> None:
    """List, find, add and remove voices."""

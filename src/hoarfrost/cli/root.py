"""The program itself: finds the command, runs it, answers for what goes wrong.

Commands are loaded when they are called, and so is all that they need (see `lazy`).
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from hoarfrost.cli.failures import ReaderGone, report
from hoarfrost.cli.lazy import LazyGroup

COMMANDS: Final = {
    "serve": "Run the server.",
    "say": "Speak a text, with or without a server.",
    "read": "Print the words that are spoken for a text.",
    "lexicon": "Check the lexicons that say how words are pronounced.",
    "voices": "List, find, add and remove voices.",
    "keys": "Create, list and revoke the keys of clients.",
    "demo": "Start a server, speak to it as a language model would, show the timings.",
    "doctor": "Examine the installation: what is there, what would fail.",
    "bench": "Load a server with simulated callers, measure what they would hear.",
}
"""By name of the command, and of its module here, what it does."""


class Root(LazyGroup):
    """The group of all commands."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # click would exit with the status of a failure
            raise ReaderGone("") from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 -- click's signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 -- click's signature
        **extra: Any,
    ) -> Any:
        """Run the program; exit with its status, or without ``standalone_mode`` return."""

        def run() -> Any:
            return super(Root, self).main(
                args,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )

        return sys.exit(_status_of(run)) if standalone_mode else run()


def _status_of(run: Callable[[], object]) -> int:
    try:
        result = run()
        sys.stdout.flush()  # so that a reader who has gone is noticed here
    except Exception as error:
        if os.environ.get("HOARFROST_DEBUG") == "1" and not isinstance(error, click.ClickException):
            raise
        return report(error)
    except KeyboardInterrupt as interrupt:
        return report(interrupt)
    return result if isinstance(result, int) else 0


@click.group(
    cls=Root,
    summaries=COMMANDS,
    modules="hoarfrost.cli.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Hear a voice right now:  hoarfrost say 'Hello there.'",
)
@click.version_option(package_name="hoarfrost", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Real-time text-to-speech on your own machine, over a plain-text WebSocket."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())

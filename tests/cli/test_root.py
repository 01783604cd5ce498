"""The program as a whole: its help, its speed to help, and how it fails."""

import os
import shlex
import subprocess
import sys
from importlib import import_module

import click
import pytest

from hoarfrost.cli.casting import open_catalogue
from hoarfrost.cli.failures import Failure, Misuse, NoServer, report
from hoarfrost.cli.root import COMMANDS, root
from hoarfrost.errors import BadOptions, VoiceFault
from hoarfrost.server.configuration import load_settings
from tests.cli.conftest import Run

SLOW_LIBRARIES = ("asyncio", "numpy", "pydantic", "rich", "soxr", "starlette", "websockets")

FAILURES = [
    (Failure("no player"), 1, "hoarfrost: no player\n"),
    (
        Misuse("--a: expected b\n--c: expected d"),
        2,
        "hoarfrost: --a: expected b\nhoarfrost: --c: expected d\n",
    ),
    (NoServer("nobody"), 3, "hoarfrost: nobody\n"),
    (click.UsageError("No such option: --x"), 2, "hoarfrost: No such option: --x\n"),
    (VoiceFault("the voice failed"), 1, "hoarfrost: the voice failed\n"),
    (BadOptions(["a: wrong"]), 1, "hoarfrost: a: wrong\n"),
    (
        FileNotFoundError(2, "No such file or directory", "/x"),
        1,
        "hoarfrost: /x: No such file or directory\n",
    ),
    (OSError("odd"), 1, "hoarfrost: odd\n"),
    (KeyboardInterrupt(), 130, ""),
    (click.Abort(), 130, ""),
    (
        ZeroDivisionError("division by zero"),
        1,
        "hoarfrost: unexpected ZeroDivisionError: division by zero (a defect: please report it, "
        "with what HOARFROST_DEBUG=1 shows)\n",
    ),
]


def program(*arguments: str, **kwargs: object) -> "subprocess.Popen[str]":
    """Start the program as a user does."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "hoarfrost", *arguments]
    return subprocess.Popen(command, text=True, **pipes, **kwargs)  # type: ignore[call-overload]


def test_help_lists_the_commands(run: Run) -> None:
    """Without arguments, or with --help, the commands are told with what each does."""
    result = run("--help")
    assert result.exit_code == 0
    assert all(f"  {name} " in result.stdout for name in COMMANDS)
    assert run().stdout == run("-h").stdout == result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_what_the_list_says(name: str, run: Run) -> None:
    """What the list says stands in the command's help as well, and there is an example."""
    command = import_module(f"hoarfrost.cli.{name}").command
    assert command.name == name
    result = run(name, "--help")
    assert result.exit_code == 0
    assert " ".join(COMMANDS[name].split()) in " ".join(result.stdout.split())
    assert "Example" in result.stdout


EXAMPLES = [
    words
    for name in COMMANDS
    for line in (import_module(f"hoarfrost.cli.{name}").command.epilog or "").splitlines()
    if "hoarfrost " in line
    for words in [shlex.split(line[line.index("hoarfrost ") :])[1:]]
]


def test_every_command_has_an_example() -> None:
    """The examples are found where they are looked for."""
    assert {name for name, *_ in EXAMPLES} == set(COMMANDS)


@pytest.mark.parametrize("words", EXAMPLES, ids=" ".join)
def test_the_examples_can_be_typed(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example of a help text is understood, and names a voice that there is."""
    monkeypatch.delenv("HOARFROST_ENGINES")
    command: click.Command = root
    while words and isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, name
        command = found
    given = command.make_context("hoarfrost", words).params
    with open_catalogue(load_settings().settings) as (_, catalogue):
        assert catalogue.find(given.get("speaker") or "heart") is not None


def test_help_loads_nothing_slow() -> None:
    """Help must not wait for libraries that it does not need."""
    code = (
        "import sys\nfrom hoarfrost.cli.root import root\n"
        "try: root(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {SLOW_LIBRARIES!r} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stderr == "[]\n"


def test_the_version_is_told(run: Run) -> None:
    """--version prints name and version."""
    assert run("--version").stdout.startswith("hoarfrost 0.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sing"], "hoarfrost: No such command 'sing'. (see hoarfrost --help)\n"),
        (
            ["keys", "revoke"],
            "hoarfrost: Missing argument 'ID'. (see hoarfrost keys revoke --help)\n",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line(run: Run, arguments: list[str], message: str) -> None:
    """A usage error says what is wrong and where to read on, with status 2."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)


@pytest.mark.parametrize(("error", "status", "message"), FAILURES)
def test_each_failure_has_its_status_and_its_line(
    error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong ends in a status and lines on standard error, never in a traceback."""
    assert report(error) == status
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", message)


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """HOARFROST_DEBUG=1 raises what nobody foresaw, and leaves foreseen failures alone."""

    @click.command("broken")
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(root.commands, "broken", broken)
    monkeypatch.setattr(type(root), "get_command", lambda self, ctx, name: self.commands.get(name))
    assert run("broken").exit_code == 1
    assert "ZeroDivisionError" in run("broken").stderr
    monkeypatch.setenv("HOARFROST_DEBUG", "1")
    assert isinstance(run("broken").exception, ZeroDivisionError)
    assert run("sing").exit_code == 2


def test_a_reader_who_leaves_is_no_failure_to_talk_about() -> None:
    """With its output closed, as by `head`, the program ends quietly."""
    process = program("voices")
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.close()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 141


def test_ctrl_c_ends_quietly() -> None:
    """Interrupted while it waits for text, the program ends its line and exits with 130."""
    code = (
        "import os, signal, sys\nfrom hoarfrost.cli.root import root\n"
        "from hoarfrost.cli import texts\n"
        "sys.stdin.isatty = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "root(['say', '-o', 'x.wav'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "\n")


@pytest.mark.skipif(os.name != "posix", reason="interrupts by a signal")
def test_ctrl_c_while_it_loads_ends_quietly() -> None:
    """Interrupted before there is a command, the program says as little."""
    code = (
        "import os, signal, sys\nfrom hoarfrost.__main__ import main\n"
        "class Interrupt:\n"
        "  def find_spec(name, path, target=None):\n"
        "    if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt)\n"
        "main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "\n")


def test_a_command_mistyped(run: Run) -> None:
    """The nearest command is suggested, if one is near."""
    assert "No such command 'sayy'. Did you mean 'say'?" in run("sayy").stderr
    assert "Did you mean" not in run("xylophone").stderr

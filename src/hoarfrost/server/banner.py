"""What the operator reads when the server has come up.

In: what is now running. Out: text for a terminal. Invariant: every command in it works as pasted,
from the folder and with the program name that the server was started with.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from hoarfrost.server.settings import Settings
from hoarfrost.units import Seconds

SAMPLE_TEXT = "Hello! I am your own speech server."


@dataclass(frozen=True, slots=True)
class Start:
    """A server that has come up.

    Attributes:
        settings: What it was started with.
        port: The port it listens on, also where the settings left the choice to the system.
        n_voices: How many voices it has.
        took_s: Seconds from the start of the process's work to listening.
        speaker: A voice to greet with; None if there is no voice at all.
        secret: Of the first key, made just now; None if there were keys or none are needed.
    """

    settings: Settings
    port: int
    n_voices: int
    took_s: Seconds
    speaker: str | None
    secret: str | None = None


def greeting(start: Start) -> str:
    """Return what to print: where it listens, and the next command to type."""
    url = url_of(start.settings.host, start.port)
    lines = [f"hoarfrost listens on {url} ({start.n_voices} voices, ready in {start.took_s:.1f} s)"]
    if start.secret:
        lines += ["", "Your first key, shown only now:", "", f"    {start.secret}"]
    if start.speaker and (start.secret or not start.settings.auth):
        key = ["--key", start.secret] if start.secret else []
        say = [*program(), "say", "--url", url, *key, "--speaker", start.speaker, SAMPLE_TEXT]
        lines += [
            "",
            "Hear it from another terminal (add -o hello.wav if there is no loudspeaker here):",
            "",
            f"    {shlex.join(say)}",
        ]
    if not start.settings.auth:
        lines += ["", "No key is needed: whoever can run programs on this machine may connect."]
    else:
        lines += ["", f"{'More keys' if start.secret else 'A new key'}: {_keys_command(start)}"]
    return "\n".join([*lines, ""])


def url_of(host: str, port: int) -> str:
    """Return the WebSocket address for a client on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- not bound
    return f"ws://{f'[{reachable}]' if ':' in reachable else reachable}:{port}/ws"


def program() -> list[str]:
    """Return how this program is started from here: a bare name if the shell would find it."""
    started = Path(sys.argv[0])
    if started.stem != "hoarfrost":
        return [sys.executable, "-m", "hoarfrost"]
    found = shutil.which(started.stem)
    if found and Path(found).absolute() == started.absolute():
        return [started.stem]
    return [min(str(started.absolute()), os.path.relpath(started), key=len)]


def _keys_command(start: Start) -> str:
    keys_file = start.settings.keys_file
    where = [] if keys_file == Settings().keys_file else ["--keys-file", str(keys_file)]
    return shlex.join([*program(), "keys", "create", *where])

"""What the operator reads when the server has come up.

In: what is now running. Out: text for a terminal. Invariant: every command in it works as pasted,
from the folder and with the program that the server was started with.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hoarfrost.server.data_dir import NoHome
from hoarfrost.server.settings import Settings
from hoarfrost.units import Seconds

SAMPLE_TEXT: Final = "Hello! I am your own speech server."

_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Start:
    """A server that has come up.

    Attributes:
        settings: What it was started with.
        address: ``HOST:PORT`` that it listens on, an IPv6 host in brackets.
        n_voices: How many voices it has.
        took: Seconds from the start of the command to listening.
        speaker: A voice to greet with.
        secret: Of the first key, made just now; None if there were keys, or none are needed.
        link_secret: What the link to the page carries; empty where it carries nothing.
    """

    settings: Settings
    address: str
    n_voices: int
    took: Seconds
    speaker: str
    secret: str | None = None
    link_secret: str = ""


def greeting(start: Start) -> str:
    """Return what to print: where it listens, and the next command to type."""
    url = url_of(start.address, has_tls=start.settings.tls_cert is not None)
    lines = [f"hoarfrost listens on {url} ({start.n_voices} voices, ready in {start.took:.1f} s)"]
    if start.secret:
        lines += ["", "The first key, shown only now:", "", _INDENT + start.secret]
    lines += _page_lines(start)
    if start.secret or not start.settings.auth:
        key = ["--key", start.secret] if start.secret else []
        say = [*program(), "say", "--url", url, *key, "--speaker", start.speaker, SAMPLE_TEXT]
        lines += [
            "",
            "Hear it, from another terminal (add -o hello.wav where there is no loudspeaker):",
            "",
            _INDENT + shlex.join(say),
        ]
    if start.settings.auth:
        lines += ["", f"To make {'another' if start.secret else 'a'} key: {_keys_command(start)}"]
    else:
        lines += ["", "No key is needed: any program on this machine may connect."]
    return "\n".join(lines)


def _page_lines(start: Start) -> list[str]:
    # "http" for "ws", and so "https" for "wss".
    url = url_of(start.address, has_tls=start.settings.tls_cert is not None)
    page = f"http{url.removeprefix('ws').removesuffix('ws')}"
    if not start.link_secret:
        return ["", "Open this link to hear it:", "", _INDENT + page]
    told = "Open this link to hear it (good on this machine, until the server stops):"
    return ["", told, "", f"{_INDENT}{page}#link={start.link_secret}"]


def url_of(address: str, *, has_tls: bool = False) -> str:
    """Return the WebSocket address for a client on this machine."""
    host, _, port = address.rpartition(":")
    # An address that stands for all of the machine's is one to listen on, not to connect to.
    reachable = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 -- no bind
    return f"{'wss' if has_tls else 'ws'}://{reachable}:{port}/ws"


def program() -> list[str]:
    """Return how to call this program from here: by its bare name where the shell finds it."""
    started = Path(sys.argv[0])
    if started.stem != "hoarfrost":
        return [sys.executable, "-m", "hoarfrost"]
    found = shutil.which(started.stem)
    if found and Path(found).absolute() == started.absolute():
        return [started.stem]
    return [min(str(started.absolute()), os.path.relpath(started), key=len)]


def _keys_command(start: Start) -> str:
    keys_file = start.settings.keys_file
    try:
        is_usual = keys_file == Settings().keys_file
    except NoHome:
        is_usual = False
    where = [] if is_usual else ["--keys-file", str(keys_file)]
    return shlex.join([*program(), "keys", "create", *where])

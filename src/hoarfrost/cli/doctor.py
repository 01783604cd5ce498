"""``hoarfrost doctor``: an examination of the installation, before anything depends on it.

In: the settings. Out: one finding a line, each with what to do about it. Invariant: nothing is
changed, no address but the server's own port is used, and no finding hides the next one.
"""

import json
import os
import platform
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.casting import open_catalogue
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import Failure
from hoarfrost.server.app import open_port
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.settings import Settings, is_loopback, usable_cores
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import ENTRY_POINT_GROUP

SENTENCE: Final = "One, two, three."
"""What every engine has to speak."""


_SPEAKING: Final = {
    "hibari": "English has no natural voice",
    "espeakng_loader": "there are no voices of other languages, and no Piper voices",
}
"""Packages that voices come from, and what is missing without them."""


class Grade(StrEnum):
    """How good a finding is."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check.

    Attributes:
        grade: `Grade.BAD` where the server would not start or not speak.
        what: The thing examined.
        told: What was found, and what to do about it.
    """

    grade: Grade
    what: str
    told: str


@click.command("doctor", epilog="Example:  hoarfrost doctor --config /etc/hoarfrost.toml")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list of findings.")
@config_option
def command(as_json: bool, config: Path | None) -> None:  # noqa: FBT001 -- a flag
    """Examine the installation: what is there, what would fail.

    Packages, telemetry, folders, keys, port and voices are looked at; nothing is changed. The exit
    status is 1 if anything would keep the server from starting or speaking.
    """
    settings = load(config=config).settings
    findings = list(examine(settings))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.grade:<5} {finding.what}: {finding.told}")
    n_bad = sum(finding.grade is Grade.BAD for finding in findings)
    if n_bad:
        raise Failure(f"{n_bad} of {len(findings)} checks failed")


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding of each check; a check that breaks is a bad one."""
    checks: dict[str, Callable[[Settings], Iterator[Finding]]] = {
        "packages": _packages,
        "telemetry": _telemetry,
        "machine": _machine,
        "folders": _folders,
        "keys": _keys,
        "port": _port,
        "voices": _voices,
    }
    for name, check in checks.items():
        try:
            yield from check(settings)
        except Exception as error:  # noqa: BLE001 -- told; the other checks go on
            yield Finding(Grade.BAD, name, f"{type(error).__name__}: {error}")


def _packages(_settings: Settings) -> Iterator[Finding]:
    own = version("hoarfrost")
    yield Finding(Grade.GOOD, "hoarfrost", f"{own}, Python {platform.python_version()}")
    lacking = []
    for line in requires("hoarfrost") or ():
        name = _name_of(line)
        if "extra ==" in line or ("sys_platform != 'win32'" in line and sys.platform == "win32"):
            continue
        try:
            version(name)
        except PackageNotFoundError:
            lacking.append(name)
    if lacking:
        told = f"not installed: {', '.join(lacking)}; install hoarfrost anew with pip"
        yield Finding(Grade.BAD, "packages", told)
    for package, what in _SPEAKING.items():
        if find_spec(package) is None:
            yield Finding(Grade.NOTE, package, f"not installed: without it {what}")
    engines = sorted(entry_points(group=ENTRY_POINT_GROUP).names)
    yield Finding(Grade.GOOD, "engines", ", ".join(engines))


def _name_of(requirement: str) -> str:
    for at, char in enumerate(requirement):
        if not (char.isalnum() or char in "-_."):
            return requirement[:at]
    return requirement


def _telemetry(_settings: Settings) -> Iterator[Finding]:
    is_off = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    grade = Grade.GOOD if is_off else Grade.BAD
    yield Finding(grade, "telemetry", "off" if is_off else "onnxruntime may send telemetry")


def _machine(settings: Settings) -> Iterator[Finding]:
    n_cores = usable_cores()
    told = f"{n_cores} usable {'core' if n_cores == 1 else 'cores'}, {settings.workers} workers"
    is_much = settings.workers > n_cores
    if is_much:
        told += "; more workers than cores make every caller wait longer"
    yield Finding(Grade.NOTE if is_much else Grade.GOOD, "machine", told)
    if not settings.auth and not is_loopback(settings.host):
        yield Finding(Grade.BAD, "auth", f"off, but {settings.host} is reachable from elsewhere")


def _folders(settings: Settings) -> Iterator[Finding]:
    for name in ("data_dir", "voices_dir", "lexicons_dir"):
        path: Path = getattr(settings, name)
        yield Finding(*_writable(name, path))


def _writable(name: str, path: Path) -> tuple[Grade, str, str]:
    """Say whether files can be made in a folder, or the folder itself."""
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return Grade.BAD, name, f"{path}: expected a folder, {there} is a file"
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        told = f"{path} cannot be written ({error.strerror}): keys cannot be made, voices not added"
        return Grade.NOTE, name, told
    return Grade.GOOD, name, str(path) if there == path else f"{path}, not made yet"


def _keys(settings: Settings) -> Iterator[Finding]:
    if not settings.auth:
        yield Finding(Grade.NOTE, "keys", "not asked for (--no-auth)")
        return
    keys = [key for key in KeyStore(settings.keys_file).list() if not key.is_revoked]
    if keys:
        yield Finding(Grade.GOOD, "keys", f"{len(keys)} valid")
    else:
        yield Finding(Grade.NOTE, "keys", "none yet; `hoarfrost serve` makes the first one")


def _port(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.host}:{settings.port}"
    try:
        open_port(settings.host, settings.port).close()
    except (OSError, socket.gaierror) as error:
        told = f"{where} cannot be opened ({error.strerror}); is a server running there?"
        yield Finding(Grade.BAD, "port", told)
    else:
        yield Finding(Grade.GOOD, "port", f"{where} is free")


def _voices(settings: Settings) -> Iterator[Finding]:
    with open_catalogue(settings) as (engines, catalogue):
        voices = catalogue.voices()
        default = catalogue.find(settings.default_speaker)
        grade = Grade.GOOD if voices else Grade.BAD
        yield Finding(grade, "voices", f"{len(voices)}, by default {default and default.name}")
        for name, reason in engines.failures.items():
            yield Finding(Grade.NOTE, name, f"left out: {reason}")
        spoken: dict[str, str] = {}
        for voice in (*([default] if default else ()), *voices):
            if voice.engine not in spoken:
                spoken[voice.engine] = voice.name
                request = SynthesisRequest(voice, SENTENCE, voice.language)
                n_samples = sum(chunk.samples.size for chunk in engines.synthesize(request))
                told = f"{voice.name} speaks, {n_samples / voice.rate_hz:.1f} s"
                yield Finding(Grade.GOOD if n_samples else Grade.BAD, voice.engine, told)

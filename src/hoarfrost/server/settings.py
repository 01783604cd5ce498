"""What the server is told before it starts, and where each value came from.

In: flags, the environment (``HOARFROST_PORT`` for ``port``), a TOML file. Out: `Settings`, checked
as a whole. Invariant: each setting is taken whole from the first place that has it, in the order
flag, environment, file, default; and every fault of all three is told at once, one line each.
"""

import ipaddress
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from hoarfrost.errors import HoarfrostError
from hoarfrost.units import Seconds

ENVIRONMENT_PREFIX = "HOARFROST_"
CONFIG_FILE_NAME = "hoarfrost.toml"
PUBLIC_VOICES_URL = "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
"""Where the voices of Piper are published."""

# Booleans are integers in Python and thus in pydantic, but ``workers = true`` is a slip of the pen.
_NUMBER = BeforeValidator(lambda value: str(value) if isinstance(value, bool) else value)
_LOWER_CASE = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class BadSettings(HoarfrostError):
    """The server cannot be started as it was told to.

    Attributes:
        faults: One line a fault, each says where, what was expected and what came.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def _names(value: object) -> object:
    """Read ``tone,espeak``, as flags and the environment write a list."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


def _pairs(value: object) -> object:
    """Read ``cove=en-us,luna=en-gb``, as the environment writes a table."""
    if isinstance(value, str):
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        if not all(equals for _, equals, _ in pairs):
            return value
        return {name.strip(): voice.strip() for name, _, voice in pairs}
    return value


def _absolute(value: object) -> object:
    """Make a path independent of the working directory, ``~`` included."""
    if value == "":
        raise ValueError("empty")
    return Path(value).expanduser().absolute() if isinstance(value, str | Path) else value


def _base_address(value: str) -> str:
    """Make an address one that names can be appended to; credentials would end up in messages."""
    parts = urlsplit(value)
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    is_host = bool(parts.hostname) and parts.port != 0 and value.isprintable() and " " not in value
    if parts.scheme not in {"http", "https"} or not is_host or not is_plain:
        raise ValueError("not such an address")
    return value if value.endswith("/") else f"{value}/"


Count = Annotated[int, _NUMBER, Field(ge=1)]
Folder = Annotated[Path, BeforeValidator(_absolute)]


def usable_cores() -> int:
    """Return the number of processor cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_loopback(host: str) -> bool:
    """Return whether a server on ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Settings(BaseModel):
    """Everything that can be set. Made by `load_settings`, or in tests directly.

    Attributes:
        host: Address to listen on.
        port: TCP port to listen on; 0 lets the system choose one.
        auth: Whether clients need a key. May be off on loopback addresses only.
        data_dir: Folder that the server keeps its files in.
        keys_file: The keys, see `hoarfrost.server.keys`.
        voices_dir: Folder of the voices that were added (`hoarfrost voices add`, or by hand).
        lexicons_dir: Folder of lexicons, which say how words are pronounced.
        voices_url: Address of the catalogue that they are found in and fetched from; what is asked
            for are ``voices.json`` and the files it names, relative to it.
        max_connections: WebSocket connections at a time; more are answered 429.
        max_connections_per_key: The same for one key; None for no limit of its own.
        admission: Whether callers are refused, with 429, who would make others underrun.
        capacity_share: How much of all workers' time callers may demand before that.
        max_text_bytes: UTF-8 bytes of text not yet spoken that one connection may hold.
        lookahead_ms: Milliseconds of audio that are sent ahead of playback at most; None to send
            as fast as speech is made and read.
        engines: Names of the engines to load, in this order; None for all that are installed.
        engine_options: By engine name, what its constructor is given.
        aliases: Names that clients may send as ``speaker``, beside the voices' own; each with the
            voice it stands for, or with several for several languages.
        default_speaker: The voice that the command line speaks with when it is told none.
        preload: Voices that are loaded before the server calls itself ready, beside that one.
        workers: Threads that synthesise.
        ping_interval_s: Seconds between the server's pings on a connection.
        log_level: The least that is logged.
        log_format: ``text`` for people, ``json`` for machines.
        access_log: Whether each connection is logged as it opens and closes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, _NUMBER, Field(ge=0, le=65535)] = 8000
    auth: bool = True
    data_dir: Folder = Field(default_factory=lambda: platformdirs.user_data_path("hoarfrost"))
    keys_file: Folder = Field(
        default_factory=lambda others: others.get("data_dir", Path()) / "keys.json"
    )
    voices_dir: Folder = Field(
        default_factory=lambda others: others.get("data_dir", Path()) / "voices"
    )
    lexicons_dir: Folder = Field(
        default_factory=lambda others: others.get("data_dir", Path()) / "lexicons"
    )
    voices_url: Annotated[str, AfterValidator(_base_address)] = PUBLIC_VOICES_URL
    max_connections: Count = 256
    max_connections_per_key: Count | None = None
    admission: bool = True
    capacity_share: Annotated[float, _NUMBER, Field(gt=0, le=1, allow_inf_nan=False)] = 0.95
    max_text_bytes: Count = 65536
    lookahead_ms: Annotated[int, _NUMBER, Field(ge=100)] | None = None
    engines: Annotated[tuple[str, ...] | None, BeforeValidator(_names)] = None
    engine_options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    aliases: Annotated[dict[str, str | tuple[str, ...]], BeforeValidator(_pairs)] = Field(
        default_factory=dict
    )
    default_speaker: Annotated[str, Field(min_length=1)] = "kathleen"
    preload: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    workers: Count = Field(default_factory=usable_cores)
    ping_interval_s: Annotated[Seconds, _NUMBER, Field(gt=0, allow_inf_nan=False)] = 20.0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _LOWER_CASE] = "info"
    log_format: Annotated[Literal["text", "json"], _LOWER_CASE] = "text"
    access_log: bool = True

    @model_validator(mode="after")
    def _open_to_this_machine_only(self) -> Self:
        if not self.auth and not is_loopback(self.host):
            raise ValueError(
                "auth: expected a loopback host (127.0.0.1, ::1 or localhost) for a server without "
                f"keys, got {self.host}; leave the keys on, or listen on this machine only"
            )
        return self


def engine_defaults(settings: Settings) -> dict[str, dict[str, object]]:
    """Return what engines are told of the settings, where they have no option that says otherwise.

    By engine name, keyword arguments of its constructor.
    """
    return {"natural": {"voices_dir": str(settings.voices_dir)}}


_EXPECTED: Mapping[str, str] = {
    "host": "a host name or an address",
    "port": "a whole number from 0 to 65535",
    "auth": "true or false",
    "data_dir": "the path of a folder",
    "keys_file": "the path of a file",
    "voices_dir": "the path of a folder",
    "lexicons_dir": "the path of a folder",
    "voices_url": "an http or https address of a folder, without user name, query and fragment",
    "max_connections": "a whole number above 0",
    "max_connections_per_key": "a whole number above 0",
    "admission": "true or false",
    "capacity_share": "a number above 0 and at most 1",
    "max_text_bytes": "a whole number above 0",
    "engines": "a list of engine names (options of an engine go under [engine_options.NAME])",
    "engine_options": "tables of options, [engine_options.NAME]",
    "aliases": "a table of names, each with the voice or the list of voices it stands for",
    "default_speaker": "the name of a voice",
    "preload": "a list of names of voices",
    "workers": "a whole number above 0",
    "ping_interval_s": "a number of seconds above 0",
    "log_level": "debug, info, warning or error",
    "log_format": "text or json",
    "access_log": "true or false",
}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and where they came from.

    Attributes:
        settings: The values that hold.
        origins: By setting, where its value came from: ``flag --port``,
            ``environment HOARFROST_PORT``, ``file PATH`` or ``default``.
    """

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    flags: Mapping[str, object] | None = None, config: Path | None = None
) -> LoadedSettings:
    """Put the settings together.

    Args:
        flags: By setting, what was given on the command line; None as a value means not given.
        config: The TOML file that was asked for; without it ``HOARFROST_CONFIG``, then
            ``hoarfrost.toml`` here, then the same in the user's folder of configurations.

    Raises:
        BadSettings: If anything in any of the places cannot be used.
    """
    path = _find_config(config)
    places = [
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
        ("environment", _read_environment()),
        (f"file {path}", _read_config(path) if path else {}),
    ]
    values: dict[str, object] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for place, found in reversed(places):
        values |= found
        origins |= {name: _origin(place, name) for name in found}
    try:
        return LoadedSettings(Settings.model_validate(values), origins)
    except ValidationError as error:
        raise BadSettings(_faults(error, origins)) from None


def _origin(place: str, name: str) -> str:
    match place:
        case "flag":
            return f"flag --{'no-auth' if name == 'auth' else name.replace('_', '-')}"
        case "environment":
            return f"environment {ENVIRONMENT_PREFIX}{name.upper()}"
        case _:
            return place


def _faults(error: ValidationError, origins: Mapping[str, str]) -> list[str]:
    """Tell each wrong setting once, however many of its parts are wrong."""
    faults: dict[str, str] = {}
    for detail in error.errors():
        if detail["type"] == "default_factory_not_called":
            continue  # a setting that follows from another one, which is itself at fault
        keys = [key for key in detail["loc"] if isinstance(key, str)]
        if not keys:
            faults[""] = detail["msg"].removeprefix("Value error, ")
            continue
        name, path = keys[0], ".".join(keys[:2])  # deeper keys are pydantic's, not the file's
        got = json.dumps(detail["input"], default=str, ensure_ascii=False)
        where = origins[name].removeprefix("flag ")
        faults.setdefault(name, f"{path} ({where}): expected {_EXPECTED[name]}, got {got}")
    return list(faults.values())


def _read_environment() -> dict[str, object]:
    """Read the variables that carry a value; an empty one counts as not given."""
    found: dict[str, object] = {}
    for name in Settings.model_fields:
        value = os.environ.get(ENVIRONMENT_PREFIX + name.upper(), "").strip()
        # Kubernetes puts HOARFROST_PORT=tcp://10.0.0.1:8000 into every pod beside a service that
        # is called hoarfrost. That is not ours.
        if value and not (name == "port" and value.startswith("tcp://")):
            found[name] = value
    return found


def _find_config(asked: Path | None) -> Path | None:
    named = asked or os.environ.get(f"{ENVIRONMENT_PREFIX}CONFIG")
    if named:
        return Path(named)
    places = (Path(), platformdirs.user_config_path("hoarfrost"))
    return next((file for place in places if (file := place / CONFIG_FILE_NAME).is_file()), None)


def _read_config(path: Path) -> dict[str, object]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings([f"{path}: expected a file to read, got: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings([f"{path}: expected TOML in UTF-8, got: {error}"]) from error
    if unknown := [name for name in document if name not in Settings.model_fields]:
        raise BadSettings([f"{path}: {_unknown(name)}" for name in unknown])
    for name in ("data_dir", "keys_file", "voices_dir", "lexicons_dir"):
        if isinstance(value := document.get(name), str):  # relative to the file that says so
            document[name] = path.absolute().parent / Path(value).expanduser()
    return document


def _unknown(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    choice = f"perhaps {close[0]}" if close else f"one of {', '.join(Settings.model_fields)}"
    return f"expected a setting ({choice}), got the unknown name {name}"

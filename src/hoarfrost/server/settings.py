"""The settings of a server: their types, their defaults, and the texts that tell of them.

In: values of any origin (`hoarfrost.server.configuration` reads them). Out: `Settings`, checked as
a whole. Invariant: each text about a setting, in the help or in a fault, comes from its field.
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from hoarfrost.server.data_dir import user_data_dir
from hoarfrost.server.limits.quotas import KeyLimits
from hoarfrost.units import Seconds

PUBLIC_VOICES_URL = "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
"""Where the voices of Piper are published."""

# Booleans are integers in Python and thus in pydantic, but ``workers = true`` is a slip of the pen.
_NUMBER = BeforeValidator(lambda value: str(value) if isinstance(value, bool) else value)
_LOWER_CASE = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


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


def _origin(value: str) -> str:
    """Check an origin as browsers write it, in small letters and without a path."""
    parts = urlsplit(value)
    is_bare = value == f"{parts.scheme}://{parts.netloc}" == value.lower()
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in value or not is_bare:
        raise ValueError("not such an origin")
    return value


@dataclass(frozen=True, slots=True)
class About:
    """The texts of a setting, which help, faults and documentation are made from.

    Attributes:
        summary: Sentence for the help.
        expected: Noun phrase for a fault: what a right value is.
        metavar: Placeholder for the value in the help; empty for a switch.
        default: Text for a default that its value does not tell; empty for the value itself.
        has_flag: Whether the command line can set it.
    """

    summary: str
    expected: str
    metavar: str = ""
    default: str = ""
    has_flag: bool = True


_FOLDER: Final = BeforeValidator(_absolute)
_COUNT: Final = "a whole number above 0"
_SWITCH: Final = "true or false"


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

    The text of each field is the `About` in its annotation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[
        str,
        Field(min_length=1),
        About("Address to listen on.", "a host name or an address", "ADDRESS"),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        _NUMBER,
        Field(ge=0, le=65535),
        About("TCP port to listen on; 0 for any.", "a whole number from 0 to 65535", "N"),
    ] = 8000
    tls_cert: Annotated[
        Path | None,
        _FOLDER,
        About(
            "Certificate of the server, with those between it and its authority (PEM): TLS.",
            "the path of a file",
            "FILE",
            default="none: no TLS",
        ),
    ] = None
    tls_key: Annotated[
        Path | None,
        _FOLDER,
        About("Its private key (PEM).", "the path of a file", "FILE", default="none"),
    ] = None
    grpc_port: Annotated[
        int | None,
        _NUMBER,
        Field(ge=0, le=65535),
        About(
            "TCP port of the gRPC interface, which needs TLS and the extra grpc; 0 for any.",
            "a whole number from 0 to 65535",
            "N",
            default="none: no gRPC",
        ),
    ] = None
    auth: Annotated[
        bool, About("Whether clients need a key; may be off on loopback addresses only.", _SWITCH)
    ] = True
    allowed_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...],
        BeforeValidator(_names),
        About(
            "Web pages that may speak to the server, beside its own: https://example.org.",
            "a list of origins, each http or https, a host, and a port if it is not the usual one",
            "A,B",
            default="none",
        ),
    ] = ()
    data_dir: Annotated[
        Path,
        _FOLDER,
        About(
            "Where the server keeps its files.",
            "the path of a folder",
            "DIR",
            default="hoarfrost in the user's data folder, or a temporary folder if that cannot be "
            "written",
        ),
    ] = Field(default_factory=user_data_dir)
    keys_file: Annotated[
        Path,
        _FOLDER,
        About("The keys.", "the path of a file", "FILE", default="keys.json in the data dir"),
    ] = Field(default_factory=lambda others: others.get("data_dir", Path()) / "keys.json")
    voices_dir: Annotated[
        Path,
        _FOLDER,
        About(
            "Voices that were added.",
            "the path of a folder",
            "DIR",
            default="voices in the data dir",
        ),
    ] = Field(default_factory=lambda others: others.get("data_dir", Path()) / "voices")
    voice_packages: Annotated[
        bool, About("Add the voices of installed packages (the extra joe).", _SWITCH)
    ] = True
    lexicons_dir: Annotated[
        Path,
        _FOLDER,
        About(
            "Pronunciations.",
            "the path of a folder",
            "DIR",
            default="lexicons in the data dir",
        ),
    ] = Field(default_factory=lambda others: others.get("data_dir", Path()) / "lexicons")
    voices_url: Annotated[
        str,
        AfterValidator(_base_address),
        About(
            "Catalogue that voices are added from: the folder of voices.json.",
            "an http or https address of a folder, without user name, query and fragment",
            "URL",
            has_flag=False,
        ),
    ] = PUBLIC_VOICES_URL
    max_connections: Annotated[
        int,
        _NUMBER,
        Field(ge=1),
        About("WebSocket connections at a time; more are answered 429.", _COUNT, "N"),
    ] = 256
    max_connections_per_key: Annotated[
        int | None,
        _NUMBER,
        Field(ge=1),
        About("The same, for one key.", _COUNT, "N", default="no limit of its own"),
    ] = None
    max_pending: Annotated[
        int,
        _NUMBER,
        Field(ge=1),
        About(
            "TCP connections at a time that no key has let in; the one that waited longest gives "
            "way to the next.",
            _COUNT,
            "N",
        ),
    ] = 512
    max_pending_per_address: Annotated[
        int,
        _NUMBER,
        Field(ge=1),
        About("The same, of one address.", _COUNT, "N"),
    ] = 256
    limits: Annotated[
        KeyLimits,
        BeforeValidator(_pairs),
        About(
            "What each key may use: connections, speaking, characters_per_minute, "
            "characters_per_day, idle_s and session_s; HOARFROST_LIMITS=speaking=4, or the table "
            "[limits].",
            "a table of limits, each a number above 0",
            has_flag=False,
        ),
    ] = KeyLimits()
    key_limits: Annotated[
        dict[str, KeyLimits],
        About(
            "The same for single keys, by id, in place of those: tables of the file only, "
            "[key_limits.ID].",
            "tables of limits, [key_limits.ID], each a number above 0",
            has_flag=False,
        ),
    ] = Field(default_factory=dict)
    drain_s: Annotated[
        Seconds,
        _NUMBER,
        Field(ge=0, allow_inf_nan=False),
        About(
            "How long speech may go on after SIGTERM.",
            "a number of seconds, at least 0",
            "SECONDS",
        ),
    ] = 30.0
    admission: Annotated[
        bool, About("Refuse callers, with 429, who would make others underrun.", _SWITCH)
    ] = True
    capacity_share: Annotated[
        float,
        _NUMBER,
        Field(gt=0, le=1, allow_inf_nan=False),
        About(
            "Share of all workers' time that callers may demand.",
            "a number above 0 and at most 1",
            "X",
        ),
    ] = 0.95
    max_text_bytes: Annotated[
        int,
        _NUMBER,
        Field(ge=1),
        About("UTF-8 bytes of unspoken text that a connection may hold.", _COUNT, "N"),
    ] = 65536
    lookahead_ms: Annotated[
        int | None,
        _NUMBER,
        Field(ge=100),
        About(
            "Milliseconds of audio sent ahead of playback at most.",
            "a whole number of milliseconds, at least 100",
            "N",
            default="all that is made and read",
        ),
    ] = None
    engines: Annotated[
        tuple[str, ...] | None,
        BeforeValidator(_names),
        About(
            "Engines to load, in this order.",
            "a list of engine names (options of an engine go under [engine_options.NAME])",
            "A,B",
            default="all installed",
        ),
    ] = None
    engine_options: Annotated[
        dict[str, dict[str, Any]],
        About(
            "By engine name, what its constructor is given; tables of the file only.",
            "tables of options, [engine_options.NAME]",
            has_flag=False,
        ),
    ] = Field(default_factory=dict)
    aliases: Annotated[
        dict[str, str | tuple[str, ...]],
        BeforeValidator(_pairs),
        About(
            "Further names of voices, each with the voice it stands for, or with several for "
            "several languages: HOARFROST_ALIASES=desk=VOICE, or the table [aliases].",
            "a table of names, each with the voice or the list of voices it stands for",
            has_flag=False,
        ),
    ] = Field(default_factory=dict)
    default_speaker: Annotated[
        str,
        Field(min_length=1),
        About("Voice that speaks when none is named.", "the name of a voice", has_flag=False),
    ] = "heart"
    preload: Annotated[
        tuple[str, ...],
        BeforeValidator(_names),
        About(
            "Voices to load before the server is ready, beside the default one.",
            "a list of names of voices",
            "A,B",
            default="none",
        ),
    ] = ()
    workers: Annotated[
        int,
        _NUMBER,
        Field(ge=1),
        About("Synthesis threads.", _COUNT, "N", default="one a core"),
    ] = Field(default_factory=usable_cores)
    ping_interval_s: Annotated[
        Seconds,
        _NUMBER,
        Field(gt=0, allow_inf_nan=False),
        About("Time between pings.", "a number of seconds above 0", "SECONDS"),
    ] = 20.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _LOWER_CASE,
        About("Least that is logged.", "debug, info, warning or error", "LEVEL"),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"],
        _LOWER_CASE,
        About("For people or for machines.", "text or json", "FORMAT"),
    ] = "text"
    access_log: Annotated[bool, About("Log each connection as it opens and closes.", _SWITCH)] = (
        True
    )

    @model_validator(mode="after")
    def _whole_pair(self) -> Self:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("tls_cert, tls_key: expected both or none, got one of them")
        if self.grpc_port is not None and self.tls_cert is None:
            raise ValueError("grpc_port: expected tls_cert and tls_key too, as gRPC needs TLS")
        if self.tls_cert is not None and self.tls_key is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                    self.tls_cert, self.tls_key, password=""
                )
            except ssl.SSLError as error:
                raise ValueError(
                    "tls_cert, tls_key: expected a certificate and its own key in PEM, without a "
                    f"password, got: {error.reason or error}"
                ) from None
            except OSError as error:
                raise ValueError(
                    f"tls_cert, tls_key: expected files to read, got: {error.strerror}"
                ) from None
        return self

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
    return {
        "natural": {
            "voices_dir": str(settings.voices_dir),
            "packages": settings.voice_packages,
        }
    }


def about(name: str) -> About:
    """Return the texts of a setting."""
    metadata = Settings.model_fields[name].metadata
    return next(each for each in metadata if isinstance(each, About))


def default_text(name: str) -> str:
    """Return the default of a setting as the help shows it."""
    told = about(name).default
    if told:
        return told
    value = Settings.model_fields[name].default
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)

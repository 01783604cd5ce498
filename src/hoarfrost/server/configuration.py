"""The configuration of a server: flags, environment and file put together.

In: flags, the environment (``HOARFROST_PORT`` for ``port``), a TOML file. Out: `LoadedSettings`.
Invariant: each setting is taken whole from the first place that has it, in the order flag,
environment, file, default; every fault of all three is told at once, one line each; and nothing
is written.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import platformdirs
from pydantic import ValidationError

from hoarfrost.errors import HoarfrostError
from hoarfrost.server.data_dir import temporary_data_dir
from hoarfrost.server.settings import Settings, about

ENVIRONMENT_PREFIX: Final = "HOARFROST_"
CONFIG_FILE_NAME: Final = "hoarfrost.toml"
TEMPORARY: Final = "default, as the user's data folder cannot be written"
"""The origin of a data dir in the temporary folder."""

_OTHER_VARIABLES: Final = re.compile("CONFIG|API_KEY|DEBUG|BENCH_[A-Z_]+")
"""What other parts of the program read."""

_SERVICE_ADDRESS: Final = re.compile("(tcp|udp|sctp)://")
_SERVICE_VARIABLE: Final = re.compile(
    r"(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)


class BadSettings(HoarfrostError):
    """The server cannot be started as it was told to.

    Attributes:
        faults: One line a fault, each says where, what was expected and what came.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and where they came from.

    Attributes:
        settings: The values that hold.
        origins: By setting, where its value came from: ``flag --port``,
            ``environment HOARFROST_PORT``, ``file PATH``, ``default`` or `TEMPORARY`.
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
    if "data_dir" not in values and (temporary := temporary_data_dir()) is not None:
        values["data_dir"], origins["data_dir"] = temporary, TEMPORARY
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
        faults.setdefault(name, f"{path} ({where}): expected {about(name).expected}, got {got}")
    return list(faults.values())


def _read_environment() -> dict[str, object]:
    """Read the variables that carry a value; an empty one counts as not given.

    Raises:
        BadSettings: If there are variables of names that nobody reads.
    """
    found: dict[str, object] = {}
    unknown: list[str] = []
    for variable in sorted(os.environ):
        value = os.environ[variable].strip()
        if not value or not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if _is_of_an_orchestrator(name, value) or _OTHER_VARIABLES.fullmatch(name):
            continue
        if name.lower() in Settings.model_fields and name.isupper():
            found[name.lower()] = value
        else:
            unknown.append(f"environment {variable}: {_unknown(name.lower())}")
    if unknown:
        raise BadSettings(unknown)
    return found


def _is_of_an_orchestrator(name: str, value: str) -> bool:
    """Return whether a variable stands for a service of our name, not for a setting.

    Kubernetes puts HOARFROST_PORT=tcp://10.0.0.1:8000 and its kin into every pod beside a service
    that is called hoarfrost, or hoarfrost-something; Docker's links do the same.
    """
    if _SERVICE_VARIABLE.fullmatch(name):
        return True
    return f"_{name}".endswith("_PORT") and _SERVICE_ADDRESS.match(value) is not None


def _find_config(asked: Path | None) -> Path | None:
    named = asked or os.environ.get(f"{ENVIRONMENT_PREFIX}CONFIG")
    if named:
        return Path(named)
    places = [Path()]
    with suppress(RuntimeError):  # a user without a home folder
        places.append(platformdirs.user_config_path("hoarfrost"))
    files = [place / CONFIG_FILE_NAME for place in places]
    # A home folder may be closed to the user, as root's is to one that root became.
    return next((each for each in files if os.access(each, os.F_OK) and each.is_file()), None)


def _read_config(path: Path) -> dict[str, object]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings([f"{path}: expected a file to read, got: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings([f"{path}: expected TOML in UTF-8, got: {error}"]) from error
    if unknown := [name for name in document if name not in Settings.model_fields]:
        raise BadSettings([f"{path}: {_unknown(name)}" for name in unknown])
    for name in ("data_dir", "keys_file", "voices_dir", "lexicons_dir", "tls_cert", "tls_key"):
        if isinstance(value := document.get(name), str):  # relative to the file that says so
            document[name] = path.absolute().parent / Path(value).expanduser()
    return document


def _unknown(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    choice = f"perhaps {close[0]}" if close else f"one of {', '.join(Settings.model_fields)}"
    return f"expected a setting ({choice}), got the unknown name {name}"

"""The settings that hold, written as the TOML file that would give them."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from hoarfrost.server.configuration import LoadedSettings


def as_toml(loaded: LoadedSettings) -> str:
    """Return all settings as TOML, each with a comment that says where it came from."""
    values = dict(loaded.settings)
    lines, tables = [], []
    for name, value in values.items():
        origin = loaded.origins[name]
        match _plain(value):
            case None:
                lines.append(f"# {name} is not set  ({origin})")
            case Mapping() as table:
                tables += _table(name, table, origin)
            case _:
                lines.append(f"{name} = {_value(value)}  # {origin}")
    return "\n".join([*lines, *tables, ""])


def _plain(value: object) -> object:
    """Return models, also those in tables, as the tables of what was given."""
    match value:
        case BaseModel():
            return value.model_dump(exclude_none=True)
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case _:
            return value


def _table(name: str, table: Mapping[str, object], origin: str) -> list[str]:
    """Write a table, and the tables in it under headings of their own."""
    lines = ["", f"[{name}]  # {origin}"]
    inner = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            inner += ["", f"[{name}.{_key(key)}]"]
            inner += [f"{_key(each)} = {_value(option)}" for each, option in value.items()]
        else:
            lines.append(f"{_key(key)} = {_value(value)}")
    return lines + inner


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else _value(name)


def _value(value: object) -> str:
    """Write one value."""
    match value:
        case str() | Path():
            # A string is written as in JSON, save for DEL: that may not stand for itself here.
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case Mapping():
            return (
                f"{{{', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())}}}"
            )
        case [*items]:
            return f"[{', '.join(map(_value, items))}]"
        case _:
            return str(value)  # a date or a time, which TOML writes as Python does

"""The names of Rime's voices, and which of ours stand in for them.

In: ``aliases.toml`` beside this file. Out: each name with the voices that stand in for it.
Invariant: a name gets a voice of its own language and gender, and the same one in every run.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def rime_aliases() -> Mapping[str, tuple[str, ...]]:
    """Return each of Rime's names with our voices for it, in order of preference."""
    return read_aliases(files(__package__).joinpath("aliases.toml").read_text(encoding="utf-8"))


def read_aliases(document: str) -> dict[str, tuple[str, ...]]:
    """Give every name in a TOML document its voices; within a row, the names of a list take turns.

    Args:
        document: ``[stand_ins.LANGUAGE]`` tables with rows of our voices for each gender, and
            ``[MODEL.LANGUAGE]`` tables with a list of names for each gender.

    Returns:
        By name, a voice of each row, row after row; then the same for its next language.

    Raises:
        ValueError: If it is not TOML, or there is no voice for some of the names.
    """
    # What TOML holds is not known to a type checker; a wrong shape shows in the file's own test.
    models: dict[str, Any] = tomllib.loads(document)
    stand_ins = models.pop("stand_ins", {})
    aliases: dict[str, tuple[str, ...]] = {}
    for model, tables in models.items():
        for language, genders in tables.items():
            for gender, names in genders.items():
                rows = stand_ins.get(language, {}).get(gender)
                if not rows:
                    raise ValueError(
                        f"{model}.{language}: expected {gender} voices in stand_ins.{language}, "
                        "got none"
                    )
                for turn, name in enumerate(names):
                    chosen = tuple(row[turn % len(row)] for row in rows)
                    aliases[name] = aliases.get(name, ()) + chosen
    return aliases

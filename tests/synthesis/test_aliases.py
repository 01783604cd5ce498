"""The names of Rime's voices: all there, each with a voice of its language and gender."""

import json
import tomllib
from collections import Counter
from contextlib import closing
from importlib.resources import files

import pytest

from hoarfrost.engines.natural.hibari.installed import installed_file
from hoarfrost.synthesis.aliases import read_aliases, rime_aliases
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import load_engines
from hoarfrost.text import languages

DOCUMENT = files("hoarfrost.synthesis").joinpath("aliases.toml").read_text(encoding="utf-8")
MODELS = tomllib.loads(DOCUMENT)
STAND_INS = MODELS.pop("stand_ins")
with closing(load_engines()) as engines:
    VOICES = {voice.name: voice for voice in engines.voices()}
TO_BE_ADDED = {
    name: (fields["language"], fields["gender"])
    for name, fields in json.loads(installed_file("assets", "voices.json").read_text()).items()
}
"""The further voices of `hibari-tts`: language and gender."""
CATALOGUE = Catalogue(lambda: list(VOICES.values()))

NAMES = [
    (model, language, gender, name)
    for model, tables in MODELS.items()
    for language, genders in tables.items()
    for gender, names in genders.items()
    for name in names
]


@pytest.mark.parametrize(
    ("language", "count"), [("en", 62), ("es", 12), ("de", 5), ("fr", 4), (None, 78)]
)
def test_has_all_of_mist_v3(language: str | None, count: int) -> None:
    """Every name of the model that this server stands in for is there, as many as it publishes."""
    names = {
        name
        for model, tag, _, name in NAMES
        if model == "mistv3" and language in {None, languages.language_of(tag)}
    }
    assert len(names) == count


def test_names_are_told_once() -> None:
    """No name stands twice in one language, so that it has one voice there."""
    counts = Counter((languages.language_of(tag), name) for _, tag, _, name in NAMES)
    assert [each for each, count in counts.items() if count > 1] == []


def test_every_name_finds_a_voice_of_its_kind() -> None:
    """With the voices that come with the package, each name has one of its language and gender."""
    misfits = []
    for _, tag, gender, name in NAMES:
        voice = CATALOGUE.find(name, tag)
        if voice is None or languages.pick(tag, voice.languages) is None:
            misfits.append((name, tag))
        elif gender not in {"neutral", voice.gender}:
            misfits.append((name, gender))
    assert misfits == []


def test_every_stand_in_is_a_voice_of_its_kind() -> None:
    """Each voice of each row is embedded, or one to be added, of the very dialect and gender."""
    for tag, genders in STAND_INS.items():
        for gender, rows in genders.items():
            for name in (name for row in rows for name in row):
                voice = VOICES.get(name)
                kind = (voice.language, voice.gender) if voice else TO_BE_ADDED[name]
                assert kind[0] == tag
                assert gender in {"neutral", kind[1]}


@pytest.mark.parametrize(
    ("name", "language", "kind"),
    [
        ("cove", None, ("en-US", "female")),
        ("luna", None, ("en-US", "female")),
        ("astra", "eng", ("en-US", "female")),
        ("sirius", None, ("en-US", "male")),
        ("sirius", "spa", ("es-419", "male")),
        ("mari", "es", ("es-419", "female")),
        ("helen", None, ("en-GB", "female")),
        ("klaus", "ger", ("de-DE", "male")),
        ("alois", "fra", ("fr-FR", "male")),
        ("alloy", None, ("en-US", "female")),
        ("onyx", None, ("en-US", "male")),
    ],
)
def test_well_known_names(name: str, language: str | None, kind: tuple[str, str]) -> None:
    """The names in Rime's own examples speak as whoever sends them expects."""
    voice = CATALOGUE.find(name, language)
    assert voice is not None
    assert (voice.language, voice.gender) == kind


SMALL = """
[stand_ins.en]
female = [["natural"], ["eve", "mary"]]
male = [["tom"]]
[stand_ins.es]
female = [["ana"]]
[mistv3.en]
female = ["cove", "luna", "mari"]
[mistv3.es]
female = ["mari"]
[coda.en]
female = ["lyra"]
"""


def test_names_take_turns() -> None:
    """Each name of a list gets a voice of each row by turns, then those of its next language."""
    assert read_aliases(SMALL) == {
        "cove": ("natural", "eve"),
        "luna": ("natural", "mary"),
        "mari": ("natural", "eve", "ana"),
        "lyra": ("natural", "eve"),
    }


@pytest.mark.parametrize("table", ["[coda.de]\nfemale", "[coda.es]\nmale"])
def test_names_need_a_voice(table: str) -> None:
    """A name whose language or gender has no voice is an error of the file, told as such."""
    with pytest.raises(ValueError, match=r"coda.*: expected .* voices in stand_ins.*, got none"):
        read_aliases(f"{SMALL}\n{table} = ['x']")


def test_is_read_once() -> None:
    """The file is read once for the whole program."""
    assert rime_aliases() is rime_aliases()
    assert rime_aliases() == read_aliases(DOCUMENT)

"""Names of voices: own names, aliases, near misses, lists."""

import pytest

from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Gender, Voice


def make_voice(
    name: str, *tags: str, engine: str = "tone", gender: Gender = Gender.FEMALE
) -> Voice:
    return Voice(
        name=name,
        engine=engine,
        languages=tags or ("en-US",),
        gender=gender,
        description="A clear voice.",
        rate_hz=22050,
        licence="CC0-1.0",
        tags=("clear",),
    )


ADA = make_voice("ada")
BERT = make_voice("bert", "en-GB", gender=Gender.MALE)
CARMEN = make_voice("carmen", "es-ES", "en-GB")
ALIASES = {"cove": "ada", "Mari": ["ada", "carmen"], "bert": "ada", "ghost": "nobody"}


def make_catalogue() -> Catalogue:
    return Catalogue(lambda: [CARMEN, BERT, ADA], ALIASES)


FINDS = [
    ("ada", None, ADA),
    ("ADA", None, ADA),
    (" Ada\n", None, ADA),
    ("cove", None, ADA),
    ("COVE", None, ADA),
    ("cove", "es", ADA),
    ("bert", None, BERT),
    ("mari", None, ADA),
    ("mari", "eng", ADA),
    ("mari", "spa", CARMEN),
    ("mari", "de", ADA),
    ("ghost", None, None),
    ("nobody", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("name", "language", "voice"), FINDS)
def test_finds_voices_by_name(name: str, language: str | None, voice: Voice | None) -> None:
    """A voice's own name wins, then the alias's voice that speaks the language, then its first."""
    assert make_catalogue().find(name, language) == voice


def test_tells_all_voices_of_a_name() -> None:
    """A name for several languages stands for several voices, the preferred one first."""
    assert make_catalogue().named("mari") == (ADA, CARMEN)


def test_a_name_that_is_also_an_alias_serves_both_languages() -> None:
    """A voice's own name gives way to an alias only for a language that the voice lacks."""
    catalogue = Catalogue(lambda: [CARMEN, BERT, ADA], {"ada": ["bert", "carmen"]})
    assert catalogue.find("ada") == ADA
    assert catalogue.find("ada", "en-GB") == ADA
    assert catalogue.find("ada", "es") == CARMEN
    assert catalogue.aliases() == {}


def test_a_second_voice_of_a_language_is_for_want_of_the_first() -> None:
    """Of an alias's voices in one language, the first that is there is the only one."""
    voices = [BERT, ADA]
    catalogue = Catalogue(lambda: voices, {"cove": ["bert", "ada"]})
    assert catalogue.named("cove") == (BERT,)
    assert catalogue.find("cove", "en-US") == BERT
    assert [each["aliases"] for each in catalogue.describe()] == [["cove"], []]
    voices.remove(BERT)
    assert catalogue.named("cove") == (ADA,)


def test_sees_voices_that_appear_later() -> None:
    """A voice that an engine gains is found without a restart, and makes its aliases work."""
    voices = [BERT]
    catalogue = Catalogue(lambda: voices, ALIASES)
    assert catalogue.find("cove") is None
    voices.append(ADA)
    assert catalogue.find("cove") == ADA


def test_lists_voices_by_language_and_name() -> None:
    """Lists go by the voice's own language, then by name."""
    assert make_catalogue().voices() == [BERT, ADA, CARMEN]


def test_lists_aliases_that_work() -> None:
    """An alias without a voice is left out, and so is one that a voice's own name hides."""
    assert make_catalogue().aliases() == {"cove": "ada", "mari": "ada"}


@pytest.mark.parametrize(
    ("name", "close"),
    [("adaa", ["ada"]), ("COVER", ["cove"]), ("carmn", ["carmen"]), ("ghost", []), ("zzz", [])],
)
def test_suggests_names_that_work(name: str, close: list[str]) -> None:
    """Near misses are told among names and working aliases, whatever the case."""
    assert make_catalogue().close_matches(name) == close


def test_suggests_no_more_than_asked_for() -> None:
    """The number of suggestions is limited, and each name comes once."""
    voices = [make_voice(f"ada{number}") for number in range(9)]
    assert len(Catalogue(lambda: voices, {}).close_matches("ada", 3)) == 3
    assert make_catalogue().close_matches("bert") == ["bert"]


def test_describes_voices_as_plain_data() -> None:
    """One voice of a list has all that a client or a reader needs to choose."""
    assert make_catalogue().describe()[2] == {
        "name": "carmen",
        "language": "es-ES",
        "languages": ["es-ES", "en-GB"],
        "language_name": "Spanish",
        "gender": "female",
        "description": "A clear voice.",
        "engine": "tone",
        "rate_hz": 22050,
        "licence": "CC0-1.0",
        "tags": ["clear"],
        "aliases": ["mari"],
    }
    assert [each["aliases"] for each in make_catalogue().describe()] == [
        [],
        ["cove", "mari"],
        ["mari"],
    ]


def test_overrides_replace_aliases() -> None:
    """What the operator says of a name holds, and adds names of his own."""
    overrides = {"Cove": "BERT", "boss": ["carmen", "ada"]}
    catalogue = Catalogue(lambda: [CARMEN, BERT, ADA], ALIASES, overrides=overrides)
    assert catalogue.find("cove") == BERT
    assert catalogue.find("boss", "en-US") == CARMEN
    assert catalogue.find("mari") == ADA


FAULTS = [
    ({"boss": "adda"}, r"alias boss: expected a voice of this server, got 'adda' \(close: ada\)"),
    ({"boss": "zzz"}, r"alias boss: expected a voice of this server, got 'zzz'$"),
    ({"boss": ["ada", "zzz"]}, "got 'zzz'"),
    ({"boss": "cove"}, "got 'cove'"),
    ({"boss": []}, "alias boss: expected the name of a voice, got none"),
    ({"Ada": "bert"}, "alias ada: expected a new name, got that of a voice"),
]


@pytest.mark.parametrize(("overrides", "told"), FAULTS)
def test_bad_overrides_are_told_at_start(overrides: dict[str, str], told: str) -> None:
    """An operator's alias without a voice, or one that could never work, is an error at once."""
    with pytest.raises(ValueError, match=told):
        Catalogue(lambda: [CARMEN, BERT, ADA], ALIASES, overrides=overrides)

"""Who speaks when nobody was named."""

import pytest

from hoarfrost.cli.casting import default_speaker, open_catalogue
from hoarfrost.cli.failures import Failure, Misuse
from hoarfrost.server.settings import Settings
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Gender, Voice


def voice(name: str, *languages: str) -> Voice:
    return Voice(name, "none", languages, Gender.NEUTRAL, "A voice.", 22050, "CC0-1.0")


VOICES = [
    voice("anna", "de"),
    voice("caribbean", "en-029"),
    voice("german-too", "fr", "de"),
    voice("ocean", "en-GB"),
    voice("zoe", "en-US", "es"),
]


@pytest.mark.parametrize(
    ("preferred", "language", "expected"),
    [
        (None, None, "zoe"),
        (None, "en", "caribbean"),
        (None, "en-GB", "ocean"),
        (None, "en-AU", "caribbean"),
        (None, "deu", "anna"),
        (None, "es", "zoe"),
        ("ocean", None, "ocean"),
        ("OCEAN", "eng", "ocean"),
        ("ocean", "de", "anna"),
        ("german-too", "de", "german-too"),
        ("nobody", None, "zoe"),
    ],
)
def test_the_speaker_fits_the_language(
    preferred: str | None, language: str | None, expected: str
) -> None:
    """The preferred voice speaks if it can; else one of the language, US English at first."""
    assert default_speaker(Catalogue(lambda: VOICES), preferred, language) == expected


def test_without_english_the_first_voice_speaks() -> None:
    """A server for another language has a default as well."""
    assert default_speaker(Catalogue(lambda: VOICES[:1])) == "anna"


def test_when_nobody_can_speak_it_is_told() -> None:
    """No voice at all, or none for a language, are errors of their own."""
    with pytest.raises(Failure, match="at least one voice, got none"):
        default_speaker(Catalogue(list))
    with pytest.raises(Misuse, match=r"^--lang: expected a language of .*, got 'tlh'"):
        default_speaker(Catalogue(lambda: VOICES), None, "tlh")


def test_the_settings_choose_engines_and_aliases() -> None:
    """The catalogue has the voices of the engines named, and the operator's aliases."""
    settings = Settings(engines=("tone",), aliases={"bell": "tone-low"})
    with open_catalogue(settings) as (engines, catalogue):
        assert engines.names == ("tone",)
        found = catalogue.find("bell")
        assert found is not None
        assert found.name == "tone-low"


def test_an_alias_that_points_nowhere_is_told() -> None:
    """A wrong alias is the operator's mistake, and stops the command."""
    settings = Settings(engines=("tone",), aliases={"bell": "nobody"})
    with pytest.raises(Misuse, match="alias bell: expected a voice"), open_catalogue(settings):
        pass

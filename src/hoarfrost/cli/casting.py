"""The voices at hand, and who speaks when nobody was named."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.metadata import entry_points
from typing import Final

from hoarfrost.cli.failures import Failure, Misuse
from hoarfrost.errors import VoiceFault
from hoarfrost.server.settings import Settings, engine_defaults
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import ENTRY_POINT_GROUP, Engines, load_engines
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text import languages

DEFAULT_LANGUAGE: Final = "en-US"


@contextmanager
def open_catalogue(settings: Settings) -> Iterator[tuple[Engines, Catalogue]]:
    """Load the engines for as long as the context lasts.

    Raises:
        Misuse: If an alias of the settings points nowhere, or an engine is not installed.
        VoiceFault: If an engine that was asked for cannot be loaded.
    """
    with loading(settings):
        loaded = load_engines(
            settings.engines, settings.engine_options, defaults=engine_defaults(settings)
        )
    with closing(loaded) as engines:
        with loading(settings):
            catalogue = Catalogue(engines.voices, overrides=settings.aliases)
        yield engines, catalogue


@contextmanager
def loading(settings: Settings) -> Iterator[None]:
    """Tell settings that name an engine or a voice which is not there as the misuse that it is.

    Raises:
        Misuse: In place of what the registry and the catalogue raise for it.
    """
    try:
        yield
    except ValueError as error:  # an alias that points nowhere
        raise Misuse(str(error)) from error
    except VoiceFault as fault:
        asked = {*(settings.engines or ()), *settings.engine_options}
        if asked <= entry_points(group=ENTRY_POINT_GROUP).names:
            raise
        raise Misuse(str(fault)) from fault


def default_speaker(
    catalogue: Catalogue, preferred: str | None = None, language: str | None = None
) -> str:
    """Return who speaks when nobody was named.

    Args:
        catalogue: The voices.
        preferred: The speaker of the settings, if there is one; it yields to ``language``.
        language: What is to be spoken; English if nothing was said.

    Raises:
        Failure: If there is no voice at all.
        Misuse: If none speaks the language.
    """
    found = catalogue.find(preferred) if preferred else None
    if found and (language is None or languages.pick(language, found.languages)):
        return found.name
    voices = catalogue.voices()
    if not voices:
        raise Failure("expected an engine with at least one voice, got none")
    speaking = _speaking(voices, language or DEFAULT_LANGUAGE)
    if speaking is None and language is not None:
        raise Misuse(f"--lang: expected a language of `hoarfrost voices`, got {language!r}")
    return (speaking or voices[0]).name


def _speaking(voices: Sequence[Voice], language: str) -> Voice | None:
    """Return a voice whose own language it is; else one that speaks it too."""
    own = [(voice.language, voice) for voice in voices]
    also = [(tag, voice) for voice in voices for tag in voice.languages]
    for offers in (own, also):
        picked = languages.pick(language, [tag for tag, _ in offers])
        if picked is not None:
            return next(voice for tag, voice in offers if tag == picked)
    return None

"""Which voice a client means by the name it sends.

In: the voices that the engines have now, and aliases for them. Out: `Voice`. Invariant: a voice's
own name means that voice, and no alias hides it, but where it lacks the language asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, TypeAlias, TypedDict

from hoarfrost.synthesis.aliases import rime_aliases
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text import languages

Alias: TypeAlias = str | Sequence[str]
"""The voice that a name stands for; or several, in order of preference.

Of several, the first that is there and speaks the language asked for is meant.
"""

_COMPARED: Final = 40
"""Characters of a wrong name that are compared with the right ones; the cost grows with them."""


class VoiceDescription(TypedDict):
    """One voice as lists show it: ``GET /voices``, ``hoarfrost voices``, ``docs/voices.md``."""

    name: str
    language: str
    languages: list[str]
    language_name: str
    gender: str
    description: str
    engine: str
    rate_hz: int
    licence: str
    tags: list[str]
    aliases: list[str]


class Catalogue:
    """Finds voices by name.

    The voices are asked for anew each time, so that one which an engine gains while the server runs
    is found at once.
    """

    def __init__(
        self,
        voices: Callable[[], Sequence[Voice]],
        aliases: Mapping[str, Alias] | None = None,
        *,
        overrides: Mapping[str, Alias] | None = None,
    ) -> None:
        """Take what names there are.

        Args:
            voices: Gives the voices that can be spoken now; cheap, called for each look-up.
            aliases: Further names. One whose voices are all absent is passed over silently: its
                engine may not be installed. None for the names of Rime's voices.
            overrides: Aliases that the operator set. They replace those above.

        Raises:
            ValueError: If an override names a voice that is absent, or has a voice's own name.
        """
        self._voices = voices
        self._aliases = _tidy(rime_aliases() if aliases is None else aliases)
        if overrides:
            chosen = _tidy(overrides)
            self._check(chosen)
            self._aliases |= chosen

    def find(self, name: str, language: str | None = None) -> Voice | None:
        """Return the voice of this name, case ignored; None if there is none.

        Args:
            name: A voice's own name or an alias.
            language: The language it is to speak, if that was said. It chooses among the voices
                that the name may stand for; the voice returned need not speak it.
        """
        voices = self.named(name)
        if language is not None:
            for voice in voices:
                if languages.pick(language, voice.languages) is not None:
                    return voice
        return voices[0] if voices else None

    def named(self, name: str) -> tuple[Voice, ...]:
        """Return all voices that a name may stand for, the preferred one first; maybe none."""
        wanted = _key(name)
        return _reachable((wanted, *self._aliases.get(wanted, ())), self._by_name())

    def close_matches(self, name: str, n: int = 3) -> list[str]:
        """Return at most ``n`` names and aliases that look like ``name``, the closest first."""
        known = self._by_name()
        return get_close_matches(_key(name)[:_COMPARED], [*known, *self._working(known)], n)

    def voices(self) -> Sequence[Voice]:
        """Return all voices in the order of lists: by language, then by name."""
        return sorted(self._by_name().values(), key=lambda each: (each.language.lower(), each.name))

    def aliases(self) -> Mapping[str, str]:
        """Return the aliases that work now, in order, each with the voice it stands for first."""
        return {name: voices[0].name for name, voices in self._working(self._by_name()).items()}

    def describe(self) -> list[VoiceDescription]:
        """Return all voices as plain data, in the order of lists, each with its aliases."""
        aliases: dict[str, list[str]] = {}
        for alias, voices in self._working(self._by_name()).items():
            for voice in voices:
                aliases.setdefault(voice.name, []).append(alias)
        return [_describe(voice, aliases.get(voice.name, [])) for voice in self.voices()]

    def _by_name(self) -> dict[str, Voice]:
        return {voice.name: voice for voice in self._voices()}

    def _working(self, known: Mapping[str, Voice]) -> dict[str, tuple[Voice, ...]]:
        """Return the aliases that stand for any voice and are not hidden by one, in order."""
        found = {
            alias: _reachable(self._aliases[alias], known)
            for alias in sorted(self._aliases)
            if alias not in known
        }
        return {alias: voices for alias, voices in found.items() if voices}

    def _check(self, overrides: Mapping[str, Sequence[str]]) -> None:
        known = self._by_name()
        for alias, targets in overrides.items():
            if alias in known:
                raise ValueError(f"alias {alias}: expected a new name, got that of a voice")
            if not targets:
                raise ValueError(f"alias {alias}: expected the name of a voice, got none")
            for target in targets:
                if target not in known:
                    close = get_close_matches(target, known, 3)
                    hint = f" (close: {', '.join(close)})" if close else ""
                    raise ValueError(
                        f"alias {alias}: expected a voice of this server, got {target!r}{hint}"
                    )


def _key(name: str) -> str:
    return name.strip().lower()


def _tidy(aliases: Mapping[str, Alias]) -> dict[str, tuple[str, ...]]:
    return {
        _key(name): (_key(alias),) if isinstance(alias, str) else tuple(map(_key, alias))
        for name, alias in aliases.items()
    }


def _reachable(targets: Sequence[str], known: Mapping[str, Voice]) -> tuple[Voice, ...]:
    """Return the voices of an alias that are there, less those behind one of the same language."""
    voices: list[Voice] = []
    for target in targets:
        voice = known.get(target)
        if voice and not any(languages.pick(voice.language, each.languages) for each in voices):
            voices.append(voice)
    return tuple(voices)


def _describe(voice: Voice, aliases: list[str]) -> VoiceDescription:
    return {
        "name": voice.name,
        "language": voice.language,
        "languages": list(voice.languages),
        "language_name": languages.name_of(voice.language),
        "gender": voice.gender.value,
        "description": voice.description,
        "engine": voice.engine,
        "rate_hz": voice.rate_hz,
        "licence": voice.licence,
        "tags": list(voice.tags),
        "aliases": aliases,
    }

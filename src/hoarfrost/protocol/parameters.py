"""The parameters that a client can give, whatever the protocol: one vocabulary.

In: names with values, from a query (strings) or from JSON (typed). Out: `Request`, or all that is
wrong with it at once. Invariant: whatever is given, nothing but `BadOptions` is raised.

This is the only module that knows the names of the parameters on the wire.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.compressed import EXTRA
from hoarfrost.dialogue.options import DEFAULT_RATE_HZ, Options
from hoarfrost.errors import BadOptions
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text import languages
from hoarfrost.text.lexicon import Lexicon
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import FASTEST, SLOWEST, Milliseconds, SampleRate, Speed

DEFAULT_MODEL: Final = "mistv3"
MODELS: Final = (
    DEFAULT_MODEL, "mistv2", "mistv1", "mist", "coda", "codav1", "arcana", "arcanav2", "arcanav3"
)  # fmt: skip
"""Rime's models. All of them, and any other name, are served by the same voices."""

REVERSED_MODELS: Final = frozenset({"mist", "mistv1", "mistv2"})
"""With these a speed above 1 is slower."""

LOWEST_RATE_HZ: Final = 4000
HIGHEST_RATE_HZ: Final = 96000

SHORTEST_SCALE: Final = 0.4
LONGEST_SCALE: Final = 2.5
"""What ``timeScaleFactor`` is clamped to, as at Rime."""

SHORTEST_LOOKAHEAD_MS: Final[Milliseconds] = 100.0
"""What ``lookahead`` is at least: less than the jitter of any network would be heard as gaps."""

IGNORED: Final = (
    "noTextNormalization",
    "reduceLatency",
    "saveOovs",
    "repetition_penalty",
    "temperature",
    "top_p",
    "max_tokens",
)
"""What real clients send and this server has no use for."""

_LINES: Final = ("breaks", "wrapped")
_ORIGINS: Final = ("synthesis", "context")

_SHOWN: Final = 40  # characters of a value that a fault repeats
_NOT_GIVEN: Final = frozenset({"", "none", "null", "undefined"})
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_FORMATS: Final[Mapping[str, AudioFormat]] = {
    "pcm": AudioFormat.PCM, "l16": AudioFormat.PCM,
    "mulaw": AudioFormat.MULAW, "pcmu": AudioFormat.MULAW, "ulaw": AudioFormat.MULAW,
    "mp3": AudioFormat.MP3, "mpeg": AudioFormat.MP3,
    "wav": AudioFormat.WAV,
    "alaw": AudioFormat.ALAW, "pcma": AudioFormat.ALAW,
    "ogg": AudioFormat.OGG, "opus": AudioFormat.OGG,
    "webm": AudioFormat.WEBM, "flac": AudioFormat.FLAC, "aac": AudioFormat.AAC,
}  # fmt: skip


class Face(Enum):
    """The kind of interface that parameters are given to: it decides the default rate."""

    SOCKET = auto()
    HTTP = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """What a query asks for.

    Attributes:
        options: Options of the conversation; with MP3 maybe of a higher rate than was asked for.
        model: The model the client asked for, maybe one that nobody knows.
        events: Whether text frames tell of events beside the audio.
        times_from_context: Whether times of words count from the beginning of their context.
        ignored: Parameters that were given, are known, and change nothing; for the log.
        unknown: Parameters that were given and mean nothing here, as they were written.
    """

    options: Options
    model: str = MODELS[0]
    events: bool = False
    times_from_context: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


Lexicons: TypeAlias = Mapping[str, Lexicon]
"""By name, as ``lexicon=NAME`` asks for it; the one named "" holds for everybody."""

NO_LEXICONS: Final[Lexicons] = MappingProxyType({})


def resolve(
    given: Mapping[str, object],
    catalogue: Catalogue,
    lexicons: Lexicons = NO_LEXICONS,
    *,
    face: Face = Face.SOCKET,
) -> Request:
    """Read parameters.

    Names count whatever their case, and unknown ones are passed over. None, "", ``None``, ``null``
    and ``undefined`` mean that a parameter is not given.

    Args:
        given: By name as written, the value: a string, or what JSON has.
        catalogue: The voices there are.
        lexicons: The lexicons there are.
        face: Where they were given.

    Raises:
        BadOptions: If anything is wrong, with every fault, in the order of the specification.
    """
    form = _Form(given)
    model = _read_model(form)
    voice = _read_voice(form, catalogue, model)
    audio_format = _read_format(form)
    language = _read_language(form, catalogue, voice, model)
    rate_hz = _read_rate(form, default_rate(face, model, audio_format))
    pauses = form.boolean("pauseBetweenBrackets")
    inline_speeds = _read_inline_speeds(form)
    alpha = form.number("speedAlpha")
    segment = _read_segment(form)
    scale = form.number("timeScaleFactor")
    lookahead_ms = form.number("lookahead")
    events = _read_events(form)
    phonemes = form.boolean("phonemizeBetweenBrackets")
    lexicon = _read_lexicon(form, lexicons)
    unwraps = form.choice("lines", _LINES) == "wrapped"
    origin = form.choice("timestampOrigin", _ORIGINS)
    if form.faults or voice is None:
        raise BadOptions(form.faults, form.headline)
    if model in REVERSED_MODELS:
        alpha = None if alpha is None else 1 / alpha
        inline_speeds = tuple(1 / speed for speed in inline_speeds)
    options = Options(
        voice=voice,
        language=language,
        audio_format=audio_format,
        rate_hz=audio_format.rate_for(rate_hz),
        pauses=pauses,
        phonemes=phonemes,
        lexicon=lexicon,
        inline_speeds=inline_speeds,
        speed=_speed(alpha, scale),
        segment=segment,
        unwraps=unwraps,
        lookahead_ms=None if lookahead_ms is None else max(lookahead_ms, SHORTEST_LOOKAHEAD_MS),
    )
    return Request(
        options=options,
        model=model,
        events=events,
        times_from_context=origin == "context",
        ignored=_read_ignored(form),
        unknown=form.unknown(),
    )


def default_rate(face: Face, model: str, audio_format: AudioFormat) -> SampleRate:
    """Return the rate of audio for which none was asked, as Rime's models have it."""
    if model.startswith(("coda", "arcana")):
        return 24_000
    if face is Face.SOCKET:
        return DEFAULT_RATE_HZ
    if model not in REVERSED_MODELS:
        return 24_000
    return {AudioFormat.PCM: 16_000, AudioFormat.MULAW: 8_000}.get(audio_format, DEFAULT_RATE_HZ)


def read_rate(given: Mapping[str, object]) -> SampleRate:
    """Read the rate alone, as `resolve` does for a socket: for a client without a catalogue.

    Raises:
        BadOptions: If it is wrong.
    """
    form = _Form(given)
    model = _read_model(form)
    rate_hz = _read_rate(form, default_rate(Face.SOCKET, model, _read_format(form)))
    if form.faults:
        raise BadOptions(form.faults)
    return rate_hz


def read_inline_speeds(value: object, model: str) -> tuple[Speed, ...]:
    """Read ``inlineSpeedAlpha`` alone, as `resolve` does: of a message that has its own.

    Raises:
        BadOptions: If it is wrong.
    """
    form = _Form({"inlineSpeedAlpha": value})
    speeds = _read_inline_speeds(form)
    if form.faults:
        raise BadOptions(form.faults)
    return tuple(1 / speed for speed in speeds) if model in REVERSED_MODELS else speeds


class _Form:
    """The parameters that were given, and what turns out to be wrong with them.

    A reader returns its default where a value is missing or wrong; in the latter case it also notes
    the fault, so that the caller goes on and finds the rest.
    """

    def __init__(self, given: Mapping[str, object]) -> None:
        self._values = {name.lower(): (name, _as_text(value)) for name, value in given.items()}
        self._asked: set[str] = set()
        self.faults: list[str] = []
        self.headline = ""

    def text(self, name: str) -> str | None:
        """Return a value without the white space around it; None if it is not given."""
        self._asked.add(name.lower())
        value = self._values.get(name.lower(), ("", ""))[1].strip()
        return None if value.lower() in _NOT_GIVEN else value

    def unknown(self) -> tuple[str, ...]:
        """Return the names given that nobody has asked for, as they were written."""
        return tuple(
            written for name, (written, _) in self._values.items() if name not in self._asked
        )

    def reject(self, name: str, expected: str, got: str | None, *, headline: str = "") -> None:
        """Note that a parameter is wrong; the first headline is what Rime's clients look for."""
        self.headline = self.headline or headline
        self.faults.append(f"{name}: expected {expected}, got {show(got)}")

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return the one of ``choices`` that is meant, case ignored; the first by default."""
        value = self.text(name)
        if value is not None:
            for each in choices:
                if each.lower() == value.lower():
                    return each
            self.reject(name, f"one of {', '.join(choices)}", value)
        return default or choices[0]

    def boolean(self, name: str) -> bool:
        """Return whether a flag is set."""
        value = self.text(name)
        if value is not None and value.lower() not in _TRUE | _FALSE:
            self.reject(name, "true or false", value)
        return value is not None and value.lower() in _TRUE

    def number(self, name: str) -> float | None:
        """Return a number above 0; None if none is given."""
        value = self.text(name)
        if value is None:
            return None
        number = _positive(value)
        if number is None:
            self.reject(name, "a number above 0", value)
        return number


def _read_model(form: _Form) -> str:
    """Return the model, in small letters if it is one of Rime's."""
    model = form.text("modelId") or DEFAULT_MODEL
    return model.lower() if model.lower() in MODELS else model


def _as_text(value: object) -> str:
    """Return a value of JSON as a query would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return str(value)


def _read_format(form: _Form) -> AudioFormat:
    """Read a format by any of its names; of the choices, a fault lists the plain ones."""
    value = form.text("audioFormat")
    if value is None:
        return AudioFormat.MP3
    found = _FORMATS.get(value.lower())
    if found is None:
        form.reject("audioFormat", f"one of {', '.join(AudioFormat)}", value)
    elif not found.is_available:
        form.reject("audioFormat", f"{EXTRA} on the server for this format", value)
    return found or AudioFormat.MP3


def _read_voice(form: _Form, catalogue: Catalogue, model: str) -> Voice | None:
    name = form.text("speaker")
    if name is None:
        listed = "the name of a voice (GET /voices lists all)"
        form.reject("speaker", listed, None, headline="speaker is required")
        return None
    voice = catalogue.find(name, form.text("lang") or form.text("language"))
    if voice is None:
        close = catalogue.close_matches(name)
        hint = f"close to it: {', '.join(close)}; " if close else ""
        form.reject(
            "speaker",
            f"the name of a voice ({hint}GET /voices lists all)",
            name,
            headline=f"Speaker '{_plain(name)}' doesn't match list of available voices for "
            f"language '{_plain(form.text('lang') or form.text('language') or 'eng')}' "
            f"in model '{_plain(model)}'.",
        )
    return voice


def _read_language(form: _Form, catalogue: Catalogue, voice: Voice | None, model: str) -> str:
    """Return which of the voice's languages to speak; if there is no voice, anything."""
    name = "language" if form.text("lang") is None else "lang"
    wish = form.text(name)
    if voice is None:
        if wish is not None and languages.normalise(wish) is None:
            form.reject(name, "a language code such as eng, en or en-US", wish)
        return ""
    if wish is None:
        return voice.language
    picked = languages.pick(wish, voice.languages)
    if picked is None:
        speaker = form.text("speaker") or voice.name
        tags = dict.fromkeys(tag for each in catalogue.named(speaker) for tag in each.languages)
        listed = ", ".join(f"{languages.name_of(tag)} {tag}" for tag in tags)
        form.reject(
            name,
            f"a language of {speaker.lower()} ({listed})",
            wish,
            headline=f"Language {_plain(wish)} is not supported for model {_plain(model)}",
        )
    return picked or voice.language


def _read_rate(form: _Form, default: SampleRate) -> SampleRate:
    value = form.text("samplingRate")
    if value is None:
        return default
    rate = _positive(value)
    if rate is None or not rate.is_integer() or not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        expected = f"a whole number from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ}"
        between = f"samplingRate must be between {LOWEST_RATE_HZ} and {HIGHEST_RATE_HZ}"
        form.reject("samplingRate", expected, value, headline=between)
        return default
    return int(rate)


def _read_inline_speeds(form: _Form) -> tuple[Speed, ...]:
    """Read numbers between commas; an empty place is one that says nothing, so 1."""
    value = form.text("inlineSpeedAlpha")
    speeds = () if value is None else _split_speeds(value)
    if speeds is None:
        form.reject("inlineSpeedAlpha", "numbers above 0 with commas between them", value)
    return speeds or ()


def _split_speeds(value: str) -> tuple[Speed, ...] | None:
    """Return the speeds between commas; None if one of them is none."""
    speeds = [_positive(item) if item.strip() else 1.0 for item in value.split(",")]
    numbers = [speed for speed in speeds if speed is not None]
    if len(numbers) < len(speeds):
        return None
    return tuple(_clamp(number, SLOWEST, FASTEST) for number in numbers)


def _read_segment(form: _Form) -> SegmentMode:
    """Read ``segment``, else its old form ``immediate=true``."""
    is_immediate = form.boolean("immediate")
    default = SegmentMode.IMMEDIATE if is_immediate else SegmentMode.BY_SENTENCE
    return SegmentMode(form.choice("segment", list(SegmentMode), default))


def _read_events(form: _Form) -> bool:
    value = form.text("events")
    if value is not None and value.lower() != "json":
        form.reject("events", "json", value)
    return value is not None


def _read_lexicon(form: _Form, lexicons: Lexicons) -> Lexicon:
    """Read which lexicon to use, over the one that holds for everybody."""
    common = lexicons.get("", Lexicon())
    name = form.text("lexicon")
    if name is None:
        return common
    lexicon = lexicons.get(name)
    if lexicon is None:
        named = ", ".join(sorted(filter(None, lexicons)))
        form.reject(
            "lexicon", f"one of {named}" if named else "none: the server has no lexicons", name
        )
        return common
    return lexicon.over(common)


def _read_ignored(form: _Form) -> tuple[str, ...]:
    # ``language`` counts only where ``lang`` is missing.
    unused = ("language",) if form.text("lang") is not None else ()
    return tuple(name for name in (*IGNORED, *unused) if form.text(name) is not None)


def _speed(alpha: float | None, scale: float | None) -> Speed:
    if scale is not None:
        return 1 / _clamp(scale, SHORTEST_SCALE, LONGEST_SCALE)
    return 1.0 if alpha is None else _clamp(alpha, SLOWEST, FASTEST)


def _positive(value: str) -> float | None:
    """Return a finite number above 0, or None if the text is no such number."""
    # Python's own float() also takes 1_000, nan, inf and the digits of every script.
    if not _NUMBER.fullmatch(value.strip()):
        return None
    number = float(value)
    return number if 0 < number < math.inf else None


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _plain(value: str) -> str:
    """Return what of a value is fit for a sentence: letters, digits and a few signs."""
    return re.sub(r"[^\w.+-]", "", value)[:_SHOWN]


def show(value: str | None) -> str:
    """Return a value fit for one line of a fault: short, quoted, without control characters."""
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"

"""The query string of a WebSocket's URL: options, and what else a client says there.

In: the query, percent-encoded or not, since half of the clients do not. Out: `Request`, or all that
is wrong with it at once. Invariant: whatever the query, nothing but `BadOptions` is raised.

This is the only module that knows the names of the parameters on the wire.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.mp3 import mpeg_rate
from hoarfrost.dialogue.options import DEFAULT_RATE_HZ, Options
from hoarfrost.errors import BadOptions
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text import languages
from hoarfrost.text.lexicon import Lexicon
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import FASTEST, SLOWEST, Milliseconds, SampleRate, Speed

QUERY_LIMIT: Final = 4096
"""Bytes of query string that are read; a thousand would do for every real client."""

MODELS: Final = ("mistv3", "mistv2", "mist", "coda", "arcana", "arcanav2", "arcanav3")
"""Rime's models. All of them are served by the same voices."""

LOWEST_RATE_HZ: Final = 4000
HIGHEST_RATE_HZ: Final = 44100

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

_SHOWN: Final = 40  # characters of a value that a fault repeats
_NOT_GIVEN: Final = frozenset({"", "none", "null", "undefined"})
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})?")


@dataclass(frozen=True, slots=True)
class Request:
    """What a query asks for.

    Attributes:
        options: Options of the conversation; with MP3 maybe of a higher rate than was asked for.
        model: The model the client asked for, one of `MODELS`; it changes nothing.
        events: Whether text frames tell of events beside the audio.
        ignored: Parameters that were given, are known, and change nothing; for the log.
        unknown: Parameters that were given and mean nothing here, as they were written.
    """

    options: Options
    model: str = MODELS[0]
    events: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


Lexicons: TypeAlias = Mapping[str, Lexicon]
"""By name, as ``lexicon=NAME`` asks for it; the one named "" holds for everybody."""

_NO_LEXICONS: Final[Lexicons] = MappingProxyType({})


def parse_query(
    query: str | bytes, catalogue: Catalogue, lexicons: Lexicons = _NO_LEXICONS
) -> Request:
    """Read a query string.

    Names of parameters count whatever their case, ``+`` is a space, the last of several values
    holds, and unknown parameters are passed over. Empty, ``None``, ``null`` and ``undefined`` mean
    that a parameter is not given.

    Args:
        query: What follows the ``?`` in the URL.
        catalogue: The voices there are.
        lexicons: The lexicons there are.

    Raises:
        BadOptions: If anything is wrong, with every fault, in the order of the specification.
    """
    form = _Form(_split(query))
    voice = _read_voice(form, catalogue)
    model = form.choice("modelId", MODELS)
    audio_format = AudioFormat(form.choice("audioFormat", list(AudioFormat), AudioFormat.MP3))
    language = _read_language(form, catalogue, voice)
    rate_hz = _read_rate(form)
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
    if form.faults or voice is None:
        raise BadOptions(form.faults)
    options = Options(
        voice=voice,
        language=language,
        audio_format=audio_format,
        rate_hz=mpeg_rate(rate_hz) if audio_format is AudioFormat.MP3 else rate_hz,
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
        ignored=_read_ignored(form),
        unknown=form.unknown(),
    )


def parse_rate(query: str | bytes) -> SampleRate:
    """Read the rate alone, as `parse_query` does: for a client, which has no catalogue.

    Raises:
        BadOptions: If the rate, or the query as a whole, is wrong.
    """
    form = _Form(_split(query))
    rate_hz = _read_rate(form)
    if form.faults:
        raise BadOptions(form.faults)
    return rate_hz


class _Form:
    """The parameters that were given, and what turns out to be wrong with them.

    A reader returns its default where a value is missing or wrong; in the latter case it also notes
    the fault, so that the caller goes on and finds the rest.
    """

    def __init__(self, values: Mapping[str, tuple[str, str]]) -> None:
        self._values = values
        self._asked: set[str] = set()
        self.faults: list[str] = []

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

    def reject(self, name: str, expected: str, got: str | None) -> None:
        """Note that a parameter is wrong."""
        self.faults.append(f"{name}: expected {expected}, got {_show(got)}")

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


def _split(query: str | bytes) -> dict[str, tuple[str, str]]:
    """Return each parameter's name as written and its last value, by its name in small letters.

    Raises:
        BadOptions: If the query cannot be read at all.
    """
    raw = query.encode(errors="surrogatepass") if isinstance(query, str) else query
    if len(raw) > QUERY_LIMIT:
        raise BadOptions([f"query: expected at most {QUERY_LIMIT} bytes, got {len(raw)}"])
    for escape in _ESCAPE.finditer(raw):
        if escape[1] is None:
            got = raw[escape.start() : escape.start() + 3].decode("ascii", "replace")
            raise BadOptions([f"query: expected % and two hexadecimal digits, got {_show(got)}"])
    try:
        pairs = [
            [unquote_to_bytes(half.replace(b"+", b" ")).decode() for half in pair.split(b"=", 1)]
            for pair in raw.split(b"&")
        ]
    except UnicodeDecodeError:
        raise BadOptions(["query: expected UTF-8 text, got bytes that are not"]) from None
    named = [(pair[0].strip(), pair[1]) for pair in pairs if len(pair) == 2]
    return {name.lower(): (name, value) for name, value in named}


def _read_voice(form: _Form, catalogue: Catalogue) -> Voice | None:
    name = form.text("speaker")
    if name is None:
        form.reject("speaker", "the name of a voice (GET /voices lists all)", None)
        return None
    voice = catalogue.find(name, form.text("lang") or form.text("language"))
    if voice is None:
        close = catalogue.close_matches(name)
        hint = f"close to it: {', '.join(close)}; " if close else ""
        form.reject("speaker", f"the name of a voice ({hint}GET /voices lists all)", name)
    return voice


def _read_language(form: _Form, catalogue: Catalogue, voice: Voice | None) -> str:
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
        form.reject(name, f"a language of {speaker.lower()} ({listed})", wish)
    return picked or voice.language


def _read_rate(form: _Form) -> SampleRate:
    value = form.text("samplingRate")
    if value is None:
        return DEFAULT_RATE_HZ
    rate = _positive(value)
    if rate is None or not rate.is_integer() or not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        expected = f"a whole number from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ}"
        form.reject("samplingRate", expected, value)
        return DEFAULT_RATE_HZ
    return int(rate)


def _read_inline_speeds(form: _Form) -> tuple[Speed, ...]:
    """Read numbers between commas; an empty place is one that says nothing, so 1."""
    value = form.text("inlineSpeedAlpha")
    if value is None:
        return ()
    speeds = [_positive(item) if item.strip() else 1.0 for item in value.split(",")]
    numbers = [speed for speed in speeds if speed is not None]
    if len(numbers) < len(speeds):
        form.reject("inlineSpeedAlpha", "numbers above 0 with commas between them", value)
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


def _show(value: str | None) -> str:
    """Return a value fit for one line of a fault: short, quoted, without control characters."""
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"

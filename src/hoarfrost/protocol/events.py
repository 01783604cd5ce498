"""The event channel of ``/ws?events=json``: the plain protocol, and text frames beside the audio.

In and out as in `hoarfrost.protocol.plain`; each output but audio is one text frame, a JSON object
with a ``type``. Invariant: the binary frames, joined, are those that ``/ws`` sends.
"""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, assert_never

from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import (
    Audio,
    Cleared,
    Done,
    Ended,
    Failure,
    FirstAudioTiming,
    Flushed,
    Output,
    Ready,
    Speaking,
    Started,
    Stepped,
    Words,
    WordTime,
)
from hoarfrost.errors import HoarfrostError
from hoarfrost.protocol.codec import Addressed, Frame, Untimed
from hoarfrost.protocol.plain import PlainCodec
from hoarfrost.units import Milliseconds


class EventsCodec(Untimed):
    """The `Codec` of ``/ws?events=json``."""

    has_contexts: ClassVar[bool] = False
    conduct: ClassVar[Conduct] = Conduct()

    def __init__(self) -> None:
        self._plain = PlainCodec()

    def decode(self, message: str | bytes) -> Sequence[Addressed]:
        """Read one message, as on ``/ws``.

        Raises:
            TextNotUtf8: If bytes are not UTF-8.
        """
        return self._plain.decode(message)

    def encode(self, context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return audio as it is, and everything else as JSON."""
        if isinstance(output, Audio):
            return self._plain.encode(context, output)
        if isinstance(output, Flushed) or output == Ended():
            return []  # the audio or the close frame says it
        return [json.dumps(_describe(output), ensure_ascii=False)]


def _describe(
    output: Ready | Started | Speaking | Stepped | Words | Done | Cleared | Failure | Ended,
) -> dict[str, Any]:
    told: dict[str, Any]
    match output:
        case Ready(options, unknown):
            told = {"type": "ready", "options": _options(options), "unknown": list(unknown)}
        case Started(utterance):
            told = {"type": "started", "utterance": utterance}
        case Speaking(start, end, utterance, cut):
            told = {"type": "segment", "utterance": utterance, "start": start, "end": end}
            told |= {"cut": cut and cut.value}
        case Stepped(utterance, work_ms, audio_ms):
            told = {"type": "step", "utterance": utterance}
            told |= {"work_ms": _ms(work_ms), "audio_ms": _ms(audio_ms)}
        case Words(utterance, words):
            times = [_word(word) for word in words]
            told = {"type": "words", "utterance": utterance, "words": times}
        case Done(utterance, audio_ms, timing):
            told = {"type": "done", "utterance": utterance, "audio_ms": _ms(audio_ms)}
            told |= _timing(timing) if timing else {}
        case Cleared(utterance, sent_ms, heard_ms):
            told = {"type": "cleared", "utterance": utterance}
            told |= {"sent_ms": _ms(sent_ms), "heard_ms": _ms(heard_ms)}
        case Failure(fault) | Ended(fault):
            told = {"type": "error"} | ({} if fault is None else _fault(fault))
        case _:
            assert_never(output)
    return told


def _fault(fault: HoarfrostError) -> dict[str, Any]:
    return {
        "status": fault.http_status,
        "message": str(fault),
        "retry": fault.retry_helps,
    }


def _options(options: Options) -> dict[str, Any]:
    """Return options under the names that they have in the query."""
    return {
        "speaker": options.voice.name,
        "lang": options.language,
        "audioFormat": options.audio_format.value,
        "samplingRate": options.rate_hz,
        "speedAlpha": options.speed,
        "inlineSpeedAlpha": list(options.inline_speeds),
        "pauseBetweenBrackets": options.pauses,
        "segment": options.segment.value,
        "lines": "wrapped" if options.unwraps else "breaks",
        "lookahead": options.lookahead_ms,
    }


def _word(word: WordTime) -> dict[str, Any]:
    return {
        "word": word.text,
        "start": word.start,
        "end": word.end,
        "start_ms": _ms(word.start_ms),
        "end_ms": _ms(word.end_ms),
    }


def _timing(timing: FirstAudioTiming) -> dict[str, Any]:
    return {
        "first_audio_ms": _ms(timing.first_audio_ms),
        "parts": {
            "held_ms": _ms(timing.held_ms),
            "synthesis_ms": _ms(timing.synthesis_ms),
            "waited_ms": _ms(timing.waited_ms),
        },
    }


def _ms(duration_ms: Milliseconds) -> float:
    """Return a duration to the microsecond."""
    return round(duration_ms, 3)

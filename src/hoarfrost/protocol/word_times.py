"""Times of a client's own words: white-space tokens, as they were written.

In: the text of one synthesis, and the times of what was spoken of it. Out: `TimedToken` values, one
for each token, in order. Invariant: times ascend, every token has one, and the last one ends with
the audio.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.dialogue.outputs import WordTime
from hoarfrost.units import Milliseconds

_TOKEN: Final = re.compile(r"spell\([^)]*\)\S*|<[^<>]{0,64}>|[^\s<]+|<")
_UNSPOKEN: Final = re.compile(r"[\[\]]")
_TAG: Final = re.compile(r"<[^<>]{0,64}>")


@dataclass(frozen=True, slots=True)
class TimedToken:
    """A token of the text with its time in the audio.

    Attributes:
        text: As the client wrote it, without brackets and tags.
        start_ms: When it begins, from the first sample of the synthesis.
        end_ms: When it ends.
    """

    text: str
    start_ms: Milliseconds
    end_ms: Milliseconds


def time_tokens(
    text: str,
    offset: int,
    words: Sequence[WordTime],
    origin_ms: Milliseconds,
    audio_ms: Milliseconds,
) -> list[TimedToken]:
    """Give each token of a text its time.

    Args:
        text: Of one synthesis.
        offset: Of its first character in the client's text.
        words: What was spoken: offsets in the client's text, times from the first sample of the
            utterance. A token's time is that of all words in it; a word that was made of several
            tokens (``2.5 million``) is shared by them, by their lengths. Tokens without any take
            no time; without any words at all, all tokens share the audio by their lengths.
        origin_ms: Where the synthesis begins in the utterance.
        audio_ms: Length of its audio.
    """
    tokens = [
        (found.start() + offset, found.end() + offset, clean)
        for found in _TOKEN.finditer(text)
        if (clean := _UNSPOKEN.sub("", _TAG.sub("", found[0])))
    ]
    if not any(map(str.isalnum, text)) or not tokens:
        return []
    if not words:
        words = (WordTime("", tokens[0][0], tokens[-1][1], origin_ms, origin_ms + audio_ms),)
    timed: list[TimedToken] = []
    at_ms = 0.0
    for start, end, clean in tokens:
        spoken = (word for word in words if word.start < end and start < word.end)
        spans = [_share(word, start, end, origin_ms) for word in spoken]
        begin_ms = max(at_ms, min(span[0] for span in spans)) if spans else at_ms
        end_ms = max(begin_ms, *(span[1] for span in spans)) if spans else begin_ms
        begin_ms, end_ms = min(begin_ms, audio_ms), min(end_ms, audio_ms)
        timed.append(TimedToken(clean, begin_ms, end_ms))
        at_ms = end_ms
    last = timed[-1]
    timed[-1] = TimedToken(last.text, last.start_ms, audio_ms)
    return timed


def _share(
    word: WordTime, start: int, end: int, origin_ms: Milliseconds
) -> tuple[Milliseconds, Milliseconds]:
    """Return the part of a word's time that falls to a stretch of the text."""
    length = max(1, word.end - word.start)
    span_ms = word.end_ms - word.start_ms
    first = (max(start, word.start) - word.start) / length
    last = (min(end, word.end) - word.start) / length
    begin_ms = word.start_ms - origin_ms
    return begin_ms + first * span_ms, begin_ms + last * span_ms

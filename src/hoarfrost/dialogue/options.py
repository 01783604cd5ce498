"""What holds for a whole conversation, whatever protocol it was asked for in."""

import math
from dataclasses import dataclass, field

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.lexicon import Lexicon
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Milliseconds, SampleRate, Speed

DEFAULT_RATE_HZ: SampleRate = 22050


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a protocol expects of its conversations, whatever the client asks for.

    Attributes:
        silence_ms: Silence in place of a turn that has text but nothing to be spoken: many clients
            take an end without audio for a failure.
        survives_failure: Whether the conversation goes on after speech that failed, and after text
            that was too much.
    """

    silence_ms: Milliseconds = 0.0
    survives_failure: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a conversation.

    Attributes:
        voice: Who speaks.
        language: BCP 47 tag, one of the voice's.
        audio_format: Encoding of the audio.
        rate_hz: Sample rate of the audio.
        pauses: Whether ``<200>`` in the text is a pause.
        phonemes: Whether ``{k1Ast0xm}`` in the text is phonemes, in Rime's alphabet.
        lexicon: How words are said that the voice says wrong.
        inline_speeds: Factors on ``speed`` for the bracketed words of an utterance, in order.
        speed: Factor on the voice's natural rate; above 1.0 is faster.
        segment: When text is released to be spoken.
        unwraps: Whether line breaks inside of a paragraph are spaces: the text is hard-wrapped.
        lookahead_ms: Audio to be sent ahead of playback at most; None for no bound of the client's.
    """

    voice: Voice
    language: str
    audio_format: AudioFormat = AudioFormat.MP3
    rate_hz: SampleRate = DEFAULT_RATE_HZ
    pauses: bool = False
    phonemes: bool = False
    lexicon: Lexicon = field(default_factory=Lexicon)
    inline_speeds: tuple[Speed, ...] = ()
    speed: Speed = 1.0
    segment: SegmentMode = SegmentMode.BY_SENTENCE
    unwraps: bool = False
    lookahead_ms: Milliseconds | None = None

    def __post_init__(self) -> None:
        if self.language not in self.voice.languages:
            raise ValueError(
                f"language: expected one of {', '.join(self.voice.languages)}, got {self.language}"
            )
        if self.rate_hz <= 0:
            raise ValueError(f"rate_hz: expected a number above 0, got {self.rate_hz}")
        for speed in (self.speed, *self.inline_speeds):
            if not 0 < speed < math.inf:
                raise ValueError(f"speed: expected a number above 0, got {speed}")

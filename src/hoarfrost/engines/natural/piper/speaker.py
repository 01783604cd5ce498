"""A speaker of a Piper voice, ready to say sentences.

The way of a sentence: `tokens` (→ ids), `graphs` (→ frames → samples).
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.phonemes import Phonemizer, Pronunciation
from hoarfrost.engines.natural.piper.graphs import CutVoice, Frames, Tokens, graph_bytes
from hoarfrost.engines.natural.piper.package import Package, read_package
from hoarfrost.engines.natural.piper.tokens import plan, pronunciation
from hoarfrost.engines.natural.piper.whole import WholeVoice
from hoarfrost.engines.natural.utterance import TokenPlan, Voicing
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.reading.sentences import Sentence, Word, read_sentences
from hoarfrost.units import Milliseconds, SampleRate, Speed, samples_in

_LOG = logging.getLogger(__name__)

STREAMED: Final = Schedule(
    frames=(6, 16, 32),
    whole_tokens=72,
    first_tokens=34,
    first_context=16,
    more_tokens=72,
    token_context=32,
)
"""Sound after 8 frames (93 ms of speech at 22 050 Hz); the windows grow while the listener hears
what is there. What each number costs and buys: docs/decisions/0008-piper-voices.md."""

_FADE_MS: Final[Milliseconds] = 4
"""Shorter than any sound of speech, longer than a click."""
LEAD_MS: Final[Milliseconds] = 30
"""Silence kept before the first sound of a sentence; the models make 100 ms and more of it."""


class VitsVoices:
    """The voices of one package; see `hoarfrost.engines.natural.voice_cache.VoicePackage`.

    Args:
        folder: The package.
        lead_ms: Silence kept before the first sound of a sentence.

    Raises:
        VoiceFault: If it is no package of this family; says why.
    """

    def __init__(self, folder: Path, *, lead_ms: Milliseconds = LEAD_MS) -> None:
        self._package = read_package(folder)
        self._lead_ms = lead_ms
        self._speakers = _named_speakers(self._package)
        if self._package.whole_because:
            _LOG.warning(
                "voice %s: runs sentence by sentence, since it could not be cut: %s",
                self._package.name,
                self._package.whole_because,
            )

    @property
    def n_bytes(self) -> int:
        """What its graphs take on disk."""
        return graph_bytes(self._package.folder)

    def voices(self, engine: str) -> list[Voice]:
        """Return its voices: the model's name for the first speaker, ``name.speaker`` for all."""
        return [self._voice(engine, name, spoken) for name, (_, spoken) in self._speakers.items()]

    def load(
        self, phonemize: Callable[[str], Phonemizer], schedule: Schedule | None
    ) -> Mapping[str, "VitsSpeaker"]:
        """Open the graphs; return the speakers by the names of their voices.

        Raises:
            VoiceFault: If the graphs do not fit the manifest.
        """
        package = self._package
        phonemizer = phonemize(package.espeak_voice) if package.espeak_voice else str
        model = WholeVoice(package) if package.whole_because else CutVoice(package)
        say = pronunciation(package.phonemes, phonemizer, package.clusters)
        return {
            name: VitsSpeaker(
                package=package,
                say=say,
                model=model,
                speaker=speaker,
                lead_ms=self._lead_ms,
                schedule=schedule or model.schedule(STREAMED),
            )
            for name, (speaker, _) in self._speakers.items()
        }

    def _voice(self, engine: str, name: str, spoken: str) -> Voice:
        package = self._package
        description = package.description
        if spoken:
            shown = "".join(filter(str.isprintable, spoken))
            description = f"{description.rstrip('.')}: speaker {shown}."
        if package.whole_because:
            description += " It could not be cut, so it is heard sentence by sentence."
        return Voice(
            name=name,
            engine=engine,
            languages=package.languages,
            gender=Gender.NEUTRAL,  # nothing in a model says how it sounds
            description=description,
            rate_hz=package.rate_hz,
            licence=package.licence,
            tags=tuple(filter(None, ("natural", "piper", package.quality))),
        )


def _named_speakers(package: Package) -> dict[str, tuple[int, str]]:
    """Return, by the name of a voice, the speaker's id and how the model calls it."""
    named = {package.name: (package.default_speaker, "")}
    for spoken, speaker in sorted(package.speakers.items(), key=lambda each: each[1]):
        name = f"{package.name}.{_tidy(spoken)}"
        if name in named:  # two that differ in what a voice's name has no room for
            name = f"{name}-{speaker}"
        named[name] = (speaker, spoken)
    return named


def _tidy(name: str) -> str:
    """Return a speaker's name as a voice's name may be: lower case, no spaces."""
    return "".join(c if c.isalnum() or c in "_-" else "_" for c in name.lower()) or "_"


class VitsSpeaker:
    """One speaker of a voice; the graphs are shared by all.

    Attributes:
        id: What the model calls it.
        rate_hz: Samples a second.
        hop: Samples a frame.
        lookahead: Frames that a voicing holds back.
        lead_frames: Frames of silence kept before the first sound.
        tail_ms: The last word is heard to the end of its tokens.
        schedule: How much is done at a time.
    """

    def __init__(
        self,
        *,
        package: Package,
        say: Pronunciation,
        model: CutVoice | WholeVoice,
        speaker: int,
        lead_ms: Milliseconds,
        schedule: Schedule,
    ) -> None:
        self._package = package
        self._say = say
        self._model = model
        self.id = speaker
        self._gain = np.float32(10 ** (package.gains_db[speaker] / 20))
        self.rate_hz: SampleRate = package.rate_hz
        self.hop: int = package.hop
        self.lookahead: int = model.lookahead
        self.tail_ms: Milliseconds = 0
        self.lead_frames: int = round(samples_in(lead_ms, package.rate_hz) / package.hop)
        self.schedule = schedule

    def read(self, text: str) -> list[Sentence]:
        """Split a text into sentences; English numbers and abbreviations are written out."""
        return read_sentences(text, self._package.languages[0])

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], Speed], seed: int
    ) -> TokenPlan[Tokens] | None:
        """Lay a sentence out as tokens."""
        return plan(sentence, self._say, self._package.phonemes, speed_of, seed)

    def frames(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts."""
        return self._model.frames(tokens, self.id)

    def voicing(self, seed: int) -> Voicing[Frames]:
        """Start a sentence."""
        return _Delivery(self._model.sound(seed, self.id), self._package, self._gain)


class _Delivery:
    """A sentence at the level that all voices have, without a click at either end.

    What is left of the silence at its ends is not quite silent, so it is faded in and out.
    """

    def __init__(self, sound: Voicing[Frames], package: Package, gain: np.float32) -> None:
        self._sound = sound
        self._name = package.name
        self._gain = gain
        n_fade = samples_in(_FADE_MS, package.rate_hz)
        self._fade = (np.arange(1, n_fade + 1) / (n_fade + 1)).astype(np.float32)
        self._at = 0

    def feed(self, frames: Frames, *, is_last: bool) -> NDArray[np.float32]:
        """Take the next frames; return the samples that are final now.

        Raises:
            VoiceFault: If the model gave what is no sound.
        """
        samples = self._sound.feed(frames, is_last=is_last) * self._gain
        if not np.all(np.isfinite(samples)):
            raise VoiceFault(f"voice {self._name}: expected samples from its model, got no numbers")
        rising = self._fade[self._at : self._at + len(samples)]
        samples[: len(rising)] *= rising
        if is_last:
            falling = self._fade[: len(samples)][::-1]
            samples[len(samples) - len(falling) :] *= falling
        self._at += len(samples)
        return samples

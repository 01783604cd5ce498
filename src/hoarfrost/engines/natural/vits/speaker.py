"""A speaker of a Piper voice, ready to say sentences.

The way of a sentence: `tokens` (→ ids), `graphs` (→ frames → samples).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.phonemes import Phonemizer, Pronunciation
from hoarfrost.engines.natural.reading import Sentence, Word, read_sentences
from hoarfrost.engines.natural.utterance import TokenPlan, Voicing
from hoarfrost.engines.natural.vits.graphs import CutVoice, Frames, Tokens, graph_bytes
from hoarfrost.engines.natural.vits.package import Package, read_package
from hoarfrost.engines.natural.vits.tokens import plan, pronunciation
from hoarfrost.engines.natural.vits.whole import WholeVoice
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.units import Milliseconds, SampleRate, Speed, samples_in

STREAMED: Final = Schedule(
    frames=(8, 16, 32, 64),
    whole_tokens=200,
    first_tokens=60,
    more_tokens=200,
    token_context=40,
)
"""Sound after 8 frames; the windows grow while the listener hears what is there."""

LEAD_MS: Final[Milliseconds] = 30
"""Silence kept before the first sound of a sentence; the models make 100 ms and more of it."""

_ONLY: Final = 0
"""The id of the speaker of a voice that has one."""


class VitsVoices:
    """The voices of one package; see `hoarfrost.engines.natural.shelf.VoicePackage`."""

    def __init__(self, folder: Path) -> None:
        self._package = read_package(folder)

    @property
    def n_bytes(self) -> int:
        """What its graphs take on disk."""
        return graph_bytes(self._package.folder)

    def voices(self, engine: str) -> list[Voice]:
        """Return its voices: the model's name for the first speaker, ``name.speaker`` for all."""
        return [self._voice(engine, name, spoken) for name, (_, spoken) in self._speakers().items()]

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
        say = pronunciation(package.phonemes, phonemizer)
        return {
            name: VitsSpeaker(package, say, model, speaker, schedule or model.schedule(STREAMED))
            for name, (speaker, _) in self._speakers().items()
        }

    def _speakers(self) -> dict[str, tuple[int, str]]:
        """By the voice's name, the speaker's id and how the model calls it."""
        package = self._package
        speakers = sorted(package.speakers.items(), key=lambda each: each[1])
        named = {package.name: (speakers[0][1] if speakers else _ONLY, "")}
        for spoken, speaker in speakers:
            named.setdefault(f"{package.name}.{_tidy(spoken)}", (speaker, spoken))
        return named

    def _voice(self, engine: str, name: str, spoken: str) -> Voice:
        package = self._package
        description = package.description
        if spoken:
            description = f"{description.rstrip('.')}: speaker {spoken}."
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


def _tidy(name: str) -> str:
    """Return a speaker's name as a voice's name may be: lower case, no spaces."""
    return "".join(c if c.isalnum() or c in "_-" else "_" for c in name.lower()) or "_"


class VitsSpeaker:
    """One speaker of a voice; the graphs are shared by all.

    Attributes:
        rate_hz: Samples a second.
        hop: Samples a frame.
        lookahead: Frames that a voicing holds back.
        lead_frames: Frames of silence kept before the first sound.
        schedule: How much is done at a time.
    """

    def __init__(
        self,
        package: Package,
        say: Pronunciation,
        model: CutVoice | WholeVoice,
        speaker: int,
        schedule: Schedule,
    ) -> None:
        self._package = package
        self._say = say
        self._model = model
        self._speaker = speaker
        self._gain = np.float32(10 ** (package.gain_db(speaker) / 20))
        self.rate_hz: SampleRate = package.rate_hz
        self.hop: int = package.hop
        self.lookahead: int = model.lookahead
        self.lead_frames: int = max(1, round(samples_in(LEAD_MS, package.rate_hz) / package.hop))
        self.schedule = schedule
        self._embedding = model.embedding(speaker)

    def read(self, text: str) -> list[Sentence]:
        """Split a text into sentences; English numbers and abbreviations are written out."""
        is_english = self._package.languages[0].lower().startswith("en")
        return read_sentences(text, writes_out=is_english)

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], Speed], seed: int
    ) -> TokenPlan[Tokens] | None:
        """Lay a sentence out as tokens."""
        return plan(sentence, self._say, self._package.phonemes, speed_of, seed)

    def frames(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts."""
        return self._model.frames(tokens, self._speaker)

    def voicing(self, seed: int) -> Voicing[Frames]:
        """Start a sentence."""
        return _Levelled(self._model.sound(seed, self._embedding), self._gain)


@dataclass(frozen=True, slots=True)
class _Levelled:
    """A sentence at the level that all voices have."""

    sound: Voicing[Frames]
    gain: np.float32

    def feed(self, frames: Frames, *, is_last: bool) -> NDArray[np.float32]:
        """Take the next frames; return the samples that are final now."""
        return self.sound.feed(frames, is_last=is_last) * self.gain

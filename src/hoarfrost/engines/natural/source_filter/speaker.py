"""A speaker of a source-filter package, ready to say sentences.

The way of a sentence: `prosody` (→ tokens), `graphs.TextGraph` (→ frames), `graphs.CurveGraph`
(→ curves), `sound` (→ samples).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.phonemes import Phonemizer, Pronunciation
from hoarfrost.engines.natural.source_filter.graphs import CurveGraph, Frames, TextGraph, Tokens
from hoarfrost.engines.natural.source_filter.package import Package, read_package
from hoarfrost.engines.natural.source_filter.prosody import plan
from hoarfrost.engines.natural.source_filter.sound import Noise, SourceFilter
from hoarfrost.engines.natural.source_filter.sounds import pronunciation
from hoarfrost.engines.natural.source_filter.speakers import Member, members_of
from hoarfrost.engines.natural.utterance import TokenPlan
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.reading.sentences import Sentence, Word, read_sentences
from hoarfrost.units import SampleRate, Speed

TOKEN_CONTEXT: Final = 18
"""Tokens on each side after which the text graph's answer no longer changes: 12 for its
convolutions over tokens, and the fewest that hold the 9 frames of those over frames. Only the
rounding of durations to frames begins anew with each stretch: its tokens may shift by one frame."""

STREAMED: Final = Schedule(
    frames=(8, 64, 128),
    whole_tokens=48,
    first_tokens=16,
    more_tokens=96,
    token_context=TOKEN_CONTEXT,
)
"""Sound after 8 frames (93 ms of speech, 256 samples each at 22 050 Hz).

One core of an Ice Lake server at 2.8 GHz: a call of the decoder graph costs 0.4 ms and 0.035 ms a
frame, the sound of a frame 0.03 ms, a call of the text graph 0.3 ms and 0.055 ms a token. So the
first window is short, and no step takes longer than 16 ms, even where a stretch of tokens falls due
in it.
"""

_HZ: Final = (55.0, 480.0)
"""Pitch is kept inside these: nobody's voice leaves them in speech."""


class SourceFilterVoices:
    """The voices of one package; see `hoarfrost.engines.natural.shelf.VoicePackage`."""

    def __init__(self, folder: Path) -> None:
        self._package = read_package(folder)
        self._members = members_of(self._package)

    @property
    def n_bytes(self) -> int:
        """What its graphs take on disk."""
        folder = self._package.folder
        return sum((folder / name).stat().st_size for name in ("text.onnx", "dec.onnx"))

    def voices(self, engine: str) -> list[Voice]:
        """Return its voices as the catalogue knows them."""
        return [member.voice(engine, self._package) for member in self._members]

    def load(
        self, phonemize: Callable[[str], Phonemizer], schedule: Schedule | None
    ) -> Mapping[str, "SourceFilterSpeaker"]:
        """Open the graphs; return the speakers by the names of their voices.

        Raises:
            VoiceFault: If the graphs do not fit the manifest.
        """
        package = self._package
        text, curves, noise = TextGraph(package), CurveGraph(package), Noise(package)
        noise.spectra(0, 1)  # made at the first call: now, not in somebody's first sentence
        say = pronunciation(package.phonemes, phonemize("en-us"))
        return {
            member.name: SourceFilterSpeaker(
                member=member,
                package=package,
                schedule=schedule or STREAMED,
                pronunciation=say,
                text=text,
                curves=curves,
                sound=SourceFilter(package, member.shape, noise),
            )
            for member in self._members
        }


@dataclass(frozen=True, slots=True)
class SourceFilterSpeaker:
    """One member of a package's family; graphs and noise are shared by all members."""

    member: Member
    package: Package
    schedule: Schedule
    pronunciation: Pronunciation
    text: TextGraph
    curves: CurveGraph
    sound: SourceFilter
    lead_frames: int = 1

    @property
    def rate_hz(self) -> SampleRate:
        """Samples a second."""
        return self.package.rate_hz

    @property
    def hop(self) -> int:
        """Samples a frame."""
        return self.package.hop

    @property
    def lookahead(self) -> int:
        """Frames that a voicing holds back."""
        return self.curves.lookahead

    def read(self, text: str) -> list[Sentence]:
        """Split a text into sentences, numbers and abbreviations written out."""
        return read_sentences(text)

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], Speed], seed: int
    ) -> TokenPlan[Tokens] | None:
        """Lay a sentence out as tokens; nothing about it is random."""
        del seed
        tempo = self.member.tempo
        return plan(
            sentence, self.pronunciation, self.package.phonemes, lambda word: speed_of(word) * tempo
        )

    def frames(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts."""
        return self.text.run(tokens)

    def voicing(self, seed: int) -> "_Voicing":
        """Start a sentence; ``seed`` is where in the noise it begins."""
        return _Voicing(self, seed)

    def hz(self, pitch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the recorded pitch and the speaker's, float64, shape (2, n), Hz."""
        mean, spread = self.package.mean_log_hz, pitch.astype(np.float64) * self.package.std_log_hz
        shifted = mean + self.member.semitones * np.log(2) / 12
        logs = np.stack([mean + spread, shifted + spread * self.member.liveliness])
        hz: NDArray[np.float64] = np.clip(np.exp(logs), *_HZ)
        return hz


class _Voicing:
    """Frames → curves → samples of one sentence."""

    def __init__(self, speaker: SourceFilterSpeaker, noise_start: int) -> None:
        self._speaker = speaker
        self._curves = speaker.curves.stream()
        self._sound = speaker.sound.voicing(noise_start)
        self._hz: NDArray[np.float64] = np.zeros((2, 0))

    def feed(self, frames: Frames, *, is_last: bool) -> NDArray[np.float32]:
        """Take the next frames; return the samples that are final now."""
        self._hz = np.concatenate([self._hz, self._speaker.hz(frames.pitch)], axis=1)
        curves = self._curves.feed(frames, is_last=is_last)
        return self._sound.render(curves, self._hz[0], self._hz[1], is_last=is_last)

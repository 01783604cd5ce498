"""A speaker of a hibari voice, ready to say sentences.

The way of a sentence: `front_end` (→ symbols), `graphs.ProsodyGraphs` (→ frames), `graphs.Decoder`
(→ spectra), `sound` (→ samples).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.hibari.calibration import SENTENCES, measure_ranges
from hoarfrost.engines.natural.hibari.front_end import FrontEnd
from hoarfrost.engines.natural.hibari.graphs import (
    Array,
    Decoder,
    Frames,
    ProsodyGraphs,
    Tokens,
    decoder_input,
)
from hoarfrost.engines.natural.hibari.installed import open_front_end, read_vocabulary
from hoarfrost.engines.natural.hibari.melody import EMPHATIC_SPEED, MEAN_HZ, melody_of
from hoarfrost.engines.natural.hibari.package import read_package
from hoarfrost.engines.natural.hibari.sound import HOP, Noise, Sound
from hoarfrost.engines.natural.hibari.speakers import Member, members_of
from hoarfrost.engines.natural.hibari.weights import Weights, read_weights
from hoarfrost.engines.natural.hibari.writer import Range
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.utterance import NO_WORD, TokenPlan, nearest_owners
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.reading.sentences import Sentence, Word, read_sentences
from hoarfrost.units import Milliseconds, SampleRate, Speed

STREAMED: Final = Schedule(
    frames=(4, 8, 16, 32),
    whole_tokens=88,
    first_tokens=28,
    first_context=24,
    more_tokens=48,
    token_context=24,
)
"""Sound after 4 frames, 100 ms of speech.

A sentence of up to 88 tokens, some seven seconds, goes through the text network at once, as it was
trained. A longer one goes stretch by stretch, each with 24 tokens beside it, so that no step grows
with the sentence; what lies further off than that is not attended to.
"""

_EDGE: Final = 0
"""The id of the silence at both ends of a sentence."""
_VOICED_HZ: Final = 40.0
_MOST_HZ: Final = 480.0


class HibariVoices:
    """The voices of one package; see `hoarfrost.engines.natural.voice_cache.VoicePackage`."""

    def __init__(self, folder: Path) -> None:
        self._place = f"voice package {folder.name}"
        self._package = read_package(folder)
        self._members = members_of(self._package)

    @property
    def n_bytes(self) -> int:
        """What its graph takes on disk."""
        return self._package.graph.stat().st_size

    def voices(self, engine: str) -> list[Voice]:
        """Return its voices as the catalogue knows them."""
        return [member.voice(engine, self._package) for member in self._members]

    def load(
        self, phonemize: Callable[[str], Phonemizer], schedule: Schedule | None
    ) -> Mapping[str, "HibariSpeaker"]:
        """Open the graphs; return the speakers by the names of their voices.

        Raises:
            VoiceFault: If the graph or the installed front end is not such as is expected.
        """
        del phonemize  # the family has a front end of its own
        package, place = self._package, self._place
        weights, vocabulary = read_weights(package.graph), read_vocabulary()
        ranges = package.ranges or ranges_of(weights, vocabulary, place)
        graphs = ProsodyGraphs(weights, ranges, place)
        decoder, noise = Decoder(weights, ranges, place), Noise()
        noise.spectra(0, 1)  # made at the first call: now, not in somebody's first sentence
        front_end = FrontEnd(*open_front_end(is_british=package.is_british))
        return {
            member.name: HibariSpeaker(
                member=member,
                schedule=schedule or STREAMED,
                front_end=front_end,
                vocabulary=vocabulary,
                graphs=graphs,
                decoder=decoder,
                sound=Sound(member.shape, noise),
            )
            for member in self._members
        }


@dataclass(frozen=True, slots=True)
class HibariSpeaker:
    """One member of a package's cast; graphs and noise are shared by all members."""

    member: Member
    schedule: Schedule
    front_end: FrontEnd
    vocabulary: Mapping[str, int]
    graphs: ProsodyGraphs
    decoder: Decoder
    sound: Sound
    hop: int = 2 * HOP
    lead_frames: int = 2
    tail_ms: Milliseconds = 110
    """Of four speakers and eight sentences, by level: 70 to 200 ms."""

    @property
    def rate_hz(self) -> SampleRate:
        """Samples a second."""
        return self.member.rate_hz

    @property
    def lookahead(self) -> int:
        """Frames that a voicing holds back."""
        return -(-self.decoder.graph.lookahead // 2)

    def read(self, text: str) -> list[Sentence]:
        """Split a text into sentences, numbers and abbreviations written out."""
        return read_sentences(text)

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], Speed], seed: int
    ) -> TokenPlan[Tokens] | None:
        """Lay a sentence out as tokens; nothing about it is random."""
        del seed
        line = self.front_end.line(sentence)
        known = [place for place, symbol in enumerate(line.symbols) if symbol in self.vocabulary]
        owners = np.array([NO_WORD, *(line.owners[place] for place in known), NO_WORD], np.int64)
        if (owners == NO_WORD).all():
            return None
        words = tuple(word for clause in sentence.clauses for word in clause)
        speeds = np.array([speed_of(word) * self._speed(word) for word in words], np.float32)
        speed = speeds[nearest_owners(owners)]
        symbols = "".join(line.symbols[place] for place in known)
        n_after = len(owners) - 1 - int(np.flatnonzero(owners != NO_WORD)[-1])
        return TokenPlan(
            tokens=Tokens(
                ids=_ids(symbols, self.vocabulary),
                speed=speed,
                n_after=n_after,
                melody=melody_of(sentence, f" {symbols} ", owners),
            ),
            speed=speed,
            owners=owners,
            breaks=tuple(place + 2 for place, symbol in enumerate(symbols) if symbol == " "),
            words=words,
        )

    def _speed(self, word: Word) -> Speed:
        return self.member.speed * (EMPHATIC_SPEED if word.is_emphatic else 1)

    def frames(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts."""
        return self.graphs.run(tokens)

    def voicing(self, seed: int) -> "_Voicing":
        """Start a sentence; ``seed`` is where in the noise it begins."""
        return _Voicing(self, seed)

    def hz(self, pitch: Array, mean_log_hz: float) -> Array:
        """Return the speaker's pitch for that of the voice; what is no pitch remains none."""
        voiced = pitch > _VOICED_HZ
        logs = np.log(np.where(voiced, pitch, 1))
        logs += (self.member.liveliness - 1) * (logs - mean_log_hz) + np.log(self.member.pitch)
        hz: Array = np.where(voiced, np.minimum(np.exp(logs), _MOST_HZ), pitch).astype(np.float32)
        return hz


class _Voicing:
    """Frames → spectra → samples of one sentence."""

    def __init__(self, speaker: HibariSpeaker, noise_start: int) -> None:
        self._speaker = speaker
        self._spectra = speaker.decoder.stream()
        self._sound = speaker.sound.voicing(noise_start)
        self._hz: NDArray[np.float64] = np.zeros(0)

    def feed(self, frames: Frames, *, is_last: bool) -> Array:
        """Take the next frames; return the samples that are final now."""
        hz = self._speaker.hz(frames.hz, float(np.log(MEAN_HZ)))
        self._hz = np.concatenate([self._hz, hz.reshape(-1).astype(np.float64)])
        spectra = self._spectra.feed(decoder_input(frames, hz), is_last=is_last)
        return self._sound.render(spectra, self._hz, is_last=is_last)


def ranges_of(weights: Weights, vocabulary: Mapping[str, int], place: str) -> Mapping[str, Range]:
    """Return what the products of a voice's networks read.

    Raises:
        VoiceFault: If a graph fails.
    """
    lines = (_ids(line, vocabulary) for line in SENTENCES)
    return measure_ranges(weights, lines, place)


def _ids(symbols: str, vocabulary: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([_EDGE, *(vocabulary[symbol] for symbol in symbols), _EDGE], np.int64)

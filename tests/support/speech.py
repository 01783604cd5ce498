"""Reads back which words a tone voice has spoken: what a listener would have heard."""

from collections.abc import Collection, Generator, Iterable

from hoarfrost.audio.pcm import PcmEncoder
from hoarfrost.engines.tone import ToneEngine
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from tests.support.options import TONE

_ENGINE = ToneEngine()


class Recorder:
    """A `Synthesize` that speaks in tones and remembers what it was asked.

    Attributes:
        requests: All requests, in order.
        n_chunks: Chunks handed out so far.
        n_open: Generators that have begun and not ended.
    """

    def __init__(self, *, fails_at: str = "") -> None:
        """Be ready.

        Args:
            fails_at: A text that makes it fail, after its first chunk.
        """
        self.requests: list[SynthesisRequest] = []
        self.n_chunks = 0
        self.n_open = 0
        self._fails_at = fails_at
        # Held on to, so that a generator ends when it is closed, not when it is forgotten.
        self._generators: list[Generator[PcmChunk, None, None]] = []

    def __call__(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak."""
        self.requests.append(request)
        self._generators.append(self._speak(request))
        return self._generators[-1]

    @property
    def texts(self) -> list[str]:
        """The texts asked for, in order."""
        return [request.text for request in self.requests]

    def _speak(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        self.n_open += 1
        try:
            for chunk in _ENGINE.synthesize(request):
                self.n_chunks += 1
                yield chunk
                if self._fails_at and self._fails_at in request.text:
                    raise ZeroDivisionError("an engine's own affair")
        finally:
            self.n_open -= 1


def pcm_of(text: str) -> bytes:
    """Return what the tone voice says, as 16-bit PCM at its own rate."""
    request = SynthesisRequest(TONE, text, TONE.language)
    encoder = PcmEncoder()
    return b"".join(encoder.feed(chunk.samples) for chunk in _ENGINE.synthesize(request))


def words_in(pcm: bytes, vocabulary: Iterable[str], *, is_cut: bool = False) -> list[str]:
    """Return the words that 16-bit PCM of the tone voice consists of, gaps and pauses left out.

    Args:
        pcm: What was heard.
        vocabulary: Words that may be in it.
        is_cut: Whether it may break off inside a word, which is left out then.

    Raises:
        ValueError: If anything but whole words of the vocabulary is in it.
    """
    tones: Collection[tuple[str, bytes]] = [(word, pcm_of(word)) for word in vocabulary]
    heard: list[str] = []
    at = 0
    while at < len(pcm):
        for word, tone in tones:
            if pcm.startswith(tone, at):
                heard.append(word)
                at += len(tone)
                break
        else:
            if is_cut and any(tone.startswith(pcm[at:]) for _, tone in tones):
                break
            if pcm[at : at + 2] != bytes(2):
                raise ValueError(f"expected a word at byte {at}, got something else")
            at += 2
    return heard

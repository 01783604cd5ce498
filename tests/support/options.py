"""Options and voices as tests want them: tones, exact bytes."""

from typing import Any

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.options import Options
from hoarfrost.engines.tone import VOICES
from hoarfrost.synthesis.catalogue import Catalogue

TONE = VOICES["tone"]
"""The voice that `make_options` chooses, at 22,050 Hz."""


def make_options(**changes: Any) -> Options:
    """Return options for the tone voice and 16-bit PCM at the voice's rate, save for changes.

    The rate is the one that the format has in place of the one given, as on the wire.
    """
    settled: dict[str, Any] = {"voice": TONE, "audio_format": AudioFormat.PCM} | changes
    voice = settled["voice"]
    settled = {"language": voice.language, "rate_hz": voice.rate_hz} | settled
    settled["rate_hz"] = settled["audio_format"].rate_for(settled["rate_hz"])
    return Options(**settled)


def make_catalogue() -> Catalogue:
    """Return a catalogue of the tone voices, without aliases."""
    return Catalogue(lambda: tuple(VOICES.values()), {})

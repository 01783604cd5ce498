"""The numbers that the signal path, the networks and the runtime share.

One invariant: a prepared corpus, a checkpoint and a voice package are only valid together under the
same values of this module. The runtime learns them from `voice.json`.
"""

from dataclasses import dataclass
from typing import Final

RATE_HZ: Final = 22_050
HOP: Final = 256
"""Samples a frame: 11.6 ms."""
N_FFT: Final = 1024
N_BINS: Final = N_FFT // 2 + 1
N_MELS: Final = 80

NOISE_N_FFT: Final = 256
NOISE_HOP: Final = 128
"""Two noise spectra a frame. A window of 11.6 ms, not 46 ms, keeps the bursts of stops short."""
NOISE_BINS: Final = NOISE_N_FFT // 2 + 1
NOISE_PER_FRAME: Final = HOP // NOISE_HOP

PULSE_TOP_HZ: Final = 10_800.0
"""Pulses carry harmonics up to here, a little under half the sample rate."""
GAIN_MIN: Final = -14.0
GAIN_MAX: Final = 5.0
"""Limits of every log gain, in nepers."""

CONTEXT_FRAMES: Final = 32
"""Frames beside a window after which the decoder graph gives the same samples as one shot."""

N_FEATURES: Final = 8
"""Position features of a token, see `phonemes.token_features`."""

VOWEL_STRESSES: Final = 3
"""Stress inputs: none, secondary, primary."""


@dataclass(frozen=True, slots=True)
class AcousticSize:
    """Widths and depths of the acoustic model.

    Attributes:
        encoder: Channels of a token.
        encoder_blocks: Convolution blocks over tokens.
        contour: Channels of the pitch and voicing head.
        contour_blocks: Its blocks over frames.
        decoder: Channels of the mel decoder.
        decoder_blocks: Its blocks over frames.
    """

    encoder: int = 192
    encoder_blocks: int = 4
    contour: int = 128
    contour_blocks: int = 3
    decoder: int = 256
    decoder_blocks: int = 6


@dataclass(frozen=True, slots=True)
class VocoderSize:
    """Width and depth of the vocoder's network."""

    channels: int = 256
    blocks: int = 5


@dataclass(frozen=True, slots=True)
class ProsodySize:
    """Width, depth, dropout and number of members of the prosody predictor."""

    channels: int = 128
    blocks: int = 4
    dropout: float = 0.3
    members: int = 4

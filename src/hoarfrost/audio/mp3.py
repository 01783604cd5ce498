"""MPEG audio layer III, nothing but frames: what ``audioFormat=mp3`` sends.

In: float samples at one of the rates of MPEG audio. Out: whole frames, no ID3 tag, no Xing or Info
header. Invariant: the streams between two flushes share nothing (the first frame of each refers to
no bits before it), so their bytes can be joined, or cut at a frame and joined, and still decode.
"""

from typing import Final

import lameenc

from hoarfrost.audio.pcm import PcmEncoder
from hoarfrost.audio.stage import Samples
from hoarfrost.units import SampleRate

# kbit/s for one voice: enough that LAME's own low-pass leaves the whole band, and that speech keeps
# a segmental SNR of 22 dB or more (7 s of espeak-ng, decoded by FFmpeg, LAME's gain of 0.95 taken
# out: 22 dB at 8 kHz, 27 at 16 kHz, 31 at 22.05 and 24 kHz, more above).
_BIT_RATES: Final[dict[SampleRate, int]] = {
    8000: 32,
    11025: 40,
    12000: 40,
    16000: 48,
    22050: 64,
    24000: 64,
    32000: 80,
    44100: 96,
    48000: 96,
}

MPEG_RATES: Final[tuple[SampleRate, ...]] = tuple(_BIT_RATES)
"""The only sample rates that MPEG audio has (MPEG-1, MPEG-2 and MPEG-2.5), ascending."""

_MPEG_1_LOWEST_HZ: Final = 32000

# LAME's scale: 2 is best, 7 fastest. 7 shapes no noise and takes half the time of 5: 3 ms against 6
# for a second at 22.05 kHz, on one core at 2.8 GHz. At the bit rates above that is no loss to one
# voice: its segmental SNR is 1 to 5 dB higher, its log-spectral distance at most 0.8 dB worse.
_QUALITY: Final = 7


def mpeg_rate(rate_hz: SampleRate) -> SampleRate:
    """Return the lowest rate of MPEG audio that is not below ``rate_hz``.

    Raises:
        ValueError: If there is none.
    """
    for candidate in MPEG_RATES:
        if candidate >= rate_hz:
            return candidate
    raise ValueError(f"rate_hz: expected at most {MPEG_RATES[-1]}, got {rate_hz}")


class Mp3Encoder:
    """An `Encoder` for MP3 at a constant bit rate, through LAME.

    A frame is 576 samples below 32 kHz and 1152 from there on. LAME looks ahead: the first frame
    leaves when 1376 samples are in at 8 to 24 kHz (62 ms at 22.05 kHz) and 2528 at 32 to 48 kHz
    (57 ms at 44.1 kHz). A decoder begins with 1105 samples of silence (LAME's delay of 576, the
    decoder's of 529) and ends with some more, less than two frames: flush only when nothing follows
    soon. LAME lowers the level by 0.45 dB, so that decoders need not clip.

    Opening LAME takes 0.6 ms of a core, so it is put off until the first sample comes. One encoder
    serves one thread at a time; several encoders may run in several threads.
    """

    def __init__(self, rate_hz: SampleRate) -> None:
        if rate_hz not in _BIT_RATES:
            rates = ", ".join(map(str, MPEG_RATES))
            raise ValueError(f"rate_hz: expected one of {rates}, got {rate_hz}")
        self._rate_hz = rate_hz
        n_frame_samples = 1152 if rate_hz >= _MPEG_1_LOWEST_HZ else 576
        self._n_frame_bytes = n_frame_samples // 8 * _BIT_RATES[rate_hz] * 1000 // rate_hz
        self._pcm = PcmEncoder()
        self._lame: lameenc.Encoder | None = None
        self._held = bytearray()

    def feed(self, samples: Samples) -> bytes:
        """Return the frames that are complete."""
        if not samples.size:
            return b""
        if self._lame is None:
            self._lame = self._open_lame()
        self._held += self._lame.encode(self._pcm.feed(samples))
        return self._take_whole_frames()

    def flush(self) -> bytes:
        """Return the frames that hold the last samples; the next sample opens a new stream."""
        if self._lame is None:
            return b""
        tail = bytes(self._held + self._lame.flush())
        self._lame = None
        self._held.clear()
        return tail

    def _open_lame(self) -> lameenc.Encoder:
        lame = lameenc.Encoder()
        lame.silence()  # LAME would print its settings on standard output
        lame.set_channels(1)
        lame.set_in_sample_rate(self._rate_hz)
        lame.set_out_sample_rate(self._rate_hz)  # else LAME picks one to go with the bit rate
        lame.set_bit_rate(_BIT_RATES[self._rate_hz])
        lame.set_quality(_QUALITY)
        return lame

    def _take_whole_frames(self) -> bytes:
        """Cut what is held after its last complete frame.

        LAME hands out bits as they are settled, and a frame's last bits come with the next frame.
        No decoder can use half a frame, so holding it costs no time, and audio that is thrown away
        by ``<CLEAR>`` ends where the next stream can begin.
        """
        end = 0
        while len(self._held) - end > 2:
            # ISO/IEC 11172-3, 2.4.1.3: the padding bit makes a frame one byte longer.
            is_padded = self._held[end + 2] >> 1 & 1
            n_frame_bytes = self._n_frame_bytes + is_padded
            if end + n_frame_bytes > len(self._held):
                break
            end += n_frame_bytes
        frames = bytes(self._held[:end])
        del self._held[:end]
        return frames

"""piper-tts-server, as its command starts it, with what it needs to speak at all.

    python serve_piper_tts_server.py VOICES_FOLDER VOICE RATE_HZ PORT

Run by the Python of `.venv-peers`. The version measured calls `PiperVoice.synthesize(text, file)`,
which in today's piper-tts is called `synthesize_wav`; such a call is passed on to it. It is asked
for the voice's own sample rate, so that nobody resamples.
"""

import sys
import wave

from piper import PiperVoice
from piper_tts_server.config import ServerConfig
from piper_tts_server.server import run

_synthesize = PiperVoice.synthesize


def synthesize(self, text, syn_config=None, **options):
    if isinstance(syn_config, wave.Wave_write):
        return self.synthesize_wav(text, syn_config, **options)
    return _synthesize(self, text, syn_config, **options)


if __name__ == "__main__":
    folder, voice, rate_hz, port = sys.argv[1:]
    PiperVoice.synthesize = synthesize
    run(
        ServerConfig(
            port=int(port),
            voices_dir=folder,
            default_voice=voice,
            target_sample_rate=int(rate_hz),
        )
    )

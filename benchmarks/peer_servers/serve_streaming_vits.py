"""A server around the library streaming-vits, which has none, made to give it its best chance.

    python serve_streaming_vits.py MODEL PORT [--carried]

Run by the Python of `.venv-peers`. A caller sends one line of text and reads 16-bit samples until
the connection ends; nothing is parsed, framed or buffered in between. The library is used by its
own interface: its `Speaker` cuts the text into sentences (`max_ids=0`; in one piece, its default,
the text graph is heard to the end of the text before there is any sound), its `calibrate` sets
margins and schedule for this machine, `stream` gives the chunks. Callers are served by a thread
each and share the loaded graphs.

Two things are put in place of what it would look for: phonemes come from the espeak-ng inside
piper-tts by a call, rather than from a new process a sentence; and a voice of one speaker gets the
zeros that its carried decoder was exported with (see `export_carried_decoder`).
"""

import copy
import socketserver
import sys
import threading
import types
from pathlib import Path

import numpy as np
from piper.phonemize_espeak import EspeakPhonemizer

N_THREADS = 1
"""A call; with two, the threads of several callers spin against each other."""
_ENDS = ".!?"


def _stand_in_for_piper_phonemize():
    """Offer espeak-ng under the name and signature that the library looks for first.

    The mark at a sentence's end is left to the library, which adds it itself.
    """
    espeak, lock = EspeakPhonemizer(), threading.Lock()

    def phonemize_espeak(text, voice):
        with lock:  # espeak-ng has one state a process
            sentences = espeak.phonemize(voice, text)
        return [each[:-1] if each and each[-1] in _ENDS else each for each in sentences]

    module = types.ModuleType("piper_phonemize")
    module.phonemize_espeak = phonemize_espeak
    sys.modules[module.__name__] = module


_stand_in_for_piper_phonemize()

from streaming_vits import Speaker, StreamingTTS  # noqa: E402  it looks for phonemes when imported
from streaming_vits.audio import to_pcm16  # noqa: E402
from streaming_vits.calibrate import calibrate  # noqa: E402


def _condition_on_zeros():
    """Have a voice of one speaker conditioned on zeros, as its carried decoder wants it."""
    unpack = StreamingTTS._unpack  # noqa: SLF001  the library has no other way in

    def with_zeros(out):
        mean, mask, condition = unpack(out)
        return mean, mask, np.zeros((1, 1, 1), np.float32) if condition is None else condition

    StreamingTTS._unpack = staticmethod(with_zeros)  # noqa: SLF001


def _load(model, *, is_carried):
    """Load a voice, calibrated for this machine.

    Raises:
        RuntimeError: If it did not take the decoder that was asked for.
    """
    if is_carried:
        _condition_on_zeros()
    speaker = Speaker(model, None, num_threads=N_THREADS, max_ids=0)
    if (speaker.tts.cached is not None) != is_carried:
        raise RuntimeError(f"{model}: expected is_carried={is_carried}, got the other decoder")
    speaker.tts.profile = calibrate(speaker.tts, verbose=False)
    print(speaker.tts.profile.describe(), flush=True)
    return speaker


def _of_one_caller(speaker):
    """Return the same synthesiser with a decoder state of its own; graphs are shared."""
    tts = copy.copy(speaker.tts)
    tts.cached = copy.copy(tts.cached)
    return tts


def main(model, port, *options):
    speaker = _load(Path(model), is_carried="--carried" in options)

    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self):
            text = self.rfile.readline().decode().strip()
            if not text:  # whoever looks whether the port is open
                return
            tts = _of_one_caller(speaker)
            for sentence in speaker.split(text):
                for chunk in tts.stream(sentence):
                    self.wfile.write(to_pcm16(chunk.audio).tobytes())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", int(port)), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

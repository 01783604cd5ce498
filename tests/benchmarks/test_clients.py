"""What is read from the servers that hoarfrost is compared with."""

import asyncio
import io
import json
import wave

import pytest

from benchmarks import clients
from benchmarks.clients import audio_start, read_event


def wav(samples: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(22_050)
        writer.writeframes(samples)
    return file.getvalue()


def event(kind: str, data: bytes = b"", payload: bytes = b"") -> bytes:
    header = {"type": kind, "version": "1.0"}
    lengths = {"data_length": len(data), "payload_length": len(payload)}
    line = json.dumps(header | {name: n for name, n in lengths.items() if n})
    return line.encode() + b"\n" + data + payload


@pytest.mark.parametrize("n", range(60))
def test_audio_start(n: int) -> None:
    """A WAV file's samples start after its header, which is known once all of it is here."""
    file = wav(b"data" * 4)
    start = len(file) - 16
    assert audio_start(file[:n]) == (start if n >= start else None)


async def test_read_event() -> None:
    """An event is read whole, however it was cut, and no byte of the next one with it."""
    sent = event("audio-chunk", b'{"rate": 22050}', b"\n\x00{}") + event("audio-stop")
    reader = asyncio.StreamReader()
    for n in range(len(sent)):
        reader.feed_data(sent[n : n + 1])
    reader.feed_eof()
    assert await read_event(reader) == ("audio-chunk", b"\n\x00{}")
    assert await read_event(reader) == ("audio-stop", b"")
    with pytest.raises(asyncio.IncompleteReadError):
        await read_event(reader)


def test_starved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A player is silent for as long as the latest audio was late, and all that while only once."""
    at = iter([0.0, 0.1, 0.9, 2.5, 2.6, 4.0])  # seconds; two seconds of audio in all
    monkeypatch.setattr(clients.time, "perf_counter", lambda: next(at))
    clock = clients.Clock(rate_hz=1000)
    for n_bytes in (1000, 1000, 1000, 0, 1000):  # half a second each
        clock.count(n_bytes)
    taken = clock.taken()
    assert (taken.first_audio, taken.speech) == (0.1, 2.0)
    assert taken.starved == pytest.approx(4.0 - 0.1 - 1.5)

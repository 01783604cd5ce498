"""What is read from the servers that hoarfrost is compared with."""

import asyncio
import io
import json
import wave

import pytest

from benchmarks.contenders import audio_start, read_event


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

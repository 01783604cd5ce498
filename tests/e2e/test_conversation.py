"""A conversation over a real socket: what is said is heard, in order, and no more."""

import asyncio

import numpy as np
import pytest

from tests.audio.mpeg import walk
from tests.e2e.talk import PATIENCE_S, RATE_HZ, connect, listen, talk, until_open
from tests.support.server import RealServer


async def test_a_turn(server: RealServer) -> None:
    """Tokens give the same bytes as the whole text, in whole samples, and a clean close."""
    text = "alpha bravo charlie, delta echo. foxtrot golf!"
    whole = await talk(server, text, "<EOS>")
    tokens = await talk(server, *[f"{word} " for word in text.split()], "<EOS>")
    assert (whole.code, whole.reason) == (1000, "")
    assert tokens == whole
    assert len(whole.audio) % 2 == 0


async def test_pauses_are_exact(server: RealServer) -> None:
    """A pause of 250 ms adds exactly 2,000 samples at 8 kHz."""
    without = await talk(server, "alpha <250> bravo", "<EOS>")
    with_pause = await talk(server, "alpha <250> bravo", "<EOS>", pauseBetweenBrackets="true")
    apart = await talk(server, "alpha", "<FLUSH>", "bravo", "<EOS>")
    assert with_pause.n_samples == apart.n_samples + 2000
    assert without.n_samples < with_pause.n_samples


async def test_word_speeds_in_order(server: RealServer) -> None:
    """Bracketed words take their speeds in order, through all sentences of an utterance."""
    plain = await talk(server, "say [alpha] now. say [bravo] now. <FLUSH>", "<EOS>")
    paced = await talk(
        server,
        "say [alpha] now. say [bravo] now. <FLUSH>",
        "<EOS>",
        inlineSpeedAlpha="0.5, 2",
    )
    letter = RATE_HZ * 60 // 1000
    assert paced.n_samples - plain.n_samples == pytest.approx(5 * letter - 2.5 * letter, abs=8)


async def test_speed(server: RealServer) -> None:
    """At twice the speed the speech lasts half as long."""
    normal = await talk(server, "alpha bravo charlie", "<EOS>")
    fast = await talk(server, "alpha bravo charlie", "<EOS>", speedAlpha=2)
    assert fast.n_samples == pytest.approx(normal.n_samples / 2, rel=0.05)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 16000, 22050, 24000, 44100])
async def test_rates(server: RealServer, rate_hz: int) -> None:
    """The same speech lasts as long at every rate, as PCM and as µ-law."""
    seconds = 0.060 * len("alphabravo") + 0.040
    pcm = await talk(server, "alpha bravo<EOS>", samplingRate=rate_hz)
    mulaw = await talk(server, "alpha bravo<EOS>", samplingRate=rate_hz, audioFormat="mulaw")
    assert pcm.n_samples == pytest.approx(seconds * rate_hz, abs=2)
    assert len(mulaw.audio) == pcm.n_samples


async def test_mp3_is_complete_after_every_utterance(server: RealServer) -> None:
    """The tail of each utterance arrives without waiting for the next; all frames join."""
    async with connect(server, audioFormat="mp3", samplingRate=24000) as socket:
        joined = b""
        for _ in range(3):
            await socket.send("alpha bravo.<FLUSH>")
            utterance, spoken_s = b"", 0.060 * len("alphabravo") + 0.040
            async with asyncio.timeout(PATIENCE_S):
                while sum(f.n_samples / f.rate_hz for f in walk(utterance)) < spoken_s:
                    utterance += await socket.recv()
            joined += utterance
        await socket.send("<EOS>")
        joined += (await listen(socket)).audio
    assert {frame.rate_hz for frame in walk(joined)} == {24000}


async def test_a_clear_leaves_nothing_behind(server: RealServer) -> None:
    """After a clear the next utterance's audio is all that follows its first byte."""
    alone = await talk(server, "yankee zulu<EOS>")
    async with connect(server) as socket:
        await socket.send("alpha bravo charlie. " * 300 + "<FLUSH>")
        await socket.recv()
        await socket.send("<CLEAR>")
        await socket.send("yankee zulu<EOS>")
        heard = await listen(socket)
    assert heard.code == 1000
    assert heard.audio.endswith(alone.audio)
    assert heard.n_samples < 300 * 3 * RATE_HZ * 0.3  # and most of the old was never sent
    assert not np.array_equal(heard.audio[:200], alone.audio[:200]) or heard == alone


async def test_eos_on_an_idle_connection(server: RealServer) -> None:
    """With nothing to say, the end comes at once."""
    assert (await talk(server, "<EOS>")).code == 1000


async def test_text_after_eos_is_ignored(server: RealServer) -> None:
    """What follows the end is not spoken."""
    assert await talk(server, "alpha<EOS>", "bravo") == await talk(server, "alpha<EOS>")


async def test_a_clear_after_eos(server: RealServer) -> None:
    """A clear stops what the end was waiting for."""
    heard = await talk(server, "alpha bravo charlie. " * 500, "<EOS>", "<CLEAR>")
    assert heard.code == 1000
    assert heard.n_samples < 500 * RATE_HZ


async def test_eos_and_close_back_to_back(server: RealServer) -> None:
    """The peer's close outranks a pending end: it is answered at once, and the place is free."""
    loop = asyncio.get_running_loop()
    for _ in range(20):
        async with connect(server) as socket:
            await socket.send("alpha bravo charlie. " * 500 + "<FLUSH>")
            await socket.recv()
            await socket.send("<EOS>")
            began = loop.time()
            await socket.close()
            assert loop.time() - began < 2  # pipecat gives up after that
    await until_open(server, 0)


async def test_a_sentence_never_stalls(server: RealServer) -> None:
    """A sentence that ends in a mark is spoken without any further message."""
    async with connect(server) as socket, asyncio.timeout(PATIENCE_S):
        for text in ("Hello there.", "It is 3.", "Wait, what?", "Ask Dr.", "(open."):
            await socket.send(text)
            assert len(await socket.recv()) > 0
            await asyncio.sleep(0.3)
            await socket.send("<CLEAR>")


async def test_pings_are_answered_while_speaking(server: RealServer) -> None:
    """A ping is answered in the middle of an utterance."""
    async with connect(server) as socket, asyncio.timeout(PATIENCE_S):
        await socket.send("alpha bravo charlie. " * 300 + "<FLUSH>")
        await socket.recv()
        await (await socket.ping())


async def test_many_callers_never_mix(server: RealServer) -> None:
    """Callers with voices, rates and words of their own hear what each would hear alone."""
    calls = [
        (text, {"speaker": speaker, "samplingRate": rate_hz})
        for text in ("alpha bravo charlie.", "delta echo foxtrot.")
        for speaker in ("tone", "tone-low", "tone-16k")
        for rate_hz in (8000, 24000)
    ]
    alone = [await talk(server, text, "<EOS>", **options) for text, options in calls]
    together = await asyncio.gather(
        *(talk(server, text, "<EOS>", **options) for text, options in calls)
    )
    assert together == alone

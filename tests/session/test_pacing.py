"""How far ahead of its listener audio is sent, on a virtual clock."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.outputs import Audio
from hoarfrost.dialogue.playback import PlaybackClock
from hoarfrost.session.pacing import PIECE_MS, UNREAD_LIMIT_MS, Pacer, pieces
from hoarfrost.units import Milliseconds, Seconds
from tests.session.call import LONG, Call
from tests.support.speech import pcm_of
from tests.support.transport import FakeTransport
from tests.support.virtual_time import run_virtually

BYTES_A_MS = 2 * 22.05


class Listener:
    """A pacer and the playback clock that it goes by.

    Attributes:
        most_ahead_ms: The most that was ever sent and should not have been played yet.
    """

    def __init__(
        self,
        transport: FakeTransport,
        lookahead_ms: Milliseconds | None = None,
        audio_format: AudioFormat = AudioFormat.PCM,
    ) -> None:
        self.most_ahead_ms = 0.0
        self._clock = PlaybackClock()
        self._pacer = Pacer(transport)
        self._alignment = audio_format.alignment_bytes
        self._lookahead_ms = lookahead_ms

    async def send(self, *durations_ms: Milliseconds) -> Seconds:
        """Send packets; return when the last one was handed to the socket."""
        for index, duration_ms in enumerate(durations_ms):
            size = 2 * round(22.05 * duration_ms)
            whole = Audio(bytes([index % 256]) * size, duration_ms)
            is_paced = self._lookahead_ms is not None
            for audio in pieces(whole, self._alignment) if is_paced else [whole]:
                await self._pacer.wait_for_turn(
                    audio.duration_ms,
                    dry_at=self._clock.ends_at,
                    lookahead_ms=self._lookahead_ms,
                )
                await self._pacer.send([audio.data], audio.duration_ms)
                self._hear(audio.duration_ms)
        return self._now()

    def _hear(self, duration_ms: Milliseconds) -> None:
        self._clock.hear(duration_ms, self._now())
        self.most_ahead_ms = max(self.most_ahead_ms, self._clock.ahead_ms(self._now()))

    def _now(self) -> Seconds:
        return asyncio.get_running_loop().time()


def test_client_that_reads_gets_all_at_once() -> None:
    """Who reads as fast as audio comes is not kept waiting, however long it is."""

    async def talk() -> None:
        transport = FakeTransport()
        assert await Listener(transport).send(*[500.0] * 100) == 0.0
        assert [len(frame.data) for frame in transport.frames] == [22050] * 100

    run_virtually(talk())


def test_client_that_does_not_read_is_kept_at_the_limit() -> None:
    """Beyond two seconds unread, only what should have been played by now is made up for."""

    async def talk() -> None:
        transport = FakeTransport(room=1000)
        listener = Listener(transport)
        sent_at = await listener.send(*[250.0] * 40)
        assert sent_at == pytest.approx(10.0 - UNREAD_LIMIT_MS / 1000)
        assert listener.most_ahead_ms == pytest.approx(UNREAD_LIMIT_MS)
        await transport.read()
        assert await listener.send(250.0) == pytest.approx(sent_at + 0.25)

    run_virtually(talk())


def test_client_that_reads_again_is_served_at_once() -> None:
    """Reading makes room before playing does."""

    async def talk() -> None:
        transport = FakeTransport(room=1000)
        listener = Listener(transport)
        sending = asyncio.create_task(listener.send(*[250.0] * 16))
        await asyncio.sleep(0.1)
        assert len(transport.frames) == 8
        for _ in range(8):
            await transport.read()
        assert await sending == pytest.approx(0.1)

    run_virtually(talk())


def test_lookahead_bounds_what_is_ahead() -> None:
    """With a lookahead, audio is sent piece by piece, so far ahead of playback and no further."""

    async def talk() -> None:
        transport = FakeTransport()
        listener = Listener(transport, lookahead_ms=300.0)
        sent_at = await listener.send(1000.0, 1000.0)
        assert sent_at == pytest.approx(1.7, abs=0.01)
        assert listener.most_ahead_ms <= 300.0 + 1e-6
        assert b"".join(frame.data for frame in transport.frames) == (
            bytes([0]) * 44100 + bytes([1]) * 44100
        )
        assert {len(frame.data) for frame in transport.frames} == {round(PIECE_MS * BYTES_A_MS)}

    run_virtually(talk())


@settings(deadline=None)
@given(
    st.lists(st.floats(1.0, 3000.0), min_size=1, max_size=12),
    st.floats(100.0, 2000.0),
    st.sampled_from(AudioFormat),
)
def test_pieces_are_whole_and_in_order(
    durations_ms: list[Milliseconds], lookahead_ms: Milliseconds, audio_format: AudioFormat
) -> None:
    """Whatever is cut, the bytes are the same, samples stay whole, and the clock adds up."""

    async def talk() -> None:
        transport = FakeTransport()
        listener = Listener(transport, lookahead_ms, audio_format)
        sent_at = await listener.send(*durations_ms)
        whole = b"".join(
            bytes([index]) * (2 * round(22.05 * ms)) for index, ms in enumerate(durations_ms)
        )
        assert b"".join(frame.data for frame in transport.frames) == whole
        assert all(len(f.data) % audio_format.alignment_bytes == 0 for f in transport.frames)
        assert sent_at <= sum(durations_ms) / 1000

    run_virtually(talk())


def test_socket_that_cannot_tell_is_not_held_back() -> None:
    """Where nobody knows what a peer has read, its socket alone says when it is full."""

    class Mute(FakeTransport):
        def probe(self) -> None:  # type: ignore[override]
            return None

    async def talk() -> None:
        assert await Listener(Mute(room=1000)).send(*[250.0] * 40) == 0.0

    run_virtually(talk())


# In a session


@pytest.mark.parametrize(("client", "server"), [(200.0, None), (None, 200.0), (200.0, 5000.0)])
def test_sessions_take_the_nearer_of_both_bounds(
    client: Milliseconds | None, server: Milliseconds | None
) -> None:
    """The client's lookahead and the operator's hold both; a clear leaves little to be heard."""

    async def talk() -> None:
        async with Call(lookahead_ms=client, server_lookahead_ms=server) as call:
            call.say(LONG)
            await asyncio.sleep(1)
            sent_ms = len(call.transport.audio) / BYTES_A_MS
            assert 980 <= sent_ms <= 1200
            call.say("<CLEAR>", "One. ")
            await asyncio.sleep(1)
            assert call.transport.audio.endswith(pcm_of("One."))

    run_virtually(talk())


def test_new_turn_does_not_wait_for_what_was_cleared() -> None:
    """Audio that a client has not read, and will not hear, does not delay what comes after it."""

    async def talk() -> None:
        transport = FakeTransport(room=1000)
        async with Call(transport=transport) as call:
            call.say(LONG * 3)
            await asyncio.sleep(1)
            n_frames = len(transport.frames)
            call.say("<CLEAR>", "One. ")
            await asyncio.sleep(0.05)
            assert b"".join(f.data for f in transport.frames[n_frames:]) == pcm_of("One.")

    run_virtually(talk())

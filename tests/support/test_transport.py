"""The fake socket that other tests stand on."""

import asyncio

import pytest

from hoarfrost.session.transport import PeerGone
from tests.support.transport import Closing, FakeTransport, Frame
from tests.support.virtual_time import Stalled, run_virtually


def test_messages_arrive_in_order() -> None:
    """What the client says is received once each, and an idle client is waited for."""

    async def talk() -> list[str | bytes]:
        transport = FakeTransport()
        transport.say("one", b"two")
        asyncio.get_running_loop().call_later(5, transport.say, "three")
        return [await transport.receive() for _ in range(3)]

    assert run_virtually(talk()) == ["one", b"two", "three"]


def test_frames_are_recorded_with_their_moment() -> None:
    """Each frame is kept as it was sent, and when."""

    async def talk() -> FakeTransport:
        transport = FakeTransport()
        await transport.send(b"ab")
        await asyncio.sleep(0.5)
        await transport.send(b"cd")
        return transport

    transport = run_virtually(talk())
    assert transport.frames == [Frame(0.0, b"ab"), Frame(0.5, b"cd")]
    assert transport.audio == b"abcd"


def test_send_waits_for_a_client_who_does_not_read() -> None:
    """With the buffer full, the next frame is sent when the client has taken one out."""

    async def talk() -> FakeTransport:
        transport = FakeTransport(room=2)
        await transport.send(b"1")
        await transport.send(b"2")
        sending = asyncio.create_task(transport.send(b"3"))
        await asyncio.sleep(10)
        assert (len(transport.frames), transport.n_waiting) == (2, 1)
        assert (await transport.read()).data == b"1"
        await sending
        return transport

    transport = run_virtually(talk())
    assert transport.frames[2] == Frame(10.0, b"3")
    assert transport.n_waiting == 0


def test_client_answers_a_close() -> None:
    """After the server's close nothing more arrives but the end."""

    async def talk() -> FakeTransport:
        transport = FakeTransport()
        await transport.close(1011, "why")
        with pytest.raises(PeerGone):
            await transport.receive()
        return transport

    assert run_virtually(talk()).closing == Closing(0.0, 1011, "why")


def test_client_may_leave_a_close_unanswered() -> None:
    """A client who does not answer leaves the server waiting."""

    async def talk() -> None:
        transport = FakeTransport(answers_close=False)
        await transport.close(1000, "")
        await transport.receive()

    with pytest.raises(Stalled):
        run_virtually(talk())


def test_hanging_up_comes_after_what_was_said() -> None:
    """A client who closes is heard out; sending to it fails from then on."""

    async def talk() -> None:
        transport = FakeTransport()
        transport.say("bye")
        transport.hang_up()
        assert await transport.receive() == "bye"
        with pytest.raises(PeerGone):
            await transport.send(b"x")
        with pytest.raises(PeerGone):
            await transport.receive()
        await transport.close(1000, "")
        assert transport.closing is None

    run_virtually(talk())


def test_vanishing_ends_a_wait_for_room() -> None:
    """A lost connection is noticed by a `send` that waits and by a `receive` that waits."""

    async def talk() -> None:
        transport = FakeTransport(room=0)
        transport.say("lost")
        asyncio.get_running_loop().call_later(1, transport.vanish)
        with pytest.raises(PeerGone):
            await transport.send(b"x")
        with pytest.raises(PeerGone):
            await transport.receive()
        assert transport.frames == []

    run_virtually(talk())


@pytest.mark.parametrize("misuse", ["send", "close", "receive"])
def test_misuse_is_an_error(misuse: str) -> None:
    """Using the socket after its end fails, as with a real one."""

    async def talk() -> None:
        transport = FakeTransport()
        await transport.close(1000, "")
        with pytest.raises(PeerGone):
            await transport.receive()
        match misuse:
            case "send":
                await transport.send(b"x")
            case "close":
                await transport.close(1000, "")
            case _:
                await transport.receive()

    with pytest.raises(AssertionError, match="expected"):
        run_virtually(talk())


def test_waiting_for_the_server() -> None:
    """A test can wait for a number of frames, and for the close."""

    async def serve(transport: FakeTransport) -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            await transport.send(b"x")
        await asyncio.sleep(1)
        await transport.close(1000, "")

    async def talk() -> tuple[float, float]:
        transport = FakeTransport()
        serving = asyncio.create_task(serve(transport))
        await transport.until_sent(2)
        moment = asyncio.get_running_loop().time()
        closing = await transport.until_closed()
        await serving
        return moment, closing.at

    assert run_virtually(talk()) == (2.0, 4.0)

"""The tester against real servers on real ports: ours, and some that misbehave."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hoarfrost.loadtest.figures import Figures, summarize
from hoarfrost.loadtest.line import Destination, SocketLine
from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.run import WarmUp, run_load, warm_up
from hoarfrost.loadtest.texts import Texts
from tests.support.server import RealServer, running_server

RATE_HZ = 8000
TEXTS = Texts(("Hello there.", "How are you? Well.", "One, two and three."))
PLAN = Plan(
    Scenario.BURST, callers=3, duration_s=0.3, rate_hz=RATE_HZ, interrupted=0.0, texts=TEXTS
)
SECOND = b"\1\2" * RATE_HZ

Handler = Callable[[ServerConnection], Awaitable[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> RealServer:  # type: ignore[misc]
    folder = tmp_path_factory.mktemp("data")
    with running_server(folder, engines=("tone",), max_connections=2) as running:
        yield running


def destination_of(server: RealServer) -> Destination:
    query = {"speaker": "tone", "audioFormat": "pcm", "samplingRate": str(RATE_HZ)}
    return Destination(f"ws://{server.address}/ws", query, server.key)


async def loaded(plan: Plan, destination: Destination, learnt: WarmUp | None = None) -> Figures:
    dial = partial(SocketLine.dial, destination)
    if learnt is None:
        learnt = await warm_up(plan, dial, time.perf_counter)
    return summarize(await run_load(plan, dial, learnt, time.perf_counter))


async def test_a_burst_at_a_real_server(server: RealServer) -> None:
    """All audio comes whole; who finds no room is refused with Retry-After, which is no failure."""
    figures = await loaded(PLAN, destination_of(server))
    assert figures.success == 1.0
    assert figures.n_turns >= 2
    assert figures.n_refusals >= 1
    assert figures.retry_after == (1.0, 1.0)
    assert figures.latencies.ttfa.n == figures.n_turns
    assert 0 < (figures.latencies.ttfa.at(100) or 0) < 10_000
    assert figures.throughput > 0
    assert (figures.n_unasked_bytes, figures.n_split_frames) == (0, 0)


async def test_a_conversation_with_interruptions_at_a_real_server(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn after a <CLEAR> is, to the byte, what the same words give alone."""
    for waited in ("turn.QUIET", "scenarios.QUIET", "scenarios.SHORTEST_THOUGHT"):
        monkeypatch.setattr(f"hoarfrost.loadtest.{waited}", 0.25)  # no person is there to wait for
    plan = replace(
        PLAN, scenario=Scenario.CONVERSATION, callers=2, duration_s=2, interrupted=1.0, talking=0.9
    )
    figures = await loaded(plan, destination_of(server))
    broken = figures.interruptions
    assert figures.success == 1.0
    assert broken.is_reproducible is True
    assert broken.n_cleared >= 1
    assert broken.n_compared == broken.n_identical == broken.n_cleared
    assert broken.n_excess_bytes == 0


@asynccontextmanager
async def misbehaving(handler: Handler) -> AsyncIterator[Destination]:
    async def handle(connection: ServerConnection) -> None:
        try:
            await handler(connection)
        except ConnectionClosed:
            return

    async with serve(handle, "127.0.0.1", 0) as running:
        yield Destination(f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}/ws", {})


async def fail_inside(connection: ServerConnection) -> None:
    await connection.recv()
    await connection.send(SECOND)
    await connection.close(1011, "500: synthesis failed")


async def talk_back(connection: ServerConnection) -> None:
    await connection.recv()
    await connection.send('{"type": "chunk"}')
    await connection.wait_closed()


async def vanish(connection: ServerConnection) -> None:
    await connection.recv()
    connection.transport.abort()


async def close_without_speaking(connection: ServerConnection) -> None:
    while await connection.recv() != "<EOS>":
        pass


async def split_samples(connection: ServerConnection) -> None:
    while await connection.recv() != "<EOS>":
        pass
    await connection.send(SECOND[:101])
    await connection.send(SECOND[101:])


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        (fail_inside, "closed 1011"),
        (talk_back, "text frame"),
        (vanish, "closed 1006"),
        (close_without_speaking, "no audio"),
    ],
)
async def test_a_server_that_misbehaves(handler: Handler, failure: str) -> None:
    """The run ends in time, and what went wrong is counted by its name."""
    async with misbehaving(handler) as destination:
        async with asyncio.timeout(30):
            figures = await loaded(PLAN, destination, WarmUp())
    assert set(figures.failures) == {failure}
    assert figures.success == 0.0


async def test_samples_that_are_cut_are_noticed() -> None:
    """A frame with half a sample at its end is counted; the audio is whole all the same."""
    async with misbehaving(split_samples) as destination:
        figures = await loaded(PLAN, destination)
    assert figures.success == 1.0
    assert figures.n_split_frames == figures.n_turns


async def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener's patience ends: the turn has failed, with an infinite latency."""
    monkeypatch.setattr("hoarfrost.loadtest.turn.PATIENCE", 0.3)

    async def listen_only(connection: ServerConnection) -> None:
        async for _ in connection:
            pass

    async with misbehaving(listen_only) as destination:
        figures = await loaded(PLAN, destination, WarmUp())
    assert set(figures.failures) == {"no audio"}
    assert figures.latencies.ttfa.at(1) == float("inf")


async def test_nobody_there() -> None:
    """Callers who reach nobody have failed, each time they tried."""
    plan = replace(PLAN, scenario=Scenario.CONTINUOUS)
    figures = await loaded(plan, Destination("ws://127.0.0.1:1/ws", {}), WarmUp())
    assert set(figures.failures) == {"unreachable"}
    assert figures.n_turns >= plan.callers

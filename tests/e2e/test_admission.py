"""A caller too many is refused at the door, and those who are in do not notice."""

from pathlib import Path

import httpx
import pytest
import websockets

from tests.e2e.talk import PATIENCE_S, SPEECH, connect, listen, talk, until_open
from tests.support.server import RealServer, running_server

CALLERS = {"engines": ("tone",), "workers": 1}


def make_dear(server: RealServer, cost: float) -> None:
    """Have the server believe that the voice takes so much of a worker."""
    voice = server.services.catalogue.find(SPEECH["speaker"])
    assert voice is not None
    for _ in range(300):
        server.services.capacity.costs.of(voice).note(cost, 1000)


async def ask(server: RealServer, path: str, accept: str = "*/*") -> httpx.Response:
    """Return the answer to a plain request."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
        return await client.get(f"http://{server.address}{path}", headers={"Accept": accept})


async def test_a_caller_too_many(tmp_path: Path) -> None:
    """Who would make others underrun gets 429 and when to come back; the others hear everything.

    When somebody leaves there is room again.
    """
    with running_server(tmp_path, **CALLERS) as server:
        alone = await talk(server, "One two three four. <EOS>")
        make_dear(server, 0.4)
        async with connect(server) as first, connect(server) as second:
            await first.send("One two three four. ")
            for _ in range(3):
                with pytest.raises(websockets.InvalidStatus) as caught:
                    async with connect(server, audioFormat="mulaw"):
                        pass
                response = caught.value.response
                assert response.status_code == 429
                assert (response.body or b"").decode() == "Currently at websocket limit\n"
                assert 1 <= int(response.headers["Retry-After"]) <= 30
            await second.send("One two three four. <EOS>")
            await first.send("<EOS>")
            heard = [await listen(first), await listen(second)]
        assert [each.audio for each in heard] == [alone.audio, alone.audio]
        assert [each.code for each in heard] == [1000, 1000]
        await until_open(server, 0)
        assert (await talk(server, "Hello.<EOS>")).code == 1000
        text = (await ask(server, "/metrics")).text
        assert 'hoarfrost_upgrades_refused_total{reason="capacity"} 3.0' in text


async def test_an_operator_may_let_everybody_in(tmp_path: Path) -> None:
    """Without admission there are only the limits on connections."""
    with running_server(tmp_path, **CALLERS, admission=False) as server:
        make_dear(server, 5.0)
        async with connect(server), connect(server):
            assert (await talk(server, "Hello.<EOS>")).code == 1000


async def test_load_and_room(tmp_path: Path) -> None:
    """``/readyz`` tells the load, who else would be let in, and what voices were measured at."""
    with running_server(tmp_path, **CALLERS, max_connections=5) as server:
        make_dear(server, 0.2)
        idle = (await ask(server, "/readyz")).json()
        assert idle["load"] == 0
        assert idle["free_callers"] == {"continuous": 4, "typical": 4}
        assert idle["audio_per_core_second"] == {"tone": {"tone": 5.0}}
        async with connect(server), connect(server):
            busy = (await ask(server, "/readyz")).json()
        assert busy["load"] == pytest.approx(0.4 / 0.95, abs=0.001)
        assert busy["free_callers"]["continuous"] == 2


async def test_metrics(tmp_path: Path) -> None:
    """``GET /metrics`` counts what happened, in the format of Prometheus, for anyone."""
    with running_server(tmp_path, **CALLERS) as server:
        await talk(server, "Hello.<EOS>")
        with pytest.raises(websockets.InvalidStatus):
            await talk(server, speaker="nobody")
        with pytest.raises(websockets.InvalidStatus):
            await talk(server, key="wrong")
        await until_open(server, 0)
        answer = await ask(server, "/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        for line in (
            "hoarfrost_conversations_opened_total 1.0",
            'hoarfrost_conversations_closed_total{code="1000"} 1.0',
            'hoarfrost_upgrades_refused_total{reason="options"} 1.0',
            'hoarfrost_upgrades_refused_total{reason="key"} 1.0',
            "hoarfrost_first_audio_seconds_count 1.0",
            "hoarfrost_ready 1.0",
        ):
            assert f"\n{line}\n" in answer.text
        sent = answer.text.partition('\nhoarfrost_audio_sent_seconds_total{voice="tone"} ')[2]
        assert float(sent.split("\n")[0]) == pytest.approx(0.3)  # five letters of 60 ms
        answer = await ask(server, "/metrics", "application/openmetrics-text")
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")

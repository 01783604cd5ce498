"""What happens before a server calls itself ready: voices are loaded, and measured."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest

from hoarfrost.engines.tone import ToneEngine
from hoarfrost.errors import VoiceFault
from hoarfrost.server.app import address_of, build_services, make_server, open_port
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings
from hoarfrost.server.warmup import warm_up
from hoarfrost.session.costs import ENOUGH
from hoarfrost.session.loading import Loader
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.synthesis.registry import Engines

Make: TypeAlias = Callable[..., Services]

PATIENCE_S = 30
"""A generous bound on a server's start or end."""


class Choir(ToneEngine):
    """The tone engine, with ears: it notes who sings, and waits or fails where it is told to.

    Attributes:
        heard: Names of the voices spoken with, in order of the requests.
        gate: Nothing is sung while it is closed.
    """

    def __init__(self, *mute: str) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self._mute = mute

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        self.heard.append(request.voice.name)
        assert self.gate.wait(PATIENCE_S)
        if request.voice.name in self._mute:
            raise VoiceFault("expected a voice, got a cold")
        yield from super().synthesize(request)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return a function that makes services with a choir in them, closed at the end."""
    made: list[Services] = []

    def make(choir: Choir, **settings: object) -> Services:
        services = build_services(
            Settings(engines=("tone",), data_dir=tmp_path, workers=2, **settings)  # type: ignore[arg-type]
        )
        made.append(services)
        services.engines.close()
        services.engines = Engines({"tone": choir})
        services.loader = Loader(services.engines)
        return services

    yield make
    for services in made:
        services.close()


@pytest.mark.parametrize(
    ("settings", "heard"),
    [
        pytest.param({}, {"tone"}, id="any voice, where there is no default"),
        pytest.param({"default_speaker": "tone"}, {"tone"}, id="the default"),
        pytest.param(
            {"default_speaker": "tone", "preload": ("tone-low", "TONE")},
            {"tone-low", "tone"},
            id="those that were asked for, once each",
        ),
        pytest.param({"aliases": {"luna": "tone-low"}, "preload": ("luna",)}, None, id="an alias"),
    ],
)
async def test_voices_are_loaded_and_measured(
    make: Make, settings: dict[str, object], heard: set[str] | None
) -> None:
    """Each voice speaks a word, and then at length with all workers at once."""
    choir = Choir()
    services = make(choir, **settings)
    usual = services.usual_voice()
    assert usual is not None
    assert not services.is_ready
    began = time.perf_counter()
    await warm_up(services)
    took = time.perf_counter() - began
    assert services.is_ready
    names = {cost.voice.name for cost in services.capacity.costs.measured()}
    assert names == set(choir.heard) == (heard or {"tone-low", usual.name})
    assert all(choir.heard.count(name) == 3 for name in names)
    for cost in services.capacity.costs.measured():
        assert cost.audio > ENOUGH  # nothing is left of a guess
        # Two workers at once: neither can have worked for longer than it all took.
        assert 0 < cost.value * ENOUGH <= cost.work <= 2 * took


async def test_a_preloaded_voice_that_fails_ends_the_start(make: Make) -> None:
    """Who asks for a voice is told by its name that it cannot speak, and why."""
    services = make(Choir("tone-low"), preload=("tone-low",))
    message = "preload: expected tone-low to speak, got VoiceFault: expected a voice, got a cold"
    with pytest.raises(VoiceFault, match=f"^{message}$"):
        await warm_up(services)
    assert not services.is_ready


async def test_a_default_voice_that_fails_ends_nothing(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """A server whose default voice is broken says so and serves the others."""
    services = make(Choir("tone"), default_speaker="tone", preload=("tone-low",))
    with caplog.at_level(logging.INFO, "hoarfrost"):
        await warm_up(services)
    assert services.is_ready
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert warnings == ["voice tone cannot speak: VoiceFault: expected a voice, got a cold"]
    assert [cost.voice.name for cost in services.capacity.costs.measured()] == ["tone-low"]


def test_a_name_that_is_no_voice_is_told_before_anything_starts(tmp_path: Path) -> None:
    """An unknown name among those to be preloaded is an error that tells what is like it."""
    settings = Settings(engines=("tone",), data_dir=tmp_path, preload=("tone", "tune"))
    expected = r"^preload: expected a voice of this server, got 'tune' \(close: tone"
    with pytest.raises(ValueError, match=expected):
        build_services(settings)


def test_a_server_is_ready_when_its_voices_are(make: Make) -> None:
    """While voices are loaded all is answered, ``/readyz`` with 503; then it is announced."""
    choir = Choir()
    services = make(choir, preload=("tone-low",))
    announced = threading.Event()
    choir.gate.clear()
    listener = open_port("127.0.0.1", 0)
    server = make_server(services, announced.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert _ask(address_of(listener), "/healthz").status_code == 200
        answer = _ask(address_of(listener), "/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert not announced.is_set()
        choir.gate.set()
        assert announced.wait(PATIENCE_S)
        answer = _ask(address_of(listener), "/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        assert answer.json()["audio_per_core_second"]["tone"].keys() == {"tone", "tone-low"}
    finally:
        choir.gate.set()
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_a_start_that_fails_ends_the_server(make: Make) -> None:
    """A server whose voice cannot be preloaded raises that, and leaves its port."""
    services = make(Choir("tone"), preload=("tone",))
    listener = open_port("127.0.0.1", 0)
    announced = threading.Event()
    with pytest.raises(VoiceFault, match=r"^preload: expected tone to speak"):
        make_server(services, announced.set).run(sockets=[listener])
    assert not announced.is_set()
    assert listener.fileno() == -1


def test_a_server_can_be_stopped_while_it_loads(make: Make) -> None:
    """A stop during the start ends it within a step, without an announcement."""
    choir = Choir()
    services = make(choir, preload=("tone", "tone-low"))
    choir.gate.clear()
    listener = open_port("127.0.0.1", 0)
    announced = threading.Event()
    server = make_server(services, announced.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert _ask(address_of(listener), "/healthz").status_code == 200
    server.should_exit = True
    choir.gate.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert not announced.is_set()


def _ask(address: str, path: str) -> httpx.Response:
    return httpx.get(f"http://{address}{path}", trust_env=False, timeout=PATIENCE_S)

"""What is read off a server at a scrape."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hoarfrost.server.app import build_services
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings
from tests.server.test_metrics import samples


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build_services(
        Settings(engines=("tone",), data_dir=tmp_path, workers=2, max_connections=12)
    )
    yield services
    services.close()


def test_an_idle_server(services: Services) -> None:
    """Before anything was said all is free, and nothing is known of the voices."""
    found = samples(services.metrics)
    expected = {
        "ready": 0,
        "voices": 3,
        "connections": 0,
        "connections_limit": 12,
        "workers": 2,
        "workers_busy": 0,
        "steps_waiting": 0,
        "steps_total": 0,
        "load": 0,
        'free_callers{kind="continuous"}': 12,
        'free_callers{kind="typical"}': 12,
        "typical_share": 1,
    }
    assert {name: found[name] for name in expected} == expected
    assert not any(name.startswith("voice_cost") for name in found)


def test_a_server_at_work(services: Services) -> None:
    """Voices are told with what they sent, made and cost; callers count against the room."""
    voice = services.catalogue.find("tone-low")
    assert voice is not None
    services.is_warm = True
    with services.limit.slot("key"), services.capacity.place(voice, "key") as caller:
        caller.worked(0.6, 2000)
        caller.sent(1500)
        found = samples(services.metrics)
    expected = {
        "ready": 1,
        "connections": 1,
        'audio_sent_seconds_total{voice="tone-low"}': 1.5,
        'audio_made_seconds_total{voice="tone-low"}': 2,
        'audio_work_seconds_total{voice="tone-low"}': 0.6,
        'voice_cost{voice="tone-low"}': 0.3,
        "load": 0.3 / 1.9,
        'free_callers{kind="continuous"}': 5,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_a_server_without_voices(services: Services) -> None:
    """Where nobody can be spoken to there is no room to tell of."""
    services.engines._engines.clear()
    services.watch.look()
    services.is_warm = True
    found = samples(services.metrics)
    assert (found["ready"], found["voices"]) == (0, 0)
    assert "load" not in found

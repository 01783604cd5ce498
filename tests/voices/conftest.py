"""A publisher with one voice, a folder for voices, and sleeping that takes no time."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hoarfrost.voices.folder import VoicesFolder
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Source
from tests.voices.publisher import Publisher, publishing


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says, the loopback interface is reached directly."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A publisher of ``en_US-lessac-medium``."""
    with publishing(Publisher()) as running:
        running.add_voice()
        yield running


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Trusted certificates; reading them takes longer than most of the tests."""
    return ssl.create_default_context()


@pytest.fixture
def source(publisher: Publisher, tls: ssl.SSLContext) -> Iterator[Source]:
    """The publisher's address."""
    with Source(publisher.url, tls=tls) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> VoicesFolder:
    """A folder that is not there yet."""
    return VoicesFolder(tmp_path / "voices")


@pytest.fixture
def slept() -> list[float]:
    """The seconds that `patience` waited."""
    return []


@pytest.fixture
def patience(slept: list[float]) -> Callable[[], Patience]:
    """Patience that takes no time."""
    return lambda: Patience(slept.append)

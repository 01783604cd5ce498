"""A real server on a real port of the loopback interface, in a thread, its insides in reach."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from hoarfrost.server.app import address_of, build_services, make_server, open_port
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings

START_LIMIT_S = 60
"""A generous bound: loading every engine on a busy machine takes a few seconds."""


@dataclass(frozen=True, slots=True)
class RealServer:
    """Where it listens, a key that opens it, and what it is made of."""

    address: str
    key: str
    services: Services

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends to be let in."""
        return {"Authorization": f"Bearer {self.key}"}

    def url(self, **options: object) -> str:
        """The address of ``/ws`` with these options, percent-encoded."""
        return f"ws://{self.address}/ws?{urlencode(options)}"


@contextlib.contextmanager
def running_server(data_dir: Path, **settings: object) -> Iterator[RealServer]:
    """Start a server with these settings, and stop it at the end.

    Args:
        data_dir: An empty folder for its keys.
        settings: As for `Settings`; the port is chosen by the system.
    """
    services = build_services(Settings(port=0, data_dir=data_dir, **settings))
    key = services.keys.create("test")[1] if services.keys else ""
    is_ready = threading.Event()
    listener = open_port("127.0.0.1", 0)
    server = make_server(services, is_ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert is_ready.wait(START_LIMIT_S), "expected a server that starts"
        yield RealServer(address_of(listener), key, services)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()

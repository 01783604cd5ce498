"""A real browser on the real page of a real server. Nothing is imported that `make test` lacks."""

import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.server import RealServer, running_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 20_000
"""A generous bound on whatever a page does."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's browser, without a window."""
    api = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, f"expected one of {', '.join(PROGRAMS)}; `make browser` installs it"
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("browser"), engines=("tone",)) as server:
        yield server


class Visit:
    """A page that is open, and what went wrong in it.

    Attributes:
        page: Playwright's page.
        faults: Messages of the console that are errors, and exceptions.
        requests: Addresses that it asked for.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.faults: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def open(self, address: str, secret: str = "") -> None:
        """Go to the page, by the start link if there is a secret."""
        self.page.goto(f"http://{address}/{f'#link={secret}' if secret else ''}")
        self.page.wait_for_selector("html[data-ready=yes]")

    def text_of(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def until(self, condition: str) -> None:
        """Wait until an expression of JavaScript is true."""
        # Playwright's own wait evaluates strings in the page, which the page's policy forbids.
        give_up_at = time.monotonic() + PATIENCE_MS / 1000
        while not self.page.evaluate(condition):
            assert time.monotonic() < give_up_at, f"expected {condition}"
            self.page.wait_for_timeout(10)


@pytest.fixture(params=["light"])
def visit(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page that has not been anywhere, in the colours of the parameter."""
    context = chromium.new_context(
        viewport={"width": 1100, "height": 900}, color_scheme=request.param
    )
    yield Visit(context.new_page())
    context.close()

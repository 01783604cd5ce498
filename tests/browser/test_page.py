"""The page in a real browser: speaking, words, interruption, many callers, and what goes wrong."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.support.server import RealServer, running_server

pytestmark = pytest.mark.browser

SHORT = "Hello there. How are you?"
LONG = "This is a long text that goes on. " * 20
PHONE = {"width": 360, "height": 740}


def begin(visit: Visit, server: RealServer, text: str, arrival: str = "0") -> None:
    """Sign in by the start link, choose the tone, and speak."""
    visit.open(server.address, server.services.access.link_secret)
    visit.page.select_option("#speaker", "tone")
    visit.page.fill("#text", text)
    visit.page.select_option("#arrival", arrival)
    visit.page.click("#speak")


def assert_clean(visit: Visit, server: RealServer) -> None:
    """Nothing went wrong, and nothing was asked of anybody else."""
    assert visit.faults == []
    elsewhere = [
        url for url in visit.requests if not re.match(rf"(http|ws)://{server.address}/", url)
    ]
    assert elsewhere == []


@pytest.mark.parametrize("audio_format", ["pcm", "mulaw", "wav", "mp3"])
def test_speaks_and_lights_up_the_words(
    visit: Visit, server: RealServer, audio_format: str
) -> None:
    """Every word is lit up when it is heard; first audio is told; nothing runs dry."""
    visit.open(server.address, server.services.access.link_secret)
    visit.page.select_option("#format", audio_format)
    visit.page.select_option("#speaker", "tone")
    visit.page.fill("#text", SHORT)
    visit.page.select_option("#arrival", "30")
    visit.page.click("#speak")
    visit.until("document.querySelector('#spoken .now') !== null")
    visit.until("document.querySelectorAll('#spoken .said').length === 5")
    assert visit.text_of("#spoken") == SHORT
    assert re.fullmatch(r"\d+ ms", visit.text_of("#first-audio"))
    assert re.fullmatch(r"\d+ ms", visit.text_of("#server-part"))
    events = visit.page.text_content("#events")
    assert re.search("cut by: (sentence|held)", events)
    assert "cut by: flush" in events
    assert_clean(visit, server)


def test_text_in_two_goes(visit: Visit, server: RealServer) -> None:
    """The second text on the same connection lights up as well."""
    begin(visit, server, SHORT)
    visit.until("document.querySelectorAll('#spoken .said').length === 5")
    visit.page.fill("#text", "Once more.")
    visit.page.click("#speak")
    visit.until("document.querySelectorAll('#spoken .said').length === 2")
    assert visit.text_of("#spoken") == "Once more."
    assert sum("/ws?" in url for url in visit.requests) == 1
    assert_clean(visit, server)


def test_interruption(visit: Visit, server: RealServer) -> None:
    """By key: silent, nothing stale is played, and the text is parted into heard and not heard."""
    begin(visit, server, LONG)
    visit.until("document.querySelectorAll('#spoken .said').length >= 3")
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("#stale-played")
    assert visit.text_of("#stale-played") == "0 ms"
    assert re.match(r"\d+ ms", visit.text_of("#silent-after"))
    heard, unheard = visit.page.text_content("#heard"), visit.page.text_content("#unheard")
    assert heard + unheard == LONG
    assert heard.startswith("This is a")
    assert len(unheard) > len(LONG) / 2
    visit.page.fill("#text", SHORT)
    visit.page.click("#speak")
    visit.until("document.querySelectorAll('#spoken .said').length === 5")
    assert_clean(visit, server)


def test_interruption_while_text_arrives(visit: Visit, server: RealServer) -> None:
    """By button, in the middle of the stream: no more tokens are sent, and it stays silent."""
    begin(visit, server, LONG, arrival="30")
    visit.until("document.querySelectorAll('#spoken .said').length >= 2")
    visit.page.click("#interrupt")
    visit.page.wait_for_selector("#stale-played")
    assert visit.text_of("#stale-played") == "0 ms"
    sent = visit.text_of("#spoken")
    visit.page.wait_for_timeout(300)  # nine tokens' time
    assert visit.text_of("#spoken") == sent
    assert visit.page.is_disabled("#interrupt")
    assert_clean(visit, server)


def test_twenty_callers(visit: Visit, server: RealServer) -> None:
    """All twenty are heard, each with its first audio."""
    visit.open(server.address, server.services.access.link_secret)
    visit.page.select_option("#speaker", "tone")
    visit.page.fill("#text", SHORT)
    visit.page.select_option("#arrival", "0")
    visit.page.click("#many button")
    visit.until("!document.querySelector('#many button').disabled")
    assert visit.text_of("#many-summary").startswith("20 heard, 0 refused")
    rows = visit.page.query_selector_all("#callers tr")
    assert len(rows) == 20
    for row in rows:
        assert re.search(r"\d+ ms\s+\d+\s+done", row.inner_text())
    assert_clean(visit, server)


def test_refused_callers(visit: Visit, tmp_path: Path) -> None:
    """A full server's refusal is shown as what it is, with its words."""
    with running_server(tmp_path, engines=("tone",), max_connections=2) as server:
        visit.open(server.address, server.services.access.link_secret)
        visit.page.select_option("#speaker", "tone")
        visit.page.fill("#text", LONG[:100])
        visit.page.fill("#n-callers", "5")
        visit.page.click("#many button")
        visit.until("!document.querySelector('#many button').disabled")
        assert "the server is full: Currently at websocket limit" in visit.text_of("#callers")
        # The browser itself writes refusals to its console.
        assert all("429" in fault for fault in visit.faults)


def test_a_lost_server(visit: Visit, tmp_path: Path) -> None:
    """When the server goes away in the middle, the page says so."""
    with running_server(tmp_path, engines=("tone",)) as server:
        begin(visit, server, LONG)
        visit.until("document.querySelectorAll('#spoken .said').length >= 2")
    visit.until("document.querySelector('#speak-fault').textContent !== ''")
    assert "lost" in visit.text_of("#speak-fault")
    assert visit.text_of("#status") == "connection lost"
    visit.page.click("#speak")
    visit.until("document.querySelector('#speak-fault').textContent.includes('no connection')")


def test_keys(visit: Visit, server: RealServer) -> None:
    """A wrong key is refused with a reason; the right one opens, and is kept nowhere."""
    visit.open(server.address)
    visit.page.fill("#key", "hf_wrong")
    visit.page.click("#sign-in button")
    visit.until("document.querySelector('#sign-in-fault').textContent !== ''")
    assert "not signed in" in visit.text_of("#sign-in-fault")
    visit.page.fill("#key", server.key)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#sign-in", state="hidden")
    assert visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]
    assert server.key not in visit.page.content()
    assert all("401" in fault for fault in visit.faults)


def test_the_link_leaves_the_address_bar(visit: Visit, server: RealServer) -> None:
    """The secret is gone from the address, is in no request's, and a reload stays signed in."""
    secret = server.services.access.link_secret
    visit.open(server.address, secret)
    assert visit.page.url == f"http://{server.address}/"
    visit.page.reload()
    visit.until("document.querySelector('#status').textContent === 'signed in'")
    assert not visit.page.is_visible("#sign-in")
    assert not any(secret in url.partition("#")[0] for url in visit.requests)
    assert_clean(visit, server)


def test_without_keys(visit: Visit, tmp_path: Path) -> None:
    """A server without keys is spoken to at once."""
    with running_server(tmp_path, engines=("tone",), auth=False) as server:
        begin(visit, server, SHORT)
        visit.until("document.querySelectorAll('#spoken .said').length === 5")
        assert not visit.page.is_visible("#sign-in")
        assert_clean(visit, server)


def test_the_voices(visit: Visit, server: RealServer) -> None:
    """Voices are found by search, and play a sample on a click."""
    visit.open(server.address, server.services.access.link_secret)
    n_all = visit.page.locator("#voices li").count()
    visit.page.fill("#search", "tone-low")
    assert visit.text_of("#n-voices") == f"1 of {n_all} voices"
    visit.page.click("#voices button")
    visit.until("document.querySelector('#spoken .now') !== null")
    assert visit.page.input_value("#speaker") == "tone-low"
    assert_clean(visit, server)


@pytest.mark.parametrize("dialect", ["Python", "JavaScript", "curl", "pipecat", "LiveKit"])
def test_code_follows_the_settings(visit: Visit, server: RealServer, dialect: str) -> None:
    """The code names this server and the chosen voice and rate, and holds no secret."""
    secret = server.services.access.link_secret
    visit.open(server.address, secret)
    visit.page.select_option("#dialect", dialect)
    visit.page.select_option("#speaker", "tone-low")
    visit.page.select_option("#rate", "16000")
    code = visit.text_of("#code")
    assert server.address in code
    assert "tone-low" in code
    assert "16000" in code
    assert secret not in code
    if dialect == "Python":
        compile(code, "copied", "exec")


@pytest.mark.parametrize("visit", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("width", [360, 1100])
def test_accessible(visit: Visit, server: RealServer, width: int) -> None:
    """No finding of axe-core, in both colours, on a phone and on a desk; nothing is cut off."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    visit.page.set_viewport_size({"width": width, "height": 740})
    begin(visit, server, LONG)
    visit.until("document.querySelectorAll('#spoken .said').length >= 3")
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("#stale-played")
    visit.page.fill("#n-callers", "2")
    visit.page.fill("#text", SHORT)
    visit.page.click("#many button")
    visit.until("!document.querySelector('#many button').disabled")
    visit.page.evaluate("document.querySelector('#sign-in').hidden = false")
    found = axe.Axe().run(visit.page)
    assert found.response["violations"] == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("HOARFROST_SCREENSHOTS"):
        is_dark = visit.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        scheme = "dark" if is_dark else "light"
        visit.page.screenshot(path=f"{folder}/{scheme}-{width}.png", full_page=True)


def test_by_keyboard(visit: Visit, server: RealServer) -> None:
    """From the text, the keyboard alone reaches the button, and speaks."""
    visit.open(server.address, server.services.access.link_secret)
    visit.page.select_option("#speaker", "tone")
    visit.page.fill("#text", SHORT)
    visit.page.focus("#text")
    for _ in range(20):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.id") == "speak":
            break
    visit.page.keyboard.press("Enter")
    visit.until("document.querySelector('#spoken .now') !== null")


def test_another_page_may_use_the_module(visit: Visit, tmp_path: Path) -> None:
    """A page of an allowed origin imports the module, and speaks with a ticket of its backend."""
    with (
        running_server(tmp_path / "own", engines=("tone",), auth=False) as host,
        running_server(
            tmp_path / "other", engines=("tone",), allowed_origins=(f"http://{host.address}",)
        ) as server,
    ):
        visit.page.goto(f"http://{host.address}/healthz")  # a page of that origin, without a policy
        told = visit.page.evaluate(
            """async ([server, key]) => {
                const { connect } = await import(`${server}/client/hoarfrost.js`);
                const speech = await connect({ key, speaker: "tone", samplingRate: 8000 });
                let n = 0;
                speech.addEventListener("audio", ({ detail }) => (n += detail.samples.length));
                const closed = new Promise((resolve) => speech.addEventListener("closed", resolve));
                speech.send("Hi.");
                speech.end();
                const { detail } = await closed;
                return [detail.code, n];
            }""",
            [f"http://{server.address}", server.key],
        )
        assert told == [1000, 960]  # two letters of 60 ms
        # That page has no icon, which the browser looks for.
        assert [fault for fault in visit.faults if "404" not in fault] == []


@pytest.mark.parametrize("audio_format", ["pcm", "mulaw", "wav", "mp3"])
@pytest.mark.parametrize(
    ("dialect", "command"), [("Python", [sys.executable, "-c"]), ("curl", ["sh", "-c"])]
)
def test_copied_programs_speak(
    visit: Visit,
    server: RealServer,
    tmp_path: Path,
    dialect: str,
    command: list[str],
    audio_format: str,
) -> None:
    """What is copied runs as it is, with the key in the environment, and writes speech."""
    if dialect == "curl" and shutil.which("curl") is None:
        pytest.skip("needs curl")
    visit.open(server.address, server.services.access.link_secret)
    visit.page.select_option("#dialect", dialect)
    visit.page.select_option("#speaker", "tone")
    visit.page.select_option("#format", audio_format)
    visit.page.fill("#text", 'It\'s a "fine" day.')
    environment = os.environ | {"HOARFROST_API_KEY": server.key}
    code = visit.text_of("#code")
    subprocess.run([*command, code], cwd=tmp_path, env=environment, check=True, timeout=60)
    speech = (tmp_path / f"speech.{audio_format}").read_bytes()
    heads = {"wav": b"RIFF", "mp3": b"\xff"}
    assert speech.startswith(heads.get(audio_format, b""))
    assert len(speech) > 2000

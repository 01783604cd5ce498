"""What a browser meets: tickets, origins, the page's files and their headers."""

import http.client
import json
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

import hoarfrost.server
from hoarfrost.server.page import HEADERS
from tests.e2e.talk import SPEECH, listen
from tests.support.server import RealServer, running_server

STATIC = Path(hoarfrost.server.__file__).parent / "static"
FILES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.*"))


def ask(
    server: RealServer, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """Return status, headers (small letters) and body of an answer."""
    connection = http.client.HTTPConnection(server.address, timeout=30)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read().decode()
    finally:
        connection.close()


def ticket_of(server: RealServer, secret: str | None = None) -> str:
    status, _, body = ask(
        server, "POST", "/tickets", {"Authorization": f"Bearer {secret or server.key}"}
    )
    assert status == 201
    told = json.loads(body)
    assert told["expires_in"] == 30
    return str(told["ticket"])


def connect(
    server: RealServer, *, origin: str | None = None, **options: object
) -> websockets.connect:
    """Connect as a browser does: no key, maybe an origin."""
    return websockets.connect(
        server.url(**(SPEECH | options)),
        origin=None if origin is None else websockets.Origin(origin),
        proxy=None,
    )


async def status_of(server: RealServer, **options: object) -> int:
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with connect(server, **options):  # type: ignore[arg-type]
            pass
    return caught.value.response.status_code


async def test_a_ticket_opens_a_socket_once(
    server: RealServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The first upgrade is spoken to, the second is 401, and no log holds the ticket."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    ticket = ticket_of(server)
    async with connect(server, ticket=ticket, events="json") as socket:
        ready = json.loads(await socket.recv())
        assert ready["unknown"] == []
    assert await status_of(server, ticket=ticket) == 401
    assert await status_of(server, ticket="hft_x") == 401
    assert await status_of(server) == 401
    assert "[accepted]" in caplog.text
    assert ticket not in "".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("hoarfrost", "uvicorn"))
    )


async def test_a_ticket_opens_every_socket(server: RealServer) -> None:
    """It counts on the JSON sockets as on the plain one."""
    url = server.url(**SPEECH, ticket=ticket_of(server)).replace("/ws?", "/ws3?")
    async with websockets.connect(url, proxy=None) as socket:
        await socket.send('{"text": "Hi. "}')
        assert json.loads(await socket.recv())["type"] == "chunk"


async def test_a_ticket_falls_with_its_key(server: RealServer) -> None:
    """A key revoked after the ticket was made opens nothing any more."""
    assert server.services.keys is not None
    key, secret = server.services.keys.create("short-lived")
    ticket = ticket_of(server, secret)
    server.services.keys.revoke(key.id)
    assert await status_of(server, ticket=ticket) == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hf_wrong"}])
def test_tickets_are_for_holders_of_keys(server: RealServer, headers: dict[str, str]) -> None:
    """Without a valid key there is none."""
    status, told, _ = ask(server, "POST", "/tickets", headers)
    assert (status, told["www-authenticate"]) == (401, "Bearer")


async def test_a_refusal_is_told_with_the_ticket(tmp_path: Path) -> None:
    """What would be wrong with the upgrade is the answer to the request for its ticket."""
    with running_server(tmp_path, engines=("tone",), max_connections=1) as server:
        headers = server.headers
        assert ask(server, "POST", "/tickets?speaker=tone", headers)[0] == 201
        status, _, body = ask(server, "POST", "/tickets?speaker=nobody", headers)
        assert (status, "speaker: expected" in body) == (400, True)
        async with connect(server, ticket=ticket_of(server)):
            status, told, _ = ask(server, "POST", "/tickets?speaker=tone", headers)
            assert status == 429
            assert int(told["retry-after"]) >= 1


def test_a_ticket_makes_no_ticket(server: RealServer) -> None:
    """A ticket is no key."""
    headers = {"Authorization": f"Bearer {ticket_of(server)}"}
    assert ask(server, "POST", "/tickets", headers)[0] == 401


async def test_the_start_link_is_a_key_of_this_run(server: RealServer) -> None:
    """What the banner's link carries makes tickets; sockets opened with it stay open."""
    secret = server.services.access.link_secret
    assert secret
    async with connect(server, ticket=ticket_of(server, secret)) as socket:
        await socket.send("Hello.<EOS>")
        assert (await listen(socket)).code == 1000


async def test_a_ticket_is_for_known_pages(tmp_path: Path) -> None:
    """With a ticket the server's own page is let in, an allowed one, and no other."""
    with running_server(
        tmp_path, engines=("tone",), allowed_origins=("https://example.org",)
    ) as server:
        for origin in (f"http://{server.address}", "https://example.org", None):
            async with connect(server, origin=origin, ticket=ticket_of(server)):
                pass
        for origin in ("https://evil.example", "null"):
            assert await status_of(server, origin=origin, ticket=ticket_of(server)) == 403
        assert await status_of(server, origin="https://example.org") == 401


def test_other_origins_may_read_nothing(tmp_path: Path, server: RealServer) -> None:
    """Closed by default: no header lets a page of another origin read; listed ones may."""
    asked = {"Origin": "https://example.org"}
    assert "access-control-allow-origin" not in ask(server, "GET", "/voices", asked)[1]
    with running_server(
        tmp_path, engines=("tone",), allowed_origins=("https://example.org",)
    ) as allowing:
        _, told, _ = ask(allowing, "GET", "/voices", asked)
        assert told["access-control-allow-origin"] == "https://example.org"
        preflight = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        assert ask(allowing, "OPTIONS", "/tickets", asked | preflight)[0] == 200
        other = ask(allowing, "GET", "/voices", {"Origin": "https://evil.example"})[1]
        assert "access-control-allow-origin" not in other


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("open"), engines=("tone",), auth=False) as server:
        yield server


async def test_without_keys_other_pages_are_refused(unlocked: RealServer) -> None:
    """A server without keys speaks to programs and to its own page; a page elsewhere is 403."""
    async with connect(unlocked, origin=f"http://{unlocked.address}"), connect(unlocked):
        pass
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
        assert await status_of(unlocked, origin=origin) == 403
        assert ask(unlocked, "GET", "/voices", {"Origin": origin})[0] == 403


def test_without_keys_other_names_are_refused(unlocked: RealServer) -> None:
    """A name that was made to point here is 403 on every path (DNS rebinding)."""
    for path in ("/", "/voices", "/ws"):
        assert ask(unlocked, "GET", path, {"Host": "evil.example"})[0] == 403
    assert ask(unlocked, "GET", "/voices", {"Host": "localhost:1"})[0] == 200


def test_without_keys_a_ticket_is_had_for_nothing(unlocked: RealServer) -> None:
    """A page need not know whether the server asks for keys."""
    assert ask(unlocked, "POST", "/tickets")[0] == 201


@pytest.mark.parametrize("path", ["", *FILES])
def test_files_have_their_headers(server: RealServer, path: str) -> None:
    """Every file is served with a policy that lets nothing in from elsewhere."""
    status, told, _ = ask(server, "GET", f"/{path}", {"Accept": "text/html"})
    assert status == 200
    for name, value in HEADERS.items():
        assert told[name.lower()] == value


def test_the_front_door_is_text_for_programs(server: RealServer) -> None:
    """Who does not ask for HTML gets the few hints in plain text."""
    _, told, body = ask(server, "GET", "/")
    assert told["content-type"].startswith("text/plain")
    assert "GET /ws" in body
    assert "<html" in ask(server, "GET", "/", {"Accept": "text/html,*/*"})[2]


@pytest.mark.parametrize("path", FILES)
def test_files_name_no_other_origin(path: str) -> None:
    """No address of another origin, no inline script, no inline style; no HTML made of strings."""
    text = (STATIC / path).read_text(encoding="utf-8")
    text = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text) == []
    assert not re.search(
        r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=\"|innerHTML|\beval\(", text
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".js")])
def test_scripts_can_be_read(path: str, tmp_path: Path) -> None:
    """Each script is a module without a slip of the pen."""
    module = tmp_path / "module.mjs"
    module.write_bytes((STATIC / path).read_bytes())
    checked = subprocess.run(
        ["node", "--check", str(module)], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stderr

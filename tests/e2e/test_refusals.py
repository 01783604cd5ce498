"""What is wrong with a request is told before the upgrade: a status, and a body that helps."""

import asyncio
import http.client

import pytest
import websockets

from tests.e2e.talk import connect, talk, until_open
from tests.support.server import RealServer, running_server


async def refusal(server: RealServer, key: str | None = None, **options: object) -> tuple[int, str]:
    """Return status and body of a refused upgrade."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with connect(server, key=key, **options):
            pass
    response = caught.value.response
    assert response.headers["Content-Type"].startswith("text/plain")
    return response.status_code, (response.body or b"").decode()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"speaker": "tome"}, ["speaker", "tone", "/voices"], id="unknown speaker"),
        pytest.param({"speaker": ""}, ["speaker"], id="no speaker"),
        pytest.param({"lang": "xyz"}, ["lang", "xyz"], id="unknown language"),
        pytest.param({"speaker": "tone-low", "lang": "fra"}, ["lang", "en"], id="not its language"),
        pytest.param({"samplingRate": 3999}, ["samplingRate", "4000", "3999"], id="rate too low"),
        pytest.param({"samplingRate": 96001}, ["samplingRate", "96000"], id="rate too high"),
        pytest.param({"samplingRate": "fast"}, ["samplingRate", "fast"], id="rate not a number"),
        pytest.param({"speedAlpha": "nan"}, ["speedAlpha"], id="NaN speed"),
        pytest.param({"speedAlpha": "-1"}, ["speedAlpha", "-1"], id="negative speed"),
        pytest.param({"speedAlpha": "inf"}, ["speedAlpha"], id="infinite speed"),
        pytest.param({"inlineSpeedAlpha": "1,nan"}, ["inlineSpeedAlpha"], id="NaN word speed"),
        pytest.param(
            {"inlineSpeedAlpha": "0.5,x"}, ["inlineSpeedAlpha"], id="word speed no number"
        ),
        pytest.param({"audioFormat": "au"}, ["audioFormat", "pcm", "au"], id="unknown format"),
        pytest.param({"segment": "byWord"}, ["segment", "bySentence"], id="unknown segmentation"),
        pytest.param({"pauseBetweenBrackets": "maybe"}, ["pauseBetweenBrackets"], id="not a bool"),
        pytest.param({"x": "y" * 5000}, ["4096"], id="over-long query"),
    ],
)
async def test_bad_options(
    server: RealServer, options: dict[str, object], expected: list[str]
) -> None:
    """Each bad option is a 400 that names the option, what was expected and what came."""
    status, body = await refusal(server, **options)
    assert status == 400
    for word in expected:
        assert word in body


async def test_all_faults_at_once(server: RealServer) -> None:
    """One answer lists every fault, a line each, after the line that Rime's clients look for."""
    status, body = await refusal(
        server, speaker="nobody", samplingRate=1, audioFormat="au", speedAlpha="nan"
    )
    assert status == 400
    first, *faults = body.strip().splitlines()
    assert first.startswith("Speaker 'nobody' doesn't match list of available voices")
    assert len(faults) == 4


@pytest.mark.parametrize(
    ("header", "expected", "headline"),
    [
        pytest.param(None, "no such header", "missing headers", id="no header"),
        pytest.param("Bearer", "Bearer", "empty apikey", id="no key"),
        pytest.param("Basic dXNlcjpwYXNz", "Bearer", "invalid api key", id="another scheme"),
        pytest.param("Bearer wrong", "unknown or revoked", "invalid api key", id="unknown key"),
        pytest.param("Api-Key wrong", "unknown or revoked", "invalid api key", id="older scheme"),
    ],
)
def test_no_way_in(server: RealServer, header: str | None, expected: str, headline: str) -> None:
    """Without a valid key the answer is 401, before anything else is looked at."""
    status, headers, body = upgrade(server, "/ws?speaker=nobody", header)
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    first, second = body.splitlines()
    assert first == headline
    assert expected in second
    assert "nobody" not in body


def upgrade(
    server: RealServer, path: str, authorization: str | None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Ask for an upgrade without a client library, which would mend the request."""
    connection = http.client.HTTPConnection(server.address, timeout=20)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Authorization": authorization,
    }.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


@pytest.mark.parametrize("query", ["speaker=%zz", "speaker=%ff%fe", "&&&=&=", "speaker=a;b"])
def test_malformed_queries(server: RealServer, query: str) -> None:
    """A query that is no query is a 400, not a 500 and not a closed connection."""
    status, _headers, _body = upgrade(server, f"/ws?{query}", f"Bearer {server.key}")
    assert status == 400


def test_a_plain_request(server: RealServer) -> None:
    """A GET of /ws without an upgrade is a 426 with one line of help."""
    connection = http.client.HTTPConnection(server.address, timeout=20)
    connection.request("GET", "/ws?speaker=tone")
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    assert (response.status, response.headers["Upgrade"]) == (426, "websocket")
    assert body.count("\n") == 1


async def test_a_revoked_key(server: RealServer) -> None:
    """A key revoked while the server runs opens nothing, and ends what it had opened."""
    assert server.services.keys is not None
    key, secret = server.services.keys.create("short-lived")
    async with connect(server, key=secret) as socket:
        await socket.send("Hello.<FLUSH>")
        await socket.recv()
        server.services.keys.revoke(key.id)
        status, body = await refusal(server, key=secret)
        assert (status, "revoked" in body) == (401, True)
        async with asyncio.timeout(20):
            await socket.wait_closed()
        assert socket.close_code == 1008
        assert "revoked" in (socket.close_reason or "")


async def test_a_damaged_key_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """When the keys cannot be read nobody is let in, and nobody is told where they lie."""
    data_dir = tmp_path_factory.mktemp("damaged")
    with running_server(data_dir, engines=("tone",)) as server:
        server.services.settings.keys_file.write_text("{")
        status, body = await refusal(server)
        assert status == 500
        assert str(data_dir) not in body


async def test_over_the_limit(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One connection too many is a 429 with Retry-After; when one leaves there is room again."""
    data_dir = tmp_path_factory.mktemp("limited")
    with running_server(data_dir, engines=("tone",), max_connections=1) as limited:
        async with connect(limited):
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with connect(limited):
                    pass
            response = caught.value.response
            assert response.status_code == 429
            assert (response.body or b"").decode().strip() == "Currently at websocket limit"
            assert int(response.headers["Retry-After"]) >= 1
        await until_open(limited, 0)
        assert (await talk(limited, "Hello.<EOS>")).code == 1000


async def test_without_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server without keys asks for none, and minds none."""
    with running_server(tmp_path_factory.mktemp("open"), engines=("tone",), auth=False) as server:
        assert (await talk(server, "Hello.<EOS>", key="any")).code == 1000


@pytest.mark.parametrize(
    "query",
    [
        "speaker=tone&modelId=mistv3&audioFormat=pcm&samplingRate=24000&lang=eng",
        "speaker=tone&modelId=arcana&audioFormat=pcm&samplingRate=None&lang=en-US&segment=None",
        "speaker=tone&pauseBetweenBrackets=True&phonemizeBetweenBrackets=True"
        "&inlineSpeedAlpha=0.5, 3&noTextNormalization=False&repetition_penalty=1.5&temperature=0.5",
    ],
)
def test_queries_that_are_not_encoded(server: RealServer, query: str) -> None:
    """What released clients join by hand is understood."""
    path = f"/ws?{query}".replace(" ", "%20")  # http.client sends no bare space; option tests do
    assert upgrade(server, path, f"Bearer {server.key}")[0] == 101

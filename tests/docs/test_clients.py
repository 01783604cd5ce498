"""The code of ``docs/clients.md`` that is ours: it does what the page says."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.support.server import running_server

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"


class Call:
    """Twilio's end of a call: what it is sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def send(self, message: str) -> None:
        self.messages.append(json.loads(message))


async def test_a_call_of_twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is one of Twilio's, and the payloads are the µ-law of the sentence."""
    monkeypatch.setenv("no_proxy", "*")
    section = PAGE.read_text(encoding="utf-8").partition("## Twilio")[2]
    code = re.search(r"```python no-run\n(.*?)```", section, re.DOTALL)
    assert code is not None
    with running_server(tmp_path, engines=("tone",)) as server:
        source = code[1].replace("127.0.0.1:8000", server.address).replace("cove", "tone")
        names: dict[str, Any] = {"websockets": websockets, "base64": base64, "json": json}
        names["KEY"] = server.key
        exec(source, names)  # noqa: S102 -- the page's own code
        call = Call()
        await names["speak"](call, "MZ1", "One two.")
    assert {(each["event"], each["streamSid"]) for each in call.messages} == {("media", "MZ1")}
    audio = b"".join(base64.b64decode(each["media"]["payload"]) for each in call.messages)
    # Two words of three letters of 60 ms, and the gap of 40 ms between them, at a byte a sample.
    assert len(audio) == (6 * 60 + 40) * 8
    assert set(audio) != {0xFF}

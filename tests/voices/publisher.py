"""A publisher of voices on a real port of the loopback interface, which fails as it is told to.

It serves files with sizes, ranges and ETags as Hugging Face does. For each path, a list of faults
says how the next requests go wrong; when it is used up, they go right.
"""

import gzip
import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

CARD = "# Model card for lessac (medium)\n\n## Dataset\n\n* License: CC0 1.0\n"


@dataclass(frozen=True)
class Status:
    """Answer with this status."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cut:
    """Send so many bytes of the body, then close the connection."""

    n_bytes: int


@dataclass(frozen=True)
class Hang:
    """Send so many bytes of the body, then nothing until the publisher is closed."""

    n_bytes: int


@dataclass(frozen=True)
class Instead:
    """Send this body, with status 200, whatever was asked for; without a length if so wished."""

    body: bytes
    has_length: bool = True


@dataclass(frozen=True)
class Compressed:
    """Send the whole body compressed, although nobody asked for that."""


@dataclass(frozen=True)
class WrongRange:
    """Answer a range with this Content-Range instead of the right one."""

    content_range: str


@dataclass(frozen=True)
class Dropped:
    """Close the connection without an answer."""


Fault = Status | Cut | Hang | Instead | Compressed | WrongRange | Dropped


@dataclass
class Publisher:
    """What is published, what goes wrong, and what was asked for.

    Attributes:
        files: By path, the content.
        faults: By path, how the next requests go wrong.
        requests: Path and headers of each request, in order.
        has_ranges: Whether a part can be asked for.
        etag_prefix: ``W/`` for weak ETags.
        url: The address, once it runs.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    has_ranges: bool = True
    etag_prefix: str = ""
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def add_voice(
        self,
        name: str = "en_US-lessac-medium",
        *,
        model: bytes = b"model" * 1000,
        config: bytes | None = None,
        aliases: tuple[str, ...] = (),
        n_speakers: int = 1,
        card: str | None = CARD,
    ) -> str:
        """Publish a voice, in the catalogue too; return the folder of its files."""
        code, spoken, quality = name.split("-")
        folder = f"{code.partition('_')[0]}/{code}/{spoken}/{quality}"
        files = {
            f"{folder}/{name}.onnx": model,
            f"{folder}/{name}.onnx.json": config or json.dumps({"name": name}).encode(),
        }
        if card is not None:
            files[f"{folder}/MODEL_CARD"] = card.encode()
        entry = catalogue_entry(name, files, aliases=aliases, n_speakers=n_speakers)
        catalogue = json.loads(self.files.get("voices.json", b"{}"))
        self.files["voices.json"] = json.dumps({**catalogue, name: entry}).encode()
        self.files |= files
        return folder

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the headers of the requests for a path."""
        return [headers for asked, headers in self.requests if asked == path]


def catalogue_entry(
    name: str, files: Mapping[str, bytes], *, aliases: tuple[str, ...] = (), n_speakers: int = 1
) -> dict[str, Any]:
    """Return an entry as the public catalogue has it."""
    code, spoken, quality = name.split("-")
    language, country = {
        "en_US": ("English", "United States"),
        "en_GB": ("English", "Great Britain"),
        "de_DE": ("German", "Germany"),
        "pt_PT": ("Portuguese", "Portugal"),
    }.get(code, ("Xhosa", "South Africa"))
    family, _, region = code.partition("_")
    return {
        "key": name,
        "name": spoken,
        "language": {
            "code": code,
            "family": family,
            "region": region,
            "name_native": {"de_DE": "Deutsch"}.get(code, language),
            "name_english": language,
            "country_english": country,
        },
        "quality": quality,
        "num_speakers": n_speakers,
        "speaker_id_map": {f"p{n}": n for n in range(n_speakers)} if n_speakers > 1 else {},
        "files": {
            path: {
                "size_bytes": len(content),
                "md5_digest": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            }
            for path, content in files.items()
        },
        "aliases": list(aliases),
    }


@contextmanager
def publishing(publisher: Publisher) -> Iterator[Publisher]:
    """Run a publisher for as long as the context lasts."""

    class Handler(_Handler):
        published = publisher

    server = _Server(("127.0.0.1", 0), Handler)
    publisher.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        publisher.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up; that is what some of them are to do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    published: Publisher

    def do_GET(self) -> None:
        path = unquote(self.path[1:])
        self.published.requests.append((path, dict(self.headers)))
        faults = self.published.faults.get(path)
        fault = faults.pop(0) if faults else None
        content = self.published.files.get(path)
        match fault:
            case Dropped():
                self.close_connection = True
            case Status():
                self._answer(fault.code, b"refused", fault.headers)
            case Instead():
                self._answer(200, fault.body, {}, has_length=fault.has_length)
            case _ if content is None:
                self._answer(404, b"no such file", {})
            case Compressed():
                self._answer(200, gzip.compress(content), {"Content-Encoding": "gzip"})
            case _:
                self._serve(content, fault)

    def _serve(self, content: bytes, fault: Cut | Hang | WrongRange | None) -> None:
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        headers = {"ETag": self.published.etag_prefix + etag}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        is_same = self.headers.get("If-Range", etag) == etag
        if asked is None or not self.published.has_ranges or not is_same:
            self._answer(200, content, headers, fault)
            return
        first = int(asked[1])
        if first >= len(content):
            self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        told = f"bytes {first}-{len(content) - 1}/{len(content)}"
        if isinstance(fault, WrongRange):
            told = fault.content_range
        self._answer(206, content[first:], {**headers, "Content-Range": told}, fault)

    def _answer(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str],
        fault: Cut | Hang | WrongRange | None = None,
        *,
        has_length: bool = True,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if has_length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        match fault:
            case Cut(n_bytes):
                self.close_connection = True
                body = body[:n_bytes]
            case Hang(n_bytes):
                self.close_connection = True
                self.wfile.write(body[:n_bytes])
                self.wfile.flush()
                self.published.closing.wait(30)
                return
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing: the tests look at `Publisher.requests`."""

"""Rime's pages that are no speech: its lists of voices, its health, how a text is read.

In: requests; those that read a text need a key. Out: JSON of the shapes that Rime's clients know.
Every voice is listed under every model, by its own name and by those of Rime's that it stands in
for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hoarfrost.engines.natural.hibari.dictionary import unknown_words
from hoarfrost.errors import ClientFault, ServerBusy
from hoarfrost.protocol.http_speech import read_object
from hoarfrost.server.bodies import read_body
from hoarfrost.server.services import Services
from hoarfrost.server.websocket import authorise, reason_for
from hoarfrost.session.events import Refused
from hoarfrost.text import languages
from hoarfrost.text.markup import read_script
from hoarfrost.text.reading.sentences import read_sentences
from hoarfrost.text.script import Segment, Speech

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

MODELS: Final = ("mist", "mistv2", "mistv3", "coda", "arcana")
"""Models that Rime's lists name."""

TEXT_LIMIT: Final = 10_000
"""Characters of a text whose reading is asked for."""

_GENDERS: Final = {"female": "Female", "male": "Male", "neutral": "Non-binary"}


def make_voices_by_language(services: Services) -> Endpoint:
    """Return the endpoint of ``/data/voices/all-v2.json``: names by model and language."""

    async def page(_request: Request) -> Response:
        by_language = _names_by_language(services)
        return JSONResponse(dict.fromkeys(MODELS, by_language))

    return page


def make_all_voices(services: Services) -> Endpoint:
    """Return the endpoint of ``/data/voices/all.json``: names by model."""

    async def page(_request: Request) -> Response:
        names = {name for names in _names_by_language(services).values() for name in names}
        return JSONResponse(dict.fromkeys(MODELS, sorted(names)))

    return page


def make_voice_details(services: Services) -> Endpoint:
    """Return the endpoint of ``/data/voices/voice_details.json``: one object a name and model."""

    async def page(_request: Request) -> Response:
        return JSONResponse(
            [
                _details(voice, name, model)
                for voice in services.catalogue.describe()
                for name in (voice["name"], *voice["aliases"])
                for model in MODELS
            ]
        )

    return page


def make_health(services: Services) -> Endpoint:
    """Return the endpoint of ``/health``, as Rime's own containers answer it."""

    async def page(_request: Request) -> Response:
        is_ready = services.is_ready
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        told = {
            "apiStatus": "ok",
            "timestamp": now.replace("+00:00", "Z"),
            "licenseStatus": "valid",
            "modelReachable": is_ready,
        }
        return JSONResponse(told, status_code=200 if is_ready else 503)

    return page


def make_normalize(services: Services) -> Endpoint:
    """Return the endpoint of ``POST /textnorm``: the words that are spoken for a text."""
    return _make_reading(services, lambda text: {"normalized": _normalized(text)})


def make_out_of_vocabulary(services: Services) -> Endpoint:
    """Return the endpoint of ``POST /oov``: the words that the English voice's dictionary lacks."""
    return _make_reading(services, unknown_words)


async def phonemize(_request: Request) -> Response:
    """Answer ``POST /phonemize``, which is for recordings: there is no recogniser here."""
    return JSONResponse({"error": "not available here"}, status_code=501)


async def usage(_request: Request) -> Response:
    """Answer ``GET /usage/recent-history``: nothing is billed here."""
    return JSONResponse({"data": []})


def _make_reading(services: Services, read: Callable[[str], object]) -> Endpoint:
    """Return an endpoint that asks for a key, and tells something about a text, off the loop."""

    async def page(request: Request) -> Response:
        try:
            await authorise(services, request.headers.getlist("authorization"))
            text = read_object(await read_body(request)).get("text")
            if not isinstance(text, str) or len(text) > TEXT_LIMIT:
                raise ClientFault(f"text: expected a string of at most {TEXT_LIMIT} characters")
        except (ClientFault, ServerBusy) as fault:
            services.listener(Refused(fault.http_status, reason_for(fault)))
            return JSONResponse({"error": str(fault)}, status_code=fault.http_status)
        told = await asyncio.to_thread(read, text.encode(errors="replace").decode())
        return JSONResponse(told)

    return page


def _normalized(text: str) -> str:
    sentences = []
    for part in read_script(Segment(text), pauses=False).script:
        if isinstance(part, Speech):
            for sentence in read_sentences(part.text):
                clauses = (
                    " ".join(word.spoken for word in clause if word.spoken)
                    for clause in sentence.clauses
                )
                sentences.append(f"{', '.join(filter(None, clauses))}{sentence.mark}")
    return " ".join(sentences)


def _names_by_language(services: Services) -> dict[str, list[str]]:
    names: dict[str, set[str]] = {}
    for voice in services.catalogue.describe():
        code = languages.three_letters(voice["language"])
        names.setdefault(code, set()).update([voice["name"], *voice["aliases"]])
    return {code: sorted(found) for code, found in sorted(names.items())}


def _details(voice: Any, name: str, model: str) -> dict[str, Any]:
    return {
        "speaker": name,
        "gender": _GENDERS.get(voice["gender"], ""),
        "age": "",
        "country": voice["language"].partition("-")[2],
        "dialect": "",
        "demographic": "",
        "genre": [],
        "modelId": model,
        "lang": languages.three_letters(voice["language"]),
        "language": voice["language_name"],
        "description": voice["description"],
        "flagship": name == voice["name"],
    }

"""Speech over HTTP: ``POST /v1/rime-tts``, ``POST /`` and ``POST /v1/audio/speech``.

In: requests. Out: audio as it is made. Invariant: the status is 200 only once there is audio; a
client that goes away stops all work for it within a step; what fails after the first byte ends the
connection without the mark of a complete answer.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hoarfrost.dialogue.events import Eos, Text
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import Audio, Ended
from hoarfrost.errors import BadOptions, ClientFault, HoarfrostError, ServerBusy, Unauthorized
from hoarfrost.protocol import http_speech, openai
from hoarfrost.protocol.auth import MISSING, MISSING_OVER_HTTP
from hoarfrost.protocol.http_speech import Answer, Kind
from hoarfrost.protocol.json_events import SILENCE_MS, JsonCodec
from hoarfrost.protocol.parameters import Face, resolve
from hoarfrost.server.bodies import BODY_LIMIT, read_body
from hoarfrost.server.services import Services
from hoarfrost.server.websocket import authorise, reason_for
from hoarfrost.session.conversation import Backend
from hoarfrost.session.events import Refused
from hoarfrost.session.stream import speaking

log = logging.getLogger("hoarfrost.server")

CONDUCT: Final = Conduct(silence_ms=SILENCE_MS)

Pack: TypeAlias = Callable[[AsyncIterator[Any]], AsyncIterator[bytes]]
"""Makes the pieces of a body of a conversation's outputs; raises a fault that ended it."""

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Task:
    """What a request asks for, whatever the interface.

    Attributes:
        key_id: Of the caller.
        session_id: For the log.
        options: Of the conversation.
        text: What is to be said.
        pack: Makes the body.
        media_type: Of the body.
        refuse: Makes the answer where there is no audio.
    """

    key_id: str
    session_id: str
    options: Options
    text: str
    pack: Pack
    media_type: str
    refuse: Callable[[HoarfrostError], Response]


class _Speech(Response):
    """An answer whose body is made while it is sent."""

    def __init__(self, services: Services, task: _Task) -> None:
        self.background = None
        self._services = services
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak; stop when the client goes."""
        task = self._task
        try:
            with self._services.admitted(task.options.voice, task.key_id) as backend:
                await self._answer(replace(backend, session_id=task.session_id), receive, send)
        except ServerBusy as error:
            self._services.listener(Refused(error.http_status, reason_for(error)))
            await task.refuse(error)(scope, receive, send)
        except _Unspoken as unspoken:
            await task.refuse(unspoken.fault)(scope, receive, send)

    async def _answer(self, backend: Backend, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(backend, send))
        leaving = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                if not task.done():
                    task.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def _send(self, backend: Backend, send: Send) -> None:
        is_begun = False
        fault: HoarfrostError | None = None
        async with speaking(self._task.options, backend, conduct=CONDUCT) as stream:
            saying = asyncio.create_task(stream.say([Text(self._task.text), Eos()]))
            try:
                async for piece in self._task.pack(stream.outputs()):
                    if not is_begun:
                        await send(self._head())
                        is_begun = True
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except HoarfrostError as error:
                fault = error
            finally:
                saying.cancel()
                await asyncio.gather(saying, return_exceptions=True)
        if fault is not None:
            raise fault if is_begun else _Unspoken(fault)
        if not is_begun:
            await send(self._head())
        await send({"type": "http.response.body", "body": b""})

    def _head(self) -> dict[str, Any]:
        headers = {
            "content-type": self._task.media_type,
            "cache-control": "no-store",
            "x-accel-buffering": "no",
            "x-request-id": self._task.session_id,
        }
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return {"type": "http.response.start", "status": 200, "headers": raw}


class _Unspoken(Exception):
    """Speech failed before there was any audio."""

    def __init__(self, fault: HoarfrostError) -> None:
        super().__init__(str(fault))
        self.fault = fault


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def make_rime_speech(services: Services) -> Endpoint:
    """Return the endpoint of ``POST /v1/rime-tts``, and of ``POST /`` for on-premises clients."""
    numbers = itertools.count(1)

    async def speech(request: Request) -> Response:
        try:
            key_id = await authorise(services, request.headers.getlist("authorization"))
            asked = http_speech.read_request(await read_body(request))
            answer = http_speech.negotiate(request.headers.get("accept"), asked.model)
            given = {**asked.given, "segment": "bySentence"}
            if answer.audio_format is not None:
                given["audioFormat"] = answer.audio_format.value
            lexicons = await asyncio.to_thread(services.lexicons.current)
            options = resolve(given, services.catalogue, lexicons, face=Face.HTTP).options
        except HoarfrostError as fault:
            services.listener(Refused(fault.http_status, reason_for(fault)))
            return _plain_refusal(fault)
        session_id = f"h{next(numbers):x}"
        is_root = request.url.path == "/"
        pack = _packer(answer, options, asked.text, is_root=is_root)
        task = _Task(
            key_id, session_id, options, asked.text, pack, answer.media_type, _plain_refusal
        )
        return _Speech(services, task)

    return speech


def make_openai_speech(services: Services) -> Endpoint:
    """Return the endpoint of ``POST /v1/audio/speech``."""
    numbers = itertools.count(1)

    async def speech(request: Request) -> Response:
        try:
            key_id = await authorise(services, request.headers.getlist("authorization"))
            asked = openai.read_speech_request(await read_body(request))
            given = {
                "speaker": asked.voice,
                "audioFormat": asked.audio_format.value,
                "samplingRate": openai.RATE_HZ,
                "speedAlpha": asked.speed,
            }
            lexicons = await asyncio.to_thread(services.lexicons.current)
            options = resolve(given, services.catalogue, lexicons, face=Face.HTTP).options
        except HoarfrostError as fault:
            services.listener(Refused(fault.http_status, reason_for(fault)))
            return _openai_refusal(fault)
        pack = _pack_openai_events if asked.is_events else _pack_audio
        media_type = http_speech.EVENT_STREAM if asked.is_events else asked.media_type
        task = _Task(
            key_id, f"o{next(numbers):x}", options, asked.text, pack, media_type, _openai_refusal
        )
        return _Speech(services, task)

    return speech


async def list_models(_request: Request) -> Response:
    """Answer ``GET /v1/models``."""
    models = [
        {"id": name, "object": "model", "created": 0, "owned_by": "hoarfrost"}
        for name in openai.MODELS
    ]
    return JSONResponse({"object": "list", "data": models})


def _packer(answer: Answer, options: Options, text: str, *, is_root: bool) -> Pack:
    match answer.kind:
        case Kind.AUDIO:
            return _pack_audio
        case Kind.JSON:
            return _pack_root_json if is_root else _pack_json
        case Kind.EVENTS:
            clock = asyncio.get_running_loop().time
            codec = JsonCodec(options, clock, text_limit=BODY_LIMIT)
            codec.decode(json.dumps({"text": text}))  # what its times of words refer to
            return lambda outputs: _pack_events(outputs, codec)


async def _pack_audio(outputs: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for output in outputs:
        if isinstance(output, Audio) and output.data:
            yield output.data
        elif isinstance(output, Ended) and output.fault is not None:
            raise output.fault


async def _pack_json(outputs: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    audio = [piece async for piece in _pack_audio(outputs)]
    yield json.dumps({"audioContent": base64.b64encode(b"".join(audio)).decode()}).encode()


async def _pack_root_json(outputs: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    audio = base64.b64encode(b"".join([piece async for piece in _pack_audio(outputs)])).decode()
    yield json.dumps({"audioContent": {"model_output": audio}}).encode()


async def _pack_events(outputs: AsyncIterator[Any], codec: JsonCodec) -> AsyncIterator[bytes]:
    async for output in outputs:
        if isinstance(output, Ended) and output.fault is not None:
            raise output.fault
        for frame in codec.encode(None, output):
            told = json.loads(frame)
            kind = told.pop("type")
            del told["contextId"]
            data = json.dumps(told or {"done": True}, ensure_ascii=False)
            yield f"event: {kind}\ndata: {data}\n\n".encode()


async def _pack_openai_events(outputs: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for piece in _pack_audio(outputs):
        yield openai.audio_event(piece)
    yield openai.done_event()


def _headers(fault: HoarfrostError) -> Mapping[str, str]:
    if isinstance(fault, Unauthorized):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(fault, ServerBusy):
        return {"Retry-After": f"{max(1, round(fault.retry_after))}"}
    return {}


def _plain_refusal(fault: HoarfrostError) -> Response:
    if not isinstance(fault, ClientFault | ServerBusy):
        log.error("a request could not be answered: %s", fault)
        return JSONResponse({"error": "internal error"}, status_code=500)
    body = f"{fault}\n"
    if isinstance(fault, Unauthorized):
        headline = MISSING_OVER_HTTP if fault.headline == MISSING else fault.headline
        body = f"{headline}\n{body}"
    return PlainTextResponse(body, status_code=fault.http_status, headers=_headers(fault))


def _openai_refusal(fault: HoarfrostError) -> Response:
    if not isinstance(fault, ClientFault | ServerBusy):
        log.error("a request could not be answered: %s", fault)
        body = openai.error_body("the server has a defect", code="server_error")
        return JSONResponse(body, status_code=500)
    param, code = "", None
    if isinstance(fault, openai.BadRequest):
        param = fault.param
    elif isinstance(fault, BadOptions):
        param = "voice"
    elif isinstance(fault, Unauthorized):
        code = "invalid_api_key"
    elif isinstance(fault, ServerBusy):
        code = "rate_limit_exceeded"
    body = openai.error_body(str(fault), param=param, code=code)
    return JSONResponse(body, status_code=fault.http_status, headers=_headers(fault))

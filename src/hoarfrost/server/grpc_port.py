"""Rime's gRPC interface, `rime.TextToSpeech`, on a port of its own.

In: calls of Rime's own SDKs. Out: audio as it is made. Invariant: a call that is cancelled stops
all work for it within a step; nothing of gRPC is imported unless the port is asked for.

The messages are those of `hoarfrost.protocol.v1_messages`; nothing is generated.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from hoarfrost.dialogue.events import Eos
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import Audio, Ended
from hoarfrost.errors import (
    BadMessage,
    ClientFault,
    HoarfrostError,
    ServerBusy,
    ServerFault,
    TextTooLong,
    Unauthorized,
)
from hoarfrost.protocol import protobuf
from hoarfrost.protocol.parameters import resolve
from hoarfrost.protocol.protobuf import Field, Kind
from hoarfrost.protocol.v1 import SILENCE_MS, Synthesis, begin_synthesis
from hoarfrost.protocol.v1_messages import STREAMED, SYNTHESIS, write_spoken
from hoarfrost.server.services import Services
from hoarfrost.server.websocket import authorise, reason_for
from hoarfrost.session.events import Refused
from hoarfrost.session.stream import SpeechStream, speaking
from hoarfrost.text import languages
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

SERVICE: Final = "rime.TextToSpeech"
REQUEST_LIMIT: Final = 256 * 1024
"""Bytes of a message."""
STOP_TIMEOUT: Final[Seconds] = 2.0
CONDUCT: Final = Conduct(silence_ms=SILENCE_MS)

_LANGUAGE: Final = {1: Field("language", Kind.STRING)}
_NAMES: Final = {1: Field("names", Kind.STRING, is_repeated=True)}


@contextlib.asynccontextmanager
async def grpc_port(services: Services) -> AsyncIterator[None]:
    """Serve gRPC for as long as the context lasts, if the settings say so.

    Raises:
        HoarfrostError: If the extra is not installed, or the port cannot be opened.
    """
    settings = services.settings
    if settings.grpc_port is None or settings.tls_cert is None or settings.tls_key is None:
        yield
        return
    try:
        import grpc  # noqa: PLC0415 -- an extra, and large
    except ImportError:
        raise ServerFault(
            "grpc_port: expected the package grpcio, got none; install hoarfrost[grpc]"
        ) from None
    pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", REQUEST_LIMIT)])
    server.add_generic_rpc_handlers((_handlers(grpc, _Service(grpc, services)),))
    address = f"{settings.host}:{settings.grpc_port}"
    try:
        port = server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    except RuntimeError as error:
        raise ServerFault(f"grpc_port: expected a port that is free, got {address}") from error
    await server.start()
    services.grpc_port = port
    log.info("gRPC listens on %s:%d", settings.host, port)
    try:
        yield
    finally:
        await server.stop(STOP_TIMEOUT)


def _handlers(grpc: Any, service: "_Service") -> Any:
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            "Synthesize": grpc.unary_stream_rpc_method_handler(service.synthesize),
            "SynthesizeStreaming": grpc.stream_stream_rpc_method_handler(service.stream),
            "GetSupportedSpeakers": grpc.unary_unary_rpc_method_handler(service.speakers),
            "GetSupportedLanguages": grpc.unary_unary_rpc_method_handler(service.languages),
        },
    )


class _Service:
    """The methods of the service: bytes in, bytes out."""

    def __init__(self, grpc: Any, services: Services) -> None:
        self._grpc = grpc
        self._services = services
        self._numbers = itertools.count(1)

    async def synthesize(self, message: bytes, context: Any) -> None:
        """Speak a text that is there as a whole."""
        async with self._told(context):
            key_id = await self._key(context)
            asked = protobuf.decode(message, SYNTHESIS)
            synthesis = await self._begin(asked, context)
            await self._speak(synthesis, key_id, asked.get("text", ""), None, context)

    async def stream(self, messages: AsyncIterator[bytes], context: Any) -> None:
        """Speak text that comes piece by piece, after a header."""
        async with self._told(context):
            key_id = await self._key(context)
            first = await anext(messages, None)
            header = None if first is None else protobuf.decode(first, STREAMED).get("header")
            if header is None:
                raise BadMessage("header: expected it in the first message, got none")
            synthesis = await self._begin(header, context)
            await self._speak(synthesis, key_id, header.get("text", ""), messages, context)

    async def speakers(self, message: bytes, context: Any) -> bytes:
        """List the voices, maybe of a language."""
        async with self._told(context):
            await self._key(context)
            wanted = protobuf.decode(message, _LANGUAGE).get("language")
            names = [
                name
                for voice in self._services.catalogue.describe()
                if wanted is None or languages.pick(wanted, voice["languages"]) is not None
                for name in (voice["name"], *voice["aliases"])
            ]
        return protobuf.encode({"names": sorted(names)}, _NAMES)

    async def languages(self, _message: bytes, context: Any) -> bytes:
        """List the languages, as base tags."""
        async with self._told(context):
            await self._key(context)
            voices = self._services.catalogue.voices()
            tags = {languages.language_of(tag) or tag for each in voices for tag in each.languages}
        return protobuf.encode({"names": sorted(tags)}, _NAMES)

    @contextlib.asynccontextmanager
    async def _told(self, context: Any) -> AsyncIterator[None]:
        """Tell what goes wrong by a status."""
        try:
            yield
        except HoarfrostError as fault:
            if not isinstance(fault, ClientFault | ServerBusy):
                log.error("a call could not be answered: %s", fault)
                fault = ServerFault("the server is out of order")
            self._services.listener(Refused(fault.http_status, reason_for(fault)))
            await context.abort(self._status(fault), str(fault))

    def _status(self, fault: HoarfrostError) -> Any:
        codes = self._grpc.StatusCode
        match fault:
            case ServerBusy() | TextTooLong():
                return codes.RESOURCE_EXHAUSTED
            case Unauthorized():
                return codes.UNAUTHENTICATED
            case ClientFault():
                return codes.INVALID_ARGUMENT
            case _:
                return codes.INTERNAL

    async def _key(self, context: Any) -> str:
        metadata: Iterable[tuple[str, str]] = context.invocation_metadata() or ()
        headers = [value for name, value in metadata if name == "authorization"]
        return await authorise(self._services, headers)

    async def _begin(self, asked: Mapping[str, Any], context: Any) -> Synthesis:
        """Read a request; tell at once that it is a good one."""
        services = self._services
        lexicons = await asyncio.to_thread(services.lexicons.current)

        def settle(given: Mapping[str, object]) -> Options:
            return resolve(given, services.catalogue, lexicons).options

        voice = services.usual_voice()
        default = None if voice is None else settle({"speaker": voice.name, "audioFormat": "pcm"})
        synthesis = begin_synthesis(asked, settle, default)
        media_type = asked.get("audioParameters", {}).get("audioFormat", "audio/pcm")
        await context.send_initial_metadata(
            (
                ("x-request-id", f"g{next(self._numbers):x}"),
                ("x-rime-audio-content-type", media_type),
            )
        )
        return synthesis

    async def _speak(
        self,
        synthesis: Synthesis,
        key_id: str,
        text: str,
        messages: AsyncIterator[bytes] | None,
        context: Any,
    ) -> None:
        fault: HoarfrostError | None = None
        with self._services.admitted(synthesis.options.voice, key_id) as admitted:
            backend = replace(admitted, session_id=f"g{next(self._numbers):x}")
            async with speaking(synthesis.options, backend, conduct=CONDUCT) as stream:
                feeding = asyncio.create_task(_feed(synthesis, stream, text, messages))
                ending = asyncio.create_task(_hear(synthesis, stream, context.write))
                await asyncio.wait([feeding, ending], return_when=asyncio.FIRST_EXCEPTION)
                for task in (feeding, ending):
                    task.cancel()
                results = await asyncio.gather(feeding, ending, return_exceptions=True)
                faults = [each for each in results if isinstance(each, HoarfrostError)]
                fault = faults[0] if faults else None
        if fault is not None:
            raise fault
        if synthesis.has_times:
            await context.write(write_spoken({"trailer": {"timestamps": synthesis.times()}}))


async def _feed(
    synthesis: Synthesis, stream: SpeechStream, text: str, messages: AsyncIterator[bytes] | None
) -> None:
    """Tell the conversation what the client says, to its end."""
    if text:
        await stream.say(synthesis.say(text))
    if messages is not None:
        async for message in messages:
            if chunk := protobuf.decode(message, STREAMED).get("textChunk"):
                await stream.say(synthesis.say(chunk))
    await stream.say([Eos()])


async def _hear(synthesis: Synthesis, stream: SpeechStream, write: Callable[[bytes], Any]) -> None:
    """Send the audio, to its end.

    Raises:
        HoarfrostError: If the conversation ended with a fault.
    """
    async for output in stream.outputs():
        synthesis.hear(output)
        if isinstance(output, Audio) and output.data:
            await write(write_spoken({"audio": output.data}))
        elif isinstance(output, Ended) and output.fault is not None:
            raise output.fault

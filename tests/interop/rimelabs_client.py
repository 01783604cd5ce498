"""A program as users of `rimelabs-sdk` write it: ``ENDPOINT KEY``. Tells what it got as JSON."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

from rimelabs_sdk import Rime, RimeInputError


async def tokens() -> AsyncIterator[str]:
    """Give what a language model says, piece by piece."""
    for token in ("Thank ", "you ", "for ", "calling. ", "Goodbye."):
        yield token


async def main(endpoint: str, key: str) -> None:
    """Speak, list and be refused."""
    told: dict[str, object] = {}
    async with asyncio.timeout(60), Rime(api_key=key, model="mistv3", endpoint=endpoint) as client:
        streamed = b""
        async for chunk in client.tts.stream(tokens(), voice="ambrose", language="en"):
            streamed += bytes(getattr(chunk, "data", chunk))
        told["streamed"] = len(streamed)
        whole = await client.tts.synthesize_to_buffer("Good morning.", voice="ambrose")
        told["whole"] = len(whole)
        told["voices"] = [str(voice) for voice in await client.voices.list()]
        told["languages"] = list(await client.languages.list())
        try:
            await client.tts.synthesize_to_buffer("Hello.", voice="nobody")
        except RimeInputError as error:
            told["refused"] = str(error)
    print(json.dumps(told))  # noqa: T201


asyncio.run(main(*sys.argv[1:]))

"""Has an older pipecat's `RimeTTSService` speak two turns; tells what came, in JSON.

Runs with the interpreter of an environment that has the release, not with that of the tests:

    python pipecat_turn.py URL KEY VOICE MODEL

Prints, for each turn: seconds of audio, starts, stops, the words in order, errors.
"""

import asyncio
import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")

from pipecat.frames.frames import (  # noqa: E402
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.runner import PipelineRunner  # noqa: E402
from pipecat.pipeline.task import PipelineParams, PipelineTask  # noqa: E402
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor  # noqa: E402
from pipecat.services.rime.tts import RimeTTSService  # noqa: E402

RATE_HZ = 24_000
TURNS = (("Thank ", "you ", "for ", "calling. "), ("How ", "can ", "I ", "help ", "you?"))
PATIENCE_S = 30


class Listener(FrameProcessor):
    """Notes what comes, turn by turn, and tells upstream what a transport would."""

    def __init__(self) -> None:
        super().__init__()
        self.turn: dict[str, Any] = {}
        self.stopped = asyncio.Event()
        self.begin()

    def begin(self) -> None:
        self.turn = {"seconds": 0.0, "starts": 0, "stops": 0, "words": [], "errors": []}
        self.stopped.clear()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            if not self.turn["seconds"]:
                await self.push_frame(BotStartedSpeakingFrame(), FrameDirection.UPSTREAM)
            self.turn["seconds"] += len(frame.audio) / 2 / RATE_HZ
        elif isinstance(frame, TTSTextFrame):
            self.turn["words"] += frame.text.split()
        elif isinstance(frame, ErrorFrame):
            self.turn["errors"].append(str(frame.error))
        elif isinstance(frame, TTSStartedFrame):
            self.turn["starts"] += 1
        elif isinstance(frame, TTSStoppedFrame):
            self.turn["stops"] += 1
            await self.push_frame(BotStoppedSpeakingFrame(), FrameDirection.UPSTREAM)
            self.stopped.set()
        await self.push_frame(frame, direction)


async def main(url: str, key: str, voice: str, model: str) -> None:
    """Speak the turns, one after the other."""
    service = RimeTTSService(
        api_key=key,
        voice_id=voice,
        url=url,
        model=model,
        sample_rate=RATE_HZ,
        aggregate_sentences=False,  # its rules of sentences need data from the network
    )
    listener = Listener()
    task = PipelineTask(
        Pipeline([service, listener]),
        params=PipelineParams(audio_out_sample_rate=RATE_HZ),
        cancel_on_idle_timeout=False,
    )
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    turns = []
    for tokens in TURNS:
        listener.begin()
        await task.queue_frame(LLMFullResponseStartFrame())
        for token in tokens:
            await task.queue_frame(LLMTextFrame(token))
        await task.queue_frame(LLMFullResponseEndFrame())
        async with asyncio.timeout(PATIENCE_S):
            await listener.stopped.wait()
        turns.append(listener.turn)
    await task.queue_frame(EndFrame())
    async with asyncio.timeout(PATIENCE_S):
        await running
    sys.stdout.write(f"{json.dumps(turns)}\n")


asyncio.run(main(*sys.argv[1:]))

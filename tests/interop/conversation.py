"""A pipecat pipeline around one speech service, driven step by step by a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

PATIENCE_S = 20
"""A generous bound on whatever a test waits for."""


class Listener(FrameProcessor):
    """The end of the pipeline: notes what is heard, and tells upstream as a transport would."""

    def __init__(self) -> None:
        super().__init__()
        self.audio: list[TTSAudioRawFrame] = []
        self.frames: list[Frame] = []
        self.errors: list[str] = []
        self.stopped = asyncio.Event()
        self.heard = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        match frame:
            case TTSAudioRawFrame():
                if not self.heard.is_set():
                    self.heard.set()
                    await self.push_frame(BotStartedSpeakingFrame(), FrameDirection.UPSTREAM)
                self.audio.append(frame)
            case TTSStoppedFrame():
                await self.push_frame(BotStoppedSpeakingFrame(), FrameDirection.UPSTREAM)
                self.stopped.set()
            case ErrorFrame():
                self.errors.append(frame.error)
        await self.push_frame(frame, direction)

    def take(self) -> bytes:
        """Return the audio so far, and listen anew."""
        joined = b"".join(frame.audio for frame in self.audio)
        self.audio.clear()
        self.stopped.clear()
        self.heard.clear()
        return joined


class Upstream(FrameProcessor):
    """The beginning of the pipeline: where a service's errors arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, ErrorFrame):
            self.errors.append(frame.error)
        await self.push_frame(frame, direction)


class Conversation:
    """A running pipeline."""

    def __init__(self, worker: PipelineWorker, upstream: Upstream, listener: Listener) -> None:
        self._worker = worker
        self._upstream = upstream
        self.listener = listener

    @property
    def errors(self) -> list[str]:
        """Whatever the service reported."""
        return self._upstream.errors + self.listener.errors

    async def say(self, *tokens: str) -> None:
        """Let a language model say this, token by token."""
        await self._worker.queue_frame(LLMFullResponseStartFrame())
        for token in tokens:
            await self._worker.queue_frame(LLMTextFrame(token))
        await self._worker.queue_frame(LLMFullResponseEndFrame())

    async def say_slowly(self, *tokens: str, pause_s: float) -> None:
        """Let a language model say this, with a pause where a token is empty."""
        await self._worker.queue_frame(LLMFullResponseStartFrame())
        for token in tokens:
            if token:
                await self._worker.queue_frame(LLMTextFrame(token))
            else:
                await asyncio.sleep(pause_s)
        await self._worker.queue_frame(LLMFullResponseEndFrame())

    async def send(self, frame: Frame) -> None:
        """Push any frame."""
        await self._worker.queue_frame(frame)

    async def interrupt(self) -> None:
        """Let the user begin to speak."""
        await self._worker.queue_frame(InterruptionFrame())

    async def turn(self, *tokens: str) -> bytes:
        """Say this and return its audio, once the service says that it is over."""
        await self.say(*tokens)
        async with asyncio.timeout(PATIENCE_S):
            await self.listener.stopped.wait()
        return self.listener.take()


@contextlib.asynccontextmanager
async def conversing(service: Any, sample_rate: int) -> AsyncIterator[Conversation]:
    """Run a pipeline around a speech service for as long as the context lasts."""
    upstream, listener = Upstream(), Listener()
    worker = PipelineWorker(
        Pipeline([upstream, service, listener]),
        cancel_on_idle_timeout=False,
        params=PipelineParams(audio_out_sample_rate=sample_rate),
    )
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def _note_start(_worker: PipelineWorker, _frame: Frame) -> None:
        started.set()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await started.wait()
        yield Conversation(worker, upstream, listener)
    finally:
        await worker.queue_frame(EndFrame())
        async with asyncio.timeout(PATIENCE_S):
            await running

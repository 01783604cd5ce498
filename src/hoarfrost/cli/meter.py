"""How speaking goes, for the person who waits: live on a terminal, and one line at the end."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from hoarfrost.units import Milliseconds, Seconds

if TYPE_CHECKING:
    from rich.status import Status


class Meter:
    """Counts the seconds from the first text on.

    Args:
        is_quiet: Whether to print nothing at all.
        shows_speed: Whether the speed of synthesis means anything: not if the text came slowly, or
            the audio was taken slowly.
        clock: Monotonic, in seconds.

    Attributes:
        n_bytes: Bytes of audio so far.
        speech_ms: Milliseconds of speech in them, as far as known.
    """

    def __init__(
        self,
        *,
        is_quiet: bool = False,
        shows_speed: bool = True,
        clock: Callable[[], Seconds] = time.monotonic,
    ) -> None:
        self.n_bytes = 0
        self.speech_ms: Milliseconds = 0.0
        self._is_quiet = is_quiet
        self._shows_speed = shows_speed
        self._clock = clock
        self._text_at: Seconds | None = None
        self._first_audio_after: Seconds | None = None
        self._last_audio_after: Seconds = 0.0
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if not self._is_quiet and sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 -- slow to load, and for people only

            self._status = Console(stderr=True).status("waiting for audio")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def text(self) -> None:
        """Note that text was sent."""
        if self._text_at is None:
            self._text_at = self._clock()

    def audio(self, n_bytes: int, duration_ms: Milliseconds) -> None:
        """Note that audio came."""
        if self._text_at is None or not n_bytes:
            return
        self.n_bytes += n_bytes
        self.speech_ms += duration_ms
        self._last_audio_after = self._clock() - self._text_at
        if self._first_audio_after is None:
            self._first_audio_after = self._last_audio_after
        if self._status is not None:
            self._status.update(self.figures())

    def figures(self) -> str:
        """Return what there is to tell so far, in one line."""
        facts = []
        if self.speech_ms:
            facts.append(f"{self.speech_ms / 1000:.2f} s of speech")
        else:
            facts.append(f"{self.n_bytes} bytes of audio")
        if self._first_audio_after is not None:
            facts.append(f"first audio after {self._first_audio_after * 1000:.0f} ms")
        if self._shows_speed and self.speech_ms and self._last_audio_after:
            facts.append(f"{self.speech_ms / 1000 / self._last_audio_after:.0f}× real time")
        return ", ".join(facts)

    def conclude(self, name: str) -> None:
        """Print the line at the end."""
        if not self._is_quiet:
            click.echo(f"{name}: {self.figures()}", err=True)

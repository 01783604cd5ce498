"""The one thread that calls the library, for all who need it.

In: calls, from any thread. Out: a `SpeechJob` each, filled as fast as the library speaks.
Invariant: the library is never called by two threads, and calls are served in the order they were
made, so that callers who make one call at a time take turns.

A call's audio waits in memory until it is taken: 44 kB a second of speech, so whoever makes calls
bounds their text. The thread starts with the first `acquire` and ends with the last release, at the
interpreter's exit at the latest. A forked child gets a thread of its own on its first call.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Protocol

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak.synthesizer import SpeechBuffer, SpeechCall, Synthesizer


class SpeechJob:
    """What comes of a `SpeechCall`: iterate over it for the audio, in a thread of your choice."""

    def __init__(self, call: SpeechCall) -> None:
        self._call = call
        self._buffers: SimpleQueue[SpeechBuffer | BaseException | None] = SimpleQueue()
        self._is_cancelled = False

    def __iter__(self) -> Iterator[SpeechBuffer]:
        """Yield the audio as it is made, once.

        Raises:
            VoiceFault: If the call failed, or the thread ended before it was done.
        """
        while (item := self._buffers.get()) is not None:
            if isinstance(item, VoiceFault):
                raise item
            if isinstance(item, BaseException):
                raise VoiceFault(f"espeak-ng: a call failed: {type(item).__name__}") from item
            yield item

    def cancel(self) -> None:
        """Stop the library at its next buffer, or skip the call if it has not begun."""
        self._is_cancelled = True

    def run(self, synthesizer: Synthesizer) -> None:
        """Make the call. For the owning thread only."""
        if not self._is_cancelled:
            synthesizer.speak(self._call, self._take)
        self._buffers.put(None)

    def fail(self, error: BaseException) -> None:
        """End the job with an error. For the owning thread only."""
        self._buffers.put(error)

    def _take(self, buffer: SpeechBuffer) -> bool:
        self._buffers.put(buffer)
        return not self._is_cancelled


class Owner:
    """A share in the library's thread. Get it from `acquire`, give it back with `release`."""

    def __init__(self) -> None:
        self._is_released = False

    def speak(self, call: SpeechCall) -> SpeechJob:
        """Queue a call; return at once.

        Raises:
            VoiceFault: If this share was given back.
        """
        job = SpeechJob(call)
        self._submit(job)
        return job

    def phonemize(self, text: str, language: str) -> list[tuple[int, str]]:
        """Return what `Synthesizer.phonemize` does, when its turn has come.

        Raises:
            VoiceFault: If the language is unknown or this share was given back.
        """
        task = _PhonemeTask(text, language)
        self._submit(task)
        return task.result.result()

    def release(self) -> None:
        """Give the share back; the last one ends the thread. A second time does nothing."""
        with _state.lock:
            if self._is_released:
                return
            self._is_released = True
            _state.n_holders -= 1
            if _state.n_holders == 0:
                _state.stop()

    def _submit(self, task: "_Task") -> None:
        with _state.lock:
            if self._is_released:
                raise VoiceFault("espeak-ng: expected an open engine, got one that is closed")
            _state.start().tasks.put(task)


def acquire() -> Owner:
    """Return a share in the library's thread, starting it if nobody holds one.

    Raises:
        VoiceFault: If the library or its data cannot be loaded.
    """
    with _state.lock:
        _state.start()
        _state.n_holders += 1
    return Owner()


class _Task(Protocol):
    def run(self, synthesizer: Synthesizer) -> None: ...
    def fail(self, error: BaseException) -> None: ...


class _PhonemeTask:
    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language
        self.result: Future[list[tuple[int, str]]] = Future()

    def run(self, synthesizer: Synthesizer) -> None:
        self.result.set_result(synthesizer.phonemize(self._text, self._language))

    def fail(self, error: BaseException) -> None:
        self.result.set_exception(error)


class _Worker:
    """The thread, with the queue that feeds it. ``None`` in the queue ends it."""

    def __init__(self) -> None:
        self.tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._synthesizer = Synthesizer()
        # A daemon: a generator that nobody closed must not keep the process alive.
        self._thread = threading.Thread(target=self._work, name="espeak-ng", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.tasks.put(None)
        self._thread.join()
        self._synthesizer.close()
        while not self.tasks.empty():
            if (task := self.tasks.get()) is not None:
                task.fail(VoiceFault("espeak-ng: expected an open engine, got one that is closed"))

    def _work(self) -> None:
        while (task := self.tasks.get()) is not None:
            with _state.calling:
                try:
                    task.run(self._synthesizer)
                except BaseException as error:  # noqa: BLE001  # it is raised where the result is taken
                    task.fail(error)


class _State:
    """The thread of this process, if any, and how many hold it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calling = threading.Lock()  # held while the library is called: no fork in between
        self.n_holders = 0
        self.worker: _Worker | None = None

    def start(self) -> _Worker:
        if self.worker is None:
            self.worker = _Worker()
        return self.worker

    def stop(self) -> None:
        if self.worker is not None:
            worker, self.worker = self.worker, None
            worker.stop()

    def stop_at_exit(self) -> None:
        with self.lock:
            self.stop()

    def before_fork(self) -> None:
        self.lock.acquire()
        self.calling.acquire()

    def after_fork_in_parent(self) -> None:
        self.calling.release()
        self.lock.release()

    def after_fork_in_child(self) -> None:
        self.worker = None  # threads are not forked; the data folder stays the parent's
        self.after_fork_in_parent()


_state = _State()
atexit.register(_state.stop_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_state.before_fork,
        after_in_parent=_state.after_fork_in_parent,
        after_in_child=_state.after_fork_in_child,
    )

"""One thread calls the library for all; it comes and goes with those who hold it."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak import Owner, SpeechCall, VoiceSetting, acquire

HELLO = SpeechCall(VoiceSetting("en-us"), "Hello there.")
LONG = SpeechCall(VoiceSetting("en-us"), "and so on, " * 40)


def hear(owner: Owner, call: SpeechCall) -> np.ndarray:
    return np.concatenate([buffer.samples for buffer in owner.speak(call)])


def n_owning_threads() -> int:
    return sum(thread.name == "espeak-ng" for thread in threading.enumerate())


def test_the_thread_lives_as_long_as_it_is_held() -> None:
    """There is one thread however many hold it, and none when the last has let go."""
    before = n_owning_threads()  # other tests' engines may hold it
    first, second = acquire(), acquire()
    assert n_owning_threads() == 1
    expected = hear(first, HELLO)
    first.release()
    first.release()
    assert np.array_equal(hear(second, HELLO), expected)
    second.release()
    assert n_owning_threads() == before


def test_a_share_given_back_is_of_no_use() -> None:
    """Speaking and phonemizing with it are refused, with the reason."""
    owner = acquire()
    owner.release()
    with pytest.raises(VoiceFault, match="expected an open engine, got one that is closed"):
        owner.speak(HELLO)
    with pytest.raises(VoiceFault, match="closed"):
        owner.phonemize("x", "en-us")


def test_calls_are_answered_in_their_order() -> None:
    """Two callers who make one call at a time take turns, whatever the length of a call."""
    owner = acquire()
    try:
        jobs = [owner.speak(call) for call in (LONG, HELLO, LONG, HELLO)]
        lengths = [sum(len(buffer.samples) for buffer in job) for job in reversed(jobs)]
    finally:
        owner.release()
    assert lengths[0] == lengths[2] < lengths[1] == lengths[3]


def test_a_cancelled_call_ends_early() -> None:
    """One under way stops at the next buffer; one that has not begun is never made."""
    owner = acquire()
    try:
        whole = hear(owner, LONG)
        running, waiting = owner.speak(LONG), owner.speak(LONG)
        waiting.cancel()
        running.cancel()
        assert sum(len(buffer.samples) for buffer in running) < len(whole)
        assert list(waiting) == []
        assert np.array_equal(hear(owner, LONG), whole)
    finally:
        owner.release()


def test_a_failed_call_fails_alone() -> None:
    """The fault reaches who made the call; the thread goes on."""
    owner = acquire()
    try:
        wrong = owner.speak(SpeechCall(VoiceSetting("xx"), "x"))
        right = owner.speak(HELLO)
        with pytest.raises(VoiceFault, match="got 'xx"):
            list(wrong)
        assert len(list(right)) > 1
        with pytest.raises(VoiceFault):
            owner.phonemize("x", "xx")
    finally:
        owner.release()


def test_many_threads_hear_what_each_hears_alone() -> None:
    """Calls from eight threads, in four languages, are never mixed."""
    calls = [
        SpeechCall(VoiceSetting(language, pitch=pitch), text, wpm)
        for language, text in (("en-us", "one two"), ("de", "eins zwei"), ("fr", "un deux"))
        for pitch in (40, 60)
        for wpm in (120, 250)
    ]
    owner = acquire()
    try:
        alone = [hear(owner, call) for call in calls]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda call: hear(owner, call), calls * 3))
    finally:
        owner.release()
    assert all(map(np.array_equal, alone * 3, together))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX systems fork")
def test_a_forked_child_speaks_too() -> None:
    """After a fork in the middle of a call, parent and child both go on, each with a thread."""
    script = """
import os
from hoarfrost.espeak import SpeechCall, VoiceSetting, acquire
owner = acquire()
call = SpeechCall(VoiceSetting("en-us"), "Hello there. " * 20)
def length(): return sum(len(buffer.samples) for buffer in owner.speak(call))
expected = length()
under_way = owner.speak(call)
next(iter(under_way))
child = os.fork()
if child == 0:
    is_right = length() == expected
    owner.release()
    os._exit(0 if is_right else 1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert length() == expected
print("both spoke")
"""
    assert run(script) == "both spoke"


def test_the_interpreter_ends_in_the_middle_of_a_call() -> None:
    """Nobody has to let go first, and no data folder is left."""
    script = """
from hoarfrost.espeak import SpeechCall, VoiceSetting, acquire
owner = acquire()
job = owner.speak(SpeechCall(VoiceSetting("en-us"), "Hello there. " * 200))
next(iter(job))
from hoarfrost.espeak.owner import _state
print(_state.worker._synthesizer._folder.path)
"""
    assert not os.path.lexists(run(script))


def run(script: str) -> str:
    """Run Python in a process of its own; return what it printed."""
    finished = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout.strip()

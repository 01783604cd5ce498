"""Interruptions against a virtual server: how long old audio comes, and whether any slips by."""

from dataclasses import replace

import pytest

from hoarfrost.loadtest.plan import InterruptBy, Plan
from hoarfrost.loadtest.sentences import REPLIES
from tests.loadtest.conftest import Load
from tests.loadtest.virtual_server import CHUNK_MS, RATE_HZ, VirtualServer

CHUNK_BYTES = 2 * RATE_HZ * CHUNK_MS // 1000
PLAN = Plan(callers=4, duration_s=35, interrupted=1.0)
SLOW = 0.05  # seconds between two chunks: at twice real time it is still sending when interrupted


def test_a_server_that_stops_at_once_has_no_stale_audio(load: Load) -> None:
    """Zero milliseconds, zero bytes, and each next turn as if it were alone."""
    figures, _ = load(VirtualServer(chunk_every=SLOW), PLAN)
    broken = figures.interruptions
    assert figures.success == 1.0
    assert broken.stale.n > 10
    assert broken.stale.at(100) == 0.0
    assert (broken.n_stale_bytes, broken.n_with_stale) == (0, 0)
    assert broken.n_compared == broken.n_identical == broken.n_cleared
    assert (broken.n_excess_bytes, broken.is_reproducible) == (0, True)
    assert figures.gaps.n_underruns == 0


@pytest.mark.parametrize("stale", [0.2, 1.5, 4.0])
def test_stale_audio_is_timed(load: Load, stale: float) -> None:
    """Old audio is watched for as long as it comes: to the last byte, and each byte."""
    figures, outcome = load(VirtualServer(chunk_every=SLOW), PLAN, stale=stale)
    broken = figures.interruptions
    at_most = broken.stale.at(100)
    assert at_most is not None
    assert stale * 1000 - SLOW * 1000 <= at_most <= stale * 1000
    hit = [turn.interruption for turn in outcome.journal.turns if turn.interruption]
    for interruption in hit:
        n_chunks = round((interruption.last_old_at or interruption.at) / SLOW) - round(
            interruption.at / SLOW
        )
        assert abs(interruption.n_old_bytes - n_chunks * CHUNK_BYTES) <= 2 * CHUNK_BYTES
    assert broken.n_identical == broken.n_compared > 0


def test_a_server_that_never_stops_is_hung_up_on(load: Load) -> None:
    """After patience and thought the caller dials anew: what comes could be told from nothing."""
    figures, _ = load(VirtualServer(chunk_every=0.09), PLAN, stale=1000.0)
    broken = figures.interruptions
    longest = broken.stale.at(100)
    assert longest is not None
    assert longest > 5000
    assert broken.n_compared < broken.n_cleared


def test_old_audio_inside_the_next_turn_is_found(load: Load) -> None:
    """Bytes that slip in with the next turn make it longer than the same words alone."""
    figures, outcome = load(VirtualServer(chunk_every=SLOW), PLAN, leftover=640)
    broken = figures.interruptions
    replies = [turn for turn in outcome.journal.turns if turn.echo]
    assert broken.n_identical == 0
    assert broken.n_excess_bytes == 640 * broken.n_compared == 640 * len(replies)


def test_the_next_turn_is_one_of_the_replies(load: Load) -> None:
    """After an interruption the callers say what was tried in quiet."""
    server = VirtualServer(chunk_every=SLOW)
    figures, _ = load(server, PLAN)
    assert sum(text in REPLIES for text in server.texts) == figures.interruptions.n_compared


def test_interrupting_by_reconnecting_is_a_new_connection(load: Load) -> None:
    """As pipecat does it: <EOS>, close, and a new call at once, whose time is counted."""
    plan = replace(PLAN, interrupt_by=InterruptBy.RECONNECT)
    figures, outcome = load(VirtualServer(chunk_every=SLOW), plan)
    broken = figures.interruptions
    redials = [call for call in outcome.journal.calls if call.is_redial]
    assert figures.success == 1.0
    assert (broken.n_cleared, broken.n_compared, broken.is_reproducible) == (0, 0, None)
    assert broken.n_redials >= len(redials) > 10
    assert figures.latencies.redial.n > 10
    ends = {call.closed_at for call in outcome.journal.calls}
    assert all(any(abs(call.dialled_at - end) < 1e-6 for end in ends) for call in redials)


def test_a_share_of_turns_is_interrupted(load: Load) -> None:
    """About as many as were asked for, those after an interruption not counted."""
    figures, _ = load(VirtualServer(), replace(PLAN, callers=20, duration_s=60, interrupted=0.3))
    broken = figures.interruptions
    n_choices = figures.n_turns - broken.n_compared
    assert broken.n_cleared / n_choices == pytest.approx(0.3, abs=0.1)

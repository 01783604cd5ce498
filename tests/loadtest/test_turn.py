"""A turn, moment by moment."""

import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.pace import Pace
from hoarfrost.loadtest.records import Fingerprint
from hoarfrost.loadtest.turn import (
    ENDLESS,
    LONGEST_TURN,
    NO_AUDIO,
    NOT_CLOSED,
    PATIENCE,
    QUIET,
    STALLED,
    Listening,
    Turn,
)

RATE_HZ = 8000
MS_PER_LETTER = 50.0


def listening(segment: str = "bySentence", tolerance_ms: float = 20.0) -> Listening:
    pace = Pace()
    pace.learn("a" * 100, 100 * MS_PER_LETTER)
    return Listening("pcm", RATE_HZ, segment, 0.0, tolerance_ms, pace)


def audio(duration_ms: int, value: int = 1000) -> bytes:
    return value.to_bytes(2, "little", signed=True) * (duration_ms * RATE_HZ // 1000)


def spoken(*, sent_at: float = 1.0) -> Turn:
    """A turn of ten letters, 500 ms as expected, all of its text sent."""
    turn = Turn(3, listening())
    turn.send("abcdefghi.", sent_at, is_last=True)
    return turn


def test_a_turn_from_text_to_the_last_sample() -> None:
    """The moments are those of its text, its first byte, its first sound and its last byte."""
    turn = Turn(3, listening())
    turn.send("Hello", 1.0)
    turn.send(" there.", 1.1)
    turn.send(" Bye.", 1.2, is_last=True)
    assert turn.hear(audio(50, value=0) + audio(150), 1.5)
    turn.hear(audio(800), 1.6)
    record = turn.record()
    assert (record.caller, record.sent_at, record.speakable_at) == (3, 1.0, 1.1)
    assert (record.first_byte_at, record.last_byte_at) == (1.5, 1.6)
    assert record.audible_at == pytest.approx(1.55)
    assert record.heard_until == pytest.approx(2.5)
    assert record.speech_ms == 1000
    assert (record.failure, record.n_underruns, record.interruption) == (None, 0, None)


def test_a_first_sound_that_is_late_is_heard_when_it_comes() -> None:
    """If the silence before it has been played already, the sound is heard on arrival."""
    turn = spoken()
    turn.hear(audio(100, value=0), 1.5)
    turn.hear(audio(100), 1.9)
    assert turn.record().audible_at == pytest.approx(1.9)


@pytest.mark.parametrize(
    ("segment", "speakable_at"), [("immediate", 1.0), ("bySentence", 1.1), ("never", 1.2)]
)
def test_text_is_speakable_as_the_server_was_asked(segment: str, speakable_at: float) -> None:
    """The clock of the first audio starts with the first text, clause or flush."""
    turn = Turn(0, listening(segment))
    turn.send("Hello", 1.0)
    turn.send(" there,", 1.1)
    turn.send(" you.", 1.2, is_last=True)
    assert turn.record().speakable_at == speakable_at


def test_a_turn_is_over_when_it_was_heard_and_nothing_more_comes() -> None:
    """With enough audio: when the buffer is empty, and the server has been quiet."""
    turn = spoken()
    assert turn.over_at == math.inf
    turn.hear(audio(240), 2.0)
    assert turn.over_at == turn.quiet_at == math.inf  # less than half of what is expected
    assert turn.hear(audio(20), 2.0)  # somebody may wait for this
    assert turn.over_at == turn.quiet_at == pytest.approx(2.0 + QUIET)
    turn.hear(audio(1000), 2.1)
    assert turn.over_at == pytest.approx(2.0 + 1.26)
    assert turn.quiet_at == pytest.approx(2.1 + QUIET)


def test_a_turn_is_not_over_before_all_text_is_sent() -> None:
    """Audio of the first sentence does not end a turn of two."""
    turn = Turn(0, listening())
    turn.send("Hello.", 1.0)
    turn.hear(audio(5000), 1.1)
    assert turn.over_at == math.inf
    turn.send("Bye.", 1.2, is_last=True)
    assert turn.over_at == pytest.approx(6.1)


def test_a_turn_that_the_server_says_is_complete_is_over_when_heard() -> None:
    """After a clean close nothing is guessed from the duration."""
    turn = spoken()
    turn.hear(audio(100), 2.0)
    turn.complete()
    assert turn.over_at == pytest.approx(2.1)
    assert turn.record().failure is None


def test_complete_without_audio_is_a_failure() -> None:
    """A clean close is no success if nothing was said."""
    turn = spoken()
    turn.complete()
    assert turn.record().failure == NO_AUDIO


def test_patience_begins_with_the_last_that_was_heard() -> None:
    """It is counted from the text, then from the latest audio, then from the end of playing it."""
    turn = Turn(0, listening())
    turn.send("Hel", 0.5)
    assert turn.gives_up_at == math.inf
    turn.send("lo there.", 1.0, is_last=True)
    assert turn.gives_up_at == 1.0 + PATIENCE
    turn.hear(audio(100), 4.0)
    assert turn.gives_up_at == pytest.approx(4.1 + PATIENCE)
    turn.hear(audio(3000), 4.0)
    assert turn.gives_up_at == pytest.approx(7.1 + PATIENCE)


def test_what_was_waited_for_in_vain_has_a_name() -> None:
    """No audio at all, too little of it, no close after it, or no end of it."""
    silent = spoken()
    silent.give_up(1.0 + PATIENCE)
    assert silent.failure == NO_AUDIO
    short = spoken()
    short.hear(audio(100), 2.0)
    short.give_up(2.1 + PATIENCE)
    assert short.failure == STALLED
    unclosed = spoken()
    unclosed.hear(audio(500), 2.0)
    unclosed.give_up(2.5 + PATIENCE)
    assert unclosed.failure == NOT_CLOSED
    endless = spoken()
    for second in range(1, 200):
        endless.hear(audio(1000), 1.0 + second)
    assert endless.gives_up_at == endless.endless_at == 1.0 + LONGEST_TURN
    endless.give_up(endless.endless_at)
    assert endless.failure == ENDLESS


def test_the_first_failure_stays() -> None:
    """What follows from it is not told in its place."""
    turn = spoken()
    turn.fail("closed 1011")
    turn.fail(STALLED)
    assert turn.failure == "closed 1011"


def test_a_gap_after_all_text_was_sent_is_an_underrun() -> None:
    """Since more audio came, it was due all the time."""
    turn = spoken()
    turn.hear(audio(300), 2.0)
    turn.hear(audio(300), 2.5)
    record = turn.record()
    assert (record.n_underruns, record.n_starved) == (1, 0)
    assert record.dry_ms == pytest.approx(200)
    [gap] = record.gaps
    assert (gap.at, gap.lasted) == pytest.approx((2.3, 0.2))


@pytest.mark.parametrize(("sent_at", "n_underruns"), [(2.25, 1), (2.35, 0)])
def test_a_gap_counts_if_text_was_there_when_it_began(sent_at: float, n_underruns: int) -> None:
    """If the next sentence was sent before the buffer ran empty, the server had its chance."""
    turn = Turn(0, listening())
    turn.send("abcde.", 1.0)  # 300 ms are expected
    turn.hear(audio(300), 2.0)
    turn.send("abcdefghi.", sent_at)
    turn.hear(audio(500), 2.6)
    record = turn.record()
    assert (record.n_underruns, record.n_starved) == (n_underruns, 1 - n_underruns)


def test_half_a_sentence_is_not_owed() -> None:
    """Text that a server may still hold back is no debt."""
    turn = Turn(0, listening())
    turn.send("abcde. abcdefgh", 1.0)
    turn.hear(audio(300), 2.0)
    turn.hear(audio(300), 2.6)
    assert turn.record().n_starved == 1


def test_audio_after_an_interruption_is_stale() -> None:
    """It is timed from the interruption to its last byte, and not played."""
    turn = spoken()
    turn.hear(audio(200), 2.0)
    turn.interrupt(2.1, is_clear=True)
    assert not turn.hear(audio(100), 2.11)
    turn.hear(audio(50), 2.14)
    record = turn.record()
    interruption = record.interruption
    assert interruption is not None
    assert interruption.stale_ms == pytest.approx(40)
    assert interruption.n_old_bytes == len(audio(150))
    assert (interruption.is_clear, interruption.was_due) == (True, True)
    assert record.speech_ms == 200
    assert record.last_byte_at == 2.0
    assert record.heard_until == 2.1


@pytest.mark.parametrize(("heard_ms", "was_due"), [(300, True), (500, False)])
def test_only_what_was_due_could_be_stale(heard_ms: int, was_due: bool) -> None:
    """Where all had come before the interruption, the server was put to no test."""
    turn = spoken()
    turn.hear(audio(heard_ms), 2.0)
    turn.interrupt(2.1, is_clear=True)
    interruption = turn.record().interruption
    assert interruption is not None
    assert interruption.was_due is was_due
    assert interruption.stale_ms == 0.0


def test_a_turn_is_compared_with_the_same_words_alone() -> None:
    """Identical if its bytes are those of any take; else as much too long as it is."""
    take = audio(500)
    alone = (
        Fingerprint(len(take), zlib.crc32(take)),
        Fingerprint(len(take) - 4, zlib.crc32(take[4:])),
    )
    for prefix, is_identical, n_excess in ((b"", True, 0), (b"\1\1", False, 2)):
        turn = Turn(0, listening(), alone=alone)
        turn.send("abcdefghi.", 1.0, is_last=True)
        turn.hear(prefix + take[:100], 1.2)
        turn.hear(take[100:], 1.3)
        echo = turn.record().echo
        assert echo is not None
        assert (echo.is_identical, echo.n_excess_bytes) == (is_identical, n_excess)
    assert spoken().record().echo is None


def test_the_next_text_is_due_before_the_listener_runs_dry() -> None:
    """Estimated low: from what has come, and three quarters of what is still to come."""
    turn = Turn(0, listening(), is_paced=True)
    turn.send("abcdefghijklmnopqrs.", 1.0)  # a second of speech
    assert turn.runs_dry_at(1.0) == pytest.approx(1.75)
    turn.hear(audio(500), 1.2)
    assert turn.runs_dry_at(1.2) == pytest.approx(1.7 + 0.25)
    turn.hear(audio(600), 1.3)
    assert turn.runs_dry_at(1.3) == pytest.approx(1.2 + 1.1)
    assert turn.record().is_paced


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), min_size=1, max_size=30),
    st.integers(0, 100),
)
def test_however_audio_comes_time_adds_up(steps: list[tuple[int, int]], tolerance_ms: int) -> None:
    """First byte to the end of hearing is all speech and all dryness; the tolerance only counts."""
    turn = Turn(0, listening(tolerance_ms=tolerance_ms))
    turn.send("Hello there.", 0.0, is_last=True)
    now_ms = 0
    for wait_ms, duration_ms in steps:
        now_ms += wait_ms
        turn.hear(audio(duration_ms), now_ms / 1000)
    record = turn.record()
    assert record.first_byte_at is not None
    assert record.heard_until is not None
    lasted_ms = (record.heard_until - record.first_byte_at) * 1000
    assert lasted_ms == pytest.approx(record.speech_ms + record.dry_ms)
    assert record.audible_at == record.first_byte_at
    if abs(record.dry_ms - tolerance_ms) > 1e-3:
        assert (record.n_underruns > 0) == (record.dry_ms > tolerance_ms)

"""The listener's buffer, in exact time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.playback import Gap, Playback, Underruns

arrivals = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300)), min_size=1, max_size=40)
"""Milliseconds since the one before, and of audio: whole numbers, so that sums are exact."""


def play(steps: list[tuple[int, int]], jitter_ms: float = 0.0) -> tuple[Playback, list[Gap]]:
    playback, gaps, now_ms = Playback(jitter_ms), [], 0
    for wait_ms, duration_ms in steps:
        now_ms += wait_ms
        _, gap = playback.hear(duration_ms, now_ms / 1000)
        if gap is not None:
            gaps.append(gap)
    return playback, gaps


def test_audio_in_time_is_played_without_a_gap() -> None:
    """Chunks that come before the buffer is empty are played one after the other."""
    playback, gaps = play([(0, 100), (90, 100), (100, 50)])
    assert gaps == []
    assert playback.begins_at == 0.0
    assert playback.ends_at == pytest.approx(0.25)


def test_late_audio_leaves_a_gap() -> None:
    """The gap begins when the buffer is empty, ends with the next audio, and nothing is skipped."""
    playback, [gap] = play([(0, 100), (350, 100)])
    assert (gap.at, gap.lasted) == pytest.approx((0.1, 0.25))
    assert playback.ends_at == pytest.approx(0.45)


def test_jitter_delays_the_beginning_and_hides_gaps() -> None:
    """A player that waits 40 ms before it begins has 40 ms more to live on."""
    playback, gaps = play([(0, 100), (140, 100)], jitter_ms=40)
    assert playback.begins_at == pytest.approx(0.04)
    assert gaps == []
    _, [gap] = play([(0, 100), (145, 100)], jitter_ms=40)
    assert gap.lasted == pytest.approx(0.005)


@given(arrivals, st.integers(0, 100))
def test_nothing_is_played_early_twice_or_out_of_order(
    steps: list[tuple[int, int]], jitter_ms: int
) -> None:
    """Playing takes the audio and the gaps, begins after the jitter, and never precedes arrival."""
    playback, gaps = play(steps, jitter_ms)
    total_ms = sum(duration for _, duration in steps)
    begins_ms = steps[0][0] + jitter_ms
    expected = (begins_ms + total_ms) / 1000 + sum(gap.lasted for gap in gaps)
    assert playback.ends_at == pytest.approx(expected)
    last_ms = sum(wait for wait, _ in steps)
    assert playback.ends_at >= (last_ms + steps[-1][1]) / 1000 - 1e-9


@given(arrivals, st.integers(0, 100), st.integers(1, 100))
def test_more_jitter_is_never_more_gaps(
    steps: list[tuple[int, int]], jitter_ms: int, more_ms: int
) -> None:
    """The longer a player waits before it begins, the less it runs dry."""
    dry = [
        sum(gap.lasted for gap in play(steps, jitter)[1])
        for jitter in (jitter_ms, jitter_ms + more_ms)
    ]
    assert dry[1] <= dry[0] + 1e-9


@given(st.lists(st.integers(1, 200), max_size=30), st.integers(0, 100))
def test_an_underrun_is_more_dryness_than_is_tolerated(
    gaps_ms: list[int], tolerance_ms: int
) -> None:
    """There is one if, and only if, the gaps of a turn last longer than the tolerance together."""
    underruns = Underruns(tolerance_ms)
    for number, gap_ms in enumerate(gaps_ms):
        underruns.note(Gap(float(number), gap_ms / 1000))
    assert underruns.dry_ms == pytest.approx(sum(gaps_ms))
    if abs(sum(gaps_ms) - tolerance_ms) > 1e-6:
        assert (underruns.count > 0) == (sum(gaps_ms) > tolerance_ms)
    assert underruns.count <= len(gaps_ms)


TOLERATED = [
    ([15], 0),
    ([25], 1),
    ([15, 15], 1),
    ([15, 15, 15], 1),
    ([15, 15, 15, 15], 2),
    ([500], 1),
    ([500, 10, 5], 1),
    ([500, 500], 2),
]


@pytest.mark.parametrize(("gaps_ms", "count"), TOLERATED)
def test_short_gaps_add_up(gaps_ms: list[int], count: int) -> None:
    """Each time they have come to more than 20 ms, it is one underrun."""
    underruns = Underruns(20)
    for gap_ms in gaps_ms:
        underruns.note(Gap(0.0, gap_ms / 1000))
    assert underruns.count == len(underruns.noticed) == count


def test_what_is_kept_is_bounded() -> None:
    """A turn of nothing but gaps keeps the first hundred."""
    underruns = Underruns(0)
    for number in range(1000):
        underruns.note(Gap(float(number), 0.5))
    assert underruns.count == 1000
    assert [gap.at for gap in underruns.noticed] == [float(number) for number in range(100)]

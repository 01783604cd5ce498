"""How long texts are expected to last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.pace import DEFAULT_MS_PER_LETTER, Pace, count_letters


def test_nothing_learnt_is_a_common_pace() -> None:
    """Before the warm-up it is that of English."""
    assert Pace().expect_ms("Hi you.") == 6 * DEFAULT_MS_PER_LETTER


def test_the_pace_is_the_mean_over_all_that_was_learnt() -> None:
    """Long texts count more than short ones."""
    pace = Pace()
    pace.learn("abcd", 400)
    pace.learn("ab cd ef gh ij kl", 600)
    assert pace.ms_per_letter == 1000 / 16
    assert pace.expect_ms("a b") == 2 * 1000 / 16


@pytest.mark.parametrize(("text", "speech_ms"), [("", 100.0), (" \n", 100.0), ("abc", 0.0)])
def test_nothing_is_learnt_from_nothing(text: str, speech_ms: float) -> None:
    """No letters or no audio say nothing about the pace."""
    pace = Pace()
    pace.learn(text, speech_ms)
    assert pace.ms_per_letter == DEFAULT_MS_PER_LETTER


@given(st.text(), st.text())
def test_pieces_last_as_long_as_the_whole(a: str, b: str) -> None:
    """However a text is cut, its pieces are expected to last as long together."""
    assert count_letters(a) + count_letters(b) == count_letters(a + b)
    pace = Pace()
    assert pace.expect_ms(a + b) == pytest.approx(pace.expect_ms(a) + pace.expect_ms(b))

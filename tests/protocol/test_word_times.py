"""Times of a client's own words, from those of what was spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.dialogue.outputs import WordTime
from hoarfrost.protocol.word_times import TimedToken, time_tokens


def word(text: str, start: int, begin_ms: float, end_ms: float, *, length: int = 0) -> WordTime:
    return WordTime(text, start, start + (length or len(text)), begin_ms, end_ms)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param(
            "Hello there.",
            [word("Hello", 0, 10, 300), word("there.", 6, 350, 700)],
            [("Hello", 10, 300), ("there.", 350, 1000)],
            id="the last one ends with the audio",
        ),
        pytest.param(
            "It is $2.5 million now",
            [
                *(word("It", 0, 0, 100), word("is", 3, 100, 200)),
                *(word("$2.5 million", 6, 200, 800), word("now", 19, 800, 900)),
            ],
            [
                *(("It", 0, 100), ("is", 100, 200), ("$2.5", 200, 400), ("million", 450, 800)),
                ("now", 800, 1000),
            ],
            id="several tokens share what was read as one",
        ),
        pytest.param(
            "[Very] <200> good",
            [word("Very", 1, 0, 300), word("good", 13, 500, 900)],
            [("Very", 0, 300), ("good", 500, 1000)],
            id="brackets and pauses are none of the words",
        ),
        pytest.param(
            "well-known e-mail",
            [word("well", 0, 0, 100), word("known", 5, 100, 300), word("e-mail", 11, 300, 900)],
            [("well-known", 0, 300), ("e-mail", 300, 1000)],
            id="one token of several words",
        ),
        pytest.param(
            "One – two", [word("One", 0, 0, 300), word("two", 6, 400, 900)],
            [("One", 0, 300), ("–", 300, 300), ("two", 400, 1000)],
            id="what is not spoken takes no time",
        ),
        pytest.param(
            "ab cd", [], [("ab", 0, 400), ("cd", 600, 1000)], id="a voice that knows no times"
        ),
        pytest.param(
            "spell(A B C) now",
            [word("ABC", 6, 0, 500, length=5), word("now", 13, 600, 900)],
            [("spell(A B C)", 0, 500), ("now", 600, 1000)],
            id="what is spelled is one word",
        ),
        pytest.param("🙂 …", [], [], id="nothing to speak"),
        pytest.param("  ", [], [], id="blank"),
    ],
)  # fmt: skip
def test_tokens_get_their_times(
    text: str, words: list[WordTime], expected: list[tuple[str, float, float]]
) -> None:
    """Each token has the time of what was spoken of it."""
    assert time_tokens(text, 0, words, 0.0, 1000.0) == [
        TimedToken(token, pytest.approx(begin), pytest.approx(end))
        for token, begin, end in expected
    ]


def test_offsets_and_origins_are_taken_off() -> None:
    """Text and audio of a synthesis may begin anywhere in the conversation's."""
    words = [word("One", 100, 5000, 5400)]
    assert time_tokens("One.", 100, words, 5000.0, 500.0) == [TimedToken("One.", 0.0, 500.0)]


@given(
    st.text("ab <>[]é–1. ", max_size=30),
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 8), st.floats(0, 2000), st.floats(0, 500)),
        max_size=8,
    ),
    st.floats(0, 1500),
)
def test_times_ascend_and_end_with_the_audio(
    text: str, spoken: list[tuple[int, int, float, float]], audio_ms: float
) -> None:
    """Whatever an engine tells."""
    words = [
        WordTime("x", start, start + length, begin, begin + lasts)
        for start, length, begin, lasts in spoken
    ]
    tokens = time_tokens(text, 0, words, 0.0, audio_ms)
    times = [time for token in tokens for time in (token.start_ms, token.end_ms)]
    assert times == sorted(times)
    assert all(0 <= time <= audio_ms for time in times)
    assert not tokens or tokens[-1].end_ms == audio_ms
    assert all(token.text.strip() for token in tokens)

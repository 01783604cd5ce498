"""The values that scripts are made of: they cannot be nonsense, and they know their sources."""

import pytest

from hoarfrost.text.script import Pause, Segment, Speech, SpeedSpan

INFINITE = float("inf")
NAN = float("nan")


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Segment("a", -1), "start: expected an offset of 0 or more, got -1"),
        (lambda: SpeedSpan(2, 2, 1.0), "expected 0 <= start < end, got 2 and 2"),
        (lambda: SpeedSpan(-1, 2, 1.0), "expected 0 <= start < end, got -1 and 2"),
        (lambda: SpeedSpan(0, 2, 0.0), "speed: expected a number above 0, got 0.0"),
        (lambda: SpeedSpan(0, 2, -1.0), "speed: expected a number above 0, got -1.0"),
        (lambda: SpeedSpan(0, 2, INFINITE), "speed: expected a number above 0, got inf"),
        (lambda: SpeedSpan(0, 2, NAN), "speed: expected a number above 0, got nan"),
        (
            lambda: Speech("abc", sources=(1, 2)),
            "sources: expected one for each of 3 characters, got 2",
        ),
        (
            lambda: Speech("abc", (SpeedSpan(0, 4, 2.0),)),
            "spans: expected ordered, disjoint spans inside the text",
        ),
        (
            lambda: Speech("abc", (SpeedSpan(1, 2, 2.0), SpeedSpan(0, 1, 2.0))),
            "spans: expected ordered, disjoint spans inside the text",
        ),
        (
            lambda: Speech("abc", (SpeedSpan(0, 2, 2.0), SpeedSpan(1, 3, 2.0))),
            "spans: expected ordered, disjoint spans inside the text",
        ),
        (lambda: Pause(-1.0), "duration_ms: expected 0 or more, got -1.0"),
        (lambda: Pause(INFINITE), "duration_ms: expected 0 or more, got inf"),
        (lambda: Pause(NAN), "duration_ms: expected 0 or more, got nan"),
    ],
)
def test_wrong_values_are_refused(make, complaint):
    """A value that contradicts itself cannot be made, and the error says expected and got."""
    with pytest.raises(ValueError, match=complaint):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Segment("", 0),
        lambda: Speech("abc", (SpeedSpan(0, 1, 2.0), SpeedSpan(1, 3, 0.5)), (4, 5, 6)),
        lambda: Pause(0.0),
    ],
)
def test_limits_are_inside(make):
    """An empty segment, spans that touch and a pause of no length are all values."""
    assert make() == make()


@pytest.mark.parametrize(
    ("sources", "start", "end", "span"),
    [
        ((), 1, 3, (1, 3)),
        ((4, 5, 6), 0, 2, (4, 6)),
        ((4, 5, 9), 1, 3, (5, 10)),
        ((4, 4, 4), 0, 3, (4, 5)),
    ],
)
def test_words_are_found_in_the_client_text(sources, start, end, span):
    """A stretch of a speech stands in the client's text from its first to its last source."""
    assert Speech("abc", sources=sources).source_span(start, end) == span

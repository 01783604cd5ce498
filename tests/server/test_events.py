"""Who is told what happens."""

import logging
from typing import Any

import pytest

from hoarfrost.server.events import LogObserver, Observers
from tests.session.call import Facts
from tests.support.options import make_options

FACTS: list[tuple[str, tuple[Any, ...], str]] = [
    ("opened", ("1f", make_options()), "session 1f opened: tone/en-US pcm 22050 Hz, model mistv3"),
    ("first_audio", ("1f", 0.0355), "session 1f first audio after 35.5 ms"),
    ("delivered", ("1f", 700.0), "session 1f delivered 700 ms of audio"),
    ("underran", ("1f", 250.0), "session 1f underran: a gap of 250 ms"),
    ("cleared", ("1f",), "session 1f cleared"),
    ("failed", ("1f", ValueError("a text")), "session 1f failed: ValueError"),
    ("closed", ("1f", 1000), "session 1f closed: 1000"),
    ("closed", ("1f", None), "session 1f closed: peer left"),
    ("rejected", (429, "capacity"), "request refused: 429 (capacity)"),
]


class Witness(Facts):
    """Keeps also what is told of requests."""

    def rejected(self, status: int, reason: str) -> None:
        self.told.append(("rejected", status, reason))


@pytest.mark.parametrize(("fact", "arguments", "line"), FACTS)
def test_each_fact_is_a_line(
    caplog: pytest.LogCaptureFixture, fact: str, arguments: tuple[Any, ...], line: str
) -> None:
    """The log has one line a fact, with ids, durations and codes."""
    with caplog.at_level(logging.DEBUG, "hoarfrost"):
        getattr(LogObserver(), fact)(*arguments)
    assert [record.getMessage() for record in caplog.records] == [line]


@pytest.mark.parametrize(("fact", "arguments", "line"), FACTS)
def test_several_observers_are_told_the_same(
    fact: str, arguments: tuple[Any, ...], line: str
) -> None:
    """Each observer is told each fact once, with all that belongs to it."""
    alone, *both = Witness(), Witness(), Witness()
    getattr(alone, fact)(*arguments)
    getattr(Observers(*both), fact)(*arguments)
    assert len(alone.told) == 1
    assert [each.told for each in both] == [alone.told, alone.told]

"""The picture of first audio against callers."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from benchmarks.plot import Point, plot_first_audio

NAME = "{http://www.w3.org/2000/svg}"
SERIES = {
    "ours": [Point(8, 100, 200), Point(1, 20, 30), Point(2, 40, 50)],
    "theirs & co": [Point(1, 150, 160), Point(2, 400, 500), Point(8, 3000, 5000)],
}


def drawn(kind: str) -> list[ET.Element]:
    picture = ET.fromstring(plot_first_audio(SERIES, "a < b"))  # noqa: S314 -- our own
    return list(picture.iter(f"{NAME}{kind}"))


def test_marks() -> None:
    """Each median is a mark that tells its figures, in the order of callers."""
    told = [mark.findtext(f"{NAME}title") for mark in drawn("circle")]
    assert told == [
        "ours, callers: 1, p50 20 ms, p99 30 ms",
        "ours, callers: 2, p50 40 ms, p99 50 ms",
        "ours, callers: 8, p50 100 ms, p99 200 ms",
        "theirs & co, callers: 1, p50 150 ms, p99 160 ms",
        "theirs & co, callers: 2, p50 400 ms, p99 500 ms",
        "theirs & co, callers: 8, p50 3,000 ms, p99 5,000 ms",
    ]


def test_scale() -> None:
    """Both axes are logarithmic: equal ratios are equal distances."""
    ours = [(float(mark.get("cx", "")), float(mark.get("cy", ""))) for mark in drawn("circle")][:3]
    one, two, eight = ours
    assert eight[0] - two[0] == pytest.approx(2 * (two[0] - one[0]), abs=0.2)
    assert (one[1] - eight[1]) / (one[1] - two[1]) == pytest.approx(2.3219, abs=0.01)  # log2(5)


def test_words() -> None:
    """Servers and the caption are named as they are, callers and round milliseconds labelled."""
    words = [each.text for each in drawn("text")]
    assert {"ours", "theirs & co", "a < b", "1", "2", "8", "20", "1,000", "5,000"} <= set(words)


def test_names_that_collide() -> None:
    """Names of lines that end at one place stand one below the other."""
    same = [Point(1, 100, 200), Point(8, 300, 400)]
    picture = ET.fromstring(  # noqa: S314 -- our own
        plot_first_audio({"a": same, "b": same, "c": same}, "")
    )
    heights = [
        float(each.get("y", ""))
        for each in picture.iter(f"{NAME}text")
        if each.text in {"a", "b", "c"}
    ]
    assert [round(b - a, 6) for a, b in pairwise(heights)] == [17, 17]


def test_one_number_of_callers() -> None:
    """A single measurement is a mark on the left edge."""
    picture = plot_first_audio({"ours": [Point(4, 10, 20)]}, "")
    assert picture.count("<circle") == 1
    assert 'cx="62.0"' in picture


def test_self_contained() -> None:
    """Nothing is fetched and nothing run."""
    picture = plot_first_audio(SERIES, "")
    assert not [
        word for word in ("href", "<script", "<style", "@import", "url(") if word in picture
    ]


def test_nothing() -> None:
    """Without a single point there is no picture."""
    with pytest.raises(ValueError, match="expected points, got none"):
        plot_first_audio({"ours": []}, "")

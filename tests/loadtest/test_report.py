"""A report as JSON, as a table and as a page."""

import html.parser
import json
import re
from io import StringIO

import pytest
from rich.console import Console

from hoarfrost.loadtest.page import to_page
from hoarfrost.loadtest.report import Capacity, Report, to_document
from hoarfrost.loadtest.table import show
from tests.loadtest.sample import bad_figures, sample_figures, sample_report

SEARCH = sample_report(
    sample_figures(1),
    sample_figures(8, slowest_ms=120.0),
    bad_figures(16),
    sample_figures(8, slowest_ms=150.0),
    capacity=Capacity(8, 8, is_capped=False),
)
REPORTS = [sample_report(), sample_report(bad_figures()), SEARCH]


class Structure(html.parser.HTMLParser):
    """Checks that every element that is opened is closed, in order."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def table_of(report: Report) -> str:
    text = StringIO()
    show(report, Console(file=text, width=100))
    return text.getvalue()


@pytest.mark.parametrize("report", REPORTS)
def test_the_document_is_json(report: Report) -> None:
    """Also with latencies that are infinite: they are null, and counted."""
    document = json.loads(json.dumps(to_document(report), allow_nan=False))
    assert document["format"] == 1
    assert document["is_met"] == report.is_met
    assert [trial["callers"] for trial in document["trials"]] == [
        trial.callers for trial in report.trials
    ]


def test_the_document_of_a_bad_run() -> None:
    """Failures, refusals and doubts are in it, by name."""
    [trial] = to_document(sample_report(bad_figures()))["trials"]
    assert trial["ttfa_ms"] == {
        "n": 3, "n_never": 1, "p50": 800.0, "p90": None, "p99": None, "max": None,
    }  # fmt: skip
    assert trial["turns"]["failures"] == {"closed 1011": 3, "no audio": 1}
    assert trial["refusals"] == {"count": 6, "callers": 2, "retry_after_s": (1.0, 5.0)}
    assert trial["tester"]["is_bottleneck"] is True
    assert [verdict["is_met"] for verdict in trial["verdicts"]] == [False, False, False]


def test_the_document_of_a_search() -> None:
    """What was found stands in it, and every trial on the way."""
    document = to_document(SEARCH)
    assert document["capacity"] == {"callers": 8, "highest_met": 8, "is_capped": False}
    assert document["is_met"] is True
    assert "capacity" not in to_document(sample_report())


def test_the_trial_that_is_shown_is_of_the_number_found() -> None:
    """The last one of it; without a search, the last one."""
    assert SEARCH.chosen is SEARCH.trials[3]
    assert REPORTS[1].chosen is REPORTS[1].trials[0]


def test_the_table_of_a_run() -> None:
    """Percentiles beside their number, verdicts with their figures, no line for empty ones."""
    text = table_of(sample_report())
    assert re.search(r"TTFA, first byte \(ms\) +│ +20 │ +90 │ +90 │ +90 │ 3 ", text)
    assert re.search(r"ttfa:p99@500ms +│ 90 ms +│ 3 +│ met", text)
    assert "redial" not in text
    assert "127.0.0.1:8000, conversation, 30 s, seed 1; on 2 cores of something\n" in text


def test_the_table_of_a_search() -> None:
    """All trials in order, and what was found as the last line."""
    text = table_of(SEARCH)
    assert re.findall(r"│ +(\d+) │ +[\d.]+ │ +\S+ │ +\d+ │ +[\d.]+% │", text) == [
        *("1", "8", "16", "8"),
    ]
    assert text.endswith("8 callers meet success:1.00,ttfa:p99@500ms,underrun:0\n")


@pytest.mark.parametrize("report", REPORTS)
def test_the_page_is_whole_and_needs_nothing(report: Report) -> None:
    """Every element is closed, no script runs, and nothing is fetched from anywhere."""
    page = to_page(report)
    structure = Structure()
    structure.feed(page)
    assert structure.open == []
    assert structure.links == []
    assert not {"script", "link", "img", "iframe"} & set(structure.seen)
    assert not re.search(r"https?://|url\(|@import|\$\w", page)
    assert structure.seen.count("svg") == (3 if report.capacity else 2)


def test_the_page_says_what_the_terminal_says() -> None:
    """Figures, warnings and verdicts are in it, and what came from outside is escaped."""
    page = to_page(sample_report(bad_figures()))
    assert "3 failed: closed 1011" in page
    assert "the tester was a bottleneck" in page
    assert '<span class="missed">missed</span>' in page
    assert "1 of 3 turns never had any" in page
    assert "&lt;b&gt;tone&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "8 callers meet success" in to_page(SEARCH)


def test_the_page_is_light_and_dark() -> None:
    """It follows what the reader's system is set to."""
    page = to_page(sample_report())
    assert "color-scheme: light dark" in page
    assert "@media (prefers-color-scheme: dark)" in page

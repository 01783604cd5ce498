"""What is counted of sessions, and the form in which it is scraped."""

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from hoarfrost.server.metrics import FIRST_AUDIO_BUCKETS, Metrics
from hoarfrost.session.events import (
    Closed,
    Failed,
    FirstAudio,
    Interrupted,
    Opened,
    Refused,
    Sent,
    SessionEvent,
    StepDone,
    Underrun,
    UtteranceDone,
)
from tests.support.options import make_options

FACTS: list[tuple[SessionEvent, dict[str, float]]] = [
    (Opened("1", make_options()), {"conversations_opened_total": 1}),
    (
        FirstAudio("1", 0.035),
        {
            "first_audio_seconds_count": 1,
            "first_audio_seconds_sum": 0.035,
            'first_audio_seconds_bucket{le="0.03"}': 0,
            'first_audio_seconds_bucket{le="0.04"}': 1,
        },
    ),
    (UtteranceDone("1", 700), {}),
    (StepDone("1", 0.01, 100), {}),
    (Sent("1", 100), {}),
    (Underrun("1", 250), {"underruns_total": 1, "underrun_seconds_total": 0.25}),
    (Interrupted("1"), {"interruptions_total": 1}),
    (Failed("1", ValueError("a text")), {"failures_total": 1}),
    (Closed("1", 1000), {'conversations_closed_total{code="1000"}': 1}),
    (Closed("1", None), {'conversations_closed_total{code="peer"}': 1}),
    (Refused(429, "capacity"), {'upgrades_refused_total{reason="capacity"}': 1}),
]


def samples(metrics: Metrics) -> dict[str, float]:
    """Return what is scraped, by name and labels, without our prefix, buckets of 0 included."""
    found = {}
    for family in text_string_to_metric_families(metrics.render("")[0].decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            name = sample.name.removeprefix("hoarfrost_")
            found[f"{name}{{{labels}}}" if labels else name] = sample.value
    return found


@pytest.mark.parametrize(("event", "expected"), FACTS)
def test_each_event_is_counted(event: SessionEvent, expected: dict[str, float]) -> None:
    """An event moves its own figures, and no others."""
    metrics = Metrics(CollectorRegistry())
    before = samples(metrics)
    metrics.listen(event)
    after = {name: value for name, value in samples(metrics).items() if name in expected}
    assert after == pytest.approx(expected)
    moved = {
        name
        for name, value in samples(metrics).items()
        if value != before.get(name) and not name.startswith(("process_", "first_audio"))
    }
    assert {name for name in moved if not name.partition("{")[0].endswith("_created")} <= set(
        expected
    )


def test_nothing_that_a_client_wrote_is_scraped() -> None:
    """Neither the error's message nor the session's id is in the text."""
    metrics = Metrics()
    for event, _ in FACTS:
        metrics.listen(event)
    metrics.listen(Opened("the-session", make_options()))
    metrics.listen(Failed("the-session", ValueError("the secret text")))
    text = metrics.render("")[0].decode()
    assert "secret" not in text
    assert "the-session" not in text


def test_buckets_rise_from_five_milliseconds_to_two_and_a_half_seconds() -> None:
    """Prometheus wants them in order; the ends are those of what is worth telling apart."""
    assert list(FIRST_AUDIO_BUCKETS) == sorted(set(FIRST_AUDIO_BUCKETS))
    assert (FIRST_AUDIO_BUCKETS[0], FIRST_AUDIO_BUCKETS[-1]) == (0.005, 2.5)


@pytest.mark.parametrize(
    ("accept", "media_type", "end"),
    [
        ("", "text/plain; version=0.0.4", "\n"),
        ("*/*", "text/plain; version=0.0.4", "\n"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text", "# EOF\n"),
    ],
)
def test_the_format_is_the_one_that_the_scraper_accepts(
    accept: str, media_type: str, end: str
) -> None:
    """Prometheus' own text, or OpenMetrics for who asks for it."""
    text, told = Metrics().render(accept)
    assert told.startswith(media_type)
    assert text.decode().endswith(end)


def test_servers_do_not_share_counts() -> None:
    """Two servers in one process count for themselves, and process figures are part of it."""
    one, other = Metrics(), Metrics()
    one.listen(Interrupted("1"))
    assert samples(one)["interruptions_total"] == 1
    assert samples(other)["interruptions_total"] == 0
    assert samples(one)["process_resident_memory_bytes"] > 0

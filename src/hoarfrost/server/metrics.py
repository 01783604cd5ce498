"""What is counted of sessions, for Prometheus.

In: the events of sessions. Out: the text that is scraped. Invariant: labels come from
small closed sets (close codes, reasons, names of installed voices); never a text, a key or a name
that a client chose. Nothing is global: each server has a registry of its own.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from hoarfrost.session.events import (
    Closed,
    Failed,
    FirstAudio,
    Interrupted,
    Opened,
    Refused,
    SessionEvent,
    Underrun,
)

FIRST_AUDIO_BUCKETS: Final = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds. Close together where a good server is, up to 40 ms with one caller and 250 ms with many;
nobody waits longer than the last."""


class Metrics:
    """Counters of session events.

    Args:
        registry: Where all that is scraped is found; its own, unless a test gives one.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry or CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._opened = self._counter("conversations_opened", "Conversations begun")
        self._closed = self._counter(
            "conversations_closed", "Conversations ended, by our close code or peer", "code"
        )
        self._refused = self._counter(
            "upgrades_refused", "Requests refused before the upgrade", "reason"
        )
        self._first_audio = Histogram(
            "hoarfrost_first_audio_seconds",
            "From the release of an utterance's text to its first audio sent",
            buckets=FIRST_AUDIO_BUCKETS,
            registry=self._registry,
        )
        self._interruptions = self._counter("interruptions", "Times a client cleared")
        self._underruns = self._counter("underruns", "Gaps in speech whose text was in time")
        self._underrun_s = self._counter("underrun_seconds", "What these gaps lasted")
        self._failures = self._counter("failures", "Utterances not spoken, and defects")

    def include(self, collector: Collector) -> None:
        """Register a collector that is read at every scrape."""
        self._registry.register(collector)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return what is scraped, and its media type, in the format that a scraper accepts."""
        encode: Callable[[CollectorRegistry], bytes]
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def listen(self, event: SessionEvent) -> None:
        """Count an event of a session."""
        match event:
            case Refused(_, reason):
                self._refused.labels(reason).inc()
            case Opened():
                self._opened.inc()
            case FirstAudio(_, after):
                self._first_audio.observe(after)
            case Underrun(_, gap_ms):
                self._underruns.inc()
                self._underrun_s.inc(gap_ms / 1000)
            case Interrupted():
                self._interruptions.inc()
            case Failed():
                self._failures.inc()
            case Closed(_, code):
                self._closed.labels("peer" if code is None else str(code)).inc()
            case _:  # what is sent is counted by voice, see `gauges`
                pass

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"hoarfrost_{name}", what, labels, registry=self._registry)

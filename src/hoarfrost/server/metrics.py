"""What is counted of sessions, for Prometheus.

In: the facts that an observer is told. Out: the text that is scraped. Invariant: labels come from
small closed sets (close codes, reasons, names of installed voices); never a text, a key or a name
that a client chose. Nothing is global: each server has a registry of its own.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from hoarfrost.protocol.options import Options
from hoarfrost.units import Milliseconds, Seconds

FIRST_AUDIO_BUCKETS: Final = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds. Close together where a good server is, up to 40 ms with one caller and 250 ms with many;
nobody waits longer than the last."""


class Metrics:
    """Counts facts.

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
        self._failures = self._counter("failures", "Utterances that could not be spoken")

    def include(self, collector: Collector) -> None:
        """Have what a collector reads off at the time of a scrape be part of it."""
        self._registry.register(collector)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return what is scraped, and its media type, in the format that a scraper accepts."""
        encode: Callable[[CollectorRegistry], bytes]
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def opened(self, session_id: str, options: Options) -> None:  # noqa: ARG002 -- an observer's
        """Count a conversation."""
        self._opened.inc()

    def first_audio(self, session_id: str, after: Seconds) -> None:  # noqa: ARG002 -- likewise
        """Count how long first audio took."""
        self._first_audio.observe(after)

    def delivered(self, session_id: str, duration_ms: Milliseconds) -> None:
        """Leave it: what is sent is counted by voice, see `gauges`."""

    def underran(self, session_id: str, gap_ms: Milliseconds) -> None:  # noqa: ARG002 -- likewise
        """Count a gap."""
        self._underruns.inc()
        self._underrun_s.inc(gap_ms / 1000)

    def cleared(self, session_id: str) -> None:  # noqa: ARG002 -- likewise
        """Count an interruption."""
        self._interruptions.inc()

    def failed(self, session_id: str, error: Exception) -> None:  # noqa: ARG002 -- likewise
        """Count a failure."""
        self._failures.inc()

    def closed(self, session_id: str, code: int | None) -> None:  # noqa: ARG002 -- likewise
        """Count an end."""
        self._closed.labels("peer" if code is None else str(code)).inc()

    def rejected(self, status: int, reason: str) -> None:  # noqa: ARG002 -- the reason says more
        """Count a refusal."""
        self._refused.labels(reason).inc()

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"hoarfrost_{name}", what, labels, registry=self._registry)

"""What is read off the server when it is scraped: how full it is, and what its voices cost.

In: `Services`. Out: Prometheus' metric families. Invariant: reading changes nothing.
"""

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hoarfrost.server.services import Services
from hoarfrost.session.costs import VoiceCost


class Gauges(Collector):
    """Reads services off.

    Args:
        services: Whose.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Return all there is to read."""
        yield from self._doors()
        yield from self._workers()
        yield from self._room()
        yield from self._voices()

    def _doors(self) -> Iterator[Metric]:
        services = self._services
        yield _gauge("ready", "1 if voices are loaded and can be spoken", services.is_ready)
        yield _gauge("voices", "Voices that clients may name", len(services.catalogue.voices()))
        yield _gauge("connections", "Connections open", services.limit.n_open)
        most = services.settings.max_connections
        yield _gauge("connections_limit", "Connections that may be open", most)

    def _workers(self) -> Iterator[Metric]:
        load = self._services.scheduler.load()
        yield _gauge("workers", "Threads that synthesise", load.n_workers)
        yield _gauge("workers_busy", "Threads at work on a step", load.n_busy)
        yield _gauge("steps_waiting", "Steps of work that wait for a thread", load.n_waiting)
        yield _counter("steps", "Steps of work begun", load.n_started)
        yield _counter("worker_busy_seconds", "Time that steps took", load.busy_s)
        yield _counter("steps_late_seconds", "Time that steps began too late, summed", load.late_s)

    def _room(self) -> Iterator[Metric]:
        estimate = self._services.estimate()
        if estimate is None:
            return
        yield _gauge("load", "Demand over what is admitted; 1 is full", estimate.load)
        free = GaugeMetricFamily(
            "hoarfrost_free_callers",
            "More callers that would be let in: continuous listeners, or such as of late",
            labels=["kind"],
        )
        free.add_metric(["continuous"], estimate.n_continuous)
        free.add_metric(["typical"], estimate.n_typical)
        yield free
        share = estimate.typical_share
        yield _gauge("typical_share", "Of callers' time, how much they heard speech of late", share)

    def _voices(self) -> Iterator[Metric]:
        counters: dict[tuple[str, str], Callable[[VoiceCost], float]] = {
            ("audio_sent_seconds", "Audio sent"): lambda cost: cost.sent,
            ("audio_made_seconds", "Audio made, heard or not"): lambda cost: cost.audio,
            ("audio_work_seconds", "Worker time that took"): lambda cost: cost.work,
        }
        costs = self._services.capacity.costs
        for (name, what), read in counters.items():
            family = CounterMetricFamily(f"hoarfrost_{name}", f"{what}, by voice", labels=["voice"])
            for cost in costs.all():
                family.add_metric([cost.voice.name], read(cost))
            yield family
        now = GaugeMetricFamily(
            "hoarfrost_voice_cost", "Worker seconds per second of audio, of late", labels=["voice"]
        )
        for cost in costs.measured():
            now.add_metric([cost.voice.name], cost.value)
        yield now


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"hoarfrost_{name}", what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"hoarfrost_{name}", what, value=value)

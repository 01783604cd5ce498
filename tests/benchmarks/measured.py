"""What a load test gave, for tests of what is told of it."""

from collections.abc import Mapping

from hoarfrost.loadtest.figures import Figures, Gaps, Interruptions, Latencies
from hoarfrost.loadtest.lag import Strain
from hoarfrost.loadtest.percentiles import Distribution

NOTHING = Distribution()


def figures_of(
    *,
    n_callers: int = 8,
    n_callers_refused: int = 0,
    n_turns: int = 0,
    failures: Mapping[str, int] | None = None,
    n_refusals: int = 0,
    n_underruns: int = 0,
    ttfa: tuple[float, ...] = (),
    stale: tuple[float, ...] = (),
    n_cleared: int = 0,
    n_redials: int = 0,
    n_compared: int = 0,
    n_identical: int = 0,
    n_excess_bytes: int = 0,
    is_reproducible: bool | None = None,
    lag_ms: tuple[float, ...] = (1.0,),
) -> Figures:
    """Return the figures of a run in which callers heard speech for 30 % of the time."""
    return Figures(
        n_callers=n_callers,
        n_turns=n_turns,
        failures=failures or {},
        n_refusals=n_refusals,
        n_callers_refused=n_callers_refused,
        retry_after=None,
        n_unasked_bytes=0,
        n_split_frames=0,
        latencies=Latencies(Distribution.of(ttfa), NOTHING, NOTHING, NOTHING, NOTHING),
        gaps=Gaps(n_underruns, n_underruns, 30.0 * n_underruns, 0),
        interruptions=Interruptions(
            n_cleared=n_cleared,
            stale=Distribution.of(stale),
            n_stale_bytes=0,
            n_with_stale=0,
            n_redials=n_redials,
            n_compared=n_compared,
            n_identical=n_identical,
            n_excess_bytes=n_excess_bytes,
            is_reproducible=is_reproducible,
        ),
        throughput=0.0,
        listening=0.3,
        strain=Strain(Distribution.of(lag_ms), 0.1),
    )

"""What the report says of what was measured."""

from benchmarks.clients import Take
from benchmarks.contenders import CARRIED, HTTP, OURS, PACED, WINDOWED, WYOMING
from benchmarks.measure import Figure
from benchmarks.peers import (
    Tally,
    Target,
    callers_in_words,
    first_audio_figures,
    length_figures,
    throughput_figures,
)

MEASURED = {
    OURS: Tally([Take(0.02, 15), Take(0.03, 15), Take(0.04, 15)], wall=0.5, cpu=0.9),
    HTTP: Tally([Take(0.4, 15), Take(0.5, 15), Take(0.6, 15)], wall=1.5, cpu=3.0),
    WYOMING: Tally([Take(0.1, 15), Take(0.2, 15, 0.05), Take(0.3, 15, 0.7)], wall=1.0, cpu=2.0),
    WINDOWED: Tally([Take(0.06, 15)], wall=1.0, cpu=2.0),
    CARRIED: Tally([Take(0.05, 15)], wall=1.0, cpu=2.0),
    PACED: Tally([Take(0.9, 15)], wall=1.0, cpu=2.0),
}


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.what: figure for figure in figures}


def test_first_audio() -> None:
    """Quantiles are in milliseconds, and our median is compared with the fastest peers'."""
    figures = by_name(first_audio_figures(MEASURED, Target(p50_ms=25, p99_ms=250, share=0.2)))
    assert figures["hoarfrost, p50"] == Figure("hoarfrost, p50", 30.0, "ms", 25)
    assert figures["hoarfrost, p99"] == Figure("hoarfrost, p99", 40.0, "ms", 250)
    assert figures["piper http, p90"] == Figure("piper http, p90", 600.0, "ms")
    assert round(figures["wyoming-piper, player starved, p50"].value, 9) == 50.0
    in_one_piece = figures["hoarfrost to the fastest peer that speaks in one piece, p50"]
    assert (round(in_one_piece.value, 12), in_one_piece.target) == (0.15, 0.2)
    of_any = figures["hoarfrost to the fastest peer, p50"]
    assert (round(of_any.value, 12), of_any.target) == (0.6, 1.0)
    assert [figure.what for figure in figures.values() if not figure.is_met] == ["hoarfrost, p50"]


def test_first_audio_without_target() -> None:
    """Where nothing was promised for a number of callers, only the fastest peer is a target."""
    figures = by_name(first_audio_figures(MEASURED, None))
    del figures["hoarfrost to the fastest peer, p50"]
    assert all(figure.target is None for figure in figures.values())


def test_length() -> None:
    """Each server's long sentence is set against its own short one, ours with a bound."""
    short = {OURS: Tally([Take(0.02, 2.2)]), HTTP: Tally([Take(0.1, 1.8)])}
    long = {OURS: Tally([Take(0.05, 12.4)]), HTTP: Tally([Take(0.9, 11.6)])}
    figures = by_name(length_figures(short, long))
    assert list(figures)[:3] == [
        "hoarfrost, 2 s, p50",
        "hoarfrost, 12 s, p50",
        "hoarfrost, long to short",
    ]
    assert figures["hoarfrost, long to short"] == Figure("hoarfrost, long to short", 2.5, "x", 2)
    assert figures["piper http, long to short"] == Figure("piper http, long to short", 9.0, "x")


def test_throughput() -> None:
    """Audio is counted for a second of the clock, and for one of the processors."""
    figures = by_name(throughput_figures(MEASURED))
    assert figures["hoarfrost, audio a second"].value == 90.0
    assert figures["hoarfrost, audio a CPU second"].value == 50.0


def test_callers_in_words() -> None:
    """One caller is one, several are counted."""
    assert [callers_in_words(n) for n in (1, 8)] == ["one caller", "8 callers"]

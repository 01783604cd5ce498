"""A report as a page: one file, without script, that asks nothing of any other server.

In: a `Report`. Out: HTML. Invariant: whatever came from outside is escaped.
"""

import html
import math
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template

from hoarfrost.loadtest.findings import (
    TRIAL_HEAD,
    conclusion,
    count_callers,
    distributions,
    facts,
    show_measured,
    show_number,
    trial_cells,
    warnings,
)
from hoarfrost.loadtest.plots import MAX_ROWS, plot_capacity, plot_distribution, plot_timeline
from hoarfrost.loadtest.report import PERCENTS, Report
from hoarfrost.loadtest.trials import Trial


def to_page(report: Report) -> str:
    """Return the page."""
    trial, plan = report.chosen, report.plan
    figures = trial.figures
    ttfa = figures.latencies.ttfa
    shown = report.trials[-1].callers
    query = ", ".join(f"{name} {value}" for name, value in report.query.items())
    note = f" The first {MAX_ROWS} of {shown} callers." if shown > MAX_ROWS else ""
    if shown != trial.callers or len(report.trials) > 1:
        note += f" The last trial, of {count_callers(shown)}."
    template = Template((files(__package__) / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(f"Load test of {report.place}"),
        circumstances=html.escape(
            f"{report.made_at}; {plan.scenario.value}, {plan.duration_s:g} s measured after "
            f"{plan.ramp_s:g} s, seed {plan.seed}; {query}; tester: hoarfrost {report.version} "
            f"on {report.machine}"
        ),
        conclusion=_conclusion(report),
        warnings="\n".join(_paragraph("warning", line) for line in warnings(report)),
        verdicts=_verdicts(trial),
        callers=count_callers(trial.callers),
        latencies=_latencies(trial),
        facts=html.escape("\n".join(facts(figures))),
        capacity=_capacity(report),
        n=ttfa.n,
        n_never=sum(map(math.isinf, ttfa.ranked)),
        distribution=plot_distribution(
            (("first byte", ttfa), ("first sound", figures.latencies.ttfa_audible))
        ),
        timeline=plot_timeline(report.journal, shown),
        timeline_note=note,
    )


def _conclusion(report: Report) -> str:
    if report.capacity is None:
        return ""
    return _paragraph("conclusion", conclusion(report))


def _capacity(report: Report) -> str:
    if report.capacity is None:
        return ""
    limit_ms = next((target.limit for target in report.targets if target.name == "ttfa"), None)
    rows = [[*trial_cells(trial), _verdict_word(is_met=trial.is_met)] for trial in report.trials]
    return (
        "<h2>Time to first audio against callers</h2>"
        '<p class="faint">Hollow marks missed a target; the dashed line is the limit.</p>'
        f"{plot_capacity(report.trials, limit_ms)}{_table(TRIAL_HEAD, rows)}"
    )


def _latencies(trial: Trial) -> str:
    head = ["", *(f"p{percent}" for percent in PERCENTS), "max", "n"]
    rows = [
        [
            html.escape(name),
            *(show_number(distribution.at(percent)) for percent in (*PERCENTS, 100)),
            str(distribution.n),
        ]
        for name, distribution in distributions(trial.figures)
    ]
    return _table(head, rows)


def _verdicts(trial: Trial) -> str:
    if not trial.verdicts:
        return ""
    rows = [
        [
            html.escape(verdict.target.text),
            show_measured(verdict),
            "" if verdict.n is None else str(verdict.n),
            _verdict_word(is_met=verdict.is_met),
        ]
        for verdict in trial.verdicts
    ]
    return "<h2>Targets</h2>" + _table(["target", "measured", "n", ""], rows)


def _verdict_word(*, is_met: bool) -> str:
    word = "met" if is_met else "missed"
    return f'<span class="{word}">{word}</span>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are HTML already."""
    titles = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{titles}</tr>{body}</table>"


def _paragraph(kind: str, text: str) -> str:
    return f'<p class="{kind}">{html.escape(text)}</p>'

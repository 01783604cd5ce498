"""A report for a terminal.

In: a `Report`. Out: tables. Invariant: a percentile stands beside the number of values it is of.
"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

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
from hoarfrost.loadtest.report import PERCENTS, Report
from hoarfrost.loadtest.trials import Trial


def show(report: Report, console: Console) -> None:
    """Print a report."""
    plan = report.plan
    console.print(
        f"{report.place}, {plan.scenario.value}, {plan.duration_s:g} s, seed {plan.seed}; "
        f"on {report.machine}",
        highlight=False,
        soft_wrap=True,
    )
    if report.capacity is not None:
        console.print(_trials(report))
    trial = report.chosen
    console.print(_latencies(trial))
    for line in facts(trial.figures):
        console.print(f"  {line}", highlight=False, soft_wrap=True)
    if trial.verdicts:
        console.print(_verdicts(trial))
    for line in warnings(report):
        console.print(Text(line, style="yellow"), highlight=False, soft_wrap=True)
    if report.capacity is not None:
        console.print(Text(conclusion(report), style="bold"), highlight=False, soft_wrap=True)


def _latencies(trial: Trial) -> Table:
    table = Table(title=count_callers(trial.callers), title_justify="left", title_style="bold")
    table.add_column("")
    for percent in PERCENTS:
        table.add_column(f"p{percent}", justify="right")
    table.add_column("max", justify="right")
    table.add_column("n", justify="right")
    for name, distribution in distributions(trial.figures):
        cells = [show_number(distribution.at(percent)) for percent in (*PERCENTS, 100)]
        table.add_row(name, *cells, str(distribution.n))
    return table


def _verdicts(trial: Trial) -> Table:
    table = Table(show_header=True)
    for column in ("target", "measured", "n", ""):
        table.add_column(column)
    for verdict in trial.verdicts:
        table.add_row(
            verdict.target.text,
            show_measured(verdict),
            "" if verdict.n is None else str(verdict.n),
            Text("met", style="green") if verdict.is_met else Text("missed", style="red"),
        )
    return table


def _trials(report: Report) -> Table:
    table = Table(title="trials", title_justify="left", title_style="bold")
    for column in TRIAL_HEAD:
        table.add_column(column, justify="right")
    for trial in report.trials:
        verdict = Text("met", style="green") if trial.is_met else Text("missed", style="red")
        table.add_row(*trial_cells(trial), verdict)
    return table

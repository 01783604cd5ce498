"""``docs/spec.md`` is true: its rules have tests, its session happens, its tables are right."""

import ast
import asyncio
import inspect
import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from hoarfrost.dialogue.events import Clear, Eos, Flush
from hoarfrost.dialogue.options import DEFAULT_RATE_HZ
from hoarfrost.protocol import parameters
from hoarfrost.protocol.plain import decode
from tests.e2e.talk import connect, listen
from tests.support.server import running_server

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "spec.md"
TEXT = PAGE.read_text(encoding="utf-8")
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in sorted(ROOT.glob("docs/spec*.md")))
"""The pages of all protocols, each with letters of its own."""
PATIENCE_S = 30
"""A generous bound on the session."""

RULES = {
    rule[1]: rule[2]
    for rule in re.finditer(r"^\*\*([A-Z]\d+)\.\*\* (.*?)(?=^\*\*|^#|\Z)", PAGES, re.M | re.S)
}
"""By number, what a rule says, with its tests."""

NAMED = {
    number: re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", rule.partition("\nTests: ")[2])
    for number, rule in RULES.items()
}
"""By the number of a rule, its tests as file and name."""


def rows(*head: str) -> list[list[str]]:
    """Return the cells of the table with this head."""
    table = TEXT.partition(f"| {' | '.join(head)} |\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines()[1:]]


def names_in(file: str) -> set[str]:
    """Return the names of the test functions that a file has; none if there is no such file."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_rules_are_numbered_without_a_gap() -> None:
    """Each section counts from 1, every number is there once, and nothing else looks like one."""
    numbers = re.findall(r"^\*\*([A-Z])(\d+)", PAGES, re.MULTILINE)
    for letter, group in groupby(numbers, key=lambda number: number[0]):
        counted = [int(count) for _, count in group]
        assert (letter, counted) == (letter, list(range(1, len(counted) + 1)))
    assert len(numbers) == len(RULES)


@pytest.mark.parametrize("number", RULES)
def test_every_rule_has_tests_that_exist(number: str) -> None:
    """A rule names at least one test, and those that it names are there."""
    assert NAMED[number]
    written = RULES[number].partition("\nTests: ")[2].count("::")
    assert len(NAMED[number]) == written, "expected each test as `tests/….py::test_…`"
    missing = [f"{file}::{name}" for file, name in NAMED[number] if name not in names_in(file)]
    assert missing == []


def test_every_test_of_the_wire_is_used() -> None:
    """Each file of tests that are about the wire holds some rule."""
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in ("e2e", "dialogue", "protocol")
        for path in (ROOT / "tests" / folder).rglob("test_*.py")
    }
    assert files - {file for tests in NAMED.values() for file, _ in tests} == set()


def test_references_resolve() -> None:
    """Rules that are referred to, and pages that are linked to, exist."""
    letters = "".join({number[0] for number in RULES})
    assert set(re.findall(rf"\b[{letters}]\d+\b", PAGES)) == set(RULES)
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert targets
    assert [target for target in targets if not (PAGE.parent / target).is_file()] == []


def test_options_are_those_of_the_code() -> None:
    """The table has every parameter that is read or ignored, and the default of each choice."""
    table = rows("name", "values", "default", "rule")
    *read, ignored = [re.findall(r"`([\w_]+)(?:=true)?`", row[0]) for row in table]
    assert tuple(ignored) == parameters.IGNORED
    source = inspect.getsource(parameters)
    assert {name for names in read for name in names} == set(
        re.findall(r'form\.(?:text|choice|boolean|number)\("(\w+)"', source)
    )
    cells = {row[0]: row for row in table}
    assert cells["`modelId`"][1:3] == [", ".join(map("`{}`".format, parameters.MODELS)), "`mistv3`"]
    expected = f"{parameters.LOWEST_RATE_HZ} to {parameters.HIGHEST_RATE_HZ}"
    assert cells["`samplingRate`"][1:3] == [expected, str(DEFAULT_RATE_HZ)]


def test_commands_are_those_of_the_code() -> None:
    """The table has the three commands, as they are written."""
    table = rows("command", "while idle", "while speaking", "after `<EOS>`")
    events = [decode(row[0].strip("`")) for row in table]
    assert events == [[Flush()], [Clear()], [Eos()]]


async def test_the_session_happens(tmp_path: Path) -> None:
    """Frame by frame, the session of the overview gives as many bytes as it says."""
    [asked_for] = re.findall(r"^GET /ws\?(\S+)$", TEXT, re.MULTILINE)
    table = rows("client sends", "server sends", "because")
    with running_server(tmp_path, engines=("tone",)) as server:
        asked = dict(pair.split("=") for pair in asked_for.split("&"))
        async with connect(server, **asked) as socket, asyncio.timeout(PATIENCE_S):
            for message, answer, _ in table:
                await socket.send(json.loads(message.strip("`")))
                due = re.match(r"(\d+) bytes", answer)
                n_due = int(due[1]) if due else 0
                while n_due > 0:
                    n_due -= len(await socket.recv())
                assert n_due == 0
                assert due or answer == "nothing"
            end = await listen(socket)
    assert end.audio == b""
    assert table[-1][1].endswith(f", close {end.code}")


async def test_the_events_happen(tmp_path: Path) -> None:
    """Message by message, the session of the event channel is told as it says."""
    [example] = re.findall(r"^```events\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    expected = [json.loads(line) for line in example.splitlines()]
    told: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    with running_server(tmp_path, engines=("tone",)) as server:
        async with connect(server, events="json", colour="blue") as socket:
            await socket.send("Hi there. ")
            async with asyncio.timeout(PATIENCE_S):
                while not told or told[-1]["type"] != "done":
                    if isinstance(frame := await socket.recv(), str):
                        event = json.loads(frame)
                        (steps if event["type"] == "step" else told).append(event)
    joined = [*told[:3], told[3] | {"words": []}, told[-1]]
    for event in told[3:-1]:
        assert (event["type"], event["utterance"]) == ("words", 1)
        joined[3]["words"] += event["words"]
    for event in joined, expected:
        event[4]["first_audio_ms"] = 0
        event[4]["parts"] = dict.fromkeys(event[4]["parts"], 0)
    assert joined == expected
    assert sum(step["audio_ms"] for step in steps) == pytest.approx(expected[-1]["audio_ms"])
    assert all(step["work_ms"] >= 0 for step in steps)

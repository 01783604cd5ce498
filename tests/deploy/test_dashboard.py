"""The dashboard asks for metrics that a server really has."""

import json
import re
import urllib.request
from pathlib import Path

import pytest

from tests.support.server import running_server

DEPLOY = Path(__file__).parents[2] / "deploy"
_NAME = re.compile(r"\b(?:hoarfrost|process)_[a-z0-9_]+")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all samples that a server shows before anything has happened."""
    with running_server(tmp_path_factory.mktemp("data"), engines=("tone",)) as server:
        url = f"http://{server.address}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            text = answer.read().decode()
    told = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    return told | set(re.findall(r"^([a-z_]+)[ {]", text, re.MULTILINE))


def test_the_dashboard_asks_for_what_there_is(names: set[str]) -> None:
    """Every metric in every panel exists, and each panel has a title of its own."""
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text("utf-8"))
    panels = dashboard["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in _NAME.findall(target["expr"])
    }
    assert len(asked) > 10
    assert asked - names == set()
    assert len({panel["title"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)

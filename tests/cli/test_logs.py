"""The log: one line a fact, for people or for machines."""

import json
import logging
from collections.abc import Iterator

import pytest

from hoarfrost.cli.logs import ACCESS_LOGGER, configure_logging
from hoarfrost.server.settings import Settings

LOGGERS = ("", "hoarfrost.server", ACCESS_LOGGER, "uvicorn", "websockets", "asyncio")


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Put the process's logging back as it was."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_people_get_time_level_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of text has all that one looks for first."""
    configure_logging(Settings())
    logging.getLogger("hoarfrost.server").warning("engine %s is left out", "x")
    line = capsys.readouterr().err
    assert line[8:] == " WARNING hoarfrost.server: engine x is left out\n"


def test_machines_get_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of JSON has the same facts, and an exception in one field."""
    configure_logging(Settings(log_format="json"))
    try:
        raise ZeroDivisionError("ü")
    except ZeroDivisionError:
        logging.getLogger("hoarfrost.server").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry.pop("exception").splitlines()[-1] == "ZeroDivisionError: ü"
    assert entry == {"level": "error", "logger": "hoarfrost.server", "message": "failed"}


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (Settings(), {"info": {"hoarfrost.server", ACCESS_LOGGER}}),
        (Settings(access_log=False), {"info": {"hoarfrost.server"}}),
        (Settings(log_level="warning"), {"info": set()}),
        (Settings(log_level="error"), {"warning": set()}),
        (Settings(log_level="debug"), {"debug": {"hoarfrost.server", ACCESS_LOGGER}}),
    ],
)
def test_levels_are_as_set(
    settings: Settings, shown: dict[str, set[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The level holds for our own log; libraries only warn; sessions can be silenced."""
    configure_logging(settings)
    ((level, expected),) = shown.items()
    for name in LOGGERS[1:]:
        logging.getLogger(name).log(logging.getLevelName(level.upper()), "told by %s", name)
    lines = capsys.readouterr().err.splitlines()
    assert {line.rpartition(" ")[2] for line in lines} == expected

"""The machine that the tester runs on."""

import os
import sys

import pytest

from hoarfrost.loadtest.machine import SPARE_DESCRIPTORS, describe_machine, make_room

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")


def test_the_machine_is_told_in_a_line() -> None:
    """Cores, processor, Python and system; no name of the machine or its user."""
    line = describe_machine()
    assert "\n" not in line
    assert " cores of " in line
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in line
    assert os.uname().nodename not in line


@posix
def test_room_is_made_as_far_as_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The soft limit is raised when it is too low, never above the hard one, never lowered."""
    import resource  # noqa: PLC0415 -- not on every system

    limits = [(100, 1000)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limits.append(new))
    make_room(100 - SPARE_DESCRIPTORS)
    assert limits == [(100, 1000)]
    make_room(200)
    assert limits[-1] == (200 + SPARE_DESCRIPTORS, 1000)
    with pytest.raises(ValueError, match=r"^callers: expected at most 936, .* got 937$"):
        make_room(1000 - SPARE_DESCRIPTORS + 1)
    assert len(limits) == 2


@posix
def test_without_limits_there_is_always_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unlimited system is left alone."""
    import resource  # noqa: PLC0415 -- not on every system

    free = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _: (free, free))
    monkeypatch.setattr(resource, "setrlimit", None)
    make_room(1000)

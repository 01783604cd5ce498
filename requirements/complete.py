"""Completeness of a lock file: whatever its set needs is pinned in it, and installed as pinned.

    python requirements/complete.py SET [SET ...]

Run in an environment that holds the set. The requirements of the project, its extras and its build
backend are followed through the metadata of the installed packages; each must be pinned with
hashes, at a version that satisfies all who ask for it. What only other systems or other Pythons
need must be pinned too; it is not installed here, so what it needs itself is not followed.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
PROJECT = "hoarfrost"
SETS = {
    "serve": (),
    "dev": ("dev",),
    "lowest": ("dev",),
    "browser": ("dev", "browser"),
    "interop": ("dev", "interop"),
}
"""Extras of the project, by set."""
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


class Pin(NamedTuple):
    """One line of a lock file."""

    requirement: Requirement
    version: str
    n_hashes: int


def read_lock(path: Path) -> list[Pin]:
    """Return a lock file's pins; a package may have several, for several environments."""
    lines = re.sub(r"\\\n", " ", path.read_text("utf-8")).splitlines()
    pins = []
    for line in lines:
        text, *hashes = line.split(" --hash=")
        if text.strip() and not text.startswith("#"):
            requirement = Requirement(text)
            (specifier,) = requirement.specifier
            pins.append(Pin(requirement, specifier.version, len(hashes)))
    return pins


def environments() -> Iterator[dict[str, str]]:
    """Yield this machine's environment, then those of other systems and Pythons."""
    here = {name: str(value) for name, value in default_environment().items()}
    yield here
    for python in PYTHONS:
        for system in SYSTEMS.values():
            yield here | system | {"python_version": python, "python_full_version": f"{python}.0"}


def faults(name: str) -> Iterator[str]:
    """Yield, one line each, what a set lacks."""
    pins = read_lock(HERE / f"{name}.txt")
    for pin in pins:
        if not pin.n_hashes:
            yield f"{pin.requirement.name}: expected hashes, got none"
    build = [Requirement(line) for line in (HERE / "build.in").read_text("utf-8").split()]
    roots = [Requirement(f"{PROJECT}[{','.join(SETS[name])}]"), *build]
    for number, environment in enumerate(environments()):
        pinned = {
            canonicalize_name(pin.requirement.name): pin.version
            for pin in pins
            if pin.requirement.marker is None or pin.requirement.marker.evaluate(environment)
        }
        for wanted in _needed(roots, environment):
            yield from _unpinned(wanted, pinned, environment)
            if number == 0:
                yield from _uninstalled(wanted, pinned)


def _needed(roots: list[Requirement], environment: dict[str, str]) -> Iterator[Requirement]:
    """Yield whatever some requirements need, themselves included, as far as it is installed."""
    left = list(roots)
    seen: set[tuple[str, str, frozenset[str]]] = set()
    while left:
        wanted = left.pop()
        key = (canonicalize_name(wanted.name), str(wanted.specifier), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        yield wanted
        try:
            requires = distribution(wanted.name).requires or []
        except PackageNotFoundError:  # what another system needs is not installed here
            continue
        left += _needs(requires, wanted.extras, environment)


def _unpinned(
    wanted: Requirement, pinned: dict[str, str], environment: dict[str, str]
) -> Iterator[str]:
    version = pinned.get(canonicalize_name(wanted.name))
    if wanted.name == PROJECT:
        return
    if version is None:
        where = f"{environment['sys_platform']}, Python {environment['python_version']}"
        yield f"{wanted}: expected a pin for {where}, got none"
    elif not wanted.specifier.contains(version, prereleases=True):
        yield f"{wanted}: expected a pin that satisfies it, got {version}"


def _uninstalled(wanted: Requirement, pinned: dict[str, str]) -> Iterator[str]:
    try:
        version = distribution(wanted.name).version
    except PackageNotFoundError:
        yield f"{wanted}: expected it installed, got nothing"
        return
    expected = pinned.get(canonicalize_name(wanted.name), version)
    if version != expected:
        yield f"{wanted.name}: expected {expected} installed, got {version}"


def _needs(requires: list[str], extras: set[str], here: dict[str, str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, requires):
        marker = requirement.marker
        asked = extras or {""}
        if marker is None or any(marker.evaluate(here | {"extra": extra}) for extra in asked):
            yield requirement


def main(names: list[str]) -> int:
    """Check some sets; tell what is missing."""
    lines = [f"{name}.txt: {fault}" for name in names for fault in dict.fromkeys(faults(name))]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

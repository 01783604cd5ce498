"""The files that others' programs read, checked as far as that goes without those programs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hoarfrost.server.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_the_image_is_made_of_what_is_in_the_repository() -> None:
    """What is copied exists and is not kept out; nothing runs as root; the lock is used."""
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()}
    sources = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in kept, source
    assert lines.index("USER hoarfrost") < lines.index('CMD ["hoarfrost", "serve"]')
    assert any("--require-hashes" in line and "--no-deps" in line for line in lines)


@pytest.mark.parametrize("file", ["Dockerfile", "hoarfrost.service", "compose.yaml"])
def test_settings_are_named_rightly(file: str) -> None:
    """Every HOARFROST_ variable in them is a setting."""
    named = re.findall(r"HOARFROST_([A-Z_]+)=", (DEPLOY / file).read_text("utf-8"))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_unit_is_one(tmp_path: Path) -> None:
    """To systemd nothing is wrong with the unit."""
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("no systemd here")
    unit = tmp_path / "hoarfrost.service"
    program = shutil.which("true")
    text = (DEPLOY / "hoarfrost.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/hoarfrost/bin/hoarfrost", str(program)), "utf-8")
    done = subprocess.run(
        [verify, "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "hoarfrost.service" not in done.stderr, done.stderr

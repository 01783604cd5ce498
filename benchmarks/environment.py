"""Environments of their own for what the benchmarks need and hoarfrost does not."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment(name: str, *installs: Sequence[str]) -> Path:
    """Return the Python of ``.venv-NAME`` in the repository; make the environment if need be.

    Args:
        name: What it is for.
        installs: Arguments of ``pip install``, one run of pip each. When they, or a requirements
            file that they name, change, the environment is brought up to date.
    """
    folder = ROOT / f".venv-{name}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "installed"
    wanted = _fingerprint(installs)
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    print(f"installing into {folder.name} (once)", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
    for arguments in installs:
        command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
        subprocess.run([*command, *arguments], check=True, cwd=ROOT)
    stamp.write_text(wanted, "utf-8")
    return python


def _fingerprint(installs: Sequence[Sequence[str]]) -> str:
    files = [
        ROOT / word
        for arguments in installs
        for word in arguments
        if word.endswith((".txt", ".in"))
    ]
    lines = [" ".join(arguments) for arguments in installs]
    return "\n".join([*lines, *(file.read_text("utf-8") for file in files)])

"""A stock Piper voice becomes a package, once, in a process of its own.

In: ``NAME.onnx`` with ``NAME.onnx.json`` beside it. Out: a package in ``.cut/NAME/``. Invariant:
the package says what it was made from, so that another file of the same name is cut anew.

In a process of its own (`making`), because the model's memory goes with it, and whatever a broken
file does to a library that reads it is done there.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final, TypeAlias

from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.piper.package import CUT_FOLDER
from hoarfrost.engines.natural.piper.stock import card_of, config_of, read_stock
from hoarfrost.errors import VoiceFault

VERSION: Final = 4
"""Of what `making` writes; a package of another version is made anew."""
Stamp: TypeAlias = list[int]
"""Size and time of change of a file, as JSON has them."""

_MAKING: Final = "hoarfrost.engines.natural.piper.making"
_PATIENCE_S: Final = 600


def cut_folder(stock: Path, voices_dir: Path | None = None) -> Path:
    """Return where the package of a stock model lies: in the folder of voices, or beside it."""
    return (voices_dir or stock.parent) / CUT_FOLDER / stock.stem


def origin_of(stock: Path) -> dict[str, object]:
    """Return what a package depends on: the voice's own files.

    Raises:
        OSError: If its files are not there.
    """
    files: dict[str, Stamp | None] = {
        "model": _stamp(stock.stat()),
        "config": _stamp(config_of(stock).stat()),
        "card": None,
    }
    with contextlib.suppress(FileNotFoundError):  # a voice may have none
        files["card"] = _stamp(card_of(stock).stat())
    return {"version": VERSION, **files}


def _stamp(status: os.stat_result) -> Stamp:
    return [status.st_size, status.st_mtime_ns]


def is_imported(stock: Path, folder: Path | None = None) -> bool:
    """Return whether the package is there, whole, and was made from these very files."""
    folder = folder or cut_folder(stock)
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        graphs = manifest["graphs"].items()
        is_whole = all((folder / name).stat().st_size == n_bytes for name, n_bytes in graphs)
        return is_whole and bool(manifest["made_from"] == origin_of(stock))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def import_voice(stock: Path, folder: Path | None = None) -> None:
    """Make the package of a stock model.

    Args:
        stock: The model.
        folder: Where the package is to lie; None for `cut_folder`.

    Raises:
        VoiceFault: If the files are not a Piper voice that this engine can run; says why.
    """
    read_stock(stock)  # what is wrong with the configuration needs no process to be found
    # -P: what lies in the folder that the program was started from is none of its modules.
    command = [sys.executable, "-P", "-m", _MAKING, str(stock), str(folder or cut_folder(stock))]
    try:
        done = subprocess.run(  # noqa: S603 -- a module of ours, run by this interpreter
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceFault(
            f"voice {stock.stem}: expected to be prepared, got {type(error).__name__}"
        ) from error
    if done.returncode:
        killed = f"expected to be prepared, but that was ended by signal {-done.returncode}"
        lines = [killed] if done.returncode < 0 else done.stderr.strip().splitlines()
        reason = lines[-1] if lines else f"exit status {done.returncode}"
        raise VoiceFault(f"voice {stock.stem}: {reason.removeprefix(f'voice {stock.stem}: '):.300}")

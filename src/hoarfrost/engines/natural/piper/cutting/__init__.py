"""A stock Piper model, cut into a graph that reads text and one that makes sound, window by window.

Read in this order: `cutter` (what happens), `model` (a graph that can be asked), `structure` (where
its parts meet), `steps` (the way from frames to samples), `easing` (in the form that runs fastest),
`lags` and `carrying` (the same, carried from call to call; `writer` writes it down), `text` (the
other graph), `proof` (that nothing changed).

    python -m hoarfrost.engines.natural.piper.cutting STOCK.onnx FOLDER
"""

from hoarfrost.engines.natural.piper.cutting.cutter import (
    SOUND,
    TEXT,
    WHOLE,
    Cut,
    cut,
    replace_folder,
)

__all__ = ["SOUND", "TEXT", "WHOLE", "Cut", "cut", "replace_folder"]

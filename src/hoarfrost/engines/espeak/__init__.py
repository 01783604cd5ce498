"""espeak-ng's formant voices as speakers with names: the default voices of the server.

Read `engine` first. Needs the ``espeakng-loader`` wheel, which comes with hoarfrost.
"""

from hoarfrost.engines.espeak.engine import EspeakEngine

__all__ = ["EspeakEngine"]

"""Natural voices: a small neural source-filter voice, and a family of speakers made from it.

Read `engine` first. Needs onnxruntime and numpy; phonemes come from `hoarfrost.espeak`.
"""

from hoarfrost.engines.natural.engine import NaturalEngine

__all__ = ["NaturalEngine"]

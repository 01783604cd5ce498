"""Natural voices: those of the package `hibari-tts`, a cast made of its first, and Piper's.

Read `engine` first. Needs onnxruntime and numpy; phonemes for Piper's come from `hoarfrost.espeak`.
"""

from hoarfrost.engines.natural.engine import NaturalEngine

__all__ = ["NaturalEngine"]

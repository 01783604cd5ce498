"""The fixture voices, each cut once for all tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from hoarfrost.engines.natural.piper.cutting import Cut, cut

VOICES = Path(__file__).parents[4] / "fixture_voices"
NAMES = ("en_US-fixture-low", "de_DE-crowd-low", "en_GB-older-medium")


@pytest.fixture(scope="session")
def stock() -> Callable[[str], Path]:
    return lambda name: VOICES / f"{name}.onnx"


@pytest.fixture(scope="session")
def cut_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Cut, Path]]:
    root = tmp_path_factory.mktemp("cut")

    @cache
    def cut_voice(name: str) -> tuple[Cut, Path]:
        return cut(VOICES / f"{name}.onnx", root / name), root / name

    return cut_voice

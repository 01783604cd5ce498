"""The fixture voices as packages, made once for all tests, and an engine that speaks them."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.piper.importing import import_voice
from hoarfrost.synthesis.voice import Voice

FIXTURES = Path(__file__).parents[3] / "fixture_voices"
NAMES = ("en_US-fixture-low", "de_DE-crowd-low", "en_GB-older-medium")


def put(name: str, folder: Path) -> Path:
    """Copy a stock voice into a folder, its times included; return the model's path."""
    for file in (f"{name}.onnx", f"{name}.onnx.json"):
        shutil.copy2(FIXTURES / file, folder / file)
    return folder / f"{name}.onnx"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the fixture voices, all of them cut. Not to be changed."""
    folder = tmp_path_factory.mktemp("voices")
    with ThreadPoolExecutor() as pool:
        list(pool.map(import_voice, [put(name, folder) for name in NAMES]))
    return folder


@pytest.fixture
def copied(prepared: Path, tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of some of the fixture voices, cut already, that a test may change."""

    def copy(*names: str, folder: str = "voices") -> Path:
        target = tmp_path / folder
        target.mkdir(exist_ok=True)
        for name in names:
            put(name, target)
            shutil.copytree(prepared / ".cut" / name, target / ".cut" / name)
        return target

    return copy


@pytest.fixture(scope="session")
def engine(prepared: Path) -> Iterator[NaturalEngine]:
    engine = NaturalEngine(str(prepared))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def voices(engine: NaturalEngine) -> dict[str, Voice]:
    return {voice.name: voice for voice in engine.voices()}

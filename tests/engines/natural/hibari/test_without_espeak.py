"""English without espeak-ng: not loaded where it is installed, not missed where it is not."""

import subprocess
import sys

import pytest

_SPEAK = """
import sys
{before}
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import load_engines
engines = load_engines()
voice = next(voice for voice in engines.voices() if voice.name == "heart")
chunks = list(engines.synthesize(SynthesisRequest(voice, "It works, {{zyx}} and all.", "en-US")))
assert sum(len(chunk.samples) for chunk in chunks) > 24_000
{after}
engines.close()
"""
_BLOCKED = """
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == "espeakng_loader":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
"""


def speak(before: str = "", after: str = "") -> None:
    code = _SPEAK.format(before=before, after=after)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_installation_without_it_speaks() -> None:
    """The engine espeak is left out with its reason; the natural voice speaks."""
    after = (
        "assert engines.names == ('natural',), engines.names\n"
        "assert 'espeakng-loader' in engines.failures['espeak'], engines.failures"
    )
    speak(_BLOCKED, after)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_of_it_is_loaded_for_english() -> None:
    """A process that only has the natural engine maps no library of espeak-ng."""
    before = (
        "import hoarfrost.synthesis.registry as registry\n"
        "registry.ONLY_WHEN_NAMED = frozenset({'tone', 'espeak'})"
    )
    after = (
        "assert 'espeakng_loader' not in sys.modules\n"
        "assert 'espeak' not in open('/proc/self/maps').read()"
    )
    speak(before, after)

"""`python -m benchmarks.voice`: print where the Piper voice of real size lies; make it if need be.

Its weights may be random: what it costs does not depend on them.
"""

import os
import subprocess
from pathlib import Path

from benchmarks.environment import ROOT, environment

NAME = "en_US-random-medium"
VARIABLE = "HOARFROST_BENCH_VOICE"
_TORCH = "torch==2.13.0"


def find_or_make() -> Path:
    """Return the model's path: the one of the environment, one beside the repository, or made.

    Raises:
        FileNotFoundError: If the environment names a voice that is not there.
    """
    if named := os.environ.get(VARIABLE):
        if not is_voice(Path(named)):
            raise FileNotFoundError(
                f"{VARIABLE}: expected a model with its .onnx.json, got {named}"
            )
        return Path(named).absolute()
    made = ROOT / ".venv-voices" / f"{NAME}.onnx"
    for path in (ROOT.parent / "shared" / "voices" / made.name, made):
        if is_voice(path):
            return path
    # torch first, by its exact version: the packages after it would fetch its largest build.
    python = environment("voices", [_TORCH], ["piper-tts[train]", "onnx", "onnxruntime"])
    command = [str(python), "-m", "tests.voices.make_fixtures", "--real-size", str(made.parent)]
    subprocess.run(command, check=True, cwd=ROOT)
    return made


def is_voice(model: Path) -> bool:
    """Whether there is a model, and its configuration beside it."""
    return model.is_file() and model.with_name(f"{model.name}.json").is_file()


if __name__ == "__main__":
    print(find_or_make())

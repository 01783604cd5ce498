"""Cut one stock model: ``STOCK.onnx FOLDER``; one line of facts, or what is wrong and status 1."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hoarfrost.engines.natural.piper.cutting import cut
from hoarfrost.errors import VoiceFault


def main(arguments: Sequence[str]) -> int:
    """Cut a model; return the process's status."""
    if len(arguments) != 2:
        sys.stderr.write(f"expected a stock model and a folder, got {len(arguments)} arguments\n")
        return 2
    try:
        found = cut(Path(arguments[0]), Path(arguments[1]))
    except (VoiceFault, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"{json.dumps(asdict(found))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

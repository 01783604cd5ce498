"""Write the manifest of a hibari voice: ``python -m hoarfrost.engines.natural.hibari GRAPH NAME``.

For the voice that a release of `hibari-tts` ships with, and for anybody who has a graph of this
family. What the products of the decoder read is measured on sentences that hold every sound.
"""

import json
import sys
from pathlib import Path

from hoarfrost.engines.natural.hibari.installed import checksum_of, read_vocabulary
from hoarfrost.engines.natural.hibari.speaker import ranges_of
from hoarfrost.engines.natural.hibari.weights import read_weights


def main() -> None:
    """Print the fields that belong to a graph."""
    path, name = Path(sys.argv[1]), sys.argv[2]
    ranges = ranges_of(read_weights(path), read_vocabulary(), name)
    fields = {
        "graph": path.name,
        "sha256": checksum_of(path),
        "ranges": {key: [round(low, 2), round(high, 2)] for key, (low, high) in ranges.items()},
    }
    json.dump(fields, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

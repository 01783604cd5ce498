"""The installed package `hibari-tts`: where its files lie, and what is used of its code.

In: the import system. Out: paths, a vocabulary, a `FrontEnd`. Invariant: whatever is missing or
other than expected is told as a `VoiceFault`; nothing is imported before it is needed.
"""

import gzip
import hashlib
import importlib
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hoarfrost.engines.natural.hibari.packed import PackedObject
from hoarfrost.engines.natural.manifest import read_object
from hoarfrost.errors import VoiceFault

DISTRIBUTION: Final = "hibari-tts"
_PACKAGE: Final = "hibari"


def installed_file(*parts: str) -> Path:
    """Return a file of the package.

    Raises:
        VoiceFault: If the package is not installed.
    """
    try:
        spec = find_spec(_PACKAGE)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise VoiceFault(f"expected the package {DISTRIBUTION}, got none (pip install it)")
    return Path(spec.origin).parent.joinpath(*parts)


def read_vocabulary() -> Mapping[str, int]:
    """Return the ids of the symbols that every voice of the package knows.

    Raises:
        VoiceFault: If the package is not installed, or another one.
    """
    path = installed_file("assets", "vocab.json")
    ids = read_object(path, f"{DISTRIBUTION}: {path.name}")
    if not all(len(symbol) == 1 and isinstance(i, int) and i > 0 for symbol, i in ids.items()):
        raise VoiceFault(f"{DISTRIBUTION}: {path.name}: expected ids of single characters")
    return ids


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Raises:
        VoiceFault: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise VoiceFault(f"{path.name}: expected a graph, got {error.strerror}") from error


def open_front_end(*, is_british: bool) -> tuple[Any, Any]:
    """Return the package's converter from text to phonemes, and its class of tokens.

    Raises:
        VoiceFault: If they are not there, or do not load.
    """
    installed_file()
    try:
        module = importlib.import_module(f"{_PACKAGE}.g2p")
        token = importlib.import_module(f"{_PACKAGE}.g2p.token").Tok
        converter = _converter(module, is_british=is_british)
        # The network for words that are in no dictionary is loaded now, not in a sentence.
        _ = converter.tokenizer, converter.tagger, converter.phonemize_tokens, converter.oov
    except Exception as error:  # another release may fail in any way
        raise VoiceFault(
            f"{DISTRIBUTION}: expected its text front end, got {type(error).__name__}"
        ) from error
    return converter, token


def open_dictionaries(*, is_british: bool) -> tuple[PackedObject, PackedObject]:
    """Return the pronunciations that were checked, and those that were not.

    Raises:
        VoiceFault: If the package is not installed.
    """
    accent = "gb" if is_british else "us"
    gold, silver = (
        PackedObject(_unzipped(f"lexicon_{accent}_{part}.json.gz")) for part in ("gold", "silver")
    )
    return gold, silver


def _converter(module: Any, *, is_british: bool) -> Any:
    """Return the converter, put together with dictionaries that stay packed.

    Its own constructor would parse them: 0.5 s and 90 MB.
    """
    gold, silver = open_dictionaries(is_british=is_british)
    exceptions = installed_file("assets", "tokenizer_exceptions.json")
    converter = module.G2P.__new__(module.G2P)
    converter.lexicon = module.Lexicon(gold, silver, is_british)
    converter.tokenizer = module.Tokenizer(read_object(exceptions, exceptions.name))
    converter.tagger = module.Tagger(_tagger_model(_unzipped("tagger.json.gz")))
    vars(converter).update(british=is_british, unk="", _oov=None)
    return converter


def _tagger_model(text: bytes) -> dict[str, Any]:
    """Return the tables of the tagger; the largest, of weights, is the last one."""
    head, _, weights = text.rpartition(b',"weights":')
    return {**json.loads(head + b"}"), "weights": PackedObject(weights.removesuffix(b"}"))}


def _unzipped(name: str) -> bytes:
    return gzip.decompress(installed_file("assets", name).read_bytes())

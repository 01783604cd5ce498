"""A stock Piper voice as it is downloaded: ``NAME.onnx``, ``NAME.onnx.json``, maybe a model card.

In: the model's path. Out: the fields of a package's manifest that can be known without looking into
the model. Invariant: what the configuration of a voice does not say has Piper's own default.
"""

import re
from pathlib import Path
from typing import Any, Final

from hoarfrost.engines.natural.manifest import FORMAT, Fields, read_object
from hoarfrost.engines.natural.piper.package import FAMILY, ONLY
from hoarfrost.errors import VoiceFault
from hoarfrost.text import languages

NO_LICENCE: Final = "see the voice's source"
_ESPEAK: Final = "espeak"
_LETTERS: Final = "text"
_MAX_SPEAKERS: Final = 4096
"""The largest of the public voices has 904."""
_DATASET_LETTERS: Final = 60
_CARD_LETTERS: Final = 20_000
_LICENCE: Final = re.compile(r"^\W*licen[cs]e[ \t*]*:[ \t*]*([^\s*][^\n]{0,79})", re.I | re.M)


def config_of(stock: Path) -> Path:
    """Return where the configuration of a stock model lies."""
    return stock.with_name(f"{stock.name}.json")


def card_of(stock: Path) -> Path:
    """Return where the model card lies, if there is one: it tells the licence."""
    return stock.with_name(f"{stock.stem}.MODEL_CARD")


def read_stock(stock: Path) -> dict[str, Any]:
    """Read a voice's configuration, as Piper writes it.

    Raises:
        VoiceFault: If there is none, or it is of a kind that this engine cannot run.
    """
    path = config_of(stock)
    place = f"voice {stock.stem}: {path.name}"
    fields = Fields(read_object(path, place))
    try:
        return _manifest(stock, fields)
    except (ValueError, TypeError) as error:
        raise VoiceFault(f"{place}: {error}") from error


def _manifest(stock: Path, fields: Fields) -> dict[str, Any]:
    kind = fields.raw("phoneme_type") or _ESPEAK
    if kind not in (_ESPEAK, _LETTERS):
        raise ValueError(f"phoneme_type: expected {_ESPEAK} or {_LETTERS}, got {kind!r:.40}")
    inference = fields.inner("inference") if fields.has("inference") else Fields({})
    espeak_voice = fields.inner("espeak").word("voice") if kind == _ESPEAK else ""
    phonemes = fields.raw("phoneme_id_map")
    if not isinstance(phonemes, dict):
        raise ValueError(f"phoneme_id_map: expected ids by symbol, got {type(phonemes).__name__}")
    audio = fields.inner("audio")
    quality = str(audio.raw("quality") or "")
    speakers = _speakers(fields)
    ids = [ONLY] if speakers is None else sorted(speakers.values())
    default_speaker = fields.integer("default_speaker_id", 0, _MAX_SPEAKERS, default=ids[0])
    return {
        "format": FORMAT,
        "family": FAMILY,
        "name": re.sub(r"[^\w.-]+", "_", stock.stem.lower()),
        "licence": _licence(stock),
        "languages": [_language(stock, fields, espeak_voice)],
        "description": _description(fields, stock, quality),
        "quality": _printable(quality),
        "rate_hz": audio.integer("sample_rate", 8000, 48_000),
        "hop": fields.integer("hop_length", 16, 4096, default=256),
        "espeak_voice": espeak_voice,
        "phonemes": phonemes,
        "clusters": _clusters(fields.raw("vowel_clusters")),
        "noise_scale": inference.number("noise_scale", 0.0, 4.0, default=0.667),
        "noise_width": inference.number("noise_w", 0.0, 4.0, default=0.8),
        "length_scale": inference.number("length_scale", 0.05, 20.0, default=1.0),
        "speakers": speakers,
        "default_speaker": default_speaker if default_speaker in ids else ids[0],
    }


def _speakers(fields: Fields) -> dict[str, int] | None:
    """Return the speakers' ids by name, None for a voice with one speaker."""
    named = fields.raw("speaker_id_map") or {}
    if not isinstance(named, dict) or not all(type(id_) is int for id_ in named.values()):
        raise ValueError(f"speaker_id_map: expected ids by name, got {type(named).__name__}")
    count = fields.integer("num_speakers", 0, _MAX_SPEAKERS, default=len(named))
    if count <= 1:
        return None
    if not all(0 <= id_ < count for id_ in named.values()):
        raise ValueError(f"speaker_id_map: expected ids below num_speakers, {count}, got others")
    return named or {str(number): number for number in range(count)}


def _clusters(value: object) -> list[str]:
    """Return the symbols that are made of several: ``[["a", "ɪ"]]`` says that there is ``aɪ``."""
    if not value:
        return []
    if not isinstance(value, list) or not all(
        isinstance(each, list) and all(isinstance(part, str) for part in each) for each in value
    ):
        raise ValueError("vowel_clusters: expected a list of lists of symbols, got another value")
    return ["".join(each) for each in value if each]


def _language(stock: Path, fields: Fields, espeak_voice: str) -> str:
    """Return the voice's language as a BCP 47 tag: as it says, else by its name, else espeak's."""
    said = fields.inner("language").raw("code") if fields.has("language") else None
    named = re.match(r"[a-z]{2,3}_[A-Z]{2}(?=-)", stock.name)
    tags = (said, named and named[0], espeak_voice.partition("-x-")[0])
    for tag in tags:
        if isinstance(tag, str) and (tidy := languages.normalise(tag)):
            return tidy
    if not espeak_voice:
        raise ValueError("language: expected a code such as en_US, got none")
    return espeak_voice


def _description(fields: Fields, stock: Path, quality: str) -> str:
    dataset = str(fields.raw("dataset") or "")
    if not dataset:
        parts = stock.stem.split("-")
        dataset = parts[1] if len(parts) > 1 else stock.stem
    kind = f", {quality} quality" if quality else ""
    return _printable(f"The Piper voice {dataset[:_DATASET_LETTERS]}{kind}.")


def _licence(stock: Path) -> str:
    """Return what the model card says of the licence."""
    try:
        with card_of(stock).open("rb") as file:
            text = file.read(_CARD_LETTERS).decode(errors="replace")
    except OSError:
        return NO_LICENCE
    found = _LICENCE.search(text)
    return (_printable(found[1]).strip(" *_") if found else "") or NO_LICENCE


def _printable(text: str) -> str:
    """Return what may be shown on a terminal of a text from elsewhere."""
    return "".join(filter(str.isprintable, text))

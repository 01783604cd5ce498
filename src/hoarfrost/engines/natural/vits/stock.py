"""A stock Piper voice as it is downloaded: ``NAME.onnx``, ``NAME.onnx.json``, maybe a model card.

In: the model's path. Out: the fields of a package's manifest that can be known without looking into
the model. Invariant: what the configuration of a voice does not say has Piper's own default.
"""

import re
from pathlib import Path
from typing import Any, Final

from hoarfrost.engines.natural.manifest import FORMAT, Fields, read_object
from hoarfrost.engines.natural.vits.package import FAMILY
from hoarfrost.errors import VoiceFault

NO_LICENCE: Final = "see the voice's source"
_ESPEAK: Final = "espeak"
_LETTERS: Final = "text"


def config_of(stock: Path) -> Path:
    """Return where the configuration of a stock model lies."""
    return stock.with_name(f"{stock.name}.json")


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
    n_speakers = fields.integer("num_speakers", 0, 100_000, default=1)
    speakers = fields.raw("speaker_id_map") or {}
    if n_speakers > 1 and not speakers:
        speakers = {str(number): number for number in range(n_speakers)}
    phonemes = fields.raw("phoneme_id_map")
    if not isinstance(phonemes, dict):
        raise ValueError(f"phoneme_id_map: expected ids by symbol, got {type(phonemes).__name__}")
    audio = fields.inner("audio")
    quality = str(audio.raw("quality") or "")
    return {
        "format": FORMAT,
        "family": FAMILY,
        "name": re.sub(r"[^\w.-]+", "_", stock.stem.lower()),
        "licence": _licence(stock),
        "languages": [_language(stock, fields, espeak_voice)],
        "description": _description(fields, stock, quality),
        "quality": quality,
        "rate_hz": audio.integer("sample_rate", 8000, 48_000),
        "espeak_voice": espeak_voice,
        "phonemes": phonemes,
        "noise_scale": inference.number("noise_scale", 0.0, 4.0, default=0.667),
        "noise_width": inference.number("noise_w", 0.0, 4.0, default=0.8),
        "length_scale": inference.number("length_scale", 0.05, 20.0, default=1.0),
        "speakers": speakers if n_speakers > 1 else None,
    }


def _language(stock: Path, fields: Fields, espeak_voice: str) -> str:
    """Return the voice's language as a BCP 47 tag: as it says, else by its name, else espeak's."""
    if fields.has("language"):
        code = str(fields.inner("language").raw("code") or "")
        if code:
            return code.replace("_", "-")
    found = re.match(r"([a-z]{2,3})_([A-Z]{2})-", stock.name)
    if found:
        return f"{found[1]}-{found[2]}"
    if not espeak_voice:
        raise ValueError("language: expected a code such as en_US, got none")
    return espeak_voice


def _description(fields: Fields, stock: Path, quality: str) -> str:
    dataset = str(fields.raw("dataset") or "")
    if not dataset:
        parts = stock.stem.split("-")
        dataset = parts[1] if len(parts) > 1 else stock.stem
    kind = f", {quality} quality" if quality else ""
    return f"The Piper voice {dataset[:60]}{kind}."


def _licence(stock: Path) -> str:
    """Return what the model card says of the licence."""
    for card in (stock.with_name(f"{stock.stem}.MODEL_CARD"), stock.with_name("MODEL_CARD")):
        try:
            text = card.read_text("utf-8", errors="replace")[:20_000]
        except OSError:
            continue
        found = re.search(r"licen[cs]e\W*:\W*([^\n]{1,80})", text, re.IGNORECASE)
        if found and found[1].strip():
            return found[1].strip().strip("*_ ")
    return NO_LICENCE

"""A page to listen to, and spectrograms to look at: the same sentence by every voice, side by side.

Comes in: the folder of `evaluate`. Goes out: `index.html` and `spectrograms/` in it; the page names
the sounds by relative paths, so the folder can be served or copied as it is.
"""

import html
import json
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.synthesis.engine import SynthesisRequest
from training.config import RATE_HZ
from training.features import Array
from training.sentences import EVERYDAY

FORMANT = "formant"
COPY = "copy-synthesis"
_SECONDS = 3.0
_RANGE_DB = 70.0
_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Voices side by side</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .3rem .6rem; text-align: left }
tr:nth-child(even) { background: #8881 } audio { height: 2rem; width: 14rem } img { width: 100% }
</style>
"""


def formant_speaker() -> Any:
    """A function that speaks a text with the formant engine's first voice of U.S. English."""
    engine = EspeakEngine()
    voice = next(v for v in engine.voices() if "en-US" in v.languages)

    def say(text: str) -> Array:
        request = SynthesisRequest(voice=voice, text=text, language="en-US")
        return np.concatenate([chunk.samples for chunk in engine.synthesize(request)])

    return say


def read_samples(path: Path) -> Array:
    """Samples of a 16-bit mono file, in [-1, 1]."""
    with wave.open(str(path), "rb") as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return (pcm / 32_768).astype(np.float32)


def draw_spectrograms(path: Path, sounds: Sequence[tuple[str, Array]]) -> None:
    """The first seconds of several sounds, one under the other, 0 … 11 kHz."""
    import matplotlib as mpl  # noqa: PLC0415 - only this function draws, and it is slow to load

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of backend

    figure, axes = plt.subplots(len(sounds), 1, figsize=(16, 3 * len(sounds)), squeeze=False)
    for axis, (name, samples) in zip(axes[:, 0], sounds, strict=True):
        part = np.pad(samples[: int(_SECONDS * RATE_HZ)], 256)
        windows = np.lib.stride_tricks.sliding_window_view(part, 512)[::64] * np.hanning(512)
        level = 20 * np.log10(np.abs(np.fft.rfft(windows, axis=1)) + 1e-4)
        seconds = len(part) / RATE_HZ
        extent = (0.0, seconds, 0.0, RATE_HZ / 2000)
        top = float(np.percentile(level, 99.8))
        limits = {"vmin": top - _RANGE_DB, "vmax": top}
        axis.imshow(level.T, origin="lower", aspect="auto", cmap="magma", extent=extent, **limits)
        axis.set_title(name, loc="left", fontsize=9)
    figure.tight_layout(pad=0.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=70)
    plt.close(figure)


def write_page(folder: Path, texts: dict[str, str], packages: Sequence[str]) -> None:
    """Write `index.html`: held-out sentences by all voices, everyday sentences by those with text.

    Args:
        folder: That `evaluate` wrote to.
        texts: Held-out sentences by the name of their recording.
        packages: Names of the measured packages.
    """
    recorded = ("natural", COPY, *packages, FORMANT)
    parts = [_HEAD, "<h1>Voices side by side</h1>", _figures(folder)]
    parts.append("<h2>Held-out sentences</h2>")
    parts.append(_table(folder, list(texts.items()), recorded))
    parts.append("<h2>Everyday sentences</h2>")
    everyday = [(f"everyday-{i:02d}", text) for i, text in enumerate(EVERYDAY)]
    parts.append(_table(folder, everyday, (*packages, FORMANT)))
    parts.append("<h2>Spectrograms</h2>")
    parts += [
        f'<figure><img src="spectrograms/{name}.png" alt="{html.escape(texts[name])}"></figure>'
        for name in texts
        if (folder / "spectrograms" / f"{name}.png").exists()
    ]
    (folder / "index.html").write_text("\n".join(parts) + "\n</html>\n", encoding="utf-8")


def _figures(folder: Path) -> str:
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    rows = list(dict.fromkeys(key for column in figures.values() for key in column))
    head = "".join(f"<th>{html.escape(name)}" for name in figures)
    body = []
    for row in rows:
        cells = (f"{column[row]:.3f}" if row in column else "" for column in figures.values())
        body.append(f"<tr><td>{row}<td>" + "<td>".join(cells))
    return f"<table><tr><th>{head}\n" + "\n".join(body) + "</table>"


def _table(folder: Path, sentences: list[tuple[str, str]], voices: Sequence[str]) -> str:
    lines = ["<table><tr><th>" + "".join(f"<th>{html.escape(v)}" for v in voices)]
    for name, text in sentences:
        cells = [
            f'<td><audio controls preload="none" src="{voice}/{name}.wav"></audio>'
            if (folder / voice / f"{name}.wav").exists()
            else "<td>"
            for voice in voices
        ]
        lines.append(f"<tr><td>{html.escape(text)}" + "".join(cells))
    return "\n".join(lines) + "</table>"

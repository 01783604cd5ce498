"""How the voices sound, as networks judge it, and how fast they speak.

Every voice says the same everyday sentences. Two networks that were trained on listeners' opinions
say how natural that is (DistillMOS, 1 to 5; DNSMOS, 1 to 5), a recogniser how well it is understood
(words that Whisper writes down otherwise). They run in an environment of their own.

The sound is kept: a page beside it plays the first sentences of every voice, for ears.
"""

import html
import json
import re
import statistics
import subprocess
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.environment import ROOT, environment
from benchmarks.measure import Figure
from benchmarks.sentences import everyday
from hoarfrost.cli.casting import open_catalogue
from hoarfrost.server.configuration import load_settings
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import Engines
from hoarfrost.synthesis.voice import Voice

PACKAGE: Final = "hibari-tts"
"""The package's own code, whole sentences, beside ours."""
BESIDE: Final = ("ambrose",)
"""Of espeak-ng, for comparison."""
SENTENCES: Final = 40
LEAST_MOS: Final = 3.8
"""Of a speaker that is embedded."""
MOST_ERRORS: Final = 3.0
"""Points of word errors beyond those of the first voice."""
_PLAYED: Final = 4
_FOLDER: Final = ROOT / "build" / "voices"

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, spoken and judged.

    Attributes:
        text: What was to be said.
        file: Its sound.
        cpu: Seconds of CPU that it took.
        speech: Seconds that it lasts.
        mos: DistillMOS.
        dnsmos: DNSMOS, overall.
        heard: What the recogniser wrote down.
    """

    text: str
    file: Path
    cpu: float
    speech: float
    mos: float = 0.0
    dnsmos: float = 0.0
    heard: str = ""


def run(
    names: Sequence[str], n_sentences: int, *, tell: Callable[[str], None]
) -> Iterator[tuple[str, list[Figure]]]:
    """Speak and judge; one report a voice.

    Args:
        names: Of voices; empty for the embedded natural ones and those they are compared with.
        n_sentences: That each says.
        tell: Is told how it goes on.
    """
    texts = everyday()[:n_sentences]
    settings = load_settings().settings
    with open_catalogue(settings) as (engines, catalogue):
        embedded = [
            voice.name
            for voice in catalogue.voices()
            if voice.engine == "natural" and voice.language == "en-US" and "added" not in voice.tags
        ]
        first = settings.default_speaker
        wanted = list(dict.fromkeys(names or [first, PACKAGE, *embedded, *BESIDE]))
        spoken = {}
        for name in wanted:
            tell(f"{name}: speaking")
            found = catalogue.find(name)
            if name != PACKAGE and found is None:
                raise SystemExit(f"--speaker: expected a voice of `hoarfrost voices`, got {name}")
            speak = _package() if found is None else _ours(engines, found)
            spoken[name] = _spoken(name, speak, texts)
    errors: dict[str, float] = {}
    for name, judged in _judged(spoken, tell):
        errors[name] = word_errors([(each.text, each.heard) for each in judged])
        beyond = errors[name] - errors.get(first, errors[name])
        yield name, _figures(judged, errors[name], beyond, is_ours=name in embedded)
    page = _write_page(spoken)
    tell(f"to listen to: {page}")


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: small letters, without marks."""
    return re.sub(r"[^a-z' ]+", " ", text.lower().replace("’", "'")).split()


def word_errors(pairs: Sequence[tuple[str, str]]) -> float:
    """Return words that were heard otherwise, left out or added, in per cent of those said."""
    n_said = sum(len(words(said)) for said, _ in pairs)
    wrong = sum(_edits(words(said), words(heard)) for said, heard in pairs)
    return 100 * wrong / max(1, n_said)


def _edits(one: Sequence[str], other: Sequence[str]) -> int:
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, found in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != found))
    return row[-1]


def _ours(engines: Engines, voice: Voice) -> Callable[[str, int], tuple[Samples, int]]:
    def speak(text: str, seed: int) -> tuple[Samples, int]:
        request = SynthesisRequest(voice, text, voice.language, seed=seed)
        chunks = [chunk.samples for chunk in engines.synthesize(request)]
        return np.concatenate(chunks), voice.rate_hz

    return speak


def _package() -> Callable[[str, int], tuple[Samples, int]]:
    from hibari import Hibari  # noqa: PLC0415 -- only where it is measured

    package = Hibari()
    return lambda text, seed: (package(text, seed=seed), package.sample_rate)


def _spoken(
    name: str, speak: Callable[[str, int], tuple[Samples, int]], texts: Sequence[str]
) -> list[Heard]:
    folder = _FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    speak("Ready.", 0)
    spoken = []
    for seed, text in enumerate(texts):
        before = time.process_time()
        samples, rate_hz = speak(text, seed)
        cpu = time.process_time() - before
        file = folder / f"{seed:03}.wav"
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate_hz)
            out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        spoken.append(Heard(text, file, cpu, len(samples) / rate_hz))
    return spoken


def _judged(
    spoken: dict[str, list[Heard]], tell: Callable[[str], None]
) -> Iterator[tuple[str, list[Heard]]]:
    python = environment("voices", ["-r", "requirements/voices.in"])
    command = [str(python), str(ROOT / "benchmarks" / "judge.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as judge:
        assert judge.stdin is not None
        assert judge.stdout is not None
        for name, takes in spoken.items():
            tell(f"{name}: listening")
            judged = []
            for take in takes:
                print(take.file, file=judge.stdin, flush=True)
                opinion: dict[str, Any] = json.loads(judge.stdout.readline() or "{}")
                if not opinion:
                    raise SystemExit("the judging networks ended; their output is above")
                judged.append(Heard(take.text, take.file, take.cpu, take.speech, **opinion))
            yield name, judged


def _figures(
    judged: Sequence[Heard], errors: float, beyond: float, *, is_ours: bool
) -> list[Figure]:
    opinions = [each.mos for each in judged]
    mean = statistics.mean(opinions)
    figures = [
        Figure("DistillMOS, mean", mean, ""),
        Figure("DistillMOS, lowest tenth", float(np.percentile(opinions, 10)), ""),
        Figure("DNSMOS overall, mean", statistics.mean(each.dnsmos for each in judged), ""),
        Figure("word errors", errors, "%"),
        Figure(
            "× real time by CPU",
            sum(each.speech for each in judged) / sum(each.cpu for each in judged),
            "x",
        ),
    ]
    if is_ours:
        figures += [
            Figure(f"DistillMOS short of {LEAST_MOS}", max(0.0, LEAST_MOS - mean), "", 0.0),
            Figure("word errors beyond the first voice's", beyond, "%", MOST_ERRORS),
        ]
    return figures


def _write_page(spoken: dict[str, list[Heard]]) -> Path:
    rows = []
    for name, takes in spoken.items():
        players = "".join(
            f'<td><audio controls preload="none" src="{name}/{take.file.name}"></audio></td>'
            for take in takes[:_PLAYED]
        )
        rows.append(f"<tr><th>{html.escape(name)}</th>{players}</tr>")
    said = next(iter(spoken.values()))[:_PLAYED]
    head = "".join(f"<th>{html.escape(take.text)}</th>" for take in said)
    page = _FOLDER / "index.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8"><title>The voices</title>'
        f"<table><tr><td></td>{head}</tr>{''.join(rows)}</table>",
        "utf-8",
    )
    return page

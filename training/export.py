"""Networks → a voice package: two graphs with integer products, and the manifest.

Comes in: checkpoints of `train_joint` and `train_prosody`, and the gains of `calibrate`. Goes out:

* `text.onnx`: tokens, speed and pitch offset of each → frame states, pitch, voicing, durations;
* `dec.onnx`: the next frames → harmonic log gain, noise log gain, phase correction;
* `voice.json`: what the runtime must know (rate, hop, windows, phonemes, licence …).

The large products get integer weights and inputs (`quantisation`); all other arithmetic is in
single precision, its weights stored as half.
"""

import argparse
import json
import tempfile
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from training import checkpoint
from training.acoustic import Acoustic
from training.calibration import Gains, apply_gains
from training.carry import carry
from training.config import (
    CONTEXT_FRAMES,
    HOP,
    N_FEATURES,
    N_FFT,
    NOISE_N_FFT,
    RATE_HZ,
    ProsodySize,
)
from training.layers import Block, DepthwiseConv
from training.phonemes import GAPS
from training.progress import say
from training.prosody import Prosody
from training.quantisation import quantise
from training.rehearsal import rehearse
from training.vocoder import Vocoder

PITCH_SCALE = 1.3
"""Predicted pitch is a mean of many readings, so flatter than any; this gives half of it back."""
_SHORTEST_GAP = 4.0
"""Word gaps predicted shorter than this many frames last no time."""
_OPSET = 17
_BIG = 256
"""Arrays with more values than this are stored in half precision."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the manifest says of the voice."""

    name: str
    licence: str
    source: str
    languages: tuple[str, ...] = ("en-US",)


class TextGraph(nn.Module):
    """Tokens → frames."""

    is_mark: Tensor
    is_gap: Tensor

    def __init__(self, acoustic: Acoustic, prosody: Prosody, symbols: list[str]) -> None:
        super().__init__()
        self.acoustic, self.prosody = acoustic, prosody
        self.register_buffer("is_mark", torch.tensor([float(s in GAPS) for s in symbols]))
        self.register_buffer("is_gap", torch.tensor([float(s == " ") for s in symbols]))

    def forward(
        self, ids: Tensor, stress: Tensor, features: Tensor, speed: Tensor, pitch: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Frame states, pitch, voicing; frames of each token. Batch of one."""
        states = self.acoustic.encode(ids, stress, features)
        log_length, token_pitch = self.prosody(ids, stress, features)
        token_pitch = token_pitch * PITCH_SCALE + pitch
        durations = self._durations(ids, log_length, speed)
        token, place, length = self._layout(durations)
        frames = self.acoustic.spread(states, token_pitch, (token, place, length))
        contour, voicing = self.acoustic.contour(frames)
        lz = contour + torch.gather(token_pitch, 1, token)
        return frames, lz, (voicing > 0).to(torch.float32), durations

    def _durations(self, ids: Tensor, log_length: Tensor, speed: Tensor) -> Tensor:
        """Whole frames; rounding errors do not add up, and every phoneme keeps one."""
        phoneme = 1.0 - self.is_mark[ids]
        length = torch.maximum(torch.exp(log_length) - 1.0, phoneme)
        skipped = (self.is_gap[ids] > 0) & (length < _SHORTEST_GAP)
        length = torch.where(skipped, torch.zeros_like(length), length) / speed
        ends = torch.round(torch.cumsum(length, 1))
        starts = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], 1)
        return torch.maximum(ends - starts, phoneme)

    @staticmethod
    def _layout(durations: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        ends = torch.cumsum(durations, 1)[0]
        # A tensor, not a number: the tracer would bake a number in.
        n_frames = ends[-1].to(torch.int64)
        t = torch.arange(n_frames).to(torch.float32)  # type: ignore[call-overload]
        # A frame's token: as many as have ended by then.
        begun = torch.zeros(n_frames + 1, dtype=torch.int64)  # type: ignore[call-overload]
        begun = begun.scatter_add(0, ends[:-1].to(torch.int64), torch.ones_like(ends[:-1]).long())
        token = torch.cumsum(begun[:-1], 0)
        length = durations[0][token]
        place = (t - (ends - durations[0])[token] + 0.5) / length
        return token[None], place[None], length[None]


class DecoderGraph(nn.Module):
    """Frames → curves."""

    def __init__(self, acoustic: Acoustic, vocoder: Vocoder) -> None:
        super().__init__()
        self.acoustic, self.vocoder = acoustic, vocoder

    def forward(self, frames: Tensor, lz: Tensor, vu: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Harmonic gain, noise gain, phase correction of a window."""
        mel = self.acoustic.decode(frames, lz, vu)
        log_f0 = lz * self.acoustic.pitch_std + self.acoustic.pitch_mean
        curves: tuple[Tensor, Tensor, Tensor] = self.vocoder.curves(mel, log_f0, vu)
        return curves


def networks_of(
    joint: dict[str, Any], prosody: dict[str, Any]
) -> tuple[Acoustic, Vocoder, Prosody]:
    """Networks from the checkpoints of `train_joint` and `train_prosody`, ready to speak."""
    n = len(joint["symbols"])
    acoustic, vocoder = Acoustic(n), Vocoder()
    predictor = Prosody(n, ProsodySize(**prosody["size"]))
    acoustic.load_state_dict(joint["acoustic"])
    vocoder.load_state_dict(joint["vocoder"])
    predictor.load_state_dict(prosody["prosody"])
    return acoustic.eval(), vocoder.eval(), predictor.eval()


def write_package(
    folder: Path,
    networks: tuple[Acoustic, Vocoder, Prosody],
    symbols: list[str],
    labels: Labels,
) -> None:
    """Trace the graphs and write the three files."""
    acoustic, vocoder, prosody = networks
    folder.mkdir(parents=True, exist_ok=True)
    _trace_text(acoustic, prosody, symbols, folder / "text.onnx")
    trace_decoder(acoustic, vocoder, folder / "dec.onnx")
    # Carried, so that the runtime computes no frame twice: see `carry`.
    carry(folder / "dec.onnx", folder / "dec.onnx")
    manifest = manifest_of(acoustic, symbols, labels)
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / "voice.json").write_text(text, encoding="utf-8")
    for file, feeds in zip(("text.onnx", "dec.onnx"), rehearse(folder), strict=True):
        quantise(folder / file, feeds)


def _trace_text(acoustic: Acoustic, prosody: Prosody, symbols: list[str], path: Path) -> None:
    graph, n = TextGraph(acoustic, prosody, symbols).eval(), 40
    per_token = torch.ones(1, n)
    inputs = (
        torch.randint(1, len(symbols), (1, n)),
        torch.randint(0, 3, (1, n)),
        torch.zeros(1, n, N_FEATURES),
        per_token,
        per_token * 0,
    )
    axes = (
        {"ids": "N", "stress": "N", "feats": "N", "speed": "N", "pitch": "N"},
        {"frames": "T", "lz": "T", "vu": "T", "dur": "N"},
    )
    _trace(graph, inputs, path, axes)


def trace_decoder(acoustic: Acoustic, vocoder: Vocoder, path: Path) -> None:
    """Write the plain decoder graph: a stretch of frames → their curves, wrong near its ends."""
    graph, n = DecoderGraph(acoustic, vocoder).eval(), 80
    inputs = (torch.randn(1, n, acoustic.size.encoder), torch.randn(1, n), torch.ones(1, n))
    axes = ({"frames": "T", "lz": "T", "vu": "T"}, {"h": "T", "n": "T", "ph": "T"})
    _trace(graph, inputs, path, axes)


def manifest_of(acoustic: Acoustic, symbols: list[str], labels: Labels) -> dict[str, Any]:
    """The contents of `voice.json`."""
    return {
        "format": 1,
        "family": "source-filter",
        "name": labels.name,
        "licence": labels.licence,
        "source": labels.source,
        "languages": list(labels.languages),
        "speakers": [labels.name],
        "rate_hz": RATE_HZ,
        "hop": HOP,
        "n_fft": N_FFT,
        "noise_n_fft": NOISE_N_FFT,
        "context_frames": CONTEXT_FRAMES,
        "pitch": {
            "mean_log_hz": round(float(acoustic.pitch_mean), 6),
            "std_log_hz": round(float(acoustic.pitch_std), 6),
        },
        "phonemes": symbols,
    }


def _prepare_for_tracing(graph: nn.Module) -> None:
    for module in graph.modules():
        if isinstance(module, (Acoustic, DepthwiseConv)):
            module.exporting = True
        if isinstance(module, Block):
            module.dropout = 0.0
            module.fold()
        if isinstance(module, Vocoder):
            module.frozen = module.noise_map()


def _trace(
    graph: nn.Module,
    inputs: tuple[Tensor, ...],
    path: Path,
    axes: tuple[dict[str, str], dict[str, str]],
) -> None:
    """Trace with dynamic lengths, then halve the weights; `axes` names what is long as what."""
    _prepare_for_tracing(graph)
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad(), warnings.catch_warnings():
        # The exporter that replaces this one cannot take lengths that depend on data, ours do.
        warnings.simplefilter("ignore", DeprecationWarning)
        single = Path(scratch) / path.name
        torch.onnx.export(
            graph,
            inputs,
            str(single),
            input_names=list(axes[0]),
            output_names=list(axes[1]),
            dynamic_axes={name: {1: axis} for side in axes for name, axis in side.items()},
            opset_version=_OPSET,
            dynamo=False,
        )
        onnx.save(_halved(onnx.load(str(single))), str(path))


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large arrays in half precision, each with a cast in front of its use."""
    casts = []
    for tensor in list(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) <= _BIG:
            continue
        half = numpy_helper.from_array(
            numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}_half"
        )
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(half)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def main() -> None:
    """Read the command line and write a package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("joint", type=Path, help="a voice saved by train_joint")
    parser.add_argument("prosody", type=Path, help="checkpoint of train_prosody")
    parser.add_argument("out", type=Path, help="folder of the package")
    parser.add_argument("--gains", type=Path, help="file of training.calibrate")
    parser.add_argument("--name", required=True)
    parser.add_argument("--licence", required=True, help="SPDX identifier, as CC0-1.0")
    parser.add_argument("--source", required=True, help="where the recordings come from")
    told = parser.parse_args()
    joint = checkpoint.load(told.joint)
    networks = networks_of(joint, checkpoint.load(told.prosody))
    if told.gains:
        gains = Gains(**json.loads(told.gains.read_text(encoding="utf-8")))
        apply_gains(networks[1], gains, networks[0].mel_mean)
    labels = Labels(told.name, told.licence, told.source)
    write_package(told.out, networks, joint["symbols"], labels)
    size = sum(f.stat().st_size for f in told.out.iterdir())
    say(f"{told.out.name}: {size / 1e6:.2f} MB, {asdict(labels)}")


if __name__ == "__main__":
    main()

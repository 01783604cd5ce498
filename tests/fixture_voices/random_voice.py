"""Piper voices with random weights: the real architecture in any size, sounding like steady noise.

In: sizes and a seed. Out: ``NAME.onnx`` and ``NAME.onnx.json``. Invariant: what Piper's own export
leads to, the graph does too; only the numbers in it are not learnt from anyone.

Needs ``torch`` and ``piper-tts[train]``, so it runs in an environment of its own (see README.md);
no test imports it.
"""

import json
import math
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
import torch
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from piper.train.vits.models import SynthesizerTrn
from torch import nn

N_SYMBOLS = 256
NOISE_SCALE = 0.667
NOISE_WIDTH = 0.8
PHONEME_MS = 80
LEVEL_RMS = 0.15
OPSET = 15  # of Piper's export


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a voice is made of. The sizes that stand here are those of Piper's medium quality.

    Attributes:
        name: As Piper names voices: ``de_DE-crowd-low``.
        espeak_voice: Whose phonemes it takes.
        rate_hz: Of the audio; 22 050 or, for low quality, 16 000.
        speakers: Names of several speakers; empty for one.
        resblock: The decoder's kind of residual block: 2 up to medium quality, 1 for high.
    """

    name: str
    espeak_voice: str
    seed: int
    rate_hz: int = 22_050
    speakers: tuple[str, ...] = ()
    speaker_channels: int = 512
    hidden_channels: int = 192
    filter_channels: int = 768
    n_layers: int = 6
    resblock: str = "2"
    resblock_kernel_sizes: tuple[int, ...] = (3, 5, 7)
    resblock_dilation_sizes: tuple[tuple[int, ...], ...] = ((1, 2), (2, 6), (3, 12))
    upsample_rates: tuple[int, ...] = (8, 8, 4)
    upsample_initial_channel: int = 256
    upsample_kernel_sizes: tuple[int, ...] = (16, 16, 8)
    language: Mapping[str, str] = field(default_factory=dict)

    @property
    def quality(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("-")[2]

    @property
    def hop_length(self) -> int:
        """Samples a frame."""
        return math.prod(self.upsample_rates)


class _Voice(SynthesizerTrn):
    """The generator with what a voice's graph takes and gives as its ``forward``."""

    def forward(
        self,
        ids: torch.Tensor,
        lengths: torch.Tensor,
        scales: torch.Tensor,
        speaker: torch.Tensor | None = None,
    ) -> torch.Tensor:
        audio, *_ = self.infer(
            ids,
            lengths,
            sid=speaker,
            noise_scale=scales[0],
            length_scale=scales[1],
            noise_scale_w=scales[2],
        )
        return audio.unsqueeze(1)


def make_voice(recipe: Recipe, folder: Path) -> Path:
    """Write a voice with random weights into a folder; return the model's path."""
    with torch.no_grad(), warnings.catch_warnings():
        # torch calls its older exporter and weight norm deprecated; Piper's export uses both.
        warnings.simplefilter("ignore")
        torch.manual_seed(recipe.seed)
        voice = _voice(recipe)
        _scatter(voice)
        _set_pace(voice, recipe)
        _set_level(voice, recipe)
        voice.dec.remove_weight_norm()
        path = folder / f"{recipe.name}.onnx"
        _export(voice, recipe, path)
    write_config(recipe, path.with_name(f"{path.name}.json"))
    return path


def _voice(recipe: Recipe) -> _Voice:
    return _Voice(
        n_vocab=N_SYMBOLS,
        spec_channels=513,
        segment_size=32,
        inter_channels=recipe.hidden_channels,
        hidden_channels=recipe.hidden_channels,
        filter_channels=recipe.filter_channels,
        n_heads=2,
        n_layers=recipe.n_layers,
        kernel_size=3,
        p_dropout=0.1,
        resblock=recipe.resblock,
        resblock_kernel_sizes=recipe.resblock_kernel_sizes,
        resblock_dilation_sizes=recipe.resblock_dilation_sizes,
        upsample_rates=recipe.upsample_rates,
        upsample_initial_channel=recipe.upsample_initial_channel,
        upsample_kernel_sizes=recipe.upsample_kernel_sizes,
        n_speakers=max(1, len(recipe.speakers)),
        gin_channels=recipe.speaker_channels if recipe.speakers else 0,
    ).eval()


def _scatter(voice: _Voice) -> None:
    """Fill the weights that training starts at zero, or too small to be heard.

    Left alone, the flow would do nothing, all durations would be one, and the sound would be
    silence: a fault in any of these parts would not show.
    """
    for module in voice.flow.modules():
        if hasattr(module, "post"):
            _fill(module.post, gain=1.0)
    for module in voice.dp.flows.modules():
        if hasattr(module, "proj"):
            _fill(module.proj, gain=2.0)
    for module in voice.dec.modules():
        if isinstance(module, nn.ConvTranspose1d):
            taps = module.kernel_size[0] / module.stride[0]
            _spread(module, n_inputs=module.in_channels * taps, gain=1.4)
        elif isinstance(module, nn.Conv1d):
            _fill(module, gain=1.0)
    if hasattr(voice.dp, "cond"):
        _fill(voice.dp.cond, gain=0.2)  # else one speaker talks six times as fast as another


def _fill(convolution: nn.Conv1d, gain: float) -> None:
    n_inputs = convolution.in_channels * convolution.kernel_size[0] / convolution.groups
    _spread(convolution, n_inputs=n_inputs, gain=gain)


def _spread(convolution: nn.Module, *, n_inputs: float, gain: float) -> None:
    """Draw weights that keep the level of what goes through, times the gain."""
    weight = torch.randn_like(convolution.weight) * gain / math.sqrt(n_inputs)
    if hasattr(convolution, "weight_v"):  # with weight norm: a direction and its length
        convolution.weight_v.copy_(weight)
        convolution.weight_g.copy_(weight.flatten(1).norm(dim=1).view(-1, 1, 1))
    else:
        convolution.weight.copy_(weight)


def _set_pace(voice: _Voice, recipe: Recipe) -> None:
    """Set the durations' last affine step so that a phoneme takes its natural time on average."""
    affine = voice.dp.flows[0]
    affine.logs.fill_(math.log(3))  # a third of the spread: no phoneme lasts half a second
    wanted = PHONEME_MS / 1000 * recipe.rate_hz / recipe.hop_length
    slowest, fastest = 6.0, -6.0
    for _ in range(20):
        affine.m[0] = (slowest + fastest) / 2 * 3
        if _frames_per_phoneme(voice, recipe) > wanted:
            fastest = (slowest + fastest) / 2
        else:
            slowest = (slowest + fastest) / 2


def _frames_per_phoneme(voice: _Voice, recipe: Recipe) -> float:
    n_frames, n_phonemes = 0.0, 0
    for ids, lengths, speaker in _sayings(recipe):
        torch.manual_seed(recipe.seed)
        x, _, _, mask = voice.enc_p(ids, lengths)
        g = None if speaker is None else voice.emb_g(speaker).unsqueeze(-1)
        log_frames = voice.dp(x, mask, g=g, reverse=True, noise_scale=NOISE_WIDTH)
        n_frames += float(torch.ceil(torch.exp(log_frames) * mask).sum())
        n_phonemes += ids.shape[1] // 2
    return n_frames / n_phonemes


def _set_level(voice: _Voice, recipe: Recipe) -> None:
    """Scale the last convolution so that the sound has the wanted level on average."""
    scales = torch.tensor([NOISE_SCALE, 1.0, NOISE_WIDTH])
    for _ in range(4):  # the hyperbolic tangent at the end bends the level: approach it
        torch.manual_seed(recipe.seed)
        power = [
            voice(ids, lengths, scales, speaker).square().mean()
            for ids, lengths, speaker in _sayings(recipe)
        ]
        voice.dec.conv_post.weight.mul_(LEVEL_RMS / torch.stack(power).mean().sqrt())


def _sayings(
    recipe: Recipe,
) -> Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]]:
    """Return random phonemes, a pad after each as Piper sets them, for every speaker."""
    randomness = torch.Generator().manual_seed(recipe.seed)
    sayings = []
    for number in range(max(1, len(recipe.speakers))):
        phonemes = torch.randint(
            3, len(DEFAULT_PHONEME_ID_MAP), (60,), dtype=torch.long, generator=randomness
        )
        ids = torch.stack([phonemes, torch.zeros_like(phonemes)], dim=1).reshape(1, -1)
        speaker = torch.tensor([number]) if recipe.speakers else None
        sayings.append((ids, torch.tensor([ids.shape[1]]), speaker))
    return sayings


def _export(voice: _Voice, recipe: Recipe, path: Path) -> None:
    ids, lengths, speaker = _sayings(recipe)[0]
    inputs = [ids, lengths, torch.tensor([NOISE_SCALE, 1.0, NOISE_WIDTH])]
    names = ["input", "input_lengths", "scales"]
    if speaker is not None:
        inputs.append(speaker)
        names.append("sid")
    torch.onnx.export(
        voice,
        tuple(inputs),
        os.fspath(path),
        dynamo=False,  # published voices have the graphs of the older exporter
        opset_version=OPSET,
        input_names=names,
        output_names=["output"],
        dynamic_axes={
            "input": {0: "batch_size", 1: "phonemes"},
            "input_lengths": {0: "batch_size"},
            "output": {0: "batch_size", 2: "time"},
        },
    )
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("doc_string")  # names files of the machine that exported
    onnx.save(model, path)


def write_config(recipe: Recipe, path: Path) -> None:
    """Write what stands beside a model, in the order and with the fields of published voices."""
    config: dict[str, Any] = {
        "audio": {"sample_rate": recipe.rate_hz, "quality": recipe.quality},
        "espeak": {"voice": recipe.espeak_voice},
        "inference": {"noise_scale": NOISE_SCALE, "length_scale": 1, "noise_w": NOISE_WIDTH},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": dict(DEFAULT_PHONEME_ID_MAP),
        "num_symbols": N_SYMBOLS,
        "num_speakers": max(1, len(recipe.speakers)),
        "speaker_id_map": {name: number for number, name in enumerate(recipe.speakers)},
        "piper_version": "1.0.0",
    }
    if recipe.language:
        config["language"] = dict(recipe.language)
        config["dataset"] = recipe.name.split("-")[1]
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", "utf-8")

"""The carried decoder of streaming-vits, exported by its own `export_stream`.

    python export_carried_decoder.py MODEL

Run by the Python of `.venv-carried`, as it needs torch. It lands where the library looks for it,
beside the model. Two things are put right on the way, without which the version measured exports
nothing here: it expects every voice to be conditioned on its speaker, so a voice of one speaker
gets convolutions of zeros there, which change no sample and cost nothing to speak of; and
torch is told to trace, as the export is written for, since newer versions no longer do by
themselves.
"""

import functools
import sys

import numpy as np
import torch
from streaming_vits import _torch_decoder
from streaming_vits.export import export_stream

_load = _torch_decoder.load_conv_params
_FLOWS = (0, 2, 4, 6)


def _load_with_conditions(path):
    params = _load(path)
    for flow in _FLOWS:
        layers = f"flow.flows.{flow}.enc.in_layers."
        rows = sum(each["weight"].shape[0] for name, each in params.items() if layers in name)
        params.setdefault(f"flow.flows.{flow}.enc.cond_layer", _zeros(rows))
    params.setdefault("dec.cond", _zeros(params["dec.conv_pre"]["weight"].shape[0]))
    return params


def _zeros(rows):
    weight, bias = np.zeros((rows, 1, 1), np.float32), np.zeros(rows, np.float32)
    return {"weight": weight, "bias": bias, "dilation": 1, "stride": 1, "pads": [0, 0]}


if __name__ == "__main__":
    _torch_decoder.load_conv_params = _load_with_conditions
    torch.onnx.export = functools.partial(torch.onnx.export, dynamo=False)
    export_stream(sys.argv[1])

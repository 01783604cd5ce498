"""ONNX graphs, opened and run on one core.

In: a file. Out: an `onnxruntime.InferenceSession`, and arrays from it. Invariant: whatever the
library raises comes out as a `VoiceFault`. Why its settings are what they are, with the
measurements: docs/decisions/0008-piper-voices.md.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hoarfrost.errors import VoiceFault


def open_graph(
    path: Path, inputs: Collection[str], outputs: Collection[str], *, plans_memory: bool = True
) -> onnxruntime.InferenceSession:
    """Open a graph of a package.

    Args:
        path: The file, in the package's folder.
        inputs: Names that it must have among its inputs.
        outputs: Names that it must have among its outputs.
        plans_memory: Whether the places of all tensors are kept for every length that was ever
            run: it saves a tenth of a small graph's time, and costs a large one's memory.

    Raises:
        VoiceFault: If it is no such graph.
    """
    place = f"voice package {path.parent.name}: {path.name}"
    if not path.is_file():
        raise VoiceFault(f"{place}: expected a graph, got no file")
    session = open_model(str(path), place, plans_memory=plans_memory)
    missing = (set(inputs) - {i.name for i in session.get_inputs()}) | (
        set(outputs) - {o.name for o in session.get_outputs()}
    )
    if missing:
        raise VoiceFault(f"{place}: expected {sorted(missing)} among its inputs and outputs")
    return session


def open_model(
    model: str | bytes, place: str, *, plans_memory: bool = True
) -> onnxruntime.InferenceSession:
    """Open a model, a file or one in memory.

    Args:
        model: The file's path, or the model serialised.
        place: What to call it in an error.
        plans_memory: As `open_graph` has it.

    Raises:
        VoiceFault: If it is none.
    """
    options = onnxruntime.SessionOptions()
    # One core a step: the server's workers are the threads, and more of them would wait for each
    # other. With one there is no pool, so nothing that spins.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = plans_memory
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own, without a common parent
        raise VoiceFault(f"{place}: expected an ONNX graph, got {type(error).__name__}") from error


def run_graph(
    session: onnxruntime.InferenceSession, outputs: Sequence[str], feed: Mapping[str, Any]
) -> list[NDArray[np.float32]]:
    """Run a graph once.

    Raises:
        VoiceFault: If it fails.
    """
    try:
        result: list[NDArray[np.float32]] = session.run(list(outputs), dict(feed))
    except Exception as error:  # see open_graph
        raise VoiceFault(f"a natural voice's graph failed: {type(error).__name__}") from error
    return result

"""Where a Piper model's parts meet, found by what its operations do to each other.

In: a `Model`. Out: its `Structure`. Invariant: nothing is taken from a name that an exporter chose.

A Piper model reads ids, tells for each of them how its sound is distributed (mean and log scale)
and how many frames it lasts; rounds that up (the one ``Ceil``); repeats mean and log scale by a
product with a matrix of zeros and ones, which is made of what was rounded; draws a sample (the
``RandomNormalLike`` that comes after the ``Ceil``); and makes the sound of it. A
``RandomNormalLike`` before the ``Ceil`` belongs to durations that are drawn, too.
"""

from dataclasses import dataclass

import onnx

from hoarfrost.engines.natural.piper.cutting.model import (
    IDS,
    OUTPUT,
    RANDOM,
    SPEAKER_ID,
    CannotCut,
    Model,
)

_LAYOUT = ("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Cast")
_SAME = ("Identity", "Cast")


@dataclass(frozen=True, slots=True)
class PerId:
    """A tensor with a column or a row for each id.

    Attributes:
        name: Of the tensor.
        is_transposed: Whether ids are rows: shape (1, ids, channels), not (1, channels, ids).
    """

    name: str
    is_transposed: bool


@dataclass(frozen=True, slots=True)
class Structure:
    """A model's parts, by the names of its tensors.

    Attributes:
        mean: Of each id's sound.
        log_scale: Of each id's sound.
        duration: Frames of each id, not yet rounded: shape (1, 1, ids).
        duration_noise: What durations are drawn with; None where they are not drawn.
        sound_noise: What the sound is drawn with.
        frames: What was drawn: shape (1, channels, frames).
        n_symbols: Ids that the model knows.
        n_speakers: Speakers that it knows.
    """

    mean: PerId
    log_scale: PerId
    duration: str
    duration_noise: str | None
    sound_noise: str
    frames: str
    n_symbols: int
    n_speakers: int


def find_structure(model: Model) -> Structure:
    """Find a model's parts.

    Raises:
        CannotCut: If it is not built like a Piper model; says what is missing.
    """
    rounding = _rounding(model)
    duration_noise, sound_noise = find_noises(model)
    frames, factors = _drawn(model, sound_noise)
    scales = [
        producer.input[0]
        for name in factors
        if (producer := model.producer.get(_original(model, name))) is not None
        and producer.op_type == "Exp"
    ]
    if len(scales) != 1:
        raise CannotCut(f"expected one exponential in what is drawn, got {len(scales)}")
    (mean,) = (name for name in frames.input if sound_noise not in model.needed_for([name]))
    return Structure(
        mean=_before_repeating(model, mean, rounding.output[0]),
        log_scale=_before_repeating(model, scales[0], rounding.output[0]),
        duration=rounding.input[0],
        duration_noise=duration_noise,
        sound_noise=sound_noise,
        frames=frames.output[0],
        n_symbols=_rows_read_by(model, IDS),
        n_speakers=_rows_read_by(model, SPEAKER_ID) if SPEAKER_ID in model.inputs else 1,
    )


def find_noises(model: Model) -> tuple[str | None, str]:
    """Return what durations are drawn with (None where they are not) and what the sound is.

    Raises:
        CannotCut: If there are more or fewer.
    """
    before = model.needed_for(_rounding(model).output)
    noises = [node.output[0] for node in _some(model, RANDOM, at_most=2)]
    drawn_before = [name for name in noises if name in before]
    drawn_after = [name for name in noises if name not in before]
    if len(drawn_after) != 1:
        raise CannotCut(f"expected one random tensor after the durations, got {len(drawn_after)}")
    return drawn_before[0] if drawn_before else None, drawn_after[0]


def _rounding(model: Model) -> onnx.NodeProto:
    (rounding,) = _some(model, ("Ceil",), at_most=1)
    return rounding


def hop_of(model: onnx.ModelProto) -> int:
    """Return the samples a frame: the product of all strides up."""
    hop = 1
    for node in model.graph.node:
        if node.op_type == "ConvTranspose":
            hop *= next(
                (int(entry.ints[0]) for entry in node.attribute if entry.name == "strides"), 1
            )
    return hop


def _some(model: Model, ops: tuple[str, ...], *, at_most: int) -> list[onnx.NodeProto]:
    needed = model.needed_for([OUTPUT])
    found = [node for node in model.nodes if node.op_type in ops and node.output[0] in needed]
    if not 1 <= len(found) <= at_most:
        raise CannotCut(f"expected 1 to {at_most} of {ops[0]}, got {len(found)}")
    return found


def _drawn(model: Model, noise: str) -> tuple[onnx.NodeProto, list[str]]:
    """Return the sum that noise goes into, and what it was multiplied with on the way."""
    name, factors = noise, list[str]()
    while True:
        readers = model.readers.get(name, [])
        if len(readers) != 1:
            raise CannotCut(f"expected one use of what is drawn, got {len(readers)}")
        node = readers[0]
        if node.op_type == "Add":
            return node, factors
        if node.op_type == "Mul":
            (other,) = (i for i in node.input if i != name)
            factors.extend(_factors(model, other))
        elif node.op_type not in _SAME:
            raise CannotCut(f"expected a product with what is drawn, got {node.op_type}")
        name = node.output[0]


def _factors(model: Model, name: str) -> list[str]:
    node = model.producer.get(_original(model, name))
    if node is None or node.op_type != "Mul":
        return [name]
    return [factor for i in node.input for factor in _factors(model, i)]


def _original(model: Model, name: str) -> str:
    while (node := model.producer.get(name)) is not None and node.op_type in _SAME:
        name = node.input[0]
    return name


def _before_repeating(model: Model, repeated: str, rounded: str) -> PerId:
    """Return what was repeated: the factor of the last product that knows no durations."""
    name = repeated
    while (node := model.producer.get(name)) is not None and node.op_type in _LAYOUT:
        name = node.input[0]
    if node is None or node.op_type != "MatMul":
        raise CannotCut(f"expected a product that repeats, got {node.op_type if node else 'none'}")
    plain = [rounded not in model.needed_for([factor]) for factor in node.input]
    if sum(plain) != 1:
        raise CannotCut(f"expected one factor with durations, got {2 - sum(plain)}")
    place = plain.index(True)
    return PerId(node.input[place], is_transposed=place == 1)


def _rows_read_by(model: Model, ids: str) -> int:
    """Return the rows of the table that ids are looked up in."""
    names, seen = [ids], set[str]()
    while names:
        name = names.pop()
        for node in model.readers.get(name, []):
            if node.op_type == "Gather" and node.input[1] == name:
                table = _original(model, node.input[0])
                if model.is_constant(table) and model.constant(table).ndim == 2:
                    return int(model.constant(table).shape[0])
            if node.op_type in _LAYOUT and node.output[0] not in seen:
                seen.add(node.output[0])
                names.append(node.output[0])
    raise CannotCut(f"expected a table that {ids} is looked up in, got none")

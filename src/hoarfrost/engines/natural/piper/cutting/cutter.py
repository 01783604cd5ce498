"""A stock Piper model becomes two graphs that stream: one reads text, one makes sound.

In: ``NAME.onnx`` as it was downloaded. Out: a folder with ``text.onnx`` and ``sound.onnx``, or with
``whole.onnx``, the model as it is, where it cannot be cut. Invariant: a cut that is there gave the
stock model's samples on this machine, to float32 rounding, before it was there.
"""

import errno
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import onnx

from hoarfrost.engines.natural.piper.cutting.carrying import Carried, carry
from hoarfrost.engines.natural.piper.cutting.model import (
    SPEAKER_ID,
    CannotCut,
    Model,
    for_one_sentence,
    open_model,
    read_model,
    simplified,
)
from hoarfrost.engines.natural.piper.cutting.proof import (
    TOLERANCE,
    CutModel,
    Sentence,
    StockModel,
    allowed_error,
    one_frame_each,
    own_error,
    worst_error,
)
from hoarfrost.engines.natural.piper.cutting.steps import SoundPath, find_sound
from hoarfrost.engines.natural.piper.cutting.structure import Structure, find_structure, hop_of
from hoarfrost.engines.natural.piper.cutting.text import text_graph
from hoarfrost.errors import VoiceFault

TEXT, SOUND, WHOLE = "text.onnx", "sound.onnx", "whole.onnx"
_USUAL_HOP: Final = 256
_HOPS: Final = range(16, 4097)
"""What a voice's samples a frame may be; all that are published have 256."""
_SCHEDULES: Final = ([1], [8, 16, 32, 64], [1 << 20])


@dataclass(frozen=True, slots=True)
class Cut:
    """What came of a stock model.

    Attributes:
        is_whole: Whether it could not be cut.
        reason: Why; "" if it was.
        hop: Samples a frame; a guess if it is whole.
        channels: Of a frame; 0 if it is whole.
        lookahead_frames: Frames that the sound graph is behind; 0 if it is whole.
        n_symbols: Ids that it knows; 0 if that is not known.
        n_speakers: Speakers that it knows; 0 if that is not known.
        draws_durations: Whether the text graph reads noise.
        reads_speaker: Whether the sound graph reads what the text graph says of the speaker.
    """

    is_whole: bool
    reason: str
    hop: int
    channels: int = 0
    lookahead_frames: int = 0
    n_symbols: int = 0
    n_speakers: int = 0
    draws_durations: bool = False
    reads_speaker: bool = False


def cut(stock: Path, target: Path) -> Cut:
    """Cut a stock model into a folder.

    Args:
        stock: The model.
        target: The folder; it is there whole or not at all, and what was there is replaced.

    Raises:
        VoiceFault: If the file is no model of a Piper voice; says why.
        OSError: If the folder cannot be written.
    """
    model = read_model(stock)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".cut-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        try:
            found = _cut(model, made)
        except CannotCut as reason:
            found = _whole(stock, model, made, str(reason))
        except (LookupError, ValueError, TypeError) as error:
            # A graph of a kind that nobody thought of: its parts are looked up all over `_cut`.
            kind = f"expected a graph of a known kind, got {type(error).__name__} from it"
            found = _whole(stock, model, made, kind)
        replace_folder(made, target)
    return found


def _cut(stock: onnx.ModelProto, made: Path) -> Cut:
    model = Model(simplified(for_one_sentence(stock)))
    structure = find_structure(model)
    sound = find_sound(model, structure)
    onnx.save(text_graph(model, structure, sound), made / TEXT)
    carried = carry(sound)
    onnx.save(carried.model, made / SOUND)
    prove(stock, made, structure.n_symbols, structure.n_speakers)
    return _facts(structure, sound, carried)


def prove(stock: onnx.ModelProto, made: Path, n_symbols: int, n_speakers: int) -> None:
    """Compare a cut with its model.

    Raises:
        CannotCut: If they are not the same.
    """
    n = min(n_symbols, 40)
    try:
        cut_model = CutModel(made)
        long = cut_model.sound.lookahead_frames + 9
        sentences = [
            one_frame_each([1 % n]),
            one_frame_each([place % n for place in range(long)]),
            *(
                Sentence([place % n for place in range(12)], speaker)
                for speaker in {0, n_speakers - 1}
            ),
        ]
        error = worst_error(StockModel(stock), cut_model, sentences, _SCHEDULES)
        allowed = TOLERANCE
        if error >= allowed:
            allowed = allowed_error(own_error(stock, cut_model, sentences))
    except VoiceFault as fault:
        raise CannotCut(f"its parts do not run: {fault}") from fault
    if not error < allowed:
        raise CannotCut(
            f"in parts its samples are {error:.1e} of the largest one off, expected less than "
            f"{allowed:.1e}"
        )


def _facts(structure: Structure, sound: SoundPath, carried: Carried) -> Cut:
    return Cut(
        is_whole=False,
        reason="",
        hop=carried.hop,
        channels=sound.channels,
        lookahead_frames=carried.lookahead_frames,
        n_symbols=structure.n_symbols,
        n_speakers=structure.n_speakers,
        draws_durations=structure.duration_noise is not None,
        reads_speaker=bool(sound.speaker),
    )


def _whole(stock: Path, model: onnx.ModelProto, made: Path, reason: str) -> Cut:
    try:
        open_model(model)
    except CannotCut as fault:
        raise VoiceFault(f"voice {stock.stem}: expected a model that runs: {fault}") from fault
    for file in (TEXT, SOUND):
        (made / file).unlink(missing_ok=True)
    shutil.copyfile(stock, made / WHOLE)
    has_speakers = any(entry.name == SPEAKER_ID for entry in model.graph.input)
    hop = hop_of(model)
    return Cut(
        is_whole=True,
        reason=reason,
        hop=hop if hop in _HOPS else _USUAL_HOP,
        n_speakers=0 if has_speakers else 1,
    )


def replace_folder(made: Path, target: Path) -> None:
    """Put a folder in the place of another, also while others do the same."""
    aside = made.parent / "aside"
    while True:
        try:
            made.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        try:
            target.rename(aside)
        except FileNotFoundError:
            continue  # another one took it aside first
        shutil.rmtree(aside)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.piper.cutting.carrying import carry
from hoarfrost.engines.natural.piper.cutting.model import CannotCut
from hoarfrost.engines.natural.piper.cutting.proof import relative_error
from hoarfrost.engines.natural.piper.cutting.steps import SoundPath
from tests.engines.natural.piper.cutting.sounding import Builder, in_one_shot, opened

WIDE = 8
EXACT = 1e-5
"""Of paths of a dozen small layers: float32 rounding, far below what a trained voice has."""


def _plain() -> SoundPath:
    b = Builder(3)
    return b.path(b.conv("x", 3, 1, 2, 2))


def _pointwise() -> SoundPath:
    b = Builder(4)
    return b.path(b.add("Tanh", b.conv("x", 4, 1)))


def _uneven() -> SoundPath:
    b = Builder(2)
    y = b.conv(b.conv("x", 2, 3, 3, 0), 3, 2, 0, 5)
    return b.path(b.conv(y, 2, 1, 2, 4, dilation=2))


def _not_zero_at_zero() -> SoundPath:
    """A sigmoid makes 0.5 of zeros: padding must come after it."""
    b = Builder(2)
    return b.path(b.conv(b.add("Sigmoid", b.conv("x", 2, 2, 1, 1)), 2, 1, 3, 3))


def _coupling() -> SoundPath:
    b = Builder(4)
    x = "x"
    for _ in range(2):
        x = b.add("Slice", x, channels=(-1, -(1 << 40), -1))
        low, high = b.split(x, 2, 2)
        h = b.add("Add", b.conv(low, 2, 4, 1, 1), b.of_speaker(4))
        gate = b.add("Sigmoid", b.add("Slice", h, channels=(2, 1 << 40, 1)))
        h = b.add("Mul", b.add("Tanh", b.add("Slice", h, channels=(0, 2, 1))), gate)
        x = b.add("Concat", low, b.add("Sub", high, b.conv(h, 2, 2, 2, 2)))
    return b.path(b.conv(x, 4, 1, 3, 3))


def _decoder(width: int, stride: int, left: int, right: int) -> SoundPath:
    b = Builder(3)
    x = b.add("Add", b.conv("x", 3, 2 * width, 3, 3), b.of_speaker(2 * width))
    for n_in, n_out in ((2 * width, width), (width, width)):
        x = b.up(b.leaky(x), n_in, n_out, stride, left, right)
        branches = []
        for reach, dilation in ((1, 1), (4, 2), (9, 3)):
            y = b.add("Add", b.conv(b.leaky(x), n_out, n_out, reach, reach, dilation), x)
            branches.append(b.add("Add", b.conv(b.leaky(y), n_out, n_out, reach, reach), y))
        total = b.add("Add", b.add("Add", branches[0], branches[1]), branches[2])
        x = b.add("Div", total, b.constant(3))
    return b.path(b.add("Tanh", b.conv(b.leaky(x), width, 1, 3, 3)))


def _wide() -> SoundPath:
    """Layers of several widths; one tensor read by several convolutions."""
    b = Builder(3)
    x = b.up("x", 3, WIDE, 2, 1, 1)
    y = b.conv(b.leaky(b.conv(x, WIDE, WIDE + 1, 1, 1)), WIDE + 1, WIDE, 2, 2)
    z = b.add("Mul", b.add("Sub", b.conv(x, WIDE, WIDE, 4, 4, 2), y), b.constant(0.5))
    z = b.add("Add", b.conv(z, WIDE, WIDE), b.constant(*np.linspace(-1, 1, WIDE)))
    return b.path(b.conv(z, WIDE, 1))


PATHS = {
    "one convolution": _plain(),
    "no convolution over time": _pointwise(),
    "uneven padding": _uneven(),
    "a function that is not 0 at 0": _not_zero_at_zero(),
    "coupling layers": _coupling(),
    "a decoder": _decoder(WIDE, 4, 2, 2),
    "a narrow decoder with odd kernels": _decoder(2, 5, 3, 2),
    "strides without overlap": _decoder(WIDE, 2, 0, 0),
    "phases of odd kernels": _decoder(WIDE, 3, 4, 1),
    "kernels of more than two strides": _decoder(4, 2, 3, 4),
    "mixed widths": _wide(),
}
GRAPHS = {name: opened(carry(path)) for name, path in PATHS.items()}


def _error(name: str, n_frames: int, windows: list[int]) -> float:
    path, random = PATHS[name], np.random.default_rng(n_frames)
    frames = random.standard_normal((1, path.channels, n_frames), np.float32)
    speaker = {
        part: random.standard_normal((1, width, 1), np.float32)
        for part, width in path.speaker.items()
    }
    beside = {"speaker": np.concatenate(list(speaker.values()), axis=1)} if speaker else {}
    got = GRAPHS[name].stream(frames, windows, beside)
    return relative_error(got, in_one_shot(path, frames, speaker))


@pytest.mark.arithmetic
@pytest.mark.parametrize("name", PATHS)
def test_every_length_up_to_twice_the_lookahead_gives_the_samples_of_one_shot(name: str) -> None:
    """From one frame up, fed frame by frame after the first window."""
    longest = 2 * GRAPHS[name].lookahead_frames + 3
    assert max(_error(name, n, [1]) for n in range(1, longest)) < EXACT


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(GRAPHS)),
    st.integers(1, 90),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_every_schedule_of_windows_gives_the_samples_of_one_shot(
    name: str, n_frames: int, windows: list[int]
) -> None:
    """However frames are cut into windows, the samples are the same, joined."""
    assert _error(name, n_frames, windows) < EXACT


@pytest.mark.parametrize(
    ("name", "lookahead"),
    [
        ("one convolution", 2),
        ("no convolution over time", 0),
        ("uneven padding", 0 + 5 + 4),
        ("coupling layers", 2 * (1 + 2) + 3),
        # At the rate of frames 3; behind them (3 x 4 + 2 + 9 + 9) x 4 + 2 + 9 + 9 + 3 at 16 columns
        # a frame, which is 9.4 frames.
        ("a decoder", 10),
    ],
)
def test_the_lookahead_is_what_the_kernels_reach(name: str, lookahead: int) -> None:
    """No typed-in context: paddings, dilations and strides add up, and no more."""
    assert carry(PATHS[name]).lookahead_frames == lookahead


def test_a_late_frame_changes_no_sample_that_was_given() -> None:
    """What a window gave depends on nothing after its lookahead."""
    graph, path = GRAPHS["a decoder"], PATHS["a decoder"]
    frames = np.random.default_rng(1).standard_normal((1, 3, 40), np.float32)
    changed = frames.copy()
    changed[:, :, 25:] += 1
    beside = {"speaker": np.zeros((1, sum(path.speaker.values()), 1), np.float32)}
    known = (25 - graph.lookahead_frames) * 16
    a, b = (graph.stream(x, [1], beside) for x in (frames, changed))
    assert np.array_equal(a[:known], b[:known])
    assert not np.array_equal(a, b)


def test_samples_of_more_than_one_channel_are_refused() -> None:
    """A model that speaks in stereo is none of Piper's."""
    b = Builder(3)
    with pytest.raises(CannotCut, match="one channel of sound, got 2"):
        carry(b.path(b.conv("x", 3, 2, 1, 1)))


def test_tensors_of_two_rates_cannot_meet() -> None:
    """There is no frame for every sample."""
    b = Builder(1)
    with pytest.raises(CannotCut, match="one rate"):
        carry(b.path(b.add("Add", "x", b.up("x", 1, 1, 2, 1, 1))))

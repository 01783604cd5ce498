import numpy as np
import pytest

from hoarfrost.engines.natural.piper.cutting.easing import ease
from hoarfrost.engines.natural.piper.cutting.proof import relative_error
from hoarfrost.engines.natural.piper.cutting.steps import SoundPath
from tests.engines.natural.piper.cutting.sounding import Builder, in_one_shot


def _ops(path: SoundPath) -> list[str]:
    return [step.op for step in path.steps]


def _error(path: SoundPath, n_frames: int) -> float:
    x = np.random.default_rng(n_frames).standard_normal((1, path.channels, n_frames), np.float32)
    return relative_error(in_one_shot(ease(path), x, {}), in_one_shot(path, x, {}))


def test_a_number_goes_into_the_next_weights() -> None:
    """Through functions that keep a positive factor."""
    b = Builder(2)
    x = b.leaky(b.add("Div", b.conv("x", 2, 2, 1, 1), b.constant(3)))
    path = b.path(b.conv(x, 2, 1))
    assert _ops(ease(path)) == ["Conv", "LeakyRelu", "Conv"]
    assert _error(path, 7) < 1e-6


@pytest.mark.parametrize("number", [-3.0, 0.0])
def test_a_number_that_is_not_positive_stays(number: float) -> None:
    """A function with a bend at zero does not keep it."""
    b = Builder(2)
    path = b.path(b.conv(b.leaky(b.add("Mul", "x", b.constant(number))), 2, 1))
    assert _ops(ease(path)) == ["Mul", "LeakyRelu", "Conv"]


def test_a_number_stays_where_something_else_reads_the_product() -> None:
    """Or where no weights follow."""
    b = Builder(2)
    x = b.add("Mul", "x", b.constant(2))
    path = b.path(b.conv(b.add("Add", b.conv(x, 2, 2), x), 2, 1))
    assert _ops(ease(path)) == ["Mul", "Conv", "Add", "Conv"]
    b = Builder(1)
    assert _ops(ease(b.path(b.add("Tanh", b.add("Mul", "x", b.constant(2)))))) == ["Mul", "Tanh"]


def test_slices_of_a_convolution_are_convolutions() -> None:
    """If nothing reads the whole."""
    b = Builder(2)
    x = b.conv("x", 2, 5, 1, 1)
    parts = [b.add("Slice", x, channels=channels) for channels in ((0, 2, 1), (2, 1 << 40, 1))]
    path = b.path(b.conv(b.add("Concat", parts[1], b.add("Tanh", parts[0])), 5, 1))
    assert _ops(ease(path)) == ["Conv", "Conv", "Tanh", "Concat", "Conv"]
    assert _error(path, 6) < 1e-6


def test_a_convolution_that_is_read_whole_stays_whole() -> None:
    """To make it twice would cost more than to slice it."""
    b = Builder(2)
    x = b.conv("x", 2, 2, 1, 1)
    y = b.add("Add", b.add("Slice", x, channels=(0, 1, 1)), b.conv(x, 2, 1))
    assert _ops(ease(b.path(y))) == ["Conv", "Slice", "Conv", "Add"]

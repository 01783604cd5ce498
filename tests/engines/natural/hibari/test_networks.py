"""The networks: equal to the package's own graph, and the same however frames are fed."""

from itertools import pairwise

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.graphs import (
    Decoder,
    Frames,
    ProsodyGraphs,
    Tokens,
    decoder_input,
)
from hoarfrost.engines.natural.hibari.installed import installed_file, read_vocabulary
from hoarfrost.engines.natural.hibari.package import read_package
from hoarfrost.engines.natural.hibari.weights import Weights, read_weights
from tests.engines.natural.test_package import BUILT_IN

PACKAGE = read_package(BUILT_IN)
LINES = (
    "həlˈO.",
    "wˌʌt ɑɹ ju dˈuɪŋ ðɪs ˈivnɪŋ?",
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ, ænd ʃi sˈɛlz sˈi ʃˈɛlz bI ðə sˈi ʃˈɔɹ.",
)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(PACKAGE.graph)


@pytest.fixture(scope="module")
def prosody(weights: Weights) -> ProsodyGraphs:
    return ProsodyGraphs(weights, PACKAGE.ranges, "heart")


@pytest.fixture(scope="module")
def decoder(weights: Weights) -> Decoder:
    return Decoder(weights, PACKAGE.ranges, "heart")


def tokens_of(line: str, speed: float = 1.0) -> Tokens:
    vocabulary = read_vocabulary()
    ids = np.array([0, *(vocabulary[symbol] for symbol in line), 0], np.int64)
    return Tokens(ids, np.full(len(ids), speed, np.float32))


def packages_own(tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """Return the spectra (frames, parts, bins) and the pitch that the package's own graph gives."""
    session = onnxruntime.InferenceSession(str(installed_file("assets", "hibari.onnx")))
    *parts, hz = session.run(None, {"ids": tokens.ids[None], "speed": tokens.speed[:1]})
    return np.stack([part[0].T for part in parts], axis=1), hz[0]


@pytest.mark.parametrize("line", LINES)
def test_networks_compute_what_the_package_does(
    line: str, prosody: ProsodyGraphs, decoder: Decoder
) -> None:
    """Durations are the same; pitch and spectra differ by the rounding to 8 bits, theirs and ours.

    The package rounds what products read to 8 bits, with a scale a sentence. That moves pitch by a
    hertz and log spectra by a twentieth of a neper. So does ours, with one scale for all.
    """
    tokens = tokens_of(line)
    spectra, hz = packages_own(tokens)
    frames, durations = prosody.run(tokens)
    assert int(durations.sum()) * 2 == len(hz)
    voiced = hz > 60
    difference = np.abs(frames.hz.reshape(-1) - hz)[voiced]
    assert np.sqrt(np.mean(difference**2)) < 3
    same = Frames(frames.sound, hz.reshape(-1, 2), frames.energy)
    ours = decoder.stream().feed(decoder_input(same, same.hz), is_last=True)
    for part in range(5):
        assert np.sqrt(np.mean((ours[:, part] - spectra[:, part]) ** 2)) < 0.25, part
        assert np.corrcoef(ours[:, part].ravel(), spectra[:, part].ravel())[0, 1] > 0.99


def test_integer_products_stay_near_floating_ones(
    weights: Weights, prosody: ProsodyGraphs, decoder: Decoder
) -> None:
    """The decoder's integers move its log spectra by less than a tenth of a neper."""
    frames, _ = prosody.run(tokens_of(LINES[2]))
    rows = decoder_input(frames, frames.hz)
    exact = Decoder(weights, {}, "heart").stream().feed(rows, is_last=True)
    ours = decoder.stream().feed(rows, is_last=True)
    assert np.sqrt(np.mean((ours - exact) ** 2)) < 0.1


def test_spectra_do_not_depend_on_how_rows_are_fed(decoder: Decoder) -> None:
    """The decoder's windows give the spectra of one shot, for every length from one row."""
    width = decoder.initial["state_0"].shape[1]

    @settings(max_examples=25, deadline=None)
    @given(st.integers(1, 90), st.sets(st.integers(1, 89), max_size=6), st.integers(0, 10**6))
    def holds(n: int, places: set[int], seed: int) -> None:
        rows = np.random.default_rng(seed).normal(0, 1, (n, width)).astype(np.float32)
        whole = decoder.stream().feed(rows, is_last=True)
        stream = decoder.stream()
        cuts = [0, *sorted(place for place in places if place < n), n]
        joined = np.concatenate(
            [stream.feed(rows[low:high], is_last=high == n) for low, high in pairwise(cuts)]
        )
        assert joined.shape == whole.shape == (n, 5, 601)
        assert np.max(np.abs(joined - whole)) <= 1e-5 * np.max(np.abs(whole))

    holds()


@pytest.mark.parametrize("speed", [0.1, 0.5, 0.8, 1.25, 2.0, 3.0, 5.0])
def test_speed_divides_durations(prosody: ProsodyGraphs, speed: float) -> None:
    """A sentence at any speed lasts its length divided by that, to two frames."""
    plain = prosody.run(tokens_of(LINES[2]))[1].sum()
    changed = prosody.run(tokens_of(LINES[2], speed))[1].sum()
    assert changed == pytest.approx(plain / speed, abs=2)


def test_silence_after_the_last_word_is_shortened(prosody: ProsodyGraphs) -> None:
    """A sentence's end has a few frames to fade in, not the half second that the model makes."""
    tokens = tokens_of(LINES[1])
    whole, durations = prosody.run(tokens)
    short, cut = prosody.run(Tokens(tokens.ids, tokens.speed, n_after=2))
    assert cut[:-2].tolist() == durations[:-2].tolist()
    assert cut[-2:].sum() == min(5, durations[-2:].sum())
    assert len(short) == cut.sum() < len(whole)
    assert np.array_equal(short.hz, whole.hz[: len(short)])

"""Tokens: training reads a text exactly as the runtime does."""

import numpy as np
import pytest
from training.phonemes import ENGLISH, phonemize, read_tokens, token_features

from hoarfrost.engines.natural.source_filter.prosody import plan
from hoarfrost.engines.natural.source_filter.sounds import pronunciation
from hoarfrost.text.reading.sentences import read_sentences

TEXTS = (
    "Hello.",
    "Thank you for calling, how can I help you today?",
    "Your appointment is on Tuesday, at three thirty in the afternoon, with David.",
)


@pytest.mark.parametrize("text", TEXTS)
def test_features_are_the_runtimes(text: str) -> None:
    """Position features at training time are those at run time, value for value."""
    (sentence,) = read_sentences(text)
    laid_out = plan(sentence, pronunciation(ENGLISH, phonemize), ENGLISH, lambda _: 1.0)
    assert laid_out is not None
    tokens, stress = read_tokens(text)
    assert tokens == [ENGLISH[i] for i in laid_out.tokens.ids]
    assert stress == laid_out.tokens.stress.tolist()
    np.testing.assert_array_equal(token_features(tokens), laid_out.tokens.features)


def test_one_breath() -> None:
    """Several sentences of one recording become one line of tokens, parted by commas."""
    tokens, _ = read_tokens("Yes. No.")
    assert (tokens[0], tokens[-1]) == ("^", ".")
    assert tokens.count(",") == 1
    assert tokens.count(".") == 1


@pytest.mark.parametrize("text", ["", "...", "—"])
def test_text_without_sound(text: str) -> None:
    """A text that nobody can read aloud is an error."""
    with pytest.raises(ValueError, match="expected a text with a sound"):
        read_tokens(text)


def test_known_tokens_are_distinct() -> None:
    """Every token stands once, the empty one first: checkpoints depend on it."""
    assert len(set(ENGLISH)) == len(ENGLISH)
    assert ENGLISH[:2] == ("_", " ")

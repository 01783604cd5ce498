"""The ids that a model reads: those that Piper itself would give it for the same phonemes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.piper.graphs import Tokens
from hoarfrost.engines.natural.piper.tokens import plan, pronunciation
from hoarfrost.engines.natural.utterance import NO_WORD, TokenPlan
from hoarfrost.text.reading.sentences import Sentence, read_sentences

MARKS = ",.?!;: ˈ"
SYMBOLS = {
    "_": [0],
    "^": [1],
    "$": [2],
    **{symbol: [3 + place] for place, symbol in enumerate(MARKS)},
    **{symbol: [20 + place] for place, symbol in enumerate("abcdeghiklnostuwə")},
    "\u0303": [50],  # the tilde of a nasal vowel, by itself
    "aɪ": [60],
    "ç": [61],  # one code point; Piper takes it apart and never asks for it
    "\u0327": [62],
    "ts": [63, 64],  # a sound of two ids
}
IPA = {
    "hello": "həlˈo",
    "there": "ðe",
    "1500": "tusand dˈe",
    "l'ami": "lai",
    "les": "le",
    "bon": "bo\u0303",
    "c": "ça",
    "ice": "aɪs",
    "tsar": "tsa",
    "quiet": "",
    "un": "\u0251\u0303",
}


def say_words(text: str) -> str:
    return " ".join(filter(None, (IPA.get(word, word) for word in text.split())))


def lay_out(
    sentence: Sentence, clusters: tuple[str, ...] = (), seed: int = 0
) -> TokenPlan[Tokens] | None:
    say = pronunciation(SYMBOLS, say_words, clusters)
    return plan(sentence, say, SYMBOLS, lambda word: 2.0 if word.written == "there" else 1.0, seed)


def ids_of(text: str, clusters: tuple[str, ...] = ()) -> list[int]:
    (sentence,) = read_sentences(text, "de")
    found = lay_out(sentence, clusters)
    assert found is not None
    return found.tokens.ids.tolist()


def by_hand(*symbols: str) -> list[int]:
    """Return ``^``, ``_``, then each symbol and ``_``, then ``$``: the rule of Piper."""
    ids = [1, 0]
    for symbol in symbols:
        ids += [*SYMBOLS[symbol], 0]
    return [*ids, 2]


TABLE = {
    "hello": by_hand(*"həlˈo."),
    "hello?": by_hand(*"həlˈo?"),
    "hello!": by_hand(*"həlˈo!"),
    "hello hello": by_hand(*"həlˈo həlˈo."),
    "hello, hello.": by_hand(*"həlˈo, həlˈo."),
    "hello; hello: hello": by_hand(*"həlˈo; həlˈo: həlˈo."),
    "hello (hello)": by_hand(*"həlˈo, həlˈo."),  # a bracket is a pause as a comma is
    "there hello": by_hand(*"e həlˈo."),  # a sound that the voice lacks is left out
    "1500 hello": by_hand(*"tusand dˈe həlˈo."),  # two words to the phonemizer
    "bon": by_hand("b", "o", "\u0303", "."),
    "un": by_hand("\u0303", "."),
    "c": by_hand("c", "\u0327", "a", "."),
    "tsar": by_hand("t", "s", "a", "."),
    "quiet hello": by_hand(*"həlˈo."),
    "hello, quiet, hello": by_hand(*"həlˈo, həlˈo."),
}


@pytest.mark.parametrize(("text", "ids"), TABLE.items())
def test_ids_are_those_that_piper_gives(text: str, ids: list[int]) -> None:
    """A pad after each sound, a space between words, a mark and a space between clauses."""
    assert ids_of(text) == ids


def test_longer_symbols_count_where_the_voice_says_so() -> None:
    """``aɪ`` is one sound for a voice that was trained so, else two, though it has an id."""
    assert ids_of("ice") == by_hand("a", "s", ".")  # ɪ alone is none of its symbols
    assert ids_of("ice", ("aɪ",)) == by_hand("aɪ", "s", ".")
    assert ids_of("tsar", ("ts",)) == by_hand("ts", "a", ".")


def test_letters_of_another_case_are_found() -> None:
    """A voice that reads letters, and knows small ones only, reads capitals too."""
    assert ids_of("Hello LES") == by_hand(*"hello les.")


def test_marks_that_a_voice_lacks_are_left_out() -> None:
    """A voice without question marks or commas gets the rest."""
    few = {symbol: ids for symbol, ids in SYMBOLS.items() if symbol not in "?,"}
    (sentence,) = read_sentences("hello, hello?", "de")
    found = plan(sentence, pronunciation(few, say_words), few, lambda _: 1.0, 0)
    assert found is not None
    assert found.tokens.ids.tolist() == by_hand(*"həlˈo həlˈo")


def test_chinese_is_not_parted_by_spaces() -> None:
    """Characters reach the phonemizer side by side, and each owns its sounds."""
    ipa = {"你好": "ni hau", "你": "ni", "好": "hau"}
    symbols = {symbol: [place] for place, symbol in enumerate("_^$ ,.nihau")}
    (sentence,) = read_sentences("你好", "de")
    found = plan(sentence, pronunciation(symbols, ipa.__getitem__), symbols, lambda _: 1.0, 0)
    assert found is not None
    assert [word.written for word in found.words] == ["你", "好"]
    assert found.owners.tolist() == [-1] * 2 + [0] * 4 + [-1] * 2 + [1] * 6 + [-1]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("les，les。", ""),
        ("les، les؟", ",?"),
        ("les؛ les۔", ";."),
        ("les — les!", ";!"),
        ("les। ", ""),
        ("les", "."),
        ("les...", "."),
        ("les… les", ",."),
        ("les… Les", ".."),
    ],
)
def test_marks_of_other_scripts_are_said_as_espeak_tells_them(text: str, marks: str) -> None:
    """Some are those of ASCII to a voice; of those that no voice was told of, none is said."""
    sentences = read_sentences(text, "de")
    plans = filter(None, map(lay_out, sentences))
    names = {ids[0]: symbol for symbol, ids in SYMBOLS.items()}
    said = "".join(names[id_] for found in plans for id_ in found.tokens.ids.tolist())
    assert "".join(mark for mark in said if mark in ",.?!;:") == marks


def test_every_token_has_its_owner_and_speed() -> None:
    """Sounds and pads are their word's; marks and spaces nobody's, at the speed before them."""
    (sentence,) = read_sentences("hello there, there bon", "de")
    found = lay_out(sentence)
    assert found is not None
    assert found.owners.tolist() == [
        *[NO_WORD] * 2,  # ^ _
        *[0] * 10, *[NO_WORD] * 2,  # həlˈo, a space
        *[1] * 2, *[NO_WORD] * 4,  # e, a comma, a space
        *[2] * 2, *[NO_WORD] * 2,  # e, a space
        *[3] * 6, *[NO_WORD] * 3,  # bõ . _ $
    ]  # fmt: skip
    assert found.speed.tolist() == [1.0] * 14 + [2.0] * 10 + [1.0] * 9


def test_texts_without_a_sound_have_no_plan() -> None:
    """Nothing of it is known to the voice."""
    (sentence,) = read_sentences("quiet quiet", "de")
    assert lay_out(sentence) is None


def test_stretches_may_begin_at_words() -> None:
    """Places to cut are the beginnings of all words but the first."""
    (sentence,) = read_sentences("les, hello hello", "de")
    found = lay_out(sentence)
    assert found is not None
    words = [int(np.flatnonzero(found.owners == word)[0]) for word in range(3)]
    assert found.breaks == (words[1], words[2])


@given(st.lists(st.sampled_from([*IPA, ",", ";", "x" * 90]), min_size=1, max_size=30))
def test_plans_hold_together(words: list[str]) -> None:
    """Arrays are of one length, owners rise, breaks begin words, every second id is a pad."""
    for sentence in read_sentences(" ".join(words), "de"):
        found = lay_out(sentence)
        if found is None:
            continue
        n = len(found.tokens)
        assert len(found.speed) == len(found.owners) == found.tokens.noise.shape[1] == n
        owned = found.owners[found.owners != NO_WORD]
        assert np.all(np.diff(owned) >= 0)
        assert list(found.breaks) == sorted(set(found.breaks))
        for place in found.breaks:
            assert found.owners[place] != NO_WORD == found.owners[place - 1]
        assert found.tokens.ids[1:-1:2].tolist() == [0] * ((n - 1) // 2)


@pytest.mark.parametrize("n_shorter", [3, 20])
def test_noise_of_a_token_does_not_depend_on_what_follows(n_shorter: int) -> None:
    """The same seed gives a shorter sentence the first of a longer one's random numbers."""
    texts = ("hello " * 10, ("hello " * 10)[: n_shorter * 2])
    longer, shorter = (lay_out(read_sentences(text, "de")[0]) for text in texts)
    other = lay_out(read_sentences(texts[0], "de")[0], seed=1)
    assert longer is not None
    assert shorter is not None
    assert other is not None
    n = shorter.tokens.noise.shape[1]
    assert np.array_equal(longer.tokens.noise[:, :n], shorter.tokens.noise)
    assert not np.array_equal(longer.tokens.noise, other.tokens.noise)

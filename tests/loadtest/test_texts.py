"""What the callers say."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.sentences import FILLINGS, LONG, MEDIUM, REPLIES, SHORT
from hoarfrost.loadtest.texts import COMMANDS, LONGEST_TEXT, Texts, read_lines, tokens_of

BAD_FILES = [
    ([], "expected a text on every line, got no line with one"),
    (["", "  \n"], "expected a text on every line, got no line with one"),
    (["Hello.", "..."], "line 2: expected something to speak, got no letter, no digit"),
    (["Hello.", "", "Bye.<EOS>"], "line 3: expected text, got a command of the protocol"),
    (["a" * (LONGEST_TEXT + 1)], "line 1: expected at most 2000 characters, got 2001"),
]


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 -- no secret


chances = st.integers().map(chance_of)


@pytest.mark.parametrize(("lines", "message"), BAD_FILES)
def test_a_file_that_cannot_be_spoken_is_refused(lines: list[str], message: str) -> None:
    """The line is named, and what it holds is not shown."""
    with pytest.raises(ValueError, match=rf"^{message}$"):
        read_lines(lines)


def test_lines_are_the_texts() -> None:
    """Each line is a text; one that ends without a mark is given one."""
    texts = read_lines(["  Hello there.\n", "\n", "And now?\n", "So be it\n"])
    assert texts.lines == ("Hello there.", "And now?", "So be it.")
    said = {texts.turn(chance_of(seed)) for seed in range(50)}
    assert said == set(texts.lines)
    assert {texts.long_turn(chance_of(seed)) for seed in range(50)} == said


@given(chances)
def test_the_built_in_texts_are_whole(chance: random.Random) -> None:
    """No gap stays open, no command slips in, and each text ends in a mark."""
    texts = Texts()
    for text in (texts.turn(chance), texts.long_turn(chance), texts.sentence(chance)):
        assert not set("{}<>") & set(text)
        assert text[-1] in ".?"
        assert text == " ".join(text.split())
        assert len(text) <= LONGEST_TEXT


def test_the_built_in_texts_are_many_and_of_all_lengths() -> None:
    """They differ, from a few words to a hundred."""
    chance = chance_of(1)
    turns = [Texts().turn(chance) for _ in range(1000)]
    assert len(set(turns)) > 950
    lengths = sorted(len(turn.split()) for turn in turns)
    assert lengths[0] <= 6
    assert lengths[500] in range(10, 30)
    assert lengths[-1] > 60


def test_every_gap_has_fillings_and_every_filling_a_gap() -> None:
    """The templates and what fills them belong together."""
    templates = " ".join((*SHORT, *MEDIUM, *LONG))
    assert all(f"{{{name}}}" in templates for name in FILLINGS)
    assert templates.format(**dict.fromkeys(FILLINGS, "x"))


def test_replies_are_cut_by_nothing() -> None:
    """They are one clause each: a server speaks them the same way whenever it is asked to."""
    for reply in REPLIES:
        assert reply.endswith(".")
        assert not set(",?!.") & set(reply[:-1])
        assert len(reply.split()) >= 3


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    """Nothing is lost and nothing added, whatever the text."""
    assert "".join(tokens_of(text)) == text


def test_tokens_are_what_a_language_model_writes() -> None:
    """Pieces of words with the space before them, a little more than one a word."""
    assert tokens_of("Your appointment is on Friday.") == [
        *("Your", " appoi", "ntmen", "t", " is", " on", " Frida", "y."),
    ]
    chance = chance_of(2)
    text = " ".join(Texts().turn(chance) for _ in range(200))
    assert 1.15 < len(tokens_of(text)) / len(text.split()) < 1.45
    assert not any(command in text for command in COMMANDS)


def test_the_texts_are_our_own_words(tmp_path: Path) -> None:
    """A file written from the built-in texts is read back as it was."""
    chance = chance_of(3)
    turns = tuple(Texts().turn(chance) for _ in range(20))
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(turns), encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        assert read_lines(file).lines == turns

"""Pieces: small enough for the library's thread, and joined the same as the whole."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.espeak.pieces import Piece, cut
from hoarfrost.espeak import Owner, SpeechCall, VoiceSetting, acquire
from hoarfrost.espeak.reading import read

CUTS = [
    ("Hi there, you.", ["Hi there, you."]),
    (
        "This is a sentence of some length, I think. And this is another one.",
        ["This is a sentence of some length, I think. ", "And this is another one."],
    ),
    (
        "The price of all of these things is 3,500.25 e.g. at 10:30, or a.m. if you like.",
        ["The price of all of these things is 3,500.25 e.g. at 10:30, or a.m. if you like."],
    ),
    (
        "It was not seen by any of the others then. but it goes on in lower case.",
        ["It was not seen by any of the others then. but it goes on in lower case."],
    ),
    (
        "今天天气很好，我们一起去公园散步吧。好吗？",
        ["今天天气很好，我们一起去公园散步吧。", "好吗？"],
    ),
    ("", []),
]


def test_letters_of_another_script_are_long() -> None:
    """An English voice spells Arabic letters by their numbers: 24 of them are a piece."""
    text = "ڦ" * 48
    assert [len(piece.text) for piece in cut(text, "en-US")] == [24, 24]
    assert [len(piece.text) for piece in cut(text, "ar")] == [48]


@pytest.mark.parametrize(("text", "pieces"), CUTS)
def test_a_piece_ends_at_a_mark(text: str, pieces: list[str]) -> None:
    """After three seconds of speech, at the first mark where the library pauses."""
    language = "en-US" if text.isascii() else "cmn"
    assert [piece.text for piece in cut(text, language)] == pieces


def test_text_without_marks_is_cut_between_words() -> None:
    """No piece is longer than 240 letters, and no word is cut that is shorter."""
    text = "many words and no mark " * 40
    pieces = list(cut(text, "en-US"))
    assert max(len(piece.text) for piece in pieces) <= 241
    assert all(piece.text.endswith(" ") and not piece.has_pause for piece in pieces)
    assert [len(piece.text) for piece in cut("x" * 600, "en-US")] == [240, 240, 120]


@pytest.mark.parametrize(
    ("text", "has_pause"),
    [
        ("Yes.", True),
        ("Yes", False),
        ("“Yes?” ", True),
        ("Yes,", True),
        ("so\n", True),
        ("a.b", False),
    ],
)
def test_only_a_mark_makes_a_pause(text: str, has_pause: bool) -> None:
    """Text that breaks off goes on without a pause."""
    assert list(cut(text, "en-US")) == [Piece(0, text, has_pause=has_pause)]


@given(st.text(alphabet=st.sampled_from("ab A.,!?；。 \n'\"३漢😀\u0301"), max_size=300))
def test_pieces_joined_are_the_text(text: str) -> None:
    """Nothing is lost or said twice, and no piece is empty or begins with a mark on a letter."""
    pieces = list(cut(text, "en-US"))
    assert "".join(piece.text for piece in pieces) == text
    position = 0
    for piece in pieces:
        assert piece.start == position
        assert piece.text
        position += len(piece.text)


PROSE = {
    "en-us": "The quick brown fox jumps over the lazy dog, and then it runs into the deep dark "
    "forest. Nobody has seen it since the morning! Is that so? I think so; others do not: they "
    "never do. The price is $3.50, or 4,000 yen, e.g. for a small one (see page 5). “That is "
    "much,” she said. It was 10:30 p.m. already and the U.S. team had left. Mr. Smith came in, "
    "followed by the dog.\n\nA new paragraph starts here, and it goes on for quite some time.",
    "de": "Guten Morgen, wie geht es Ihnen heute? Ich hoffe, dass alles gut ist. Das Paket, das "
    "Sie am 3. Mai bestellt haben, kommt z. B. am Dienstag an; bitte halten Sie 20,50 Euro bereit.",
    "fr": "Bonjour, comment allez-vous aujourd'hui? J'espère que tout va bien ; c'est "
    "l'essentiel : la santé ! Ensuite, nous irons à la plage, puis au marché.",
    "hi": "नमस्ते, आप आज कैसे हैं? मुझे आशा है कि सब ठीक है। आज मौसम बहुत अच्छा है, और हम घूमने जा रहे हैं।",
    "cmn": "你好，你今天怎么样？我希望一切都好。今天天气很好，我们一起去公园散步吧。好不好？",
    "ar": "مرحبا، كيف حالك اليوم؟ الطقس جميل اليوم وسنذهب إلى الحديقة معا. ثم نعود إلى البيت.",
}


@pytest.fixture(scope="module")
def owner() -> Iterator[Owner]:
    owner = acquire()
    yield owner
    owner.release()


@pytest.mark.parametrize("language", PROSE)
def test_cutting_is_not_heard(owner: Owner, language: str) -> None:
    """The audio of the pieces, joined, is that of the whole text, sample for sample."""
    text = read(PROSE[language]).text
    pieces = list(cut(text, language))
    assert len(pieces) > 1
    assert np.array_equal(
        np.concatenate([hear(owner, language, piece.text) for piece in pieces]),
        hear(owner, language, text),
    )


def hear(owner: Owner, language: str, text: str) -> np.ndarray:
    job = owner.speak(SpeechCall(VoiceSetting(language), text))
    return np.concatenate([buffer.samples for buffer in job])

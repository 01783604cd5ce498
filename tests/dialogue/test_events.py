"""Long text in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.dialogue.events import (
    PIECE_LENGTH,
    Clear,
    ClientEvent,
    Eos,
    Flush,
    Text,
    in_pieces,
)


@pytest.mark.parametrize("event", [Clear(), Flush(), Eos(), Text(""), Text("x" * PIECE_LENGTH)])
def test_what_is_short_stays_whole(event: ClientEvent) -> None:
    """Commands and texts up to the limit are one piece."""
    assert list(in_pieces(event)) == [event]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("x" * 1001, [1000, 1]),
        ("x" * 2500, [1000, 1000, 500]),
        ("x" * 999 + ". y", [999, 3]),
        ("x" * 990 + "." * 20, [990, 20]),
        ("." * 1500, [1000, 500]),
    ],
)
def test_pieces_end_with_a_letter(text: str, lengths: list[int]) -> None:
    """A piece ends before the limit rather than with a mark."""
    assert [len(piece.text) for piece in in_pieces(Text(text))] == lengths


@given(st.lists(st.sampled_from(["a", ". ", "é", "…", "word, ", "x" * 400, " " * 400])))
def test_pieces_are_the_text(parts: list[str]) -> None:
    """The pieces, joined, are the text, and none is too long or empty."""
    text = "".join(parts) or "x"
    pieces = [piece.text for piece in in_pieces(Text(text))]
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= PIECE_LENGTH for piece in pieces)

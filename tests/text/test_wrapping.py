"""Lines of wrapped text joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.wrapping import WRAPPED_FROM, Unwrapper

LONG = "this line is as long as those of wrapped text"
assert len(LONG) >= WRAPPED_FROM


def unwrap(*pieces: str) -> str:
    unwrapper = Unwrapper()
    return "".join(map(unwrapper.feed, pieces)) + unwrapper.flush()


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        (f"{LONG}\ngoes on", f"{LONG} goes on"),
        (f"{LONG}\r\ngoes on", f"{LONG}  goes on"),
        (f"{LONG}.\nGoes on", f"{LONG}. Goes on"),
        (f"{LONG}\n\nnext", f"{LONG}\n\nnext"),
        (f"{LONG}\n", f"{LONG}\n"),
        (f"{LONG}\n- item", f"{LONG}\n- item"),
        (f"{LONG}\n12. item", f"{LONG}\n12. item"),
        (f"{LONG}\n# head", f"{LONG}\n# head"),
        (f"{LONG}\n  indented", f"{LONG}\n  indented"),
        (f"{LONG}\n{LONG}\nend\nof verse", f"{LONG} {LONG} end\nof verse"),
        ("Title\nText", "Title\nText"),
        ("", ""),
    ],
)
def test_wrapped_lines_are_joined(text: str, joined: str) -> None:
    """A long line goes on in the next one, unless that is blank or an item of a list."""
    assert unwrap(text) == joined


@given(
    st.lists(st.sampled_from([LONG, "\n", "\r\n", "- ", "a", ". ", "1. x", " "]), max_size=12),
    st.data(),
)
def test_how_text_is_cut_makes_no_difference(parts: list[str], data: st.DataObject) -> None:
    """Pieces of any size give what the whole gives, of the same length."""
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert unwrap(*pieces) == unwrap(text)
    assert len(unwrap(text)) == len(text)


def test_a_line_is_given_before_its_end_is_known() -> None:
    """Nothing but the line break waits for what comes after it."""
    unwrapper = Unwrapper()
    assert unwrapper.feed(f"{LONG}\n") == LONG
    assert unwrapper.feed("goes on") == " goes on"

"""What a voice's model card says of its licence.

Piper's cards are short Markdown; the licence is a line of the section on the data set.
"""

import re
from typing import Final

_LICENCE: Final = re.compile(
    r"^\W*licen[cs]e[ \t*]*:[ \t*]*([^\s*].*?)\s*$", re.IGNORECASE | re.MULTILINE
)
_SHOWN: Final = 200


def licence_in(card: str) -> str | None:
    """Return what stands after ``License:`` in a model card, in one line; None if nothing does."""
    match = _LICENCE.search(card)
    if match is None:
        return None
    # A file from elsewhere, shown on a terminal: nothing in it may be taken for a control sequence.
    return "".join(each for each in match[1][:_SHOWN] if each.isprintable())

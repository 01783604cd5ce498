"""Hard-wrapped text: the line breaks inside of its paragraphs taken for spaces.

In: text in pieces of any size. Out: the same text, character for character, but for line breaks
that a paragraph goes on after. Invariant: how the text was cut into pieces makes no difference, and
nothing is held back but a line's end.

A line break is a space if the line before it is as long as a wrapped one and does not end in the
mark of a sentence, and the next line begins neither blank nor with the mark of a list, a heading or
a quotation. What ends in a mark ends there anyway.
"""

import re
from typing import Final

WRAPPED_FROM: Final = 40
"""Characters that make a line long enough to have been wrapped: shorter ones are verse, titles,
lists."""

_BREAK: Final = re.compile(r"\r\n|\n")
_MARKED: Final = re.compile(r"[-*+•#>|]|\d{1,3}[.)]\s|[A-Za-z][.)]\s|```|~~~")
_LOOKAHEAD: Final = 5
"""Characters after a line break that are looked at."""


class Unwrapper:
    """Joins wrapped lines. `feed` what comes; `flush` gives what was held back."""

    def __init__(self) -> None:
        self._held = ""
        self._line_length = 0

    @property
    def n_held(self) -> int:
        """How many characters are held back."""
        return len(self._held)

    def feed(self, text: str) -> str:
        """Take text, return what is certain."""
        return self._read(self._held + text, is_last=False)

    def flush(self) -> str:
        """Return what was held back, as if nothing followed."""
        return self._read(self._held, is_last=True)

    def _read(self, text: str, *, is_last: bool) -> str:
        out: list[str] = []
        at = 0
        while (found := _BREAK.search(text, at)) is not None:
            start, end = found.span()
            n_seen = len(text) - end
            blank = text[end : end + 1] in ("\n", "\r")
            if not is_last and not blank and n_seen < _LOOKAHEAD:
                break
            line_length = self._line_length + start - at
            out.append(text[at:start])
            is_wrapped = (
                line_length >= WRAPPED_FROM
                and n_seen > 0
                and not blank
                and self._goes_on(text, end)
            )
            out.append(" " * (end - start) if is_wrapped else found[0])
            self._line_length = 0
            at = end
        cut = len(text)
        if not is_last:
            held_from = _BREAK.search(text, at)
            if held_from is not None:
                cut = held_from.start()
            elif text.endswith("\r"):
                cut -= 1
        out.append(text[at:cut])
        self._line_length += cut - at
        self._held = text[cut:]
        return "".join(out)

    @staticmethod
    def _goes_on(text: str, at: int) -> bool:
        """Tell whether the line that begins at ``at`` goes on with the paragraph."""
        return not text[at].isspace() and _MARKED.match(text, at) is None

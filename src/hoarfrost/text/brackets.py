"""Where a bracketed stretch of text ends, if it is markup at all.

In: the text so far, and where a bracket opens. Out: where its stretch ends. Invariant: more text
never changes an answer, it only settles one that was open.

======================  ================================================  ======================
opens with              is markup                                         meaning
======================  ================================================  ======================
``<``                   a number, or an HTML or SSML tag, then ``>``      pause; tag, not read
``[``                   up to the ``]`` that balances it                  words of another speed
``{``                   up to the ``}`` that balances it                  phonemes, or words
``spell(``              up to the ``)`` that balances it                  letters one by one
``(`` on its own        never                                             a remark, plain text
======================  ================================================  ======================

A bracket that is not closed within its line and within `STRETCH_LIMIT` characters is a character
like any other, so that one that was forgotten cannot hold up speech.
"""

import re

from hoarfrost.units import Milliseconds

STRETCH_LIMIT = 200
"""Longest stretch, brackets included, in characters: longer than any phrase that is marked up."""

NESTING_LIMIT = 8
"""Deepest nesting that is followed: what bounds the work on text that is nothing but brackets."""

LINE_BREAKS = "\n\r\v\f\x85\u2028\u2029"
"""The characters that end a line (Unicode, UAX #14, classes BK, CR, LF and NL)."""

_PAUSE = re.compile(r"<[ \t]{0,8}([0-9]{1,30}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})[ \t]{0,8}>")
_PAUSE_BEGUN = re.compile(r"<[ \t]{0,8}(?:[0-9]{0,30}(?:\.[0-9]{0,12})?[ \t]{0,8})?")

# The grammar of HTML and SSML tags, as far as it tells `<break time="1s"/>` from `a <b and c> d`.
_NAME = r"[A-Za-z][A-Za-z0-9:_-]{0,30}"
_ATTRIBUTE = rf"""[ \t]+{_NAME}[ \t]*=[ \t]*(?:"[^"<>\n\r]*"|'[^'<>\n\r]*')"""
_ATTRIBUTE_BEGUN = rf"""{_NAME}[ \t]*(?:=[ \t]*(?:"[^"<>\n\r]*"?|'[^'<>\n\r]*'?)?)?"""
_TAG = re.compile(rf"</?{_NAME}(?:{_ATTRIBUTE})*[ \t]*/?>")
_TAG_BEGUN = re.compile(
    rf"</?(?:{_NAME}(?:{_ATTRIBUTE})*(?:[ \t]+(?:{_ATTRIBUTE_BEGUN})?)?[ \t]*/?)?"
)

_PAIRS = {
    opener: re.compile("[" + re.escape(opener + closer + LINE_BREAKS) + "]")
    for opener, closer in ("[]", "{}", "()")
}
_SPELL = "spell"


def close_bracket(text: str, at: int, *, is_over: bool = False) -> int | None:
    """Tell where the stretch that may open with the bracket at ``at`` ends.

    Args:
        text: The text so far.
        at: Offset of a ``<``, ``[``, ``{`` or ``(``.
        is_over: Whether to judge as if nothing followed ``text``.

    Returns:
        The offset after the closing bracket; ``at`` itself if the bracket opens nothing; None if
        only more text can tell (never so when ``is_over``).
    """
    opener = text[at]
    if opener == "<":
        return _close_tag(text, at, is_over=is_over)
    if opener == "(" and not opens_spelling(text, at):
        return at
    depth = 0
    for bracket in _PAIRS[opener].finditer(text, at, at + STRETCH_LIMIT):
        if bracket[0] in LINE_BREAKS:
            return at
        depth += 1 if bracket[0] == opener else -1
        if not depth:
            return bracket.end()
        if depth > NESTING_LIMIT:
            return at
    return at if is_over or at + STRETCH_LIMIT <= len(text) else None


def _close_tag(text: str, at: int, *, is_over: bool) -> int | None:
    end = min(len(text), at + STRETCH_LIMIT)
    if tag := _PAUSE.match(text, at, end) or _TAG.match(text, at, end):
        return tag.end()
    if is_over or at + STRETCH_LIMIT <= len(text):
        return at
    is_begun = _PAUSE_BEGUN.fullmatch(text, at) or _TAG_BEGUN.fullmatch(text, at)
    return None if is_begun else at


def opens_spelling(text: str, at: int) -> bool:
    """Tell whether the ``(`` at ``at`` belongs to a ``spell(``, in capitals or not."""
    start = at - len(_SPELL)
    if start < 0 or text[start:at].lower() != _SPELL:
        return False
    return start == 0 or not text[start - 1].isalnum()


def read_pause(tag: str) -> Milliseconds | None:
    """Return the length that a tag such as ``<200>`` asks for, None for any other tag."""
    pause = _PAUSE.fullmatch(tag)
    return float(pause[1]) if pause else None

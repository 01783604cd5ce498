"""Markdown, HTML entities and citation marks: which characters of a text are not meant to be said.

In: a segment's text. Out: `Edit` values, in order and disjoint. Invariant: each is found by what
stands right beside it, never by a partner far away, so that a segment that ends between ``**`` and
``**`` reads as the whole text would; and the work is linear in the text.

=====================================  ======================================================
text                                   is read as
=====================================  ======================================================
``## Head``, ``> quote``, ``- item``   without its mark, where a line begins
``- [x] done``, ``---``, code fences   likewise; rules and fences vanish with all their line
``[text](url)``, ``![alt](url)``       its text
``text[3]``, ``[^1]``, ``word.¹``      without the citation mark
``**bold**``, ``_it_``, ``~~x~~``      without the signs; ``5 * 3``, ``a_b`` and ``x == y`` stay
``don`t``                              an apostrophe
``| a | b |``                          its cells, with commas between
``&amp;``, ``&#39;``                   the character
``<br>``, ``</p>``, ``<li>``           a line break
=====================================  ======================================================
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CELL: Final = "|"
"""The replacement that parts the cells of a table."""

_CITATION: Final = (
    r"\[(?:\d{1,3}(?:[,;\u2013-]\s?\d{1,3}){0,8}|\^[\w-]{1,24}"
    r"|citation needed|(?:note|nb) \d{1,2})\]"
)
CITATION: Final = re.compile(_CITATION)
"""A citation mark, as it may stand behind the mark that ends a sentence."""

_LINE_END: Final = r"[ \t]{0,80}(?=[\n\r\u2028\u2029]|\Z)"
_TITLE: Final = r"(?:[ \t]{1,8}[\"'][^\"'\n]{0,100}[\"'])?"
_URL: Final = r"[^\s()]{0,400}(?:\([^\s()]{0,100}\)[^\s()]{0,100})?" + _TITLE

_LINE_PARTS: Final = {
    "fence": r"[ \t]{0,8}(?:`{3,8}|~{3,8})[^\n`]{0,40}" + _LINE_END,
    "rule": r"[ \t]{0,8}(?:-{3,80}|\*{3,80}|_{3,80}|={3,80}|(?:[*-] ){3,8})" + _LINE_END,
    "table_rule": r"[ \t]{0,8}\|?(?:[ \t]{0,8}:?-{2,80}:?[ \t]{0,8}\|?){1,32}" + _LINE_END,
    "definition": r"\[[^\]\n]{1,80}\]:[ \t]{1,4}(?:https?:|<|/|\.)[^\n]{0,400}",
    "head": r"[ \t]{0,3}\#{1,6}[ \t]{1,8}",
    "quote": r"[ \t]{0,3}(?:(?:>[ \t]{1,8}){1,8}|>(?=[A-Za-z*_\[]))",
    "bullet": r"[ \t]{0,24}(?:[-*+•‣◦▪●○·–](?=[ \t])|\d{1,3}[.)](?=[ \t]{1,8}\[[ xX]\]))[ \t]{1,8}"
    r"(?:\[[ xX]\][ \t]{1,8})?",
}
_INLINE_PARTS: Final = {
    "comment": r"<!--[^>]{0,400}-->",
    "line_tag": r"</?(?:br|p|div|li|ul|ol|h[1-6]|tr|table|hr|section|article|blockquote|pre)"
    r"(?:[ \t][^<>\n]{0,100})?/?>",
    "image": r"!(?=\[[^\]\n]{0,200}\]\()",
    "link": r"\[(?=[^\[\]\n]{1,200}\]\(" + _URL + r"\))",
    "target": r"(?<=[^\s\[])\]\((?=[^\s()])" + _URL + r"\)",
    "citation": r"(?<=[^\s\[({<])(?:" + _CITATION + r"){1,8}|\[\^[\w-]{1,24}\]:?",
    "note": r"(?:(?<=[a-z]{3})|(?<=[.!?,\"”’)]))[¹²³⁰⁴-⁹]{1,3}(?![\w⁰-⁹])|(?<=[\w.!?])[†‡](?!\w)",
    "entity": r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}[0-9]{0,2});",
    "stars": r"\*{1,8}",
    "strike": r"~{2,8}",
    "highlight": r"(?<![=\w<>!])==(?=\w)|(?<=[^\W_])==(?![=\w>])|(?<=[.!?)])==(?!=)",
    "underline": r"(?<![\w])_{1,3}(?=[^\W_]|[*~`\"'“])|(?<=[^\W_]|[.!?*~`\"'”)])_{1,3}(?!\w)",
    "tick": r"`{1,8}",
    "pipe": r"\|",
    "escape": r"\\(?=[*_`\[\]#~|<>!()-])",
    "closing_heads": r"(?<=[^\s\#])[ \t]{1,8}\#{1,6}" + _LINE_END,
}


def _named(parts: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}>{part})" for name, part in parts.items())


_ANY: Final = re.compile(
    rf"(?:(?<=[\n\r\u2028\u2029])|(?<![\s\S]))(?:{_named(_LINE_PARTS)})"
    rf"|(?=[<!\[\]&*~=_`|\\\s†‡¹²³⁰⁴-⁹])(?:{_named(_INLINE_PARTS)})",
    re.IGNORECASE,
)
_MAY_HOLD: Final = re.compile(r"[#*_~=`\[\]|&<>\\†‡•‣◦▪●○·¹²³⁰⁴-⁹–+-]|\d[.)]")
_TABLE_LINE: Final = re.compile(r"[^\n\r|]*\|[^\n\r|]*\|[^\n\r]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of text that something else is read for.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last one.
        replacement: What is read: "" for nothing, white space, a character, or `CELL`.
    """

    start: int
    end: int
    replacement: str = ""


def find_edits(text: str) -> Iterator[Edit]:
    """Yield what is not to be read as it stands."""
    if _MAY_HOLD.search(text) is None:
        return
    for found in _ANY.finditer(text):
        replacement = _replacement(text, found)
        if replacement is not None:
            yield Edit(found.start(), found.end(), replacement)


_REPLACED: Final = {"line_tag": "\n", "comment": " "}


def _replacement(text: str, found: re.Match[str]) -> str | None:
    """Return what is read for a mark, None if it is none where it stands."""
    start, end = found.span()
    match found.lastgroup:
        case "entity":
            char = html.unescape(found[0])
            return None if char == found[0] else " " if char.isspace() else char
        case "stars":
            return None if _is_product(text, start, end) else ""
        case "tick":
            is_single = end == start + 1
            return (
                "'" if is_single and _is_letter(text, start - 1) and _is_letter(text, end) else ""
            )
        case "pipe":
            return CELL if _is_in_table(text, start) else None
        case name:
            return _REPLACED.get(str(name), "")


def _is_letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalpha()


def _is_product(text: str, start: int, end: int) -> bool:
    """Tell whether stars multiply: between spaces or operands, on both sides alike."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if end - start > 1:
        return before.isdigit() and after.isdigit()
    if before.isspace() and after.isspace():
        return True
    return (
        (before.isalnum() or before == ")")
        and (after.isalnum() or after == "(")
        and (before.isdigit() or after.isdigit() or (len(text[start - 2 : start - 1].strip()) == 0))
    )


def _is_in_table(text: str, at: int) -> bool:
    """Tell whether the bar at ``at`` parts cells: another one stands in its line, or spaces."""
    line_start = (
        max(text.rfind("\n", max(0, at - 400), at), text.rfind("\r", max(0, at - 400), at)) + 1
    )
    is_first = not text[line_start:at].strip()
    spaced = text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace()
    return is_first or spaced or _TABLE_LINE.match(text, line_start, at + 400) is not None

"""Where speech may be cut: what each punctuation mark of a text is, as far as it can be known.

In: the text since the last cut. Out: `Mark` values. Invariant: more text turns LIKELY and DOUBTFUL
into CERTAIN or NEVER, and never changes those two: so it does not matter how text was cut into
messages.

=============  =====================================================  ============================
certainty      when                                                   what follows from it
=============  =====================================================  ============================
``NEVER``      inside a number, name, address or markup; after an     not a boundary
               abbreviation that the sentence goes on after
``DOUBTFUL``   last in the text, or only white space after it, and    a boundary, unless more text
               perhaps not the end: after a digit, a single letter,   comes within 120 ms
               an abbreviation, an address; inside an open bracket
``LIKELY``     last in the text, none of those                        likewise, within 25 ms
``CERTAIN``    followed by white space (in scripts that write none,   a boundary
               by anything); a line break
=============  =====================================================  ============================

A mark is the whole of ``?!`` or ``..."``: the punctuation and the closing quotes and brackets after
it. An ellipsis is a boundary even before a small letter: a pause is what it is written for.

After a full stop the words on either side decide: `full_stops`.

With nothing after that white space, any mark is a boundary in the end: nothing that ends in a
mark waits for the next message.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from hoarfrost.text.brackets import LINE_BREAKS, STRETCH_LIMIT, close_bracket
from hoarfrost.text.characters import UNSPACED, cut_between, expects_more, is_picture, is_unspaced
from hoarfrost.text.full_stops import (
    CLOSING,
    WORD_LIMIT,
    Certainty,
    Kin,
    judge_full_stop,
    judge_glued,
    kin_of,
    word_before,
)
from hoarfrost.text.markdown import CITATION

MARK_LIMIT = 64
"""Longest mark, in characters; the rest of a longer run is a mark of its own."""

# White space comes after the marks of most scripts, and not after those of the others.
_SPACED_ENDS = ".?!…‽؟۔։⁇⁈⁉"
_TIGHT_ENDS = "。！？．｡।॥።។။"
_SPACED_COMMAS = ",،"
_TIGHT_COMMAS = "，、､"
_ENDS = frozenset(_SPACED_ENDS + _TIGHT_ENDS)
_COMMAS = frozenset(_SPACED_COMMAS + _TIGHT_COMMAS)
_TIGHT = frozenset(_TIGHT_ENDS + _TIGHT_COMMAS)
_DECIMAL_POINTS = frozenset("．，")

_STOPS = re.compile("[" + re.escape("".join(sorted(_ENDS | _COMMAS)) + LINE_BREAKS + "<[{(") + "]")
_OPENERS = re.compile(r"[<\[{(]")
_OPENER_OR_SPACE = re.compile(r"[<\[{(]|\s")

_WORD = re.compile(rf"<[^<>\s]*>|[{UNSPACED}]|[^\s{UNSPACED}]+")

_BEFORE_NUMBERS = tuple("$€£¥#")
_SUPERSCRIPTS = frozenset("¹²³⁰⁴⁵⁶⁷⁸⁹")


class Kind(Enum):
    """What a mark ends."""

    SENTENCE = auto()
    CLAUSE = auto()
    BRACKET = auto()
    """Nothing yet: a bracket opens there, and only more text can tell whether it is markup."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where speech may be cut.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character: the cut.
        kind: What it ends.
        certainty: Whether it is a boundary.
    """

    start: int
    end: int
    kind: Kind
    certainty: Certainty


def find_mark(
    text: str, at: int = 0, *, before: int | None = None, is_over: bool = False
) -> Mark | None:
    """Find the first mark from ``at`` on that is, or may become, a boundary.

    Args:
        text: The text since the last cut.
        at: Offset to begin at, not inside a markup stretch.
        before: Offset that the mark must begin before, the end of the text if None.
        is_over: Whether to judge as if nothing followed ``text``: the answer is CERTAIN or None.
    """
    limit = len(text) if before is None else before
    while stop := _STOPS.search(text, at, limit):
        start, char = stop.start(), stop[0]
        if char in "<[{(":
            end = close_bracket(text, start, is_over=is_over)
            if end is None:
                return Mark(start, start, Kind.BRACKET, Certainty.DOUBTFUL)
            at = _last_mark_in(text, start, end) if end > start else start + 1
            continue
        mark = judge_mark(text, start, is_over=is_over)
        if mark.certainty is not Certainty.NEVER:
            return mark
        at = mark.end
    return None


def _last_mark_in(text: str, start: int, end: int) -> int:
    """Return where to look on after a stretch: at its last mark, if it ends like ``[Stop!]``."""
    if text[start] != "[":
        return end
    at = end - 1
    while at > start and _is_closing(text[at], is_tight=False):
        at -= 1
    return at if text[at] in _ENDS | _COMMAS else end


def judge_mark(text: str, at: int, *, is_over: bool = False) -> Mark:
    """Tell what the mark that begins at ``at`` is.

    Args:
        text: The text since the last cut.
        at: Offset of a sentence mark, a comma or a line break, outside of markup.
        is_over: Whether to judge as if nothing followed ``text``.
    """
    if text[at] in LINE_BREAKS:
        return Mark(at, at + 1, Kind.SENTENCE, Certainty.CERTAIN)
    family = _ENDS if text[at] in _ENDS else _COMMAS
    kind = Kind.SENTENCE if family is _ENDS else Kind.CLAUSE
    is_tight = text[at] in _TIGHT
    end = at + 1
    limit = min(len(text), at + MARK_LIMIT)
    while end < limit and (text[end] in family or _closes(text, end, is_tight=is_tight)):
        end += 1
    while family is _ENDS and (cited := CITATION.match(text, end)):
        end = cited.end()
    if end - at >= MARK_LIMIT:
        certainty = Certainty.CERTAIN
    elif end == len(text):
        certainty = Certainty.CERTAIN if is_over else _hold_of(text, at)
    elif is_tight:
        is_point = text[at] in _DECIMAL_POINTS and text[at - 1 : at].isdigit()
        is_inside = is_point and text[end].isdigit()
        certainty = Certainty.NEVER if is_inside else Certainty.CERTAIN
    elif kind is Kind.CLAUSE and text[at - 1 : at].isdigit():
        certainty = _judge_listed(text, end, is_over=is_over)
    else:
        certainty = _judge_spaced(text, at, end, is_over=is_over)
        if certainty is Certainty.NEVER and kind is Kind.SENTENCE:
            certainty = judge_glued(text, at, end, is_over=is_over)
    return Mark(at, end, kind, certainty)


def _judge_listed(text: str, end: int, *, is_over: bool) -> Certainty:
    """Judge a comma after a digit: before another one it parts what is read as one thing.

    That is a date (``Jan 5, 2024``), or a list of codes.
    """
    if not text[end].isspace():
        return Certainty.NEVER
    following = text[end : end + WORD_LIMIT].lstrip()
    if not following:
        return Certainty.CERTAIN if is_over else Certainty.DOUBTFUL
    return Certainty.NEVER if following[0].isdigit() else Certainty.CERTAIN


def _closes(text: str, end: int, *, is_tight: bool) -> bool:
    """Tell whether the character at ``end`` closes something that the mark before it is inside of.

    Without white space to tell by, as in ``"你好。"``, a straight quote closes if one is open.
    """
    if is_tight and text[end] == '"':
        return text.count('"', 0, end) % 2 == 1
    return _is_closing(text[end], is_tight=is_tight)


def _is_closing(char: str, *, is_tight: bool) -> bool:
    if char in _SUPERSCRIPTS:
        return not is_tight
    if char < "\x80":
        return char in CLOSING and not (is_tight and char in "*_`~")
    # „…“ and »…« close with what opens elsewhere: as white space must follow, that does no harm.
    return unicodedata.category(char) in (("Pe", "Pf") if is_tight else ("Pe", "Pf", "Pi"))


def _hold_of(text: str, at: int) -> Certainty:
    """Return how likely the mark at ``at`` is the end, being the last thing in the text so far."""
    word = word_before(text, at)
    recent = max(0, at - STRETCH_LIMIT)
    is_doubtful = (
        text[at - 1 : at].isdigit()
        or word == "I"
        or kin_of(text, at, word) is not Kin.WORD
        or any(sign in word for sign in "@/")
        or text.count("(", recent, at) > text.count(")", recent, at)
    )
    return Certainty.DOUBTFUL if is_doubtful else Certainty.LIKELY


def _judge_spaced(text: str, at: int, end: int, *, is_over: bool) -> Certainty:
    """Judge a mark that needs white space, with something after it."""
    char, following = text[at], text[end]
    if following == "<":
        tag_end = close_bracket(text, end, is_over=is_over)
        if tag_end is None:
            return Certainty.DOUBTFUL
        is_apart = tag_end > end
    elif is_unspaced(following):
        # A stop between Latin and Han letters is more likely part of a name than an end.
        is_apart = char != "." or is_unspaced(text[at - 1 : at])
    else:
        is_apart = following.isspace() or is_picture(following)
    if not is_apart:
        return Certainty.NEVER
    is_full_stop = char == "." and not any(other in _ENDS for other in text[at + 1 : end])
    if not is_full_stop or following in LINE_BREAKS:
        return Certainty.CERTAIN
    return judge_full_stop(text, at, end, is_over=is_over)


def count_words(text: str) -> int:
    """Count words: between white space, or one a character in scripts that write none."""
    words = (word[0] for word in _WORD.finditer(text))
    return sum(word[0] != "<" and any(char.isalnum() for char in word) for word in words)


def is_unfinished(text: str) -> bool:
    """Tell whether text breaks off inside of markup, a number or a character.

    Also right after a number: a unit, or the next group of its digits, may follow.
    """
    tail = text[-STRETCH_LIMIT:]
    openers = [opener.start() for opener in _OPENERS.finditer(tail)]
    if any(close_bracket(tail, opener) is None for opener in reversed(openers)):
        return True
    bare = tail.rstrip(" ")
    number = bare[len(bare.rstrip("0123456789.,:/-")) :].lstrip("-/.,:")
    if number[:1].isdigit() and len(number) <= WORD_LIMIT:
        return True
    return expects_more(tail[-1:]) or bare[-1:] in _BEFORE_NUMBERS


def find_cut(text: str, limit: int) -> int:
    """Return the best place in the first ``limit`` characters to cut text that is longer.

    That is, the last one of the best sort there is: after a sentence, after a clause (both only if
    that is not a mere scrap of the text), before white space, between two characters as seen.
    """
    scrap = limit // 4
    last = {Kind.SENTENCE: 0, Kind.CLAUSE: 0}
    at = 0
    while (mark := find_mark(text, at, before=limit, is_over=True)) and mark.end <= limit:
        last[mark.kind] = at = mark.end
    for kind in (Kind.SENTENCE, Kind.CLAUSE):
        if last[kind] > scrap:
            return last[kind]
    space = at = 0
    edge = limit
    while (found := _OPENER_OR_SPACE.search(text, at)) and found.start() <= limit:
        start, at = found.span()
        if found[0].isspace():
            space = start
            continue
        end = close_bracket(text, start, is_over=True)
        if end is not None and end > start:
            at = end
            if start <= limit < end and start > 0:
                edge = start
    return space or cut_between(text, edge)

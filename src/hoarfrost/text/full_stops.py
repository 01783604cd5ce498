"""What the words on either side make of a full stop: an end, or a part of an abbreviation.

In: the text since the last cut, and where a mark stands. Out: how certain it is that a sentence
ends there. Invariant: more text turns DOUBTFUL into CERTAIN or NEVER, and never changes those two.

After a full stop and white space, the word before it decides:

=======================  ==============  =========================================================
word                     such as         boundary before
=======================  ==============  =========================================================
any other                ``home.``       anything
never last               ``Dr. e.g.``    nothing
letters with stops       ``U.S. a.m.``   a word that begins sentences (``The``), not ``Army``
single letter            ``J.``          likewise; but ``I.`` is a word
maybe last               ``Inc.``        likewise
end of a list            ``etc.``        a capital letter
before a number          ``No. 5``       anything but a digit
one or two digits        ``3. Oktober``  anything but a small letter or a noun that is counted so
number of a list entry   ``1. First``    nothing, as long as it is all there is since the last cut
=======================  ==============  =========================================================

With nothing after that white space, any of them is a boundary in the end: nothing that ends in a
mark waits for the next message.
"""

import re
from enum import Enum, auto

from hoarfrost.text import streets
from hoarfrost.text.abbreviations import (
    BEFORE_NUMBER,
    CAPITALISED,
    LIST_END,
    MAYBE_LAST,
    NEVER_LAST,
    ORDINAL_NOUNS,
    STARTERS,
    STREET_TYPES,
)
from hoarfrost.text.brackets import LINE_BREAKS
from hoarfrost.text.markdown import CITATION
from hoarfrost.text.tables import words

WORD_LIMIT = 32
"""Longest word before a mark that is looked up: longer ones are no abbreviations."""

CLOSING = frozenset("\"')]}*_`~")
"""Characters of ASCII that close what they stand behind."""

_OPENING = "\"'“”„‟‘‚«»‹›([{*_`~¿¡-–—"
_NEXT_WORD = re.compile(r"[^\S\n\r\v\f\x85\u2028\u2029]{0,32}[\"'“„«‘(*_¿¡]{0,4}([^\W\d_]{0,32})")
_CITATION_BEGUN = re.compile(r"\[[\^\w,; \u2013-]{0,24}")
_DOMAINS = words("""
    com org net io js py md txt pdf gov edu exe ai app dev co uk us
""")
"""What follows a full stop in the name of a host or a file, also with a capital."""


class Certainty(Enum):
    """How far it is known that a mark is a boundary: see the table above."""

    NEVER = auto()
    DOUBTFUL = auto()
    LIKELY = auto()
    CERTAIN = auto()


class Kin(Enum):
    """What kind of word stands before a full stop: the rows of the second table above."""

    WORD = auto()
    NEVER_LAST = auto()
    MAYBE_LAST = auto()
    LIST_END = auto()
    BEFORE_NUMBER = auto()
    ORDINAL = auto()
    ENTRY = auto()


_TURNING_ON_A_WORD = (Kin.MAYBE_LAST, Kin.ORDINAL)
"""These turn on the whole of the next word, and on what comes after it."""

_KIN_OF = {
    **dict.fromkeys(BEFORE_NUMBER, Kin.BEFORE_NUMBER),
    **dict.fromkeys(MAYBE_LAST, Kin.MAYBE_LAST),
    **dict.fromkeys(LIST_END, Kin.LIST_END),
    **dict.fromkeys(NEVER_LAST, Kin.NEVER_LAST),
}


def word_before(text: str, at: int) -> str:
    """Return the word that ends at ``at``, without the quotes and brackets that open before it."""
    recent = text[max(0, at - WORD_LIMIT) : at]
    if not recent or recent[-1].isspace():
        return ""
    return recent.split()[-1].rpartition(">")[2].lstrip(_OPENING)


def kin_of(text: str, at: int, word: str) -> Kin:
    """Return the kind of the word that ends at ``at``."""
    if word.isdecimal() and len(word) <= 3:
        if not any(char.isalnum() for char in text[: at - len(word)]):
            return Kin.ENTRY
        return Kin.ORDINAL if len(word) <= 2 else Kin.WORD
    is_short = _is_initial(word) or _is_dotted(word) or word in CAPITALISED
    is_short = is_short or (len(word) > 4 and word.endswith("str"))  # "Hauptstr. 5"
    return _KIN_OF.get(word.casefold(), Kin.MAYBE_LAST if is_short else Kin.WORD)


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word != "I" and word.lower() != word.upper()


def _is_dotted(word: str) -> bool:
    """Tell whether a word is like U.S, a.m or Ph.D: one or two letters between its stops."""
    parts = word.split(".")
    return len(parts) > 1 and all(part.isalpha() and len(part) <= 2 for part in parts)


def judge_full_stop(text: str, at: int, end: int, *, is_over: bool) -> Certainty:
    """Judge a full stop that white space follows by the words on either side."""
    before = word_before(text, at)
    kin = kin_of(text, at, before)
    if kin is Kin.WORD:
        return Certainty.CERTAIN
    ahead = _NEXT_WORD.match(text, end)
    word, stop = (ahead[1], ahead.end()) if ahead else ("", end)
    following = text[stop : stop + 1]
    if not word and (not following or following in LINE_BREAKS):
        is_certain = is_over or bool(following)
        return Certainty.CERTAIN if is_certain else Certainty.DOUBTFUL
    is_open = not following and not is_over and word[:1] != word[:1].lower()
    is_street = before.casefold() in STREET_TYPES
    if is_open and (is_street or kin in _TURNING_ON_A_WORD):
        return Certainty.DOUBTFUL
    is_boundary = _parts(kin, word, following)
    if is_street and not is_boundary and word[:1] != word[:1].lower():
        start = at - len(before)
        behind = text[max(0, start - streets.REACH) : start]
        is_boundary = streets.ends_sentence(behind, text[end : end + streets.REACH])
    return Certainty.CERTAIN if is_boundary else Certainty.NEVER


def _parts(kin: Kin, word: str, following: str) -> bool:
    """Tell whether a full stop after a word of some kind parts it from the next one.

    Args:
        kin: Of the word before.
        word: The word after, "" if something else stands there.
        following: The character after that.
    """
    is_capital = word[:1] != word[:1].lower()
    match kin:
        case Kin.NEVER_LAST | Kin.ENTRY:
            return False
        case Kin.BEFORE_NUMBER:
            return bool(word) or not following.isdigit()
        case Kin.LIST_END:
            return is_capital
        case Kin.ORDINAL:
            is_small = word[:1] != word[:1].upper()
            return not is_small and word.casefold() not in ORDINAL_NOUNS
        case _:
            return is_capital and word.casefold() in STARTERS and following != "."


def judge_glued(text: str, at: int, end: int, *, is_over: bool) -> Certainty:
    """Judge a sentence mark that the next sentence follows without a space (``$5.Do``)."""
    if text[end] == "[":
        is_begun = not is_over and _CITATION_BEGUN.fullmatch(text, end) is not None
        return Certainty.DOUBTFUL if is_begun else Certainty.NEVER
    if text[end - 1] == "]" and CITATION.search(text, at, end):
        return Certainty.CERTAIN
    word = word_before(text, at)
    if not text[end].isupper() or any(sign in word for sign in "@/\\_=?&#"):
        return Certainty.NEVER
    if text[at] == "." and end == at + 1 and not _may_be_glued(text, at, word):
        return Certainty.NEVER
    following = _NEXT_WORD.match(text, end)
    name = following[1] if following else ""
    if not is_over and end + len(name) == len(text):
        return Certainty.DOUBTFUL
    is_word = name[1:].islower() or (
        name in ("I", "A") and text[end + 1 : end + 2] in (" ", "'", "’")
    )
    is_name = name.casefold() in _DOMAINS or (
        word[-2:].isdigit() and name.casefold() in ORDINAL_NOUNS
    )
    is_name = is_name or (word.isdecimal() and name.casefold() in ORDINAL_NOUNS)
    return Certainty.CERTAIN if is_word and not is_name else Certainty.NEVER


def _may_be_glued(text: str, at: int, word: str) -> bool:
    """Tell whether a full stop without a space after it may end a sentence after ``word``."""
    last = text[at - 1 : at]
    if last.isdigit() or last in CLOSING or word == "I":
        return kin_of(text, at, word) is not Kin.ENTRY
    if "." in word or len(word) < 2 or kin_of(text, at, word) is not Kin.WORD:
        return False
    return word[-2:].islower() or word.isupper()

"""A text as a reader takes it in: sentences, clauses, words, and how each sentence ends.

In: plain text. Out: `Sentence` values. Invariant: every stretch of the text with a letter or a
digit in it belongs to exactly one `Word`, in order, with its place in the text.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from hoarfrost.engines.natural.spoken import keeps_full_stop, may_end_sentence, spoken

_OPENING: Final = "\"'“‘«([{<¿¡*_`-–—•…"
_CLOSING: Final = "\"'”’»)]}>*_`"
_ENDING: Final = ".!?…。！？؟।॥"
_PAUSING: Final = ",;:，；：、،؛"
_RISING: Final = "?？؟"
_STRESSING: Final = "!！"
_MAX_WORDS: Final = 40
"""A clause without any mark is cut here: nobody reads longer without a breath."""

_PIECE: Final = re.compile(
    r"""\n\s*\n?                            # a line break ends a sentence
    | [^\s—–]+ (?: [–] (?=\d) [^\s—–]+ )?   # a word with its marks; 3–5 is one
    | [—–]+                                 # a dash is a pause
    """,
    re.VERBOSE,
)
_GLUED: Final = re.compile(
    r"(?<=[a-z]{2})[.!?](?=[A-Z][a-z])|(?<=\w),(?=[A-Za-z]{2})|(?<=\w)\.{2,}(?=\w)"
)
"""Marks inside what should have been two words: ``done.Next``, ``one,two``, ``well...maybe``."""


class Ending(StrEnum):
    """How a sentence is said to its end."""

    FALL = "."
    RISE = "?"
    STRESS = "!"


@dataclass(frozen=True, slots=True)
class Word:
    """A written word.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset after its last one, marks around it not included.
        written: The text between.
        spoken: What is said for it; "" for a lone sign.
        is_emphatic: Whether it is to stand out.
        mark: The pausing mark written after it: ``,`` ``;`` ``:`` or "".
    """

    start: int
    end: int
    written: str
    spoken: str
    is_emphatic: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said in one curve.

    Attributes:
        clauses: Words between pauses; none empty.
        ending: How it ends.
    """

    clauses: tuple[tuple[Word, ...], ...]
    ending: Ending


def read_sentences(text: str, *, writes_out: bool = True) -> list[Sentence]:
    """Split a text into sentences; empty for a text without a letter or digit.

    Args:
        text: Any text.
        writes_out: Whether numbers, abbreviations and addresses are written out as they are said
            in U.S. English. For other languages they are left to the phonemizer.
    """
    pieces = _pieces(text, writes_out=writes_out)
    sentences: list[Sentence] = []
    clauses: list[list[Word]] = [[]]

    def end_sentence(ending: Ending) -> None:
        kept = tuple(tuple(clause) for clause in clauses if clause)
        if any(word.spoken for clause in kept for word in clause):
            sentences.append(_with_emphasis(Sentence(kept, ending)))
        elif kept and sentences:  # signs only: their places belong to the sentence before
            last = sentences[-1]
            sentences[-1] = replace(last, clauses=(*last.clauses, *kept))
        clauses[:] = [[]]

    for index, piece in enumerate(pieces):
        core = piece.core(text)
        after = pieces[index + 1].core(text) if index + 1 < len(pieces) else ""
        before = pieces[index - 1].core(text) if index else ""
        if piece.leads_pause and clauses[-1]:
            clauses.append([])
        if core:
            if writes_out:
                said = spoken(core, before=before, after=after)
            else:
                said = core if any(map(str.isalnum, core)) else ""
            mark = piece.mark or ("," if piece.pauses else "")
            clauses[-1].append(Word(piece.start, piece.end, core, said, mark=mark))
        if piece.ending is not None:
            end_sentence(piece.ending)
        elif piece.pauses or len(clauses[-1]) >= _MAX_WORDS:
            clauses.append([])
    end_sentence(Ending.FALL)
    return sentences


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    leads_pause: bool = False
    pauses: bool = False
    mark: str = ""
    ending: Ending | None = None

    def core(self, text: str) -> str:
        return text[self.start : self.end]


def _pieces(text: str, *, writes_out: bool) -> list[_Piece]:
    pieces: list[_Piece] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if match[0][0] == "\n" and pieces:
            pieces[-1].ending = pieces[-1].ending or Ending.FALL
        elif match[0][0] in "—–" and pieces:
            pieces[-1].pauses = True
        elif match[0][0] not in "\n—–":
            for low, high in _unglued(text, start, end):
                pieces.append(_piece(text, low, high))
    pieces = [p for p in pieces if p.start < p.end or p.ending or p.pauses]
    _settle_full_stops(text, pieces, writes_out=writes_out)
    return pieces


def _unglued(text: str, start: int, end: int) -> list[tuple[int, int]]:
    token = text[start:end]
    if "@" in token or "/" in token or token.lower().startswith("www."):
        return [(start, end)]
    cuts = [start, *(start + m.end() for m in _GLUED.finditer(token)), end]
    return list(pairwise(cuts))


def _piece(text: str, start: int, end: int) -> _Piece:
    """Take the marks off both ends of a token and note what they say."""
    piece = _Piece(start, end)
    while piece.start < piece.end and text[piece.start] in _OPENING:
        negative = text[piece.start] in "-–" and text[piece.start + 1 : piece.start + 2].isdigit()
        if negative or (text[piece.start] == "'" and text[piece.start + 1 : piece.end].isalpha()):
            break
        piece.leads_pause |= text[piece.start] in "(["
        piece.start += 1
    marks = ""
    while piece.end > piece.start and text[piece.end - 1] in _CLOSING + _ENDING + _PAUSING + "-":
        piece.end -= 1
        marks = text[piece.end] + marks
    piece.pauses = any(mark in _PAUSING or mark in ")]" for mark in marks)
    piece.mark = next((mark for mark in marks if mark in ",;:"), "")
    if any(mark in _RISING for mark in marks):
        piece.ending = Ending.RISE
    elif any(mark in _STRESSING for mark in marks):
        piece.ending = Ending.STRESS
    elif any(mark in _ENDING for mark in marks):
        piece.ending = Ending.FALL
    return piece


def _settle_full_stops(text: str, pieces: list[_Piece], *, writes_out: bool) -> None:
    """Give abbreviations their full stop back, and keep only those stops that end a sentence."""
    for index, piece in enumerate(pieces):
        if piece.ending is not Ending.FALL or text[piece.end : piece.end + 1] != ".":
            continue
        if text[piece.end : piece.end + 2] == ".." or not piece.core(text):
            after = pieces[index + 1].core(text) if index + 1 < len(pieces) else ""
            if after[:1].islower():  # an ellipsis in the middle of a sentence
                piece.ending, piece.pauses = None, True
            continue
        after = pieces[index + 1].core(text) if index + 1 < len(pieces) else ""
        if not writes_out:  # a full stop before a small letter or after one letter ends nothing
            core = piece.core(text)
            if after[:1].islower() or (after and len(core) == 1 and core.isalpha()):
                piece.ending = None
            continue
        dotted = text[piece.start : piece.end + 1]
        if keeps_full_stop(dotted, after):
            piece.end += 1
        if not may_end_sentence(dotted, after):
            piece.ending = None


def _with_emphasis(sentence: Sentence) -> Sentence:
    """Mark words in capitals, unless all are, and the last word of an exclamation."""
    words = [word for clause in sentence.clauses for word in clause]
    shouted = [word for word in words if len(word.written) > 1 and word.written.isupper()]
    everywhere = len(shouted) * 2 > len([word for word in words if word.spoken])

    def settled(word: Word) -> Word:
        if word in shouted and everywhere and len(words) > 2 and word.spoken.isalpha():
            return replace(word, spoken=word.spoken.lower())
        stands_out = word in shouted and not everywhere and len(word.written) > 3
        return replace(word, is_emphatic=stands_out) if stands_out else word

    clauses = tuple(tuple(settled(word) for word in clause) for clause in sentence.clauses)
    return replace(sentence, clauses=clauses)

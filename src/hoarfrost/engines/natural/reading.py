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
from hoarfrost.text.boundaries import Certainty, judge_mark

_BRACKETS: Final = "（［【「『《〈"
_OPENING: Final = f"\"'“‘„«‹([{{<¿¡*_`-–—•…{_BRACKETS}"
_CLOSING: Final = "\"'”’“»›)]}>*_`）］】」』》〉"
_ENDING: Final = ".!?…。！？｡．؟۔।॥։።။"
_PAUSING: Final = ",;:，；：、､،؛"
_RISING: Final = "?？؟\u037e"
_STRESSING: Final = "!！"
_SAME: Final = {
    "؟": "?",
    "\u037e": "?",
    "۔": ".",
    "።": ".",
    "｡": ".",
    "…": ".",
    "،": ",",
    "､": ",",
    "؛": ";",
}
"""Marks that are said as those of ASCII are."""
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
    rf"|[。！？｡，；：、､۔।॥։።။]+[{re.escape(_CLOSING)}]*(?=[\w{_BRACKETS}])"
)
"""Marks inside what should have been two words: ``done.Next``, ``one,two``, ``well...maybe``; and
those that no white space follows in their scripts."""
_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NEXT_TO_HAN: Final = re.compile(rf"(?<=[{_HAN}])(?=[\w{_BRACKETS}])|(?<=\w)(?=[{_HAN}])")
"""Between Chinese characters: each is a word of its own."""


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
        mark: The pausing mark written after it, ``,`` ``;`` ``:`` or one of another script, or "".
        is_glued: Whether it is written without white space before it, as in Chinese.
    """

    start: int
    end: int
    written: str
    spoken: str
    is_emphatic: bool = False
    mark: str = ""
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said in one curve.

    Attributes:
        clauses: Words between pauses; none empty.
        ending: How it ends.
        mark: The mark that it ends with, ``.`` ``?`` ``!`` or one of another script; "" if none
            was written.
    """

    clauses: tuple[tuple[Word, ...], ...]
    ending: Ending
    mark: str = ""


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

    def end_sentence(ending: Ending, mark: str = "") -> None:
        kept = tuple(tuple(clause) for clause in clauses if clause)
        if any(word.spoken for clause in kept for word in clause):
            sentences.append(_with_emphasis(Sentence(kept, ending, mark)))
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
            said = (
                spoken(core, before=before, after=after)
                if writes_out
                else _as_written(core, before=before)
            )
            mark = piece.mark or ("," if piece.pauses else "")
            glued = piece.is_glued and bool(clauses[-1])
            clauses[-1].append(Word(piece.start, piece.end, core, said, mark=mark, is_glued=glued))
        if piece.ending is not None:
            end_sentence(piece.ending, piece.end_mark)
        elif piece.pauses or len(clauses[-1]) >= _MAX_WORDS:
            clauses.append([])
    end_sentence(Ending.FALL)
    return sentences


def _as_written(core: str, *, before: str) -> str:
    """Return what the phonemizer is given for a word of a language that it reads by itself."""
    if not any(map(str.isalnum, core)):
        return ""
    # "3. Oktober" is an ordinal to espeak-ng only before a small letter.
    return core[0].lower() + core[1:] if re.fullmatch(r"\d+\.", before) else core


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    is_glued: bool = False
    leads_pause: bool = False
    pauses: bool = False
    mark: str = ""
    ending: Ending | None = None
    end_mark: str = ""

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
            pieces[-1].mark = pieces[-1].mark or ";"  # as espeak-ng has it
        elif match[0][0] not in "\n—–":
            for low, high in _unglued(text, start, end):
                pieces.append(_piece(text, low, high, is_glued=low > start))
    pieces = [p for p in pieces if p.start < p.end or p.ending or p.pauses]
    _settle_full_stops(text, pieces, writes_out=writes_out)
    return pieces


def _unglued(text: str, start: int, end: int) -> list[tuple[int, int]]:
    token = text[start:end]
    if "@" in token or "/" in token or token.lower().startswith("www."):
        return [(start, end)]
    places = {m.end() for pattern in (_GLUED, _NEXT_TO_HAN) for m in pattern.finditer(token)}
    return list(pairwise([start, *(start + place for place in sorted(places)), end]))


def _piece(text: str, start: int, end: int, *, is_glued: bool) -> _Piece:
    """Take the marks off both ends of a token and note what they say."""
    piece = _Piece(start, end, is_glued)
    while piece.start < piece.end and text[piece.start] in _OPENING:
        negative = text[piece.start] in "-–" and text[piece.start + 1 : piece.start + 2].isdigit()
        if negative or (text[piece.start] == "'" and text[piece.start + 1 : piece.end].isalpha()):
            break
        piece.leads_pause |= text[piece.start] in "([（［【"
        piece.start += 1
    marks = ""
    while piece.end > piece.start and text[piece.end - 1] in _CLOSING + _ENDING + _PAUSING + "-":
        piece.end -= 1
        marks = text[piece.end] + marks
    piece.pauses = any(mark in _PAUSING or mark in ")]）］】" for mark in marks)
    piece.mark = next((_SAME.get(mark, mark) for mark in marks if mark in _PAUSING), "")
    for ending, signs in (
        (Ending.RISE, _RISING),
        (Ending.STRESS, _STRESSING),
        (Ending.FALL, _ENDING),
    ):
        found = next((mark for mark in marks if mark in signs), None)
        if found is not None:
            piece.ending, piece.end_mark = ending, _SAME.get(found, found)
            break
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
        if not writes_out:
            mark = judge_mark(text, piece.end, is_over=True)
            if mark.certainty is Certainty.NEVER:  # "Dr.", "3. Oktober": the phonemizer's business
                piece.end, piece.ending = piece.end + 1, None
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

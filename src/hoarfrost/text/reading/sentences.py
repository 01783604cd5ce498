"""A text as a reader takes it in: sentences, clauses, words, and how each sentence ends.

In: plain text and its language. Out: `Sentence` values. Invariant: every stretch of the text with a
letter or a digit in it belongs to exactly one `Word`, in order, with its place in the text; and a
sentence ends where `hoarfrost.text.boundaries` says so, as it does for the segmenter.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from hoarfrost.text.boundaries import Kind, find_mark
from hoarfrost.text.brackets import LINE_BREAKS
from hoarfrost.text.full_stops import Certainty
from hoarfrost.text.languages import language_of
from hoarfrost.text.reading.context import Context, Token, TokenClass, Variety
from hoarfrost.text.reading.foreign import scan_foreign
from hoarfrost.text.reading.phonemes import CLOSER, OPENER
from hoarfrost.text.reading.scanner import scan

_BRACKETS: Final = "([（［【「『《〈"
_CLOSING: Final = ")]）］】」』》〉"
_PAUSING: Final = ",;:，；：、､،؛"
_AROUND_END: Final = " \"'”’»)"
_DASH: Final = re.compile(r"\s-{1,3}\s|[—–]|--|\s[\u2012\u2212]\s")
_RISING: Final = "?？؟\u037e"
_STRESSING: Final = "!！"
_SAME: Final = {
    "؟": "?", "\u037e": "?", "۔": ".", "።": ".", "｡": ".", "…": ".", "،": ",", "､": ",", "؛": ";",
}  # fmt: skip
"""Marks that are said as those of ASCII are."""
_ELLIPSIS: Final = re.compile(r"\.{2,}|…")
_MAX_WORDS: Final = 40
"""A clause without any mark is cut here: nobody reads longer without a breath."""
_PARAGRAPH: Final = re.compile(rf"[{LINE_BREAKS}][^\S{LINE_BREAKS}]*[{LINE_BREAKS}]")
_END_MARKS: Final = frozenset("?？؟\u037e!！.。．｡…۔।॥։።။‽⁇⁈⁉")


class Ending(StrEnum):
    """How a sentence is said to its end."""

    FALL = "."
    RISE = "?"
    STRESS = "!"


class Break(StrEnum):
    """What comes after a sentence, as far as a pause goes."""

    NONE = "none"
    """Nothing: the text breaks off."""
    CLAUSE = "clause"
    """The text breaks off at a comma, or another mark that pauses."""
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Word:
    """A written word, or several that are said as one thing.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset after its last one, marks around it not included.
        written: The text between.
        spoken: What is said for it; "" for what is silent. A capital letter by itself is the name
            of the letter.
        is_emphatic: Whether it is to stand out.
        mark: The pausing mark written after it, ``,`` ``;`` ``:`` or one of another script, or "".
        is_glued: Whether it is written without white space before it, as in Chinese.
        kind: What it was taken for.
        phonemes: IPA to be said in place of ``spoken``, or "".
    """

    start: int
    end: int
    written: str
    spoken: str
    is_emphatic: bool = False
    mark: str = ""
    is_glued: bool = False
    kind: TokenClass = TokenClass.PLAIN
    phonemes: str = ""

    @property
    def said(self) -> str:
        """What a phonemizer is given: the words, or the phonemes between ``⟦`` and ``⟧``."""
        return f"{OPENER}{self.phonemes}{CLOSER}" if self.phonemes else self.spoken


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said in one curve.

    Attributes:
        clauses: Words between pauses; none empty.
        ending: How it ends.
        mark: The mark that it ends with, ``.`` ``?`` ``!`` or one of another script; "" if none
            was written.
        after: What pause comes after it.
    """

    clauses: tuple[tuple[Word, ...], ...]
    ending: Ending
    mark: str = ""
    after: Break = Break.SENTENCE

    @property
    def words(self) -> Iterator[Word]:
        """Its words, in order."""
        return (word for clause in self.clauses for word in clause)


_Scan: TypeAlias = Callable[[Context], Iterable[Token]]


def read_sentences(text: str, language: str = "en-US") -> list[Sentence]:
    """Split a text into sentences; empty for a text without a letter or digit.

    Args:
        text: Plain text: no markup but phonemes between ``⟦`` and ``⟧``.
        language: BCP 47 tag. English is written out as it is said; of other languages, what their
            phonemizers cannot do by themselves.
    """
    tokens_of, variety = _scanner_of(language)
    sentences: list[Sentence] = []
    for stretch in _stretches(text):
        tokens = list(tokens_of(Context(text, stretch.start, stretch.end, variety)))
        if not tokens:
            if sentences and stretch.after is Break.PARAGRAPH:
                sentences[-1] = replace(sentences[-1], after=Break.PARAGRAPH)
            continue
        sentence = _Assembly(text, stretch).build(tokens)
        if any(word.spoken or word.phonemes for word in sentence.words):
            sentences.append(_with_emphasis(sentence))
        elif sentences:  # silent: their places belong to the sentence before
            last = sentences[-1]
            sentences[-1] = replace(last, clauses=(*last.clauses, *sentence.clauses))
        else:
            sentences.append(sentence)
    if not any(word.spoken or word.phonemes for sentence in sentences for word in sentence.words):
        return []
    return sentences


def begins_paragraph(text: str) -> bool:
    """Tell whether a blank line stands before the first word of a text."""
    n_blank = len(text) - len(text.lstrip())
    return _PARAGRAPH.search(text, 0, n_blank) is not None


def _scanner_of(language: str) -> tuple[_Scan, Variety]:
    code = language_of(language) or ""
    if code != "en":
        return (lambda ctx: scan_foreign(ctx, code)), Variety.AMERICAN
    is_american = language.lower().replace("_", "-") in ("en", "en-us", "eng")
    return scan, Variety.AMERICAN if is_american else Variety.BRITISH


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A sentence's place in the text.

    Attributes:
        start: Where it begins.
        end: Where it ends, its marks included.
        mark_at: Where its mark begins; ``end`` if it has none.
        after: What pause comes after it.
    """

    start: int
    end: int
    mark_at: int
    after: Break


def _stretches(text: str) -> Iterator[_Stretch]:
    """Cut a text at the marks that end its sentences."""
    start = at = 0
    while (mark := find_mark(text, at, is_over=True)) is not None:
        at = mark.end
        if mark.kind is not Kind.SENTENCE or mark.certainty is not Certainty.CERTAIN:
            continue
        is_break = text[mark.start] in LINE_BREAKS
        if _goes_on(text, mark.start, mark.end):
            continue
        is_paragraph = _PARAGRAPH.match(text, mark.start if is_break else mark.end) is not None
        after = Break.PARAGRAPH if is_paragraph else Break.SENTENCE
        yield _Stretch(start, mark.end, mark.start, after)
        start = mark.end
    if start < len(text):
        is_clause = text.rstrip(_AROUND_END)[-1:] in tuple(_PAUSING)
        after = Break.CLAUSE if is_clause else Break.NONE
        yield _Stretch(start, len(text), len(text), after)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence goes on after an ellipsis: before a small letter it does."""
    if _ELLIPSIS.match(text, start) is None:
        return False
    following = text[end : end + 2].strip()
    return following[:1].islower()


class _Assembly:
    """Puts the tokens of a sentence into clauses, by the marks between them."""

    def __init__(self, text: str, stretch: _Stretch) -> None:
        self._text = text
        self._stretch = stretch
        self._clauses: list[list[Word]] = [[]]

    def build(self, tokens: list[Token]) -> Sentence:
        """Return the sentence."""
        ends = [*(token.start for token in tokens[1:]), self._stretch.end]
        for token, following in zip(tokens, ends, strict=True):
            gap = self._text[token.end : following]
            is_last = following == self._stretch.end
            mark, pauses = _pause_in(
                gap if not is_last else gap[: self._stretch.mark_at - token.end]
            )
            self._add(token, mark)
            if pauses or len(self._clauses[-1]) >= _MAX_WORDS:
                self._clauses.append([])
        ending, mark = self._ending(tokens[-1])
        kept = tuple(tuple(clause) for clause in self._clauses if clause)
        return Sentence(kept, ending, mark, self._stretch.after)

    def _add(self, token: Token, mark: str) -> None:
        text, clause = self._text, self._clauses[-1]
        is_glued = bool(clause) and clause[-1].end == token.start
        clause.append(
            Word(
                token.start,
                token.end,
                text[token.start : token.end],
                token.spoken,
                mark=mark,
                is_glued=is_glued,
                kind=token.kind,
                phonemes=token.phonemes,
            )
        )

    def _ending(self, last: Token) -> tuple[Ending, str]:
        marks = self._text[max(last.end, self._stretch.mark_at - 8) : self._stretch.end]
        for ending, signs in ((Ending.RISE, _RISING), (Ending.STRESS, _STRESSING)):
            if found := next((mark for mark in marks if mark in signs), None):
                return ending, _SAME.get(found, found)
        found = next((mark for mark in marks if mark in _END_MARKS), "")
        return Ending.FALL, _SAME.get(found, found)


def _pause_in(gap: str) -> tuple[str, bool]:
    """Return the pausing mark between two words, and whether there is a pause at all."""
    if not gap or gap == " ":
        return "", False
    for char in gap:
        if char in _PAUSING:
            return _SAME.get(char, char), True
    if _DASH.search(gap):
        return ";", True  # as espeak-ng has it
    if _ELLIPSIS.search(gap) or any(char in _CLOSING + _BRACKETS + "|" for char in gap):
        return ",", True
    return "", False


def _with_emphasis(sentence: Sentence) -> Sentence:
    """Mark plain words in capitals, unless all are."""
    words = list(sentence.words)
    shouted = [word for word in words if len(word.written) > 1 and word.written.isupper()]
    if not shouted or len(shouted) * 2 > sum(1 for word in words if word.spoken):
        return sentence

    def settled(word: Word) -> Word:
        is_loud = word.written.isupper() and len(word.written) > 3 and word.kind is TokenClass.PLAIN
        return replace(word, is_emphatic=True) if is_loud else word

    clauses = tuple(tuple(settled(word) for word in clause) for clause in sentence.clauses)
    return replace(sentence, clauses=clauses)

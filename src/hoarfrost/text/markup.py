"""What a segment says: its markup read, and everything that no voice can read taken out.

In: a `Segment`. Out: a script of `Speech` and `Pause`. Invariant: each character of a speech knows
the character of the client's text it stands for, and reading takes time linear in the text.

====================  ===========================================================================
text                  is said as
====================  ===========================================================================
``<200>``             a pause of 200 ms; nothing if pauses are off. Either way a word ends there
``<b>``, ``</b>``     nothing: tags of any name are never read aloud. ``x < 5`` is no tag
``[slow]``            its words, at the next inline speed. Of nested brackets the outermost counts
``{k1Ast0xm}``        its phonemes, if phonemes are on; else, or if it is no phonemes, its words
``spell(AB-12)``      ``A, B, 1, 2``: the comma keeps ``A`` a letter, not an article
``[``, ``}`` alone    nothing; an unbalanced ``spell(`` is a word like any other
emoji, arrows         nothing: they set words apart as white space does
``Hi !``, ``. Hi``    ``Hi!``, ``Hi``: engines read a mark that stands alone as "dot"
====================  ===========================================================================
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType

from hoarfrost.text.brackets import LINE_BREAKS, close_bracket, opens_spelling, read_pause
from hoarfrost.text.characters import is_picture
from hoarfrost.text.markdown import CELL, Edit, find_edits
from hoarfrost.text.reading.phonemes import CLOSER, OPENER, inline
from hoarfrost.text.rime_phonemes import to_ipa
from hoarfrost.text.script import Pause, Script, Segment, Speech, SpeedSpan
from hoarfrost.units import Milliseconds, Speed

PAUSE_LIMIT_MS: Milliseconds = 10_000.0
"""Longest pause that a tag can ask for."""

_SPELL = re.compile(r"spell(?=\()", re.IGNORECASE)
_MARKS = frozenset(".,;:!?…。！？，、；：।॥؟،؛۔")
_PREFIXES = ".,:"
"""Marks that may begin a word: ``.5``, ``.NET``."""
_SIGNS_TO_SPELL = frozenset("@&+#%=*$€£")
_MARKS_TO_SPELL = {".": "\u2024", "-": "\u2010", "_": "\uff3f", "/": "\u2215", ":": "\u2236"}
"""Marks that are said where something is spelled, and what is written for them, so that nobody
takes them for punctuation: `hoarfrost.text.reading` knows their names in each language."""
_NONE: Mapping[int, Speed] = MappingProxyType({})
_JOINERS = frozenset("\u200c\u200d")
_SPACE_LIKE = frozenset("\u200b\ufeff")
# Variation selectors, the keycap and skin tones: they only change how a character looks.
_LEFTOVERS = re.compile(
    "[\ufe00-\ufe0f\u180b-\u180d\u20e3\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a segment says.

    Attributes:
        script: Speech and pauses in order; empty if there is nothing to say.
        n_brackets: How many bracketed stretches it had: add it to ``first_bracket`` of the next.
    """

    script: Script
    n_brackets: int


def read_script(
    segment: Segment,
    *,
    pauses: bool,
    inline_speeds: Sequence[Speed] = (),
    first_bracket: int = 0,
    own_speeds: Mapping[int, Speed] = _NONE,
    phonemes: bool = False,
) -> Reading:
    """Read the markup of a segment.

    Args:
        segment: Text as the client sent it.
        pauses: Whether ``<200>`` is a pause.
        inline_speeds: Speeds of the bracketed stretches of the utterance, in order; those that
            have none are spoken as the words around them.
        first_bracket: How many bracketed stretches the utterance had before this segment.
        own_speeds: Speeds of bracketed stretches that are none of those, by the offset of the
            bracket in all text.
        phonemes: Whether ``{k1Ast0xm}`` is phonemes.
    """
    reader = _Reader(
        segment,
        pauses=pauses,
        phonemes=phonemes,
        inline_speeds=inline_speeds,
        first_bracket=first_bracket,
        own_speeds=own_speeds,
    )
    reader.read()
    return Reading(tuple(reader.script), reader.n_brackets)


def spelled_out(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the text of each letter, digit and nameable sign, one by one.

    What a mark of a script belongs to stays with it: ``"né-1"`` gives n, é and 1.
    """
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1
        item = _LEFTOVERS.sub("", text[at:end])
        if text[at].isalnum() or text[at] in _SIGNS_TO_SPELL:
            yield at, item
        elif text[at] in _MARKS_TO_SPELL:
            yield at, _MARKS_TO_SPELL[text[at]]
        at = end


@dataclass(slots=True)
class _Writer:
    """The speech being written: collects characters, and tidies the space between them."""

    chars: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    spans: list[SpeedSpan] = field(default_factory=list)
    is_speakable: bool = False
    gap: int | None = None
    """Source of white space that is due before the next character."""
    n_lines: int = 0
    """Line breaks in that white space."""
    comma: int | None = None
    """Source of a comma that is due before the next word: after something spelled."""
    speed: Speed = 1.0
    span_start: int | None = None

    def put(self, text: str, source: int) -> None:
        """Write one character, or several that stand for one."""
        if self.comma is not None:
            if text[0] not in _MARKS and self.has_text and not self.n_lines:
                self._append(",", self.comma)
                self.gap = self.comma if self.gap is None else self.gap
            self.comma = None
        self._fill_gap()
        if self.speed != 1.0 and self.span_start is None:
            self.span_start = len(self.chars)
        for char in text:
            self._append(char, source)
        self.is_speakable = self.is_speakable or text[0].isalnum()

    def _append(self, char: str, source: int) -> None:
        self.chars.append(char)
        self.sources.append(source)

    def _fill_gap(self) -> None:
        if self.gap is not None and self.has_text:
            for char in "\n" * min(self.n_lines, 2) or " ":
                self._append(char, self.gap)
        self.gap = None
        self.n_lines = 0

    @property
    def has_text(self) -> bool:
        """Whether more than the beginning of a paragraph has been written."""
        return bool(self.chars) and self.chars[-1] != "\n"

    def part(self, source: int) -> None:
        """See to it that the next character does not touch the last one."""
        if self.gap is None:
            self.gap = source

    def begin_paragraph(self, source: int) -> None:
        """Break the line twice before the first word."""
        self.chars, self.sources = ["\n", "\n"], [source, source]

    def end_line(self, source: int) -> None:
        """Break the line: a sentence ends there; twice, a paragraph."""
        self.part(source)
        self.n_lines += 1

    def set_speed(self, speed: Speed) -> None:
        """Speak what follows at ``speed``."""
        if self.span_start is not None:
            self.spans.append(SpeedSpan(self.span_start, len(self.chars), self.speed))
        self.span_start = None
        self.speed = speed

    def finish(self) -> Speech | None:
        """Return the speech, None if there is nothing to say. Nothing may be written after it."""
        self.set_speed(1.0)
        if not self.is_speakable:
            return None
        if self.n_lines:
            self._fill_gap()
        return Speech("".join(self.chars), tuple(self.spans), tuple(self.sources))


class _Reader:
    """Goes over a segment once, from left to right."""

    def __init__(
        self,
        segment: Segment,
        *,
        pauses: bool,
        phonemes: bool,
        inline_speeds: Sequence[Speed],
        first_bracket: int,
        own_speeds: Mapping[int, Speed],
    ) -> None:
        self.script: list[Speech | Pause] = []
        self.n_brackets = 0
        self._text = segment.text
        self._start = segment.start
        self._pauses = pauses
        self._phonemes = phonemes
        self._speeds = inline_speeds[first_bracket:]
        self._own_speeds = own_speeds
        self._bracket_end = 0  # of the outermost bracket that is open
        self._edits = {edit.start: edit for edit in find_edits(segment.text)}
        self._writer = _Writer()
        if segment.begins_paragraph:
            self._writer.begin_paragraph(segment.start)

    def read(self) -> None:
        """Read the whole segment."""
        at = 0
        while at < len(self._text):
            if at >= self._bracket_end:
                self._writer.set_speed(1.0)
            at = self._read_at(at)
        self._finish_speech()

    def _finish_speech(self) -> None:
        speech = self._writer.finish()
        if speech is not None:
            self.script.append(speech)

    def _read_at(self, at: int) -> int:
        """Read what begins at ``at``; return where to go on."""
        edit = self._edits.get(at)
        if edit is not None:
            return self._read_edit(edit)
        match self._text[at]:
            case "<":
                return self._read_tag(at)
            case "[" | "]" | "{" | "}":
                return self._read_bracket(at)
            case "s" | "S":
                return self._read_spelling(at)
            case _:
                return self._read_char(at)

    def _read_edit(self, edit: Edit) -> int:
        source = self._start + edit.start
        if edit.replacement == "\n":
            self._writer.end_line(source)
        elif edit.replacement == CELL:
            self._writer.part(source)
            self._writer.comma = source
        elif edit.replacement.isspace():
            self._writer.part(source)
        elif edit.replacement:
            self._writer.put(edit.replacement, source)
        return edit.end

    def _read_tag(self, at: int) -> int:
        end = close_bracket(self._text, at, is_over=True) or at
        if end == at:
            return self._read_char(at)
        duration_ms = read_pause(self._text[at:end])
        if duration_ms and self._pauses:
            speed = self._writer.speed
            self._finish_speech()
            self._writer = _Writer(speed=speed)
            self.script.append(Pause(min(duration_ms, PAUSE_LIMIT_MS)))
        else:
            self._writer.part(self._start + at)
        return end

    def _read_bracket(self, at: int) -> int:
        """Read a bracket: none is said, and the outermost ``[`` that is closed sets the speed."""
        if self._text[at] == "{" and self._phonemes and (end := self._read_phonemes(at)):
            return end
        if self._text[at] == "[" and at >= self._bracket_end:
            end = close_bracket(self._text, at, is_over=True) or at
            if any(char.isalnum() for char in self._text[at:end]):
                if (speed := self._own_speeds.get(self._start + at)) is not None:
                    self._writer.set_speed(speed)
                else:
                    if self.n_brackets < len(self._speeds):
                        self._writer.set_speed(self._speeds[self.n_brackets])
                    self.n_brackets += 1
                self._bracket_end = end
        return at + 1

    def _read_phonemes(self, at: int) -> int:
        """Read phonemes between braces; return where to go on, 0 if there are none."""
        end = close_bracket(self._text, at, is_over=True) or at
        ipa = to_ipa(self._text[at + 1 : end - 1])
        if not ipa:
            return 0
        for char in inline(ipa, "")[:-1]:
            self._writer.put(char, self._start + at)
        self._writer.put(CLOSER, self._start + end - 1)
        self._writer.is_speakable = True
        return end

    def _read_spelling(self, at: int) -> int:
        keyword = _SPELL.match(self._text, at)
        opener = keyword.end() if keyword else 0
        if not keyword or not opens_spelling(self._text, opener):
            return self._read_char(at)
        end = close_bracket(self._text, opener, is_over=True) or opener
        if end == opener:
            return self._read_char(at)
        self._writer.part(self._start + at)
        first = opener + 1
        for offset, item in spelled_out(self._text[first : end - 1]):
            source = self._start + first + offset
            self._writer.put(item, source)
            self._writer.comma = source
        return end

    def _read_char(self, at: int) -> int:
        char, source = self._text[at], self._start + at
        writer = self._writer
        if char in _MARKS and self._text[at : at + 2] != "!=":
            return self._read_marks(at)
        if char in LINE_BREAKS:
            if char != "\n" or self._text[at - 1 : at] != "\r":
                writer.end_line(source)
            return at + 1
        match _sort_of(char):
            case _Sort.READABLE:
                writer.put(char, source)
            case _Sort.SPACE:
                writer.part(source)
            case _Sort.JOINER if self._is_joining(at):
                writer.put(char, source)
            case _Sort.ACCENT if writer.gap is None and writer.has_text:
                # Otherwise the character that it stood on has been left out.
                writer.put(char, source)
        return at + 1

    def _read_marks(self, at: int) -> int:
        """Read a run of punctuation: it may not stand alone, only after or inside a word."""
        text, writer = self._text, self._writer
        end = at + 1
        while end < len(text) and text[end] in _MARKS:
            end += 1
        is_prefix = text[at] in _PREFIXES and end == at + 1 and text[end : end + 1].isalnum()
        if not is_prefix:
            if not writer.has_text:
                return end
            writer.gap, writer.n_lines = None, 0
        for offset in range(at, end):
            writer.put(text[offset], self._start + offset)
        return end

    def _is_joining(self, at: int) -> bool:
        """Tell whether the zero-width joiner at ``at`` stands between letters that it shapes."""
        sides = self._text[at - 1 : at] + self._text[at + 1 : at + 2]
        return (
            len(sides) == 2
            and self._writer.gap is None
            and all(unicodedata.category(side)[0] in "LM" for side in sides)
            and not _LEFTOVERS.search(sides)
        )


class _Sort(Enum):
    """What to do with a character that is no markup."""

    READABLE = auto()
    SPACE = auto()
    """Parts words, and is not said: white space, control characters, emoji."""
    ACCENT = auto()
    JOINER = auto()
    NOTHING = auto()
    """Left out without a trace: direction marks, variation selectors, skin tones."""


_SORT_OF_CATEGORY = {
    "Cc": _Sort.SPACE,
    "Cf": _Sort.NOTHING,
    "Cn": _Sort.SPACE,
    "Co": _Sort.SPACE,
    "Cs": _Sort.SPACE,
    "Mc": _Sort.ACCENT,
    "Me": _Sort.ACCENT,
    "Mn": _Sort.ACCENT,
}


def _sort_of(char: str) -> _Sort:
    if " " < char < "\x7f":
        return _Sort.READABLE
    if _LEFTOVERS.match(char):
        return _Sort.NOTHING
    if char.isspace() or char in _SPACE_LIKE or char in OPENER + CLOSER or is_picture(char):
        return _Sort.SPACE
    if char in _JOINERS:
        return _Sort.JOINER
    return _SORT_OF_CATEGORY.get(unicodedata.category(char), _Sort.READABLE)

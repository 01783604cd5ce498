"""Lexicons: how words are to be said that a voice says wrong, as its users correct them.

In: a table of words and phrases, from TOML or CSV. Out: a `Lexicon`, which rewrites speech.
Invariant: looking words up takes time linear in the text, however large the lexicon is.

==========================  ====================================================================
entry                       means
==========================  ====================================================================
``Nguyen = "win"``          another spelling, read as it stands
``GIF = "/dʒˈɪf/"``         phonemes: IPA between slashes, the stress mark before the vowel
``"see you" = "seeya"``     a phrase
==========================  ====================================================================

A word in small letters is found whatever its case in the text; one with a capital only as it is
written. Of several that begin at the same place the longest counts.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Final, Self

from hoarfrost.text.reading.phonemes import inline, inline_spelling
from hoarfrost.text.script import Speech, SpeedSpan

WORD_LIMIT: Final = 200
"""Longest entry, and longest pronunciation, in characters."""

_WORD: Final = re.compile(r"[^\W_]+")
_POSSESSIVE: Final = re.compile(r"['’][sS](?!\w)")
_IPA: Final = re.compile(r"/\s*(?P<ipa>[^/]+?)\s*/")
_FORBIDDEN: Final = re.compile(r"[⟦⟧|\x00-\x08\x0b-\x1f\x7f]")
_NOT_IPA: Final = re.compile(r"[0-9.,;:!?()\[\]{}\"<>]")


class BadLexicon(ValueError):
    """A lexicon that cannot be used.

    Attributes:
        faults: One line each: what was expected where, and what stands there.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Entry:
    """How a word or phrase is said.

    Attributes:
        written: As it stands in a text.
        spelling: Words to read in its place, or "".
        ipa: Phonemes to say in its place, or "".
    """

    written: str
    spelling: str = ""
    ipa: str = ""

    @classmethod
    def parse(cls, written: str, said: str) -> Self:
        """Read one line of a lexicon.

        Raises:
            ValueError: If it means nothing; says what was expected.
        """
        written, said = " ".join(written.split()), said.strip()
        if not _WORD.search(written) or len(written) > WORD_LIMIT or _FORBIDDEN.search(written):
            raise ValueError(f"expected a word or phrase, got {written!r:.40}")
        if len(said) > WORD_LIMIT or _FORBIDDEN.search(said):
            raise ValueError(f"{written}: expected a spelling or /IPA/, got {said!r:.40}")
        phonemes = _IPA.fullmatch(said)
        if phonemes is None:
            if not _WORD.search(said) or said.startswith("/"):
                raise ValueError(f"{written}: expected a spelling or /IPA/, got {said!r:.40}")
            return cls(written, spelling=" ".join(said.split()))
        ipa = phonemes["ipa"].replace(".", "").replace("g", "ɡ").replace("'", "ˈ")
        if _NOT_IPA.search(ipa) or not any(char.isalpha() for char in ipa):
            raise ValueError(f"{written}: expected IPA between slashes, got {said!r:.40}")
        return cls(written, ipa=ipa)

    @property
    def is_exact(self) -> bool:
        """Whether its case counts."""
        return self.written != self.written.lower()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A table of pronunciations.

    Attributes:
        entries: By first word in small letters, the entries that begin with it, the longest first.
    """

    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: list[Entry]) -> Self:
        """Make a lexicon; of two entries for one word the later counts."""
        by_written = {entry.written: entry for entry in entries}
        table: dict[str, list[Entry]] = {}
        for entry in by_written.values():
            first = _WORD.search(entry.written)
            assert first is not None  # noqa: S101  # `Entry.parse` has seen to it
            table.setdefault(first[0].lower(), []).append(entry)
        return cls(
            {
                first: tuple(sorted(found, key=lambda e: (-len(e.written), not e.is_exact)))
                for first, found in table.items()
            }
        )

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))

    def over(self, other: "Lexicon") -> "Lexicon":
        """Return this lexicon with the entries of another one that it does not have itself."""
        both = [*other.entries.values(), *self.entries.values()]
        return Lexicon.of([entry for found in both for entry in found])

    def find(self, text: str, at: int, first: str) -> Entry | None:
        """Return the entry that stands at an offset of a text, where the word ``first`` stands."""
        for entry in self.entries.get(first.lower(), ()):
            written = text[at : at + len(entry.written)]
            is_equal = (
                written == entry.written if entry.is_exact else written.lower() == entry.written
            )
            following = text[at + len(entry.written) : at + len(entry.written) + 1]
            if is_equal and not (following.isalnum() and entry.written[-1].isalnum()):
                return entry
        return None

    def rewrite(self, speech: Speech) -> Speech:
        """Return speech in which the entries stand as they are said, with their sources."""
        if not self.entries:
            return speech
        text = speech.text
        out = _Rewriting(speech)
        at = 0
        while (word := _WORD.search(text, at)) is not None:
            entry = self.find(text, word.start(), word[0])
            if entry is None:
                at = word.end()
                continue
            at = word.start() + len(entry.written)
            own = _POSSESSIVE.match(text, at)
            at = own.end() if own else at
            out.replace(
                word.start(),
                at,
                _inline(entry, text[word.start() : at], is_possessive=own is not None),
            )
        return out.finish()


def _inline(entry: Entry, written: str, *, is_possessive: bool) -> str:
    """Return how an entry stands in a text."""
    if entry.ipa:
        return inline(entry.ipa + ("z" if is_possessive else ""), written)
    return inline_spelling(entry.spelling + ("'s" if is_possessive else ""), written)


class _Rewriting:
    """A speech whose words are being replaced."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._parts: list[str] = []
        self._sources: list[int] = []
        self._places: list[int] = []  # for each offset of the speech, where it has come to
        self._at = 0
        self._n = 0

    def replace(self, start: int, end: int, said: str) -> None:
        self._copy(start)
        first, last = self._source(start), self._source(end - 1)
        self._places += [self._n] * (end - start)
        self._parts.append(said)
        self._sources += [first] * (len(said) - 1) + [last]
        self._n += len(said)
        self._at = end

    def _copy(self, end: int) -> None:
        n = end - self._at
        self._parts.append(self._speech.text[self._at : end])
        self._sources += [self._source(at) for at in range(self._at, end)]
        self._places += range(self._n, self._n + n)
        self._n += n
        self._at = end

    def _source(self, at: int) -> int:
        return self._speech.sources[at] if self._speech.sources else at

    def finish(self) -> Speech:
        self._copy(len(self._speech.text))
        self._places.append(self._n)
        spans = [
            SpeedSpan(self._places[span.start], self._places[span.end], span.speed)
            for span in self._speech.spans
            if self._places[span.start] < self._places[span.end]
        ]
        return Speech("".join(self._parts), tuple(spans), tuple(self._sources))


def parse_lexicon(text: str, *, is_csv: bool = False) -> Lexicon:
    """Read a lexicon.

    Args:
        text: TOML (a table of strings, at the top or under ``[words]``), or CSV of two columns.
        is_csv: Which of them.

    Raises:
        BadLexicon: If anything in it is wrong, with every fault.
    """
    rows = _csv_rows(text) if is_csv else _toml_rows(text)
    entries: list[Entry] = []
    faults: list[str] = []
    for place, written, said in rows:
        try:
            entries.append(Entry.parse(written, said))
        except ValueError as error:
            faults.append(f"{place}: {error}")
    if faults:
        raise BadLexicon(faults)
    return Lexicon.of(entries)


def _csv_rows(text: str) -> list[tuple[str, str, str]]:
    rows = []
    for number, row in enumerate(csv.reader(StringIO(text)), 1):
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if len(row) < 2:
            raise BadLexicon(
                [f"line {number}: expected two columns, word and pronunciation, got {len(row)}"]
            )
        if number > 1 or [cell.strip().lower() for cell in row[:2]] != ["word", "said"]:
            rows.append((f"line {number}", row[0], row[1]))
    return rows


def _toml_rows(text: str) -> list[tuple[str, str, str]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadLexicon([f"expected TOML, got what is none: {error}"]) from None
    words = table.get("words", table)
    if not isinstance(words, dict):
        raise BadLexicon([f"words: expected a table, got {type(words).__name__}"])
    wrong = [
        f"{word}: expected a string, got {said!r:.40}"
        for word, said in words.items()
        if not isinstance(said, str)
    ]
    if wrong:
        raise BadLexicon(wrong)
    return [(f"entry {number}", word, said) for number, (word, said) in enumerate(words.items(), 1)]

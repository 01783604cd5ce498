"""What callers have spoken: built-in sentences, or the lines of a file.

In: a source of random numbers. Out: texts. Invariant: no text holds a command of the protocol, and
the tokens of a text joined are the text.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.sentences import FILLINGS, LONG, MEDIUM, SHORT

COMMANDS: Final = ("<CLEAR>", "<FLUSH>", "<EOS>")
LONGEST_TEXT: Final = 2000
"""Characters of a line: twice what Rime's service takes in one message."""

N_TEXTS_LIMIT: Final = 100_000

_TOKEN: Final = re.compile(r"\s*\S{1,5}|\s+$")
_GAP: Final = re.compile(r"\{(\w+)\}")
_LENGTHS: Final = (SHORT, MEDIUM, LONG)
_SENTENCE_MIX: Final = (0.35, 0.5, 0.15)
_TURN_MIX: Final = (0.45, 0.3, 0.15, 0.1)
"""Shares of turns with one, two, three and four sentences: most of what a voice agent says."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Where texts come from.

    Attributes:
        lines: What to choose from; empty for the built-in sentences.
    """

    lines: tuple[str, ...] = ()

    def sentence(self, chance: random.Random) -> str:
        """Return a sentence of any length, or a line."""
        if self.lines:
            return chance.choice(self.lines)
        [templates] = chance.choices(_LENGTHS, _SENTENCE_MIX)
        return _fill(chance.choice(templates), chance)

    def long_turn(self, chance: random.Random) -> str:
        """Return several sentences, or a line: enough to be interrupted."""
        if self.lines:
            return chance.choice(self.lines)
        return " ".join(_fill(chance.choice(LONG), chance) for _ in range(2))

    def turn(self, chance: random.Random) -> str:
        """Return what is said in one go: one to four sentences, or a line."""
        if self.lines:
            return chance.choice(self.lines)
        [n_sentences] = chance.choices((1, 2, 3, 4), _TURN_MIX)
        return " ".join(self.sentence(chance) for _ in range(n_sentences))


def read_lines(lines: Iterable[str]) -> Texts:
    """Return the texts of a file, one a line; blank lines are passed over.

    A line that ends in a letter or digit is given a full stop: without one a server would wait for
    more.

    Raises:
        ValueError: If there is none, or one is no text to be spoken; the line is named, not shown.
    """
    kept = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if len(text) > LONGEST_TEXT:
            raise ValueError(
                f"line {number}: expected at most {LONGEST_TEXT} characters, got {len(text)}"
            )
        if any(command in text for command in COMMANDS):
            raise ValueError(f"line {number}: expected text, got a command of the protocol")
        if not any(map(str.isalnum, text)):
            raise ValueError(f"line {number}: expected something to speak, got no letter, no digit")
        kept.append(f"{text}." if text[-1].isalnum() else text)
        if len(kept) > N_TEXTS_LIMIT:
            raise ValueError(f"expected at most {N_TEXTS_LIMIT} lines, got more")
    if not kept:
        raise ValueError("expected a text on every line, got no line with one")
    return Texts(tuple(kept))


def tokens_of(text: str) -> Sequence[str]:
    """Cut a text as a language model writes it: pieces of words, the space before them included.

    At most five letters a token make about 1.3 tokens a word, the ratio of English in the
    vocabularies of large models.
    """
    return _TOKEN.findall(text)


def _fill(template: str, chance: random.Random) -> str:
    return _GAP.sub(lambda gap: chance.choice(FILLINGS[gap[1]]), template)

"""Large JSON objects kept as text: dictionaries that are looked into a few times a sentence.

In: the text of an object. Out: a `PackedObject`. Invariant: it gives for every key what
`json.loads` of the text would give.

Parsed, the dictionaries of a front end take four times as much memory as their text, and most of
the time of a start. Here the members of an object lie as they were written, sorted, and a member is
parsed when it is asked for.
"""

import json
import re
from bisect import bisect_left
from functools import lru_cache
from typing import Any, Final

_STRING: Final = rb'[^"\\]*(?:\\.[^"\\]*)*"'
_MEMBER: Final = re.compile(rb'"(' + _STRING + rb':(?:"' + _STRING + rb"|\{[^{}]*\}))")
"""A string, or an object without objects in it, with its key. The first quote is not kept."""
_CACHE: Final = 4096


class PackedObject:
    """A JSON object whose members are strings, or objects of numbers and strings.

    Args:
        text: As the `json` module writes it without spaces and with all letters as they are.

    Raises:
        ValueError: If it is written otherwise.
    """

    def __init__(self, text: bytes) -> None:
        self._members = _MEMBER.findall(text)
        # Two braces, a quote a member, commas between: then nothing of the text was passed over.
        if sum(map(len, self._members)) + 2 * len(self._members) + 1 != len(text):
            raise ValueError("expected an object of strings and small objects, without spaces")
        self._members.sort()
        self.get = lru_cache(_CACHE)(self._find)

    def __len__(self) -> int:
        return len(self._members)

    def _find(self, key: str) -> Any:
        """Return the value of a key; None if there is none."""
        start = json.dumps(key, ensure_ascii=False).encode()[1:] + b":"
        place = bisect_left(self._members, start)
        if place == len(self._members) or not self._members[place].startswith(start):
            return None
        return json.loads(self._members[place][len(start) :])

"""Other languages than English: what espeak-ng does not do by itself.

In: a sentence. Out: tokens, most of them as written: numbers, dates and abbreviations that the
phonemizer knows stay its business.
"""

import re
from collections.abc import Iterator
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.plain import MARKS, WORD

_AS_WRITTEN: Final = re.compile(rf"[^{MARKS}]+", re.UNICODE)


def scan_foreign(ctx: Context, language: str) -> Iterator[Token]:
    """Yield the tokens of a sentence in another language than English."""
    del language
    raise NotImplementedError
    yield Token(0, 0, TokenClass.PLAIN, "")

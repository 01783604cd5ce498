"""Which words the dictionary of the natural voice has.

In: text. Out: the words that its voice reads by a network instead, because they are in no
dictionary. Invariant: the dictionaries are opened once, when first asked for (0.1 s, 19 MB).
"""

import importlib
import re
from functools import cache
from typing import Any, Final

from hoarfrost.engines.natural.hibari.installed import open_dictionaries
from hoarfrost.errors import VoiceFault

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_NOUN: Final = "NN"


def unknown_words(text: str) -> list[str]:
    """Return the words of an English text that are in no dictionary.

    They are in small letters, in the order in which they appear first, each once. The plurals and
    past tenses of known words are known. Where the voice is not installed, every word is taken for
    known.
    """
    words = _WORD.findall(text.replace("’", "'"))
    try:
        lexicon, context = _open()
    except VoiceFault:
        return []
    unknown = (
        word.lower()
        for word in dict.fromkeys(words)
        if all(
            lexicon.get_word(form, _NOUN, None, context)[0] is None for form in (word, word.lower())
        )
    )
    return list(dict.fromkeys(unknown))


@cache
def _open() -> tuple[Any, Any]:
    gold, silver = open_dictionaries(is_british=False)
    module = importlib.import_module("hibari.g2p")
    return module.Lexicon(gold, silver, False), module.Context()  # noqa: FBT003 -- not our own

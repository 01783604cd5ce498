"""A request's text as the library is to speak it: written out, with its sources.

In: a request's text and language. Out: a `Reading` for the library. Invariant: each character knows
the characters of the request's text that it stands for, so that words keep their marks.
"""

import re
from typing import Final

from hoarfrost.engines.espeak.mnemonics import mnemonics
from hoarfrost.espeak.reading import Reading, read
from hoarfrost.text.languages import language_of
from hoarfrost.text.reading.composition import SpokenText
from hoarfrost.text.reading.sentences import Word, read_sentences

_LETTER_A: Final = re.compile(r"(?<![\w'])A(?![\w'])")


def read_request(text: str, language: str) -> Reading:
    """Return what the library is given for a text.

    Args:
        text: A request's.
        language: BCP 47 tag of the language it is spoken in.
    """
    sentences = read_sentences(text, language)
    is_english = language_of(language) == "en"
    spoken = SpokenText(
        text, sentences, signs_are_read=is_english, say=_say_english if is_english else _say
    )
    reading = read(spoken.text)
    return Reading(
        reading.text,
        tuple(spoken.starts[source] for source in reading.sources),
        tuple(spoken.ends[end - 1] for end in reading.ends),
    )


def _say(word: Word) -> str:
    return (mnemonics(word.phonemes) if word.phonemes else "") or word.spoken


def _say_english(word: Word) -> str:
    # A lone A is the article to the library.
    return _say(word) if word.phonemes else _LETTER_A.sub("eigh", word.spoken)

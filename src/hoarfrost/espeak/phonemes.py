"""Text to phonemes, for engines that speak phonemes rather than text.

In: text and a language of the library. Out: `Clause` after `Clause`, each with its phonemes and the
mark that ends it. Invariant: the clauses cover the text, in order and without overlap.
"""

import re

from hoarfrost.espeak.owner import acquire
from hoarfrost.espeak.reading import read
from hoarfrost.espeak.synthesizer import Clause

_LANGUAGE_SWITCH = re.compile(r"\([a-z][a-z0-9-]*\)")
"""``(en)`` in the phonemes: the library changed its pronunciation rules for a foreign word."""


def phonemize(text: str, language: str) -> list[Clause]:
    """Turn text into phonemes.

    Starts the library's thread if nobody else holds it; who calls this often should hold an
    `Owner` (see `acquire`) meanwhile.

    Args:
        text: Any text.
        language: A language of the library, by its name there (``en-us``, ``de``).

    Raises:
        VoiceFault: If the language is unknown or the library cannot be loaded.
    """
    reading = read(text)
    owner = acquire()
    try:
        ends_and_phonemes = owner.phonemize(reading.text, language)
    finally:
        owner.release()
    clauses = []
    start = 0
    for index, (n_read, ipa) in enumerate(ends_and_phonemes):
        is_last = index == len(ends_and_phonemes) - 1
        end = len(reading.text) if is_last else _without_lookahead(reading.text, start, n_read)
        spoken = reading.text[start:end].rstrip()
        mark = spoken.rstrip("\"'”’»)]}")[-1:]
        clauses.append(
            Clause(
                start=_source(reading.sources, start, len(text)),
                end=_source(reading.sources, end, len(text)),
                ipa=" ".join(_LANGUAGE_SWITCH.sub("", ipa).split()),
                terminator="" if mark.isalnum() else mark,
            )
        )
        start = end
    return clauses


def _without_lookahead(text: str, start: int, end: int) -> int:
    """Give back the character that the library read only to see that the clause was over."""
    if end - start > 1:
        last, before = text[end - 1], text[end - 2]
        if not last.isspace() and not before.isalnum():
            return end - 1
    return end


def _source(sources: tuple[int, ...], position: int, n_source: int) -> int:
    return sources[position] if position < len(sources) else n_source

"""What the library is given: words, and phonemes as it takes them."""

import pytest

from hoarfrost.engines.espeak.mnemonics import mnemonics
from hoarfrost.engines.espeak.spoken import read_request


@pytest.mark.parametrize(
    ("text", "language", "given"),
    [
        ("It is $5.Do it", "en-US", "It is five dollars. Do it"),
        ("Vitamin A, a day", "en-GB", "Vitamin eigh, a day"),
        ("Mhm, so", "en-US", "[[@mh'Vm]], so"),
        ("⟦wˈɪn|Nguyen⟧ ⟦=two|2⟧", "en-US", "[[w'In]] two"),
        ("am 3. Mai, z. B.", "de", "am dritten Mai, zum Beispiel."),
        ("5 € für Sig. Rossi", "it", "5 € für Sig Rossi"),
    ],
)
def test_text_is_written_out(text: str, language: str, given: str) -> None:
    """Numbers and abbreviations are words, phonemes mnemonics, and a mark stays a mark."""
    assert read_request(text, language).text == given


def test_words_keep_their_places() -> None:
    """Every character of what is said for a word stands for all of the word."""
    reading = read_request("Pay $5 now", "en-US")
    at = reading.text.index("five")
    assert {(reading.sources[i], reading.ends[i]) for i in range(at, at + 12)} == {(4, 6)}


@pytest.mark.parametrize(
    ("ipa", "written"),
    [("hɛlˈoʊ", "[[hEl'oU]]"), ("dʒˈɪf", "[[dZ'If]]"), ("ˈ☺", ""), ("", "")],
)
def test_mnemonics(ipa: str, written: str) -> None:
    """IPA is written as the library has it; what it lacks is left out."""
    assert mnemonics(ipa) == written

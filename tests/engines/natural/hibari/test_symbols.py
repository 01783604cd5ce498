"""IPA as people write it, in the symbols of a voice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.installed import read_vocabulary
from hoarfrost.engines.natural.hibari.symbols import UnknownSound, from_ipa


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [
        ("həˈloʊ", "həlˈO"),
        ("/təˈmeɪtoʊ/", "təmˈAtO"),
        ("[ˈt͡ʃɛɹɪti]", "ʧˈɛɹɪti"),
        ("ˈʌndɚˌstænd", "ˈʌndəɹstˌænd"),
        ("ˈnɜːs", "nˈɜɹs"),
        ("ɡoʊt", "ɡOt"),
        ("goat", "ɡOæt"),
        ("ˈbʌtn̩", "bˈʌtᵊn"),
        ("ɔɪl", "Yl"),
        ("ˈɑː.ɹi", "ˈɑɹi"),
    ],
)
def test_ipa_is_read(ipa: str, symbols: str) -> None:
    """Long signs win over short ones, ties and slashes go, and stress stands before the vowel."""
    assert from_ipa(ipa) == symbols


@pytest.mark.parametrize(
    ("ipa", "reason"),
    [
        ("ʘa", r"got 'ʘ' \(U\+0298\)"),
        ("ба", r"got 'б' \(U\+0431\)"),
        ("", "expected a sound, got none"),
        ("ˈ", "expected a sound, got none"),
        ("7", r"got '7' \(U\+0037\)"),
    ],
)
def test_what_has_no_sound_is_refused_by_name(ipa: str, reason: str) -> None:
    """The message shows the sign that is not known."""
    with pytest.raises(UnknownSound, match=reason):
        from_ipa(ipa)


@given(st.text("həˈloʊɡˌætʃɪŋ eɪː.", max_size=30))
def test_symbols_are_known_to_the_voice(ipa: str) -> None:
    """Whatever is accepted has only symbols of the vocabulary."""
    try:
        symbols = from_ipa(ipa)
    except UnknownSound:
        return
    assert set(symbols) <= set(read_vocabulary())

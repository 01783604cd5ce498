"""Rime's phonetic alphabet."""

import pytest

from hoarfrost.text.rime_phonemes import to_ipa


@pytest.mark.parametrize(
    ("written", "ipa"),
    [
        ("k1Ast0xm", "kˈʌstəm"),
        ("g1orby0ul2Ets", "ɡˈoʊɹbjuːlˌɛts"),
        ("k1am0x", "kˈɑːmə"),
        ("2akS0In1ir", "ˌɑːkʃɪnˈiːɹ"),
        ("h0El1o", "hɛlˈoʊ"),
        ("b1Rd", "bˈɜːd"),
        ("f1orw0Rd", "fˈoʊɹwɚd"),
        ("D1Is 0Iz", "ðˈɪs ɪz"),
        ("name", None),
        ("h'El.o", None),
        ("", None),
        ("1", None),
        ("11a", None),
        ("b", None),
        ("0", None),
        ("k1a9", None),
    ],
)
def test_symbols(written: str, ipa: str | None) -> None:
    """Each symbol is its sound, the stress stands before the vowel; all else is none of them."""
    assert to_ipa(written) == ipa

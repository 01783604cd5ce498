"""The licence that a model card tells."""

import pytest

from hoarfrost.voices.model_card import licence_in

CARDS = [
    ("# Model card\n\n## Dataset\n\n* URL: https://x\n* License: CC BY 4.0\n\n## T", "CC BY 4.0"),
    ("* License:  See URL\r\n* more", "See URL"),
    ("license: https://example.org/license.html", "https://example.org/license.html"),
    ("  - Licence : public domain  ", "public domain"),
    ("* **License**: MIT", "MIT"),
    ("* **License:** MIT", "MIT"),
    ("* License:\n* URL: x", None),
    ("no such line; the License: is elsewhere", None),
    ("", None),
    ("* License: a\x1b[2Jb", "a[2Jb"),
    (f"* License: {'x' * 300}", "x" * 200),
]


@pytest.mark.parametrize(("card", "licence"), CARDS)
def test_the_licence_is_one_line_of_the_card(card: str, licence: str | None) -> None:
    """What follows "License:" is given as it stands, short and fit for a terminal; else nothing."""
    assert licence_in(card) == licence

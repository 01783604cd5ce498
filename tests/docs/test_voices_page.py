"""``docs/voices.md`` is what the catalogue of a default installation says."""

from contextlib import closing
from pathlib import Path

from hoarfrost.cli.voices_page import page
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import load_engines

PAGE = Path(__file__).parents[2] / "docs" / "voices.md"


def test_the_page_is_up_to_date() -> None:
    """`make docs` would change nothing."""
    with closing(load_engines()) as engines:
        assert PAGE.read_text(encoding="utf-8") == page(Catalogue(engines.voices).describe())

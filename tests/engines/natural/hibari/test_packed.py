"""Objects kept as text: the same values as parsed ones."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.installed import installed_file, open_front_end
from hoarfrost.engines.natural.hibari.packed import PackedObject


def written(values: object) -> bytes:
    """Return values as the package's dictionaries are written."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(codec="utf-8"))
    )
)
def test_strings_are_found(values: dict[str, str]) -> None:
    """Whatever signs the keys and the values have, each key gives its value, others nothing."""
    if not values:
        return
    packed = PackedObject(written(values))
    assert len(packed) == len(values)
    assert all(packed.get(key) == value for key, value in values.items())
    assert packed.get("".join(values) + "x") is None


@pytest.mark.parametrize(
    "text",
    [b'{"a": "b"}', b'{"a":1}', b'{"a":{"b":{"c":"d"}}}', b"[]", b'{"a":"b"', b'{"a":["b"]}'],
)
def test_other_texts_are_refused(text: bytes) -> None:
    """What is written otherwise is told, not passed over."""
    with pytest.raises(ValueError, match="expected an object"):
        PackedObject(text)


@pytest.mark.parametrize("accent", ["us", "gb"])
@pytest.mark.parametrize("part", ["gold", "silver"])
def test_the_installed_dictionaries_are_the_same(accent: str, part: str) -> None:
    """Every word of them has the pronunciations that parsing gives."""
    path = installed_file("assets", f"lexicon_{accent}_{part}.json.gz")
    text = gzip.decompress(path.read_bytes())
    parsed, packed = json.loads(text), PackedObject(text)
    assert len(parsed) == len(packed)
    assert all(packed.get(word) == value for word, value in parsed.items())


def test_the_installed_tagger_is_the_same() -> None:
    """Its tables are those of the package, the packed one member by member."""
    text = gzip.decompress(installed_file("assets", "tagger.json.gz").read_bytes())
    parsed = json.loads(text)
    tagger = open_front_end(is_british=False)[0].tagger
    assert (tagger.tags, tagger.tagdict) == (parsed["tags"], parsed["tagdict"])
    assert len(tagger.weights) == len(parsed["weights"])
    assert all(tagger.weights.get(key) == value for key, value in parsed["weights"].items())

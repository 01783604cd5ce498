"""Language codes: what is one language, how it is written, and which of a voice's it picks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.languages import language_of, name_of, normalise, pick

ONE_LANGUAGE = [
    ("en", ["en", "eng", "ENG", "en-US", "EN_us", "en_GB", " en "]),
    ("de", ["de", "ger", "deu", "de-AT"]),
    ("fr", ["fr", "fra", "fre", "fr-CA"]),
    ("es", ["es", "spa", "es-419"]),
    ("hi", ["hi", "hin"]),
    ("zh", ["zh", "zho", "chi", "cmn", "zh-Hant-TW"]),
    ("nb", ["nb", "nob", "no", "nor"]),
    ("ar", ["ar", "ara", "arb"]),
    ("fa", ["fa", "fas", "per"]),
    ("pt", ["pt", "por", "pt-BR"]),
    ("ja", ["ja", "jpn"]),
    ("he", ["he", "heb", "iw"]),
    ("yue", ["yue"]),
]


@pytest.mark.parametrize(
    ("language", "tag"), [(a, tag) for a, tags in ONE_LANGUAGE for tag in tags]
)
def test_codes_of_one_language_are_one(language: str, tag: str) -> None:
    """Every standard's code for a language, in any case and region, means that language."""
    assert language_of(tag) == language


@pytest.mark.parametrize("tag", ["", " ", "x", "xx", "xyz", "english", "-en", "e n", "ｅｎ", "12"])
def test_what_is_no_code_is_unknown(tag: str) -> None:
    """What is not the code of a language gives None, not a guess."""
    assert language_of(tag) is None
    assert normalise(tag) is None


WRITTEN = [
    ("eng", "en"),
    ("EN_us", "en-US"),
    ("ger-at", "de-AT"),
    ("es-419", "es-419"),
    ("ZHO-hant-tw", "zh-Hant-TW"),
    ("cmn-latn-pinyin", "zh-Latn-pinyin"),
    ("EN-gb-X-RP", "en-GB-x-rp"),
    ("en-x-us", "en-x-us"),
    ("en-029", "en-029"),
    ("en-", None),
    ("en--US", None),
    ("en-ü", None),
    ("en-muchtoolong", None),
]


@pytest.mark.parametrize(("tag", "normal"), WRITTEN)
def test_tags_are_written_one_way(tag: str, normal: str | None) -> None:
    """A tag comes out as BCP 47 writes it; what is not formed like a tag gives None."""
    assert normalise(tag) == normal


PICKS = [
    ("eng", ["en-US"], "en-US"),
    ("en-GB", ["en-US", "en-GB"], "en-GB"),
    ("EN_gb", ["en-US", "en-gb"], "en-gb"),
    ("en-AU", ["en-US", "en-GB"], "en-US"),
    ("en", ["fr", "en-GB", "en-US"], "en-GB"),
    ("pt-BR", ["pt-PT", "pt-BR"], "pt-BR"),
    ("zho", ["cmn"], "cmn"),
    ("cmn", ["zh-TW", "zh"], "zh"),
    ("ger", ["en-US", "fr"], None),
    ("", ["en"], None),
    ("en", [], None),
    ("TLH-piqd", ["tlh"], "tlh"),
    ("qdb", ["qdb"], "qdb"),
    ("QDB_x-belt", ["en", "qdb"], "qdb"),
    ("xx", ["qdb"], None),
]


@pytest.mark.parametrize(("tag", "offered", "picked"), PICKS)
def test_picks_the_region_then_the_first(tag: str, offered: list[str], picked: str | None) -> None:
    """The very region is preferred, then the first of the language, then nothing."""
    assert pick(tag, offered) == picked


@pytest.mark.parametrize(
    ("tag", "name"), [("eng", "English"), ("en-GB", "English"), ("cmn", "Chinese"), ("qdb", "qdb")]
)
def test_languages_have_english_names(tag: str, name: str) -> None:
    """A list shows a language's English name; an unknown tag stands for itself."""
    assert name_of(tag) == name


@given(st.text(max_size=12))
def test_normal_form_is_stable(text: str) -> None:
    """Any text is either unknown or has a normal form that is its own normal form."""
    normal = normalise(text)
    assert normal is None or normalise(normal) == normal


@given(
    st.text(max_size=12), st.lists(st.sampled_from(["en-US", "de", "pt-BR", "qdb"]), unique=True)
)
def test_picks_only_what_is_offered(tag: str, offered: list[str]) -> None:
    """Whatever is wished for, nothing is picked that is not offered."""
    assert pick(tag, offered) in {None, *offered}

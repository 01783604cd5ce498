"""The catalogue: what is read from it, what is refused, how a voice is found."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.voices.catalogue import (
    CARD_SUFFIX,
    CONFIG_SUFFIX,
    MODEL_SUFFIX,
    PiperCatalogue,
    conventional_addresses,
    is_name,
    read_catalogue,
)
from hoarfrost.voices.faults import LibraryFault, UnknownVoice
from tests.voices.publisher import catalogue_entry

VOICES = {
    "en_US-lessac-medium": {"aliases": ("en-us-lessac-medium",)},
    "en_US-lessac-x_low": {},
    "en_US-libritts-high": {"n_speakers": 904},
    "en_GB-alan-low": {},
    "de_DE-thorsten-medium": {},
    "pt_PT-tugão-medium": {},
}


def files_of(name: str) -> dict[str, bytes]:
    code, spoken, quality = name.split("-")
    folder = f"{code[:2]}/{code}/{spoken}/{quality}"
    return {
        f"{folder}/{name}.onnx": bytes(1000),
        f"{folder}/{name}.onnx.json": bytes(100),
        f"{folder}/MODEL_CARD": bytes(10),
        f"{folder}/samples/speaker_0.mp3": bytes(5),
    }


def entry(name: str = "en_US-lessac-medium", **changes: Any) -> dict[str, Any]:
    return {**catalogue_entry(name, files_of(name)), **changes}


@pytest.fixture(scope="module")
def catalogue() -> PiperCatalogue:
    """A catalogue of six voices."""
    entries = {
        name: catalogue_entry(name, files_of(name), **facts) for name, facts in VOICES.items()
    }
    return read_catalogue(json.dumps(entries))


def test_an_entry_tells_all_that_is_needed(catalogue: PiperCatalogue) -> None:
    """Language, speakers and files are taken over; samples are not."""
    voice = catalogue.voices["en_US-libritts-high"]
    assert (voice.language, voice.language_name, voice.country) == (
        *("en-US", "English", "United States"),
    )
    assert (voice.quality, voice.n_speakers, voice.n_bytes) == ("high", 904, 1110)
    assert set(voice.files) == {MODEL_SUFFIX, CONFIG_SUFFIX, CARD_SUFFIX}
    model = voice.files[MODEL_SUFFIX]
    assert model.path == "en/en_US/libritts/high/en_US-libritts-high.onnx"
    assert model.n_bytes == 1000
    assert catalogue.voices["de_DE-thorsten-medium"].native_name == "Deutsch"
    assert catalogue.refused == {}


def test_an_address_is_percent_encoded(catalogue: PiperCatalogue) -> None:
    """Names with letters of any script are fetched by an address of ASCII."""
    files = catalogue.voices["pt_PT-tugão-medium"].files
    assert files[CONFIG_SUFFIX].address == (
        "pt/pt_PT/tug%C3%A3o/medium/pt_PT-tug%C3%A3o-medium.onnx.json"
    )


FOUND = [
    ("en_US-lessac-medium", "en_US-lessac-medium"),
    ("EN_us-LESSAC-medium ", "en_US-lessac-medium"),
    ("en-us-lessac-medium", "en_US-lessac-medium"),
    ("EN-US-lessac-medium", "en_US-lessac-medium"),
    ("pt_pt-TUGÃO-medium", "pt_PT-tugão-medium"),
    ("pt_PT-tuga\u0303o-medium", "pt_PT-tugão-medium"),  # a tilde of its own, as macOS writes it
]


@pytest.mark.parametrize(("name", "expected"), FOUND)
def test_a_voice_is_found(catalogue: PiperCatalogue, name: str, expected: str) -> None:
    """Case, earlier names and the composition of letters do not matter."""
    assert catalogue.find(name).name == expected


UNKNOWN = [
    ("lessac", "(perhaps en_US-lessac-medium, en_US-lessac-x_low)"),
    ("en_US-lesac-medium", "(perhaps en_US-lessac-medium, en_US-lessac-x_low"),
    ("thorsten", "(perhaps de_DE-thorsten-medium)"),
    ("qqqq", "(see `hoarfrost voices search`)"),
    ("", "(see `hoarfrost voices search`)"),
]


@pytest.mark.parametrize(("name", "hint"), UNKNOWN)
def test_a_slip_is_answered_with_what_is_close(
    catalogue: PiperCatalogue, name: str, hint: str
) -> None:
    """An unknown name is told with the names that hold it or look like it."""
    with pytest.raises(UnknownVoice) as caught:
        catalogue.find(name)
    assert str(caught.value).startswith(f"expected a voice of the catalogue {hint}")
    assert str(caught.value).endswith(f"got {name!r}")


SEARCHES: list[tuple[list[str], dict[str, str], list[str]]] = [
    (
        [],
        {},
        [
            "en_GB-alan-low",
            "en_US-lessac-x_low",
            "en_US-lessac-medium",
            "en_US-libritts-high",
            "de_DE-thorsten-medium",
            "pt_PT-tugão-medium",
        ],
    ),
    (["lessac"], {}, ["en_US-lessac-x_low", "en_US-lessac-medium"]),
    (["LESSAC", "medium"], {}, ["en_US-lessac-medium"]),
    (["britain"], {}, ["en_GB-alan-low"]),
    (["deutsch"], {}, ["de_DE-thorsten-medium"]),
    (["tuga\u0303o"], {}, ["pt_PT-tugão-medium"]),
    (["nobody"], {}, []),
    ([], {"language": "en-GB"}, ["en_GB-alan-low"]),
    ([], {"language": "en_gb"}, ["en_GB-alan-low"]),
    ([], {"language": "ger"}, ["de_DE-thorsten-medium"]),
    ([], {"language": "xx"}, []),
    ([], {"language": "xx-YY"}, []),
    ([], {"quality": "high"}, ["en_US-libritts-high"]),
    (["lessac"], {"language": "en", "quality": "x_low"}, ["en_US-lessac-x_low"]),
]


@pytest.mark.parametrize(("words", "limits", "expected"), SEARCHES)
def test_a_search_narrows_and_sorts(
    catalogue: PiperCatalogue, words: list[str], limits: dict[str, str], expected: list[str]
) -> None:
    """Each word and limit narrows; the rest is sorted by language, name and size of the model."""
    assert [voice.name for voice in catalogue.search(words, **limits)] == expected


def with_file(path: object, **facts: object) -> dict[str, Any]:
    """An entry with a model of this path or these facts."""
    changed = entry()
    model = changed["files"].pop("en/en_US/lessac/medium/en_US-lessac-medium.onnx")
    return {**changed, "files": {**changed["files"], path: {**model, **facts}}}


def with_another(path: str) -> dict[str, Any]:
    """An entry with one file more."""
    file = {"size_bytes": 1, "md5_digest": "0" * 32}
    return entry(files={**entry()["files"], path: file})


USUAL = "en/en_US/lessac/medium/en_US-lessac-medium.onnx"
INSIDE = "file: expected a path below the catalogue's, got "
LACKS = "expected the fields of a voice, some lack"
BAD_ENTRIES = [
    (None, LACKS),
    ([], LACKS),
    ({"files": {}}, LACKS),
    (entry(language="en"), LACKS),
    (entry(aliases=3), LACKS),
    (entry(files=[]), LACKS),
    (entry(quality=3), "expected a line of text, got int"),
    (entry(quality="\x1b[2J"), "expected a line of text, got str"),
    (entry(num_speakers=-1), "expected a count, got int"),
    (entry(num_speakers=True), "expected a count, got bool"),
    (entry(files={}), "expected a file that ends in .onnx, got none"),
    (with_file("../x.onnx"), f"{INSIDE}'../x.onnx'"),
    (with_file("a/../../x.onnx"), f"{INSIDE}'a/../../x.onnx'"),
    (with_file("./x.onnx"), f"{INSIDE}'./x.onnx'"),
    (with_file("/etc/x.onnx"), f"{INSIDE}'/etc/x.onnx'"),
    (with_file("a//x.onnx"), f"{INSIDE}'a//x.onnx'"),
    (with_file("https://x/x.onnx"), f"{INSIDE}'https://x/x.onnx'"),
    (with_file("..\\x.onnx"), f"{INSIDE}'..\\\\x.onnx'"),
    (with_file("a\n/x.onnx"), f"{INSIDE}'a\\n/x.onnx'"),
    (with_file(USUAL, size_bytes="12"), "expected a count, got str"),
    (
        with_file(USUAL, size_bytes=2**40),
        f"{USUAL}: expected a size up to 2147483648 bytes, got 1099511627776",
    ),
    (with_file(USUAL, md5_digest="00"), f"{USUAL}: expected an MD5 of 32 digits, got '00'"),
    (with_file(USUAL, md5_digest=None), "expected a line of text, got NoneType"),
    (with_another("x.onnx"), "expected one file that ends in .onnx, got several"),
    (with_another("b/MODEL_CARD"), "expected one file that ends in .MODEL_CARD, got several"),
    (with_another("x.onnx.json"), "expected one file that ends in .onnx.json, got several"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_ENTRIES)
def test_a_bad_entry_is_set_apart(bad: object, reason: str) -> None:
    """What is wrong with one voice is told when it is asked for, and harms no other."""
    document = json.dumps({"en_US-bad-low": bad, "en_GB-alan-low": entry("en_GB-alan-low")})
    catalogue = read_catalogue(document)
    assert list(catalogue.voices) == ["en_GB-alan-low"]
    with pytest.raises(LibraryFault) as caught:
        catalogue.find("EN_us-bad-low")
    assert str(caught.value) == (
        f"voice en_US-bad-low: the catalogue's entry cannot be used: {reason}"
    )


def test_a_text_of_millions_of_bytes_is_none() -> None:
    """Configurations and model cards are small, so a large one is not what it says it is."""
    bad = entry()
    bad["files"]["en/en_US/lessac/medium/MODEL_CARD"]["size_bytes"] = 1_000_001
    catalogue = read_catalogue(json.dumps({"bad": bad, "en_GB-alan-low": entry("en_GB-alan-low")}))
    assert catalogue.refused == {"bad": "expected at most 1000000 bytes of text, got 1000001"}


NAMES = [
    ("en_US-lessac-medium", True),
    ("pt_PT-tugão-medium", True),
    ("zh_CN-小雅-medium", True),
    ("a.b+c", True),
    ("", False),
    (".hidden", False),
    ("a..b", False),
    ("a.", False),
    ("-a", False),
    ("a b", False),
    ("a/b", False),
    ("../a", False),
    ("a\\b", False),
    ("a:b", False),
    ("a\n", False),
    ("a" * 100, True),
    ("a" * 101, False),
    ("é" * 51, False),
]


@pytest.mark.parametrize(("name", "is_safe"), NAMES)
def test_a_name_is_safe_as_that_of_a_file(name: str, *, is_safe: bool) -> None:
    """Anything that could lead out of the folder, hide a file or not be one, is no name."""
    assert is_name(name) is is_safe
    catalogue = read_catalogue(json.dumps({name: entry(), "other": entry()}))
    assert (name in catalogue.voices) is is_safe
    assert (name in catalogue.refused) is not is_safe


NO_CATALOGUES = [
    ("", "expected the catalogue as JSON, got: Expecting value"),
    ("<!doctype html>", "expected the catalogue as JSON, got: Expecting value"),
    ("[" * 100_000, "expected the catalogue as JSON, got: "),
    ("[]", "expected the catalogue as an object of voices, got another JSON value"),
    ("3", "expected the catalogue as an object of voices, got another JSON value"),
    ("{}", "expected a catalogue with at least one voice, got none"),
    ('{"a": {}}', "expected a catalogue with at least one voice, got none"),
]


@pytest.mark.parametrize(("document", "told"), NO_CATALOGUES)
def test_what_is_no_catalogue_is_told(document: str, told: str) -> None:
    """Anything else that an address may answer with is refused."""
    with pytest.raises(LibraryFault) as caught:
        read_catalogue(document)
    assert str(caught.value).startswith(told)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)  # the machine of a test run may be busy
@given(
    changes=st.dictionaries(st.sampled_from(sorted(entry())), JSON, max_size=3),
    name=st.text(max_size=8) | st.just("en_US-x-low"),
)
def test_any_entry_is_read_or_refused(name: str, changes: dict[str, Any]) -> None:
    """Whatever stands in a field, an entry becomes a voice that is safe, or is set apart."""
    document = json.dumps({name: {**entry(), **changes}, "en_GB-alan-low": entry("en_GB-alan-low")})
    catalogue = read_catalogue(document)
    assert len({*catalogue.voices, *catalogue.refused}) == 2
    assert "en_GB-alan-low" in catalogue.voices
    for voice in catalogue.voices.values():
        assert is_name(voice.name)
        assert all(".." not in file.address.split("/") for file in voice.files.values())


CONVENTIONS = [
    (
        "en_US-lessac-medium",
        [
            "en/en_US/lessac/medium/en_US-lessac-medium.onnx",
            "en/en_US/lessac/medium/en_US-lessac-medium.onnx.json",
            "en/en_US/lessac/medium/MODEL_CARD",
        ],
    ),
    (
        "pt_PT-tugão-medium",
        [
            "pt/pt_PT/tug%C3%A3o/medium/pt_PT-tug%C3%A3o-medium.onnx",
            "pt/pt_PT/tug%C3%A3o/medium/pt_PT-tug%C3%A3o-medium.onnx.json",
            "pt/pt_PT/tug%C3%A3o/medium/MODEL_CARD",
        ],
    ),
    ("lessac", []),
    ("en_US-../../x-low", []),
    ("en_US-a-b-c", []),
]


@pytest.mark.parametrize(("name", "expected"), CONVENTIONS)
def test_without_a_catalogue_the_name_tells_the_address(name: str, expected: list[str]) -> None:
    """Piper's convention gives the address of a voice's files; other names give none."""
    assert conventional_addresses(name) == expected

"""Configurations of stock voices: what is taken from them, what is refused with which reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.piper.stock import NO_LICENCE, card_of, config_of, read_stock
from hoarfrost.errors import VoiceFault

from .conftest import FIXTURES

SYMBOLS = {"_": [0], "^": [1], "$": [2], "a": [3]}
BARE = {
    "audio": {"sample_rate": 22050},
    "espeak": {"voice": "de"},
    "num_speakers": 1,
    "phoneme_id_map": SYMBOLS,
}


def described(folder: Path, config: Any, name: str = "de_DE-thorsten-medium") -> Path:
    """Write a configuration; return the path of the model that it would belong to."""
    stock = folder / f"{name}.onnx"
    text = config if isinstance(config, str) else json.dumps(config)
    config_of(stock).write_text(text, "utf-8")
    return stock


def test_a_voice_of_today_is_read() -> None:
    """All that Piper writes today is found."""
    found = read_stock(FIXTURES / "de_DE-crowd-low.onnx")
    assert {key: value for key, value in found.items() if key != "phonemes"} == {
        "format": 1,
        "family": "piper",
        "name": "de_de-crowd-low",
        "licence": NO_LICENCE,
        "languages": ["de-DE"],
        "description": "The Piper voice crowd, low quality.",
        "quality": "low",
        "rate_hz": 22050,
        "hop": 256,
        "espeak_voice": "de",
        "clusters": [],
        "noise_scale": 0.667,
        "noise_width": 0.8,
        "length_scale": 1.0,
        "speakers": {"anna": 0, "bernd": 1, "clara": 2, "dieter": 3},
        "default_speaker": 0,
    }
    assert found["phonemes"]["^"] == [1]


def test_an_older_voice_has_pipers_defaults(tmp_path: Path) -> None:
    """Without language, scales or data set the name and Piper's own numbers have to do."""
    found = read_stock(described(tmp_path, BARE))
    assert (found["languages"], found["speakers"]) == (["de-DE"], None)
    assert (found["noise_scale"], found["noise_width"], found["length_scale"]) == (0.667, 0.8, 1)
    assert found["description"] == "The Piper voice thorsten."


@pytest.mark.parametrize(
    ("name", "config", "language"),
    [
        ("mine", {"language": {"code": "en_GB"}}, "en-GB"),
        ("mine", {"language": {"code": "nl_BE"}, "espeak": {"voice": "nl"}}, "nl-BE"),
        ("pt_BR-mine-low", {"espeak": {"voice": "pt-br"}}, "pt-BR"),
        ("zh_CN-mine-low", {"espeak": {"voice": "cmn"}}, "zh-CN"),
        ("mine", {"espeak": {"voice": "cmn"}}, "zh"),
        ("mine", {"espeak": {"voice": "en-us"}}, "en-US"),
        ("mine", {"espeak": {"voice": "en-gb-x-rp"}}, "en-GB"),
        ("mine", {"espeak": {"voice": "xx-yy"}}, "xx-yy"),
        ("mine", {"language": {}, "espeak": {"voice": "de"}}, "de"),
        ("uk_UA-lada-x_low", {"phoneme_type": "text", "espeak": {}}, "uk-UA"),
    ],
)
def test_languages_are_tags(
    tmp_path: Path, name: str, config: dict[str, Any], language: str
) -> None:
    """What it says, else what it is called, else what espeak-ng calls it: as BCP 47 has it."""
    assert read_stock(described(tmp_path, {**BARE, **config}, name))["languages"] == [language]


@pytest.mark.parametrize(
    ("config", "speakers", "default"),
    [
        ({"num_speakers": 3}, {"0": 0, "1": 1, "2": 2}, 0),
        ({"num_speakers": 2, "speaker_id_map": {"b": 1, "a": 0}}, {"b": 1, "a": 0}, 0),
        ({"num_speakers": 9, "speaker_id_map": {"b": 7, "a": 4}}, {"b": 7, "a": 4}, 4),
        ({"num_speakers": 3, "default_speaker_id": 2}, {"0": 0, "1": 1, "2": 2}, 2),
        ({"num_speakers": 2, "default_speaker_id": 7}, {"0": 0, "1": 1}, 0),
        ({"num_speakers": 1, "speaker_id_map": {"only": 0}}, None, 0),
        ({"num_speakers": 0}, None, 0),
        ({"num_speakers": None, "speaker_id_map": {"a": 0, "b": 1}}, {"a": 0, "b": 1}, 0),
    ],
)
def test_speakers_are_named(
    tmp_path: Path, config: dict[str, Any], speakers: dict[str, int] | None, default: int
) -> None:
    """By the map, else by their numbers; a voice with one speaker names none."""
    merged = {key: value for key, value in {**BARE, **config}.items() if value is not None}
    found = read_stock(described(tmp_path, merged))
    assert (found["speakers"], found["default_speaker"]) == (speakers, default)


def test_voices_that_read_letters_need_no_espeak(tmp_path: Path) -> None:
    """``text`` voices take letters for sounds."""
    config = {key: value for key, value in BARE.items() if key != "espeak"}
    found = read_stock(described(tmp_path, {**config, "phoneme_type": "text"}))
    assert found["espeak_voice"] == ""


def test_clusters_are_symbols(tmp_path: Path) -> None:
    """What Piper merges before it looks for ids is taken over."""
    found = read_stock(described(tmp_path, {**BARE, "vowel_clusters": [["a", "ɪ"], ["o", "ʊ"]]}))
    assert found["clusters"] == ["aɪ", "oʊ"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("[]", "expected an object, got list"),
        ("[" * 100_000, "recursion"),
        ({**BARE, "phoneme_type": "pinyin"}, "phoneme_type: expected espeak or text, got 'pinyin'"),
        ({**BARE, "phoneme_type": "japanese"}, "got 'japanese'"),
        ({**BARE, "phoneme_type": ["espeak"]}, "phoneme_type: expected espeak or text"),
        ({**BARE, "audio": None}, "audio: expected an object, got NoneType"),
        ({**BARE, "audio": {}}, "audio.sample_rate: expected an integer from 8000 to 48000"),
        ({**BARE, "audio": {"sample_rate": 1e9}}, "audio.sample_rate: expected an integer"),
        ({**BARE, "audio": {"sample_rate": 96000}}, "from 8000 to 48000, got 96000"),
        ({**BARE, "espeak": {}}, "espeak.voice: expected a short text, got None"),
        ({**BARE, "espeak": "de"}, "espeak: expected an object, got str"),
        ({**BARE, "phoneme_id_map": None}, "phoneme_id_map: expected ids by symbol, got NoneType"),
        ({**BARE, "phoneme_id_map": ["a"]}, "phoneme_id_map: expected ids by symbol, got list"),
        ({**BARE, "num_speakers": -1}, "num_speakers: expected an integer from 0 to 4096, got -1"),
        ({**BARE, "num_speakers": 10**9}, "num_speakers: expected an integer from 0 to 4096"),
        ({**BARE, "num_speakers": "2"}, "num_speakers: expected an integer"),
        ({**BARE, "speaker_id_map": ["a"]}, "speaker_id_map: expected ids by name, got list"),
        ({**BARE, "num_speakers": 2, "speaker_id_map": {"a": "0"}}, "speaker_id_map: expected ids"),
        ({**BARE, "num_speakers": 2, "speaker_id_map": {"a": 2}}, "expected ids below num_spe"),
        ({**BARE, "inference": []}, "inference: expected an object, got list"),
        ({**BARE, "inference": {"noise_scale": -1}}, "inference.noise_scale: expected a number"),
        ({**BARE, "inference": {"noise_w": "0.8"}}, "inference.noise_w: expected a number"),
        ({**BARE, "inference": {"length_scale": 0}}, "inference.length_scale: expected a number"),
        ({**BARE, "inference": {"length_scale": float("nan")}}, "inference.length_scale: expected"),
        ({**BARE, "hop_length": 1}, "hop_length: expected an integer from 16 to 4096, got 1"),
        ({**BARE, "vowel_clusters": "aɪ"}, "vowel_clusters: expected a list of lists"),
        ({**BARE, "language": "de"}, "language: expected an object, got str"),
    ],
)
def test_wrong_configurations_are_refused(tmp_path: Path, config: Any, reason: str) -> None:
    """What cannot be run is refused by name, with the field and what stands there."""
    with pytest.raises(VoiceFault) as caught:
        read_stock(described(tmp_path, config))
    message = str(caught.value)
    assert message.startswith("voice de_DE-thorsten-medium: de_DE-thorsten-medium.onnx.json: ")
    assert reason in message
    assert len(message) < 300


def test_a_language_is_needed(tmp_path: Path) -> None:
    """A voice of letters that does not say its language cannot be offered to anybody."""
    with pytest.raises(VoiceFault, match="language: expected a code such as en_US, got none"):
        read_stock(described(tmp_path, {**BARE, "phoneme_type": "text"}, "mine"))


def test_a_configuration_is_needed(tmp_path: Path) -> None:
    """A model alone is no voice."""
    with pytest.raises(
        VoiceFault, match=r"voice lone: lone\.onnx\.json: expected a file, got none"
    ):
        read_stock(tmp_path / "lone.onnx")


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("# Model card\n\n* License: CC0 1.0\n", "CC0 1.0"),
        ("* **Licence:** MIT\r\n", "MIT"),
        ("* License:\n* URL: https://example.org\n", NO_LICENCE),
        ("License: a\x1b[2Jb\u202ec", "a[2Jbc"),
        (f"license: {'x' * 200}", "x" * 80),
        ("nothing of it", NO_LICENCE),
        (b"\xff\xfe License: X".decode("latin-1"), NO_LICENCE),
    ],
)
def test_the_licence_is_what_the_card_says(tmp_path: Path, card: str, licence: str) -> None:
    """One line of the voice's own card, fit to be shown; else where to look for it."""
    stock = described(tmp_path, BARE)
    card_of(stock).write_text(card, "utf-8")
    assert read_stock(stock)["licence"] == licence


@given(
    name=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=30)
)
def test_names_are_such_as_clients_can_send(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """Whatever a file is called, the voice is lower case without white space."""
    folder = tmp_path_factory.getbasetemp()
    found = read_stock(described(folder, BARE, f"x{name}"))["name"]
    assert found
    assert found == found.lower()
    assert not any(map(str.isspace, found))

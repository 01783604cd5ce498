"""The settings as TOML: what is printed can be used as the file."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.cli.effective import as_toml
from hoarfrost.server.configuration import LoadedSettings, load_settings
from hoarfrost.server.settings import Settings

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(
    TEXT | SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=3,
)


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    """Each line is a setting, its value, and where the value comes from."""
    path = tmp_path / "x.toml"
    path.write_text('workers = 3\n[engine_options.tone]\nlevel = 0.5\n[aliases]\nluna = "tone"\n')
    text = as_toml(load_settings({"port": "9000"}, path))
    lines = text.splitlines()
    assert "port = 9000  # flag --port" in lines
    assert f"workers = 3  # file {path}" in lines
    assert 'engines = ["tone"]  # environment HOARFROST_ENGINES' in lines
    assert 'log_level = "info"  # default' in lines
    assert "auth = true  # default" in lines
    assert "# max_connections_per_key is not set  (default)" in lines
    assert lines[-8:] == [
        "",
        f"[engine_options]  # file {path}",
        "",
        "[engine_options.tone]",
        "level = 0.5",
        "",
        f"[aliases]  # file {path}",
        'luna = "tone"',
    ]


def test_what_is_shown_gives_the_same_settings(tmp_path: Path) -> None:
    """The output, used as the file, changes nothing."""
    loaded = load_settings({"port": "9000", "aliases": {"luna": ("a", "b")}})
    path = tmp_path / "again.toml"
    path.write_text(as_toml(loaded), encoding="utf-8")
    assert load_settings(config=path).settings == loaded.settings


@given(
    aliases=st.dictionaries(TEXT, TEXT, max_size=2),
    options=st.dictionaries(TEXT, VALUES, max_size=2),
)
def test_any_text_can_be_written(aliases: dict[str, str], options: dict[str, object]) -> None:
    """Whatever the characters of a key or value are, a TOML reader gets it back."""
    settings = Settings(aliases=aliases, engine_options={"an engine": options})
    document = tomllib.loads(
        as_toml(LoadedSettings(settings, dict.fromkeys(Settings.model_fields, "")))
    )
    assert document["aliases"] == aliases
    assert document["engine_options"]["an engine"] == options

"""``docs/engines.md`` is true: its code runs, its engine keeps the contract, its files hold."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hoarfrost.server.settings import Settings
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.synthesis.registry import ENTRY_POINT_GROUP
from hoarfrost.synthesis.voice import Voice

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"


def blocks(language: str) -> list[str]:
    """Return the code blocks of one language, moved to their own lines for tracebacks."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return ["\n" * text.count("\n", 0, block.start(1)) + block[1] for block in found]


@pytest.fixture(scope="module")
def page() -> SimpleNamespace:
    """Run the page's Python from top to bottom, as one module; its assertions are the test."""
    names: dict[str, Any] = {"__name__": "knocking"}
    for block in blocks("python"):
        exec(compile(block, PAGE, "exec"), names)  # noqa: S102 -- our own page
    return SimpleNamespace(**names)


def test_python_runs(page: SimpleNamespace) -> None:
    """Every Python block runs after the ones before it, and what it asserts holds."""
    assert len(blocks("python")) == 3
    assert page.chunks


def test_entry_point_names_the_engine(page: SimpleNamespace) -> None:
    """The example's entry point is in the group that is searched, under the voice's engine name."""
    project = tomllib.loads(blocks("toml")[0])["project"]
    (name, target), *others = project["entry-points"][ENTRY_POINT_GROUP].items()
    module, _, class_name = target.partition(":")
    assert not others
    assert module == page.KnockingEngine.__module__
    engine = getattr(page, class_name)()
    assert [voice.engine for voice in engine.voices()] == [name]


def test_options_are_accepted(page: SimpleNamespace) -> None:
    """The settings file is valid, and its options are ones that the engine takes."""
    settings = Settings.model_validate(tomllib.loads(blocks("toml")[1]))
    options = settings.engine_options["knocking"]
    engine = page.KnockingEngine(**options)
    (chunk,) = engine.synthesize(SynthesisRequest(engine.voices()[0], "ab", "en-US"))
    assert chunk.samples.size == 3 * 16000 // options["knocks_per_second"]


@pytest.mark.parametrize("seam", [Voice, SynthesisRequest, PcmChunk, WordMark])
def test_every_field_is_described(seam: type) -> None:
    """No field of the contract's types is missing on the page."""
    text = PAGE.read_text(encoding="utf-8")
    missing = [each.name for each in fields(seam) if f"`{each.name}`" not in text]
    assert not missing

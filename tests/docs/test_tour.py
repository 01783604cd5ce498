"""``docs/tour.md`` is true: its code runs from top to bottom."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "tour.md"


def test_the_tour_runs() -> None:
    """Every block runs after the ones before it, and what it asserts holds."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) == 10
    names: dict[str, Any] = {}
    for block in blocks:
        code = "\n" * text.count("\n", 0, block.start(1)) + block[1]
        exec(compile(code, PAGE, "exec"), names)  # noqa: S102 -- our own page

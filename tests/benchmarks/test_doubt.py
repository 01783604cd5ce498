"""What the report says of text whose end is in doubt."""

import pytest

from benchmarks.doubt import figures


@pytest.mark.parametrize(
    ("certain", "in_doubt", "added_ms", "is_met"),
    [
        (0.010, 0.027, 2, True),  # shorter than the hold of 25 ms: that is what it takes
        (0.040, 0.042, 2, True),  # longer: the hold costs nothing
        (0.040, 0.065, 25, False),  # one after the other
    ],
)
def test_figures(certain: float, in_doubt: float, added_ms: float, is_met: bool) -> None:
    """First audio is held against the longer of hold and synthesis."""
    *_, added = figures([0.009], [certain], [in_doubt])
    assert added.value == pytest.approx(added_ms)
    assert added.is_met is is_met

"""What a close tells the peer."""

import pytest

from hoarfrost.dialogue.actions import Close
from hoarfrost.errors import HoarfrostError, ServerFault, TextNotUtf8, TextTooLong, Unauthorized


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (None, 1000, ""),
        (TextNotUtf8("not UTF-8"), 1007, "400: not UTF-8"),
        (TextTooLong("too long"), 1009, "413: too long"),
        (Unauthorized("revoked"), 1008, "401: revoked"),
        (ServerFault("synthesis failed"), 1011, "500: synthesis failed"),
    ],
)
def test_close_frame_tells_the_fault(fault: HoarfrostError | None, code: int, reason: str) -> None:
    """A proper end closes 1000 without a reason; a fault with its own code and message."""
    close = Close(fault)
    assert (close.code, close.reason) == (code, reason)

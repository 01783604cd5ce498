"""What a close frame tells the peer of a fault."""

import pytest

from hoarfrost.errors import HoarfrostError, ServerFault, TextNotUtf8, TextTooLong, Unauthorized


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (TextNotUtf8("not UTF-8"), 1007, "400: not UTF-8"),
        (TextTooLong("too long"), 1009, "413: too long"),
        (Unauthorized("revoked"), 1008, "401: revoked"),
        (ServerFault("synthesis failed"), 1011, "500: synthesis failed"),
    ],
)
def test_close_frame_tells_the_fault(fault: HoarfrostError, code: int, reason: str) -> None:
    """A fault closes with its own code and message."""
    assert (fault.close_code, fault.close_reason) == (code, reason)

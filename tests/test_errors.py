"""The error tree: each kind's answer to the peer."""

import pytest

from hoarfrost.errors import (
    CLOSE_REASON_LIMIT,
    BadOptions,
    ClientFault,
    HoarfrostError,
    ServerBusy,
    ServerFault,
    TextNotUtf8,
    TextTooLong,
    Unauthorized,
    VoiceFault,
)


@pytest.mark.parametrize(
    ("error", "http_status", "close_code", "retry_helps", "is_client_fault"),
    [
        (BadOptions(["rate: expected a number, got 'x'"]), 400, 1008, False, True),
        (Unauthorized("no key"), 401, 1008, False, True),
        (TextTooLong("too long"), 413, 1009, False, True),
        (TextNotUtf8("not UTF-8"), 400, 1007, False, True),
        (VoiceFault("no model"), 500, 1011, False, False),
        (ServerBusy("full", retry_after=1.0), 429, 1013, True, False),
        (ServerFault("broken"), 500, 1011, False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_kind_has_its_answer(
    error: HoarfrostError,
    http_status: int,
    close_code: int,
    *,
    retry_helps: bool,
    is_client_fault: bool,
) -> None:
    """A kind fixes the HTTP status, the close code, and whether trying again can help."""
    assert (error.http_status, error.close_code) == (http_status, close_code)
    assert error.retry_helps is retry_helps
    assert isinstance(error, ClientFault) is is_client_fault


def test_close_reason_is_status_and_message() -> None:
    """The reason reads like an HTTP answer."""
    assert ServerFault("synthesis failed").close_reason == "500: synthesis failed"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("x" * 118, "401: " + "x" * 118),
        ("x" * 119, "401: " + "x" * 118),
        ("ж" * 80, "401: " + "ж" * 59),  # two bytes each: 59 of them fit into 118 bytes
        ("x" + "ж" * 80, "401: x" + "ж" * 58),  # half a character is left out
    ],
)
def test_close_reason_fits_into_a_close_frame(message: str, reason: str) -> None:
    """A long reason is cut to 123 bytes, never inside a character."""
    cut = Unauthorized(message).close_reason
    assert cut == reason
    assert len(cut.encode()) <= CLOSE_REASON_LIMIT == 123


def test_bad_options_hold_every_fault() -> None:
    """All faults are in the message, one a line, and can be had one by one."""
    error = BadOptions(["a: expected 1, got 2", "b: expected 3, got 4"])
    assert error.faults == ("a: expected 1, got 2", "b: expected 3, got 4")
    assert str(error) == "a: expected 1, got 2\nb: expected 3, got 4"


def test_busy_server_says_when_to_come_back() -> None:
    """The time after which to try again travels with the error."""
    assert ServerBusy("full", retry_after=1.5).retry_after == 1.5

"""The key that a client shows.

In: the ``Authorization`` header. Out: the key. Invariant: no message holds any part of the header,
since whatever stands in it may be a key.
"""

import re
from typing import Final

from hoarfrost.errors import Unauthorized

MISSING: Final = "missing headers"
"""What clients of Rime's sockets look for where there is no key at all."""

MISSING_OVER_HTTP: Final = "Missing Authorization header"
"""The same of clients over HTTP."""

_EMPTY: Final = "empty apikey"
_SCHEMES: Final = ("bearer", "api-key")
_EXPECTED: Final = "Authorization: expected 'Bearer KEY'"
# Wider than the token68 of RFC 7235: a key may be whatever can be seen and does not divide a list.
_KEY: Final = re.compile(r"[!-+\--~]+")


def bearer_key(header: str | None) -> str:
    """Return the key in an ``Authorization`` header.

    Args:
        header: Its value, several of them joined with commas; None if there is none. The scheme is
            ``Bearer``, or ``Api-Key`` as early clients of Rime have it, in any case.

    Raises:
        Unauthorized: If there is no key in it, or not just one. The message says which.
    """
    if header is None:
        raise Unauthorized(f"{_EXPECTED}, got no such header", MISSING)
    scheme, *keys = header.split() or [""]
    if not scheme:
        raise Unauthorized(f"{_EXPECTED}, got an empty header", _EMPTY)
    if scheme.lower() not in _SCHEMES:
        raise Unauthorized(f"{_EXPECTED}, got something that does not begin with 'Bearer '")
    if not keys:
        raise Unauthorized(f"{_EXPECTED}, got 'Bearer' without a key", _EMPTY)
    if len(keys) > 1 or "," in keys[0]:
        raise Unauthorized(f"{_EXPECTED}, got several values")
    if not _KEY.fullmatch(keys[0]):
        raise Unauthorized(f"{_EXPECTED}, got a key with characters that are not visible ASCII")
    return keys[0]

"""The query string of a WebSocket's URL.

In: the query, percent-encoded or not, since half of the clients do not. Out: parameters by name.
Invariant: whatever the query, nothing but `BadOptions` is raised.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from hoarfrost.errors import BadOptions
from hoarfrost.protocol.parameters import NO_LEXICONS, Lexicons, Request, read_rate, resolve, show
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.units import SampleRate

QUERY_LIMIT: Final = 4096
"""Bytes of query string that are read; a thousand would do for every real client."""

_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})?")


def parse_query(
    query: str | bytes, catalogue: Catalogue, lexicons: Lexicons = NO_LEXICONS
) -> Request:
    """Read a query string; ``+`` is a space, and the last of several values holds.

    Args:
        query: What follows the ``?`` in the URL.
        catalogue: The voices there are.
        lexicons: The lexicons there are.

    Raises:
        BadOptions: If anything is wrong, see `hoarfrost.protocol.parameters.resolve`.
    """
    return resolve(split_query(query), catalogue, lexicons)


def parse_rate(query: str | bytes) -> SampleRate:
    """Read the rate alone, as `parse_query` does: for a client, which has no catalogue.

    Raises:
        BadOptions: If the rate, or the query as a whole, is wrong.
    """
    return read_rate(split_query(query))


def split_query(query: str | bytes) -> dict[str, str]:
    """Return the last value of each parameter, by its name as it was last written.

    Raises:
        BadOptions: If the query cannot be read at all.
    """
    raw = query.encode(errors="surrogatepass") if isinstance(query, str) else query
    if len(raw) > QUERY_LIMIT:
        raise BadOptions([f"query: expected at most {QUERY_LIMIT} bytes, got {len(raw)}"])
    for escape in _ESCAPE.finditer(raw):
        if escape[1] is None:
            got = raw[escape.start() : escape.start() + 3].decode("ascii", "replace")
            raise BadOptions([f"query: expected % and two hexadecimal digits, got {show(got)}"])
    try:
        pairs = [
            [unquote_to_bytes(half.replace(b"+", b" ")).decode() for half in pair.split(b"=", 1)]
            for pair in raw.split(b"&")
        ]
    except UnicodeDecodeError:
        raise BadOptions(["query: expected UTF-8 text, got bytes that are not"]) from None
    named = [(pair[0].strip(), pair[1]) for pair in pairs if len(pair) == 2]
    last = {name.lower(): (name, value) for name, value in named}
    return dict(last.values())

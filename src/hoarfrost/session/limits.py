"""How many connections there may be.

Invariant: a slot that was taken is given back exactly once, whatever happens in between.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hoarfrost.errors import ServerBusy
from hoarfrost.units import Seconds

AT_LIMIT = "Currently at websocket limit"
"""The body that clients of Rime's cloud know for this."""

RETRY_AFTER: Seconds = 1.0
"""A conversation's typical pause: a slot may well be free after it."""


class ConnectionLimit:
    """Counts open connections, in total and by key.

    Args:
        total: How many there may be at once.
        per_key: How many with the same key; None for no limit of its own.
        of_key: Returns what is otherwise for a key; None for nothing.
    """

    def __init__(
        self,
        total: int,
        per_key: int | None = None,
        of_key: Callable[[str], int | None] = lambda _key_id: None,
    ) -> None:
        self._total = total
        self._per_key = per_key
        self._of_key = of_key
        self._open: Counter[str] = Counter()

    @property
    def n_open(self) -> int:
        """Connections open now."""
        return self._open.total()

    @contextmanager
    def slot(self, key_id: str) -> Iterator[None]:
        """Hold a slot for as long as the context lasts.

        Raises:
            ServerBusy: If there is none.
        """
        is_full = self.n_open >= self._total
        of_key = self._of_key(key_id) or self._per_key
        if is_full or (of_key is not None and self._open[key_id] >= of_key):
            raise ServerBusy(AT_LIMIT, retry_after=RETRY_AFTER)
        self._open[key_id] += 1
        try:
            yield
        finally:
            self._open[key_id] -= 1
            if not self._open[key_id]:
                del self._open[key_id]

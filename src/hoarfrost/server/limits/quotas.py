"""What each key may use: characters, simultaneous speech, and the length of its sessions.

In: what callers of a key ask for. Out: nothing, or `QuotaExceeded` with the time after which it is
worth trying again. Invariant: what is refused is not counted. Counted in memory: a restart forgets.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, Field

from hoarfrost.errors import QuotaExceeded
from hoarfrost.server.limits.allowance import Allowance
from hoarfrost.units import Seconds

_MINUTE: Seconds = 60.0
_DAY: Seconds = 86_400.0
_SPEECH_RETRY_AFTER: Seconds = 1.0


class KeyLimits(BaseModel):
    """Limits of a key; None for none.

    Attributes:
        connections: Open at a time.
        speaking: Of these, how many speak at a time.
        characters_per_minute: Characters of text, over any minute.
        characters_per_day: The same, over any day.
        idle_s: Seconds without text or speech after which a connection is closed.
        session_s: Seconds after which any connection is closed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    connections: int | None = Field(default=None, ge=1)
    speaking: int | None = Field(default=None, ge=1)
    characters_per_minute: int | None = Field(default=None, ge=1)
    characters_per_day: int | None = Field(default=None, ge=1)
    idle_s: Seconds | None = Field(default=None, gt=0, allow_inf_nan=False)
    session_s: Seconds | None = Field(default=None, gt=0, allow_inf_nan=False)


class _Use:
    """What a key has used."""

    def __init__(self, limits: KeyLimits) -> None:
        self.limits = limits
        self.n_speaking = 0
        self.buckets = tuple(
            (Allowance(number, number / span), name)
            for number, span, name in (
                (limits.characters_per_minute, _MINUTE, "minute"),
                (limits.characters_per_day, _DAY, "day"),
            )
            if number is not None
        )


class Quotas:
    """The use of all keys.

    Args:
        limits: Of every key.
        by_key: What is otherwise for a key, by its id: a limit that is given there, given as None
            included, takes the place of the one in ``limits``.
        clock: Monotonic time.
    """

    def __init__(
        self,
        limits: KeyLimits,
        by_key: Mapping[str, KeyLimits],
        clock: Callable[[], Seconds],
    ) -> None:
        self._limits = limits
        self._by_key = by_key
        self._clock = clock
        self._uses: dict[str, _Use] = {}

    def of(self, key_id: str) -> KeyLimits:
        """Return the limits of a key."""
        own = self._by_key.get(key_id)
        return self._limits if own is None else self._limits.model_copy(update=_given(own))

    def spend(self, key_id: str, n_characters: int) -> None:
        """Count characters of text.

        Raises:
            QuotaExceeded: If they are more than the key has left; then they are not counted.
        """
        now, buckets = self._clock(), self._use(key_id).buckets
        for bucket, span in buckets:
            if (wait := bucket.wait_for(n_characters, now)) > 0:
                raise QuotaExceeded(
                    f"expected at most {bucket.burst:.0f} characters a {span}, got more",
                    retry_after=wait,
                )
        for bucket, _ in buckets:
            bucket.spend(n_characters, now)

    @contextmanager
    def speaking(self, key_id: str) -> Iterator[None]:
        """Hold a place among those that speak.

        Raises:
            QuotaExceeded: If there is none.
        """
        use = self._use(key_id)
        limit = use.limits.speaking
        if limit is not None and use.n_speaking >= limit:
            raise QuotaExceeded(
                f"expected at most {limit} speaking at a time, got more",
                retry_after=_SPEECH_RETRY_AFTER,
            )
        use.n_speaking += 1
        try:
            yield
        finally:
            use.n_speaking -= 1

    def _use(self, key_id: str) -> _Use:
        use = self._uses.get(key_id)
        if use is None:  # keys are made by the operator: there are not many
            use = self._uses[key_id] = _Use(self.of(key_id))
        return use


def _given(limits: KeyLimits) -> dict[str, object]:
    return {name: getattr(limits, name) for name in limits.model_fields_set}

"""A caller on a connection: what is sent and heard, with the moment of each.

In: texts to say and moments to wait for. Out: records in the `Journal`. Invariant: whatever the
server does, each wait ends, at the latest when the listener's patience does.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from hoarfrost.loadtest.line import CLEAN_CLOSE, Dial, Line, LineClosed, NotOpened, Refused
from hoarfrost.loadtest.pace import Pace
from hoarfrost.loadtest.plan import Plan
from hoarfrost.loadtest.records import CallRecord, Fingerprint, Journal, Refusal, TurnRecord
from hoarfrost.loadtest.turn import NOT_CLOSED, TEXT_FRAME, Listening, Turn
from hoarfrost.units import Seconds

FLUSH = "<FLUSH>"
CLEAR = "<CLEAR>"
EOS = "<EOS>"

AFTER_FAILURE: Seconds = 1.0
"""How long a caller whose call failed waits before the next one."""

LONGEST_RETRY: Seconds = 10.0
"""However much later a busy server asks to be called again: the load must not vanish."""

CLOSE_PATIENCE: Seconds = 5.0
"""How long a server may take to close when there is nothing left to send."""

AT_THE_END: Seconds = 1.4
"""How much longer than usual a server must have been quiet for a turn to count as over when the run
ends before its listener has heard it."""

INSTANT: Seconds = 1e-6
"""Not waited for: timers have a resolution."""

SHORTEST_TIME: Seconds = 0.05
LONGEST_WAIT: Seconds = 60.0
"""Of one timer; a wait may be made of several."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What all callers share.

    Attributes:
        plan: What they are to do.
        dial: Opens a line.
        clock: Monotonic, in seconds; 0 is when the first caller starts.
        journal: Where facts go.
        pace: How long texts should last.
        alone: By reply after an interruption, what it gave in quiet.
    """

    plan: Plan
    dial: Dial
    clock: Callable[[], Seconds]
    journal: Journal
    pace: Pace = field(default_factory=Pace)
    alone: dict[str, tuple[Fingerprint, ...]] = field(default_factory=dict)

    @property
    def listening(self) -> Listening:
        """How turns are listened to."""
        plan = self.plan
        return Listening(
            plan.audio_format,
            plan.rate_hz,
            plan.segment,
            plan.jitter_ms,
            plan.tolerance_ms,
            self.pace,
        )


class Call:
    """One connection. Made by `Caller.call`.

    Attributes:
        close_code: How the server ended it; None as long as it is open.
    """

    def __init__(self, line: Line, exchange: Exchange, caller: int) -> None:
        self.close_code: int | None = None
        self._line = line
        self._exchange = exchange
        self._caller = caller
        self._turn: Turn | None = None
        self._has_ended = False
        self._is_leaving = False
        self._news = asyncio.Event()

    @property
    def now(self) -> Seconds:
        """The moment."""
        return self._exchange.clock()

    def begin(self, *, is_paced: bool = False, alone: Sequence[Fingerprint] = ()) -> Turn:
        """Begin a turn: what comes from here on belongs to it."""
        self._turn = Turn(self._caller, self._exchange.listening, is_paced=is_paced, alone=alone)
        return self._turn

    def finish(self) -> None:
        """Put the turn on record."""
        if self._turn is not None:
            self._exchange.journal.turns.append(self._turn.record())
            self._turn = None

    async def say(self, text: str, ending: str | None = None) -> None:
        """Send a text of the turn in one message; with an ending it is the last of it."""
        if self._turn is None or self._is_over:
            return
        self._turn.send(text, self.now, is_last=ending is not None)
        await self.command(text)
        if ending is not None:
            await self.command(ending)

    async def write(self, tokens: Sequence[str], interval: Seconds, ending: str) -> None:
        """Send the tokens of a turn at their times, counted from the first one's."""
        begun_at = self.now
        for number, token in enumerate(tokens):
            await self.until_moment(begun_at + number * interval)
            if self._is_over:
                return
            await self.say(token, ending if number == len(tokens) - 1 else None)

    async def command(self, message: str) -> None:
        """Send a message that is no text; a closed line is noted where it is read."""
        self._has_ended = self._has_ended or message == EOS
        with suppress(LineClosed):
            await self._line.send(message)

    async def until(self, moment: Callable[[], Seconds]) -> None:
        """Wait until a moment that may move meanwhile, or until the line is closed or useless."""
        while not self._is_over and (left := moment() - self.now) > INSTANT:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LONGEST_WAIT)):
                    await self._news.wait()

    async def until_moment(self, moment: Seconds) -> None:
        """The same for a moment that stays."""
        await self.until(lambda: moment)

    async def until_audio(self, turn: Turn) -> None:
        """Wait for the first audio of a turn, as long as its listener does."""
        await self.until(lambda: self.now if turn.first_byte_at is not None else turn.gives_up_at)
        if turn.first_byte_at is None and not self._is_over:
            turn.give_up(self.now)

    async def until_heard(self, turn: Turn, pause: Seconds = 0.0) -> None:
        """Wait until a turn has been over for ``pause``; if more comes meanwhile, it was not.

        When the run is at its end, nobody stays to listen to what has come already.
        """
        run_ends_at = self._exchange.journal.measured_until

        def over_at() -> Seconds:
            return min(turn.over_at + pause, max(run_ends_at, turn.quiet_at + AT_THE_END))

        await self._until_settled(turn, over_at)

    async def until_quiet(self, turn: Turn) -> None:
        """Wait until the server has sent all of a turn; the listener may not have heard it yet."""
        await self._until_settled(turn, lambda: turn.quiet_at)

    async def until_closed(self, turn: Turn) -> None:
        """Wait for the close that ``<EOS>`` asks for, as long as the listener does."""
        await self.until(lambda: turn.gives_up_at)
        if self.close_code is None:
            turn.give_up(self.now)

    async def until_played(self, turn: Turn) -> None:
        """Wait until the listener has heard a turn that is complete, or the run is at its end."""
        if turn.failure is None:
            ends_at = min(turn.over_at, self._exchange.journal.measured_until)
            await asyncio.sleep(max(0.0, ends_at - self.now))

    async def take_leave(self) -> str | None:
        """End a conversation in which nothing is to be said; return what goes wrong."""
        self._turn = None
        await self.command(EOS)
        await self.until_moment(self.now + CLOSE_PATIENCE)
        match self.close_code:
            case None:
                return NOT_CLOSED
            case code if code != CLEAN_CLOSE:
                return f"closed {code}"
        return None

    async def _until_settled(self, turn: Turn, settled_at: Callable[[], Seconds]) -> None:
        await self.until(
            lambda: settled_at() if turn.over_at <= turn.endless_at else turn.gives_up_at
        )
        if not self._is_over and turn.over_at > turn.endless_at:
            turn.give_up(self.now)

    async def hang_up(self) -> None:
        """Close the line at once, whatever comes."""
        self._is_leaving = True
        await self._line.close()

    async def read(self) -> None:
        """Take in what comes, until the end of the line."""
        try:
            while True:
                self._note(await self._line.receive())
        except LineClosed as closed:
            self.close_code = closed.code
            if self._turn is not None and not self._is_leaving:
                if closed.code == CLEAN_CLOSE and self._has_ended:
                    self._turn.complete()
                else:
                    self._turn.fail(f"closed {closed.code}")
            self._news.set()

    @property
    def _is_over(self) -> bool:
        has_failed = self._turn is not None and self._turn.failure is not None
        return self.close_code is not None or has_failed

    def _note(self, message: str | bytes) -> None:
        now, journal = self.now, self._exchange.journal
        if isinstance(message, str):
            if self._turn is not None:
                self._turn.fail(TEXT_FRAME)
            self._news.set()
            return
        if journal.is_measured(now):
            journal.n_measured_bytes += len(message)
        if self._turn is None:
            journal.n_unasked_bytes += len(message)
        elif self._turn.hear(message, now):
            self._news.set()


class Caller:
    """One of the simulated people.

    Args:
        number: Which, from 0.
        exchange: What it shares with the others.
        until: When it makes no more calls and begins no more turns; kept as ``ends_at``.
        chance: Its own random numbers.

    Attributes:
        thought_left: How much longer it thinks than it stays on the line.
    """

    def __init__(
        self, number: int, exchange: Exchange, *, until: Seconds, chance: random.Random
    ) -> None:
        self.number = number
        self.exchange = exchange
        self.chance = chance
        self.ends_at = until
        self.thought_left: Seconds = 0.0
        self._retry_after: Seconds | None = None

    @property
    def time_left(self) -> Seconds:
        """How long turns may still begin; a last moment that is too short for anything is none."""
        left = self.ends_at - self.exchange.clock()
        return left if left > SHORTEST_TIME else 0.0

    async def pause(self, duration: Seconds) -> None:
        """Do nothing, no longer than there is time."""
        await asyncio.sleep(min(duration, self.time_left))

    async def recover(self) -> None:
        """Wait as long as a caller does who had no line: as the server says, within reason."""
        wait = AFTER_FAILURE if self._retry_after is None else self._retry_after
        # Not all at the same moment, or they would be refused together again.
        await self.pause(min(wait, LONGEST_RETRY) * self.chance.uniform(1, 1.5))

    def fail(self, failure: str) -> None:
        """Put on record what went wrong outside of a turn: it cost the caller one."""
        now = self.exchange.clock()
        self.exchange.journal.turns.append(TurnRecord(self.number, now, failure=failure))

    @asynccontextmanager
    async def call(self, *, is_redial: bool = False) -> AsyncIterator[Call | None]:
        """Be on the line for as long as the context lasts; None if there was no line to be had.

        What went wrong is on record then; see `recover`.
        """
        dialled_at = self.exchange.clock()
        line = await self._dial()
        if line is None:
            yield None
            return
        opened_at = self.exchange.clock()
        async with asyncio.TaskGroup() as tasks:
            call = Call(line, self.exchange, self.number)
            tasks.create_task(call.read())
            try:
                yield call
            finally:
                await call.hang_up()  # reading ends with the line
                self.exchange.journal.calls.append(
                    CallRecord(self.number, dialled_at, opened_at, self.exchange.clock(), is_redial)
                )

    async def _dial(self) -> Line | None:
        try:
            return await self.exchange.dial()
        except Refused as refused:
            now = self.exchange.clock()
            self.exchange.journal.refusals.append(Refusal(self.number, now, refused.retry_after))
            self._retry_after = refused.retry_after
        except NotOpened as error:
            self.fail(error.label)
            self._retry_after = None
        return None

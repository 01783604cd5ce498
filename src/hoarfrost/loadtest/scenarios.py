"""What callers do: conversations, listening without pause, and bursts.

In: a `Caller` and its time. Out: turns on record. Invariant: closed loops, as people are: a caller
says the next thing when the last has been heard, so that a slow server is asked less, not more.
What was begun is carried to its end and counts, however slow it was.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from hoarfrost.loadtest.call import CLEAR, EOS, FLUSH, Call, Caller
from hoarfrost.loadtest.plan import InterruptBy, Plan
from hoarfrost.loadtest.sentences import REPLIES
from hoarfrost.loadtest.texts import tokens_of
from hoarfrost.loadtest.turn import PATIENCE, QUIET, Turn
from hoarfrost.units import Seconds

TURNS_A_CALL = (3, 8)
SHORTEST_THOUGHT: Seconds = 1.0
"""A person who has just been spoken to, or has broken in, talks for this long at least. It is also
how long old audio is watched for after an interruption, at least."""

LONGEST_THOUGHT: Seconds = 25.0
"""Below the idle limit of 30 s that Rime's cloud has. Who has more to say hangs up meanwhile."""

EARLY_SHARE = 0.5
EARLY_INTERRUPTION: Seconds = 0.3
"""Half of the interruptions come within this time of the first audio, while a fast server is still
sending: only then can it be late in stopping. The others come while the listener listens."""

LEAD: Seconds = 3.0
"""A continuous listener is never left with less than this to hear, as far as text decides it."""

ARTICLE: tuple[Seconds, Seconds] = (6.0, 14.0)
"""How long a continuous listener listens on one connection."""

BETWEEN_BURSTS: Seconds = 1.0
N_TO_CHOOSE_FROM = 8
"""Turns of which a caller joins in one, the longer the likelier."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a caller joins in.

    Attributes:
        pause: What is left of a pause between two turns.
        rest: What is left of a turn.
        heard_s: How much of that turn is over.
    """

    pause: Seconds = 0.0
    rest: str = ""
    heard_s: Seconds = 0.0


async def converse(caller: Caller) -> None:
    """Hold conversations: think, say something token by token, listen, maybe interrupt."""
    joining = join_in(caller)
    entry: Entry | None = joining
    await caller.pause(joining.pause)
    is_redial = False
    while caller.time_left:
        async with caller.call(is_redial=is_redial) as call:
            if call is None:
                is_redial = False
                await caller.recover()
                continue
            if is_redial:  # the person who broke in is still talking
                await caller.pause(SHORTEST_THOUGHT)
            is_redial = await _hold(caller, call, entry)
        entry = None
        away, caller.thought_left = caller.thought_left, 0.0
        await caller.pause(away)


async def listen(caller: Caller) -> None:
    """Listen without pause: sentence after sentence, sent before the last is heard."""
    # The first time they come in the middle, so that from the start the run is in full swing.
    share = caller.chance.random()
    heard_until = 0.0
    while caller.time_left:
        async with caller.call() as call:
            if call is None:
                await caller.recover()
                continue
            # Dialled already, so that there are always as many connections as listeners.
            await call.until_moment(min(heard_until, caller.ends_at))
            if not caller.time_left:
                await _leave(caller, call)
                return
            turn = await _read_aloud(caller, call, share * caller.chance.uniform(*ARTICLE))
            heard_until = turn.over_at
        share = 1.0
        if turn.failure is not None:
            heard_until = 0.0
            await caller.pause(SHORTEST_THOUGHT)


async def burst(callers: Sequence[Caller]) -> None:
    """Have all callers say something at the same moment, and again when all have been answered."""
    while callers[0].time_left:
        ready = asyncio.Barrier(len(callers))
        async with asyncio.TaskGroup() as tasks:
            for caller in callers:
                tasks.create_task(_shout(caller, ready))
        await callers[0].pause(BETWEEN_BURSTS)


async def _hold(caller: Caller, call: Call, entry: Entry | None) -> bool:
    """Hold one conversation; return whether it ended because the caller broke in and redials.

    Args:
        caller: Who.
        call: The connection.
        entry: How the caller joined in, if this is the first call.
    """
    plan, chance = caller.exchange.plan, caller.chance
    n_turns = chance.randint(*TURNS_A_CALL)
    for number in range(1, n_turns + 1):
        if caller.thought_left or not caller.time_left:
            break
        if entry is not None and entry.rest:
            went_well = await _say(caller, call, entry.rest, entry.heard_s)
            entry = None
        elif chance.random() < plan.interrupted:
            went_well = await _be_interrupted(caller, call)
            if plan.interrupt_by is InterruptBy.RECONNECT and went_well:
                return True
        elif number == n_turns:
            await _say_last(caller, call)
            return False
        else:
            went_well = await _say(caller, call, plan.texts.turn(chance))
        if not went_well:
            await caller.pause(SHORTEST_THOUGHT)
            return False
    await _leave(caller, call)
    return False


async def _leave(caller: Caller, call: Call) -> None:
    if failure := await call.take_leave():
        caller.fail(failure)


async def _say(caller: Caller, call: Call, text: str, heard_s: Seconds = 0.0) -> bool:
    """Take a turn, and think it over; return whether all went well."""
    turn = call.begin()
    await _write(caller, call, text, FLUSH)
    await _hear_out(caller, call, turn, heard_s)
    return turn.failure is None


async def _say_last(caller: Caller, call: Call) -> None:
    turn = call.begin()
    await _write(caller, call, caller.exchange.plan.texts.turn(caller.chance), EOS)
    await call.until_closed(turn)
    await call.until_played(turn)
    call.finish()
    await caller.pause(_thought(caller, turn.speech_ms / 1000))


async def _hear_out(caller: Caller, call: Call, turn: Turn, heard_s: Seconds = 0.0) -> None:
    """Listen to a turn, then talk or think; late audio meanwhile still belongs to it.

    Args:
        caller: Who.
        call: The connection.
        turn: What is listened to.
        heard_s: How much of it was heard before.
    """
    await call.until_heard(turn)
    await call.until_heard(turn, _thought(caller, heard_s + turn.speech_ms / 1000))
    call.finish()


async def _be_interrupted(caller: Caller, call: Call) -> bool:
    """Take a turn, break in, and go on with something else; return whether all went well."""
    plan, chance = caller.exchange.plan, caller.chance
    text = plan.texts.long_turn(chance)
    speech_s = caller.exchange.pace.expect_ms(text) / 1000
    is_early = chance.random() < EARLY_SHARE
    delay = chance.uniform(0, EARLY_INTERRUPTION if is_early else 0.8 * speech_s)
    turn = call.begin()
    async with asyncio.TaskGroup() as tasks:
        # Early on the server is to have much to forget, so it gets the whole text at once.
        speaking = call.say(text, FLUSH) if is_early else _write(caller, call, text, FLUSH)
        writing = tasks.create_task(speaking)
        await call.until_audio(turn)
        await call.until_moment(call.now + delay)
        writing.cancel()
    if turn.failure is not None:
        call.finish()
        return False
    is_clear = plan.interrupt_by is InterruptBy.CLEAR
    turn.interrupt(call.now, is_clear=is_clear)
    if not is_clear:
        await call.command(EOS)
        await call.hang_up()
        call.finish()
        return True
    return await _clear(caller, call, turn, thought=_thought(caller, delay))


async def _clear(caller: Caller, call: Call, turn: Turn, thought: Seconds) -> bool:
    """Send ``<CLEAR>``, watch for old audio, then have a reply spoken that is compared."""
    await call.command(CLEAR)
    broke_in_at = call.now

    def is_quiet_at() -> Seconds:
        quiet_at = broke_in_at if turn.last_old_at is None else turn.last_old_at + QUIET
        return min(max(broke_in_at + thought, quiet_at), broke_in_at + thought + PATIENCE)

    await call.until(is_quiet_at)
    is_quiet = turn.last_old_at is None or turn.last_old_at + QUIET <= call.now
    call.finish()
    if not is_quiet or call.close_code is not None:
        return False  # nothing that comes now could be told from what came before
    text = caller.chance.choice(REPLIES)
    reply = call.begin(alone=caller.exchange.alone.get(text, ()))
    await call.say(text, FLUSH)
    await _hear_out(caller, call, reply)
    return reply.failure is None


async def _read_aloud(caller: Caller, call: Call, length_s: Seconds) -> Turn:
    """Have an article read: the next sentence goes out when what is under way nears its end."""
    plan, chance, pace = caller.exchange.plan, caller.chance, caller.exchange.pace
    turn = call.begin(is_paced=True)
    is_last = False
    while not is_last and turn.failure is None and call.close_code is None:
        sentence = plan.texts.sentence(chance)
        length_s -= pace.expect_ms(sentence) / 1000
        is_last = length_s <= 0 or not caller.time_left
        await call.until(lambda: min(turn.runs_dry_at(call.now) - LEAD, turn.gives_up_at))
        if call.now >= turn.gives_up_at:
            turn.give_up(call.now)
            break
        await call.say(sentence if is_last else sentence + " ", EOS if is_last else None)
    if turn.failure is None:
        await call.until_closed(turn)
    call.finish()
    return turn


async def _shout(caller: Caller, ready: asyncio.Barrier) -> None:
    """Dial, wait for the others, send everything, hear it."""
    async with caller.call() as call:
        await ready.wait()
        if call is None:
            return
        turn = call.begin()
        await call.say(caller.exchange.plan.texts.turn(caller.chance), EOS)
        await call.until_closed(turn)
        call.finish()


async def _write(caller: Caller, call: Call, text: str, ending: str) -> None:
    interval = 1 / caller.exchange.plan.tokens_per_second
    await call.write(tokens_of(text), interval, ending)


def _thought(caller: Caller, heard_s: Seconds) -> Seconds:
    """Return how long a caller who has listened that long stays on the line to talk and think."""
    share = (1 - caller.exchange.plan.talking) / caller.exchange.plan.talking
    # Of a spread that people have: a gamma distribution of mean 1, deviation 0.5.
    drawn = max(heard_s * share * caller.chance.gammavariate(4, 0.25), SHORTEST_THOUGHT)
    caller.thought_left = max(0.0, drawn - LONGEST_THOUGHT)
    return min(drawn, LONGEST_THOUGHT)


def join_in(caller: Caller) -> Entry:
    """Return how a caller joins a run that is in full swing.

    Looked at from any moment, somebody is within a turn or a pause with the shares that these have
    of the time, more likely within a long one, and anywhere in it (renewal theory's stationary
    start). Else all would speak at first, and a short run would be more load than its name says.
    """
    plan, chance = caller.exchange.plan, caller.chance
    turns = [plan.texts.turn(chance) for _ in range(N_TO_CHOOSE_FROM)]
    [text] = chance.choices(turns, weights=list(map(len, turns)))
    left = chance.random()
    if chance.random() < plan.talking:
        words = text.split()
        n_over = min(int((1 - left) * len(words)), len(words) - 1)
        over, rest = " ".join(words[:n_over]), " ".join(words[n_over:])
        return Entry(rest=rest, heard_s=caller.exchange.pace.expect_ms(over) / 1000)
    share = (1 - plan.talking) / plan.talking
    pause = caller.exchange.pace.expect_ms(text) / 1000 * share
    return Entry(pause=left * pause * chance.gammavariate(5, 0.25))


def starts(plan: Plan, chance: random.Random) -> list[Seconds]:
    """Return when each caller starts: a Poisson process that has them all within the ramp.

    Given how many arrivals of a Poisson process fall into a span, their moments are independent
    and uniform in it.
    """
    return sorted(chance.uniform(0, plan.ramp_s) for _ in range(plan.callers))

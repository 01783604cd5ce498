"""The synchronous driver: text in, packets out, without a server, an event loop or a clock.

In: the client's messages. Out: `Packet` after `Packet`. Invariant: the same messages give the same
bytes, always. Messages count as sent all at the same moment, to a listener who never runs dry, so
what is released depends on the text alone, not on how it was cut into messages.
"""

import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import assert_never

from hoarfrost.dialogue.actions import Action, Cancel, Close, Deliver, Speak
from hoarfrost.dialogue.events import AudioSent, Eos, Event, SpeechSent, Text, Tick, in_pieces
from hoarfrost.dialogue.machine import Machine, State
from hoarfrost.protocol.frames import decode
from hoarfrost.protocol.options import Options
from hoarfrost.render import Packet, Renderer, Synthesize
from hoarfrost.text.script import Speech
from hoarfrost.units import Milliseconds, Seconds

NOW: Seconds = 0.0

FOREVER: Milliseconds = math.inf
"""What a listener has left to hear, once anything was said: nobody waits for a file."""


def speak(messages: Iterable[str], options: Options, synthesize: Synthesize) -> Iterator[Packet]:
    """Speak what a client would send, commands included, up to ``<EOS>`` or the end.

    Args:
        messages: Taken one at a time: audio comes out as soon as the text allows.
        options: As a client would ask for them.
        synthesize: Where speech comes from, such as `Engines.synthesize`.

    Raises:
        TextTooLong: With ``segment=never``, for text that no server would buffer either.
        VoiceFault: If the voice fails.
    """
    driver = _Driver(options, synthesize)
    for message in messages:
        for event in decode(message):
            for piece in in_pieces(event):
                yield from driver.carry_out(piece)
        if driver.is_over:
            return
    yield from driver.carry_out(Eos())


def read_scripts(texts: Iterable[str]) -> Iterator[Speech]:
    """Return what is said for texts, in the pieces that would be spoken; they are taken whole.

    Args:
        texts: What a client would send; commands count as text.
    """
    machine = Machine()
    actions: list[Action] = []
    for text in texts:
        for piece in in_pieces(Text(text)):
            actions += machine.receive(piece, NOW)
            yield from _speeches(machine, actions)
    actions += machine.receive(Eos(), NOW)
    yield from _speeches(machine, actions)


def _speeches(machine: Machine, actions: list[Action]) -> Iterator[Speech]:
    while actions or machine.wake_at(NOW) == NOW:
        if not actions:
            actions += machine.receive(Tick(), NOW)
            continue
        action = actions.pop(0)
        if isinstance(action, Speak):
            yield from (part for part in action.script if isinstance(part, Speech))
            actions += machine.receive(AudioSent(FOREVER), NOW)
            actions += machine.receive(SpeechSent(action.number), NOW)


class _Driver:
    """Carries out the machine's actions on the spot."""

    def __init__(self, options: Options, synthesize: Synthesize) -> None:
        self._machine = Machine(
            options.segment,
            pauses=options.pauses,
            phonemes=options.phonemes,
            inline_speeds=options.inline_speeds,
        )
        self._renderer = Renderer(synthesize, options)
        self._actions: deque[Action] = deque()

    @property
    def is_over(self) -> bool:
        """Whether nothing that is said from now on will be heard."""
        return self._machine.state is State.CLOSED

    def carry_out(self, event: Event) -> Iterator[Packet]:
        self._note(event)
        while self._has_work():
            match self._actions.popleft():
                case Speak(number, script):
                    yield from self._send(self._renderer.render(script))
                    self._note(AudioSent(FOREVER))
                    self._note(SpeechSent(number))
                case Deliver():
                    # More may follow at the same moment: the stream is ended once, at the end.
                    pass
                case Cancel():
                    # What was spoken is out already; only a failure can leave actions waiting.
                    self._actions = deque(a for a in self._actions if isinstance(a, Close))
                case Close(fault):
                    if fault is not None:
                        raise fault
                    yield from self._send(self._renderer.finish())
                case other:
                    assert_never(other)

    def _has_work(self) -> bool:
        while not self._actions and self._machine.wake_at(NOW) == NOW:
            self._note(Tick())
        return bool(self._actions)

    def _send(self, packets: Generator[Packet, None, None]) -> Iterator[Packet]:
        with closing(packets):
            for packet in packets:
                if packet.data or packet.words:
                    yield packet

    def _note(self, event: Event) -> None:
        self._actions.extend(self._machine.receive(event, NOW))

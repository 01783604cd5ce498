"""The synchronous driver: text in, packets out, without a server, an event loop or a clock.

In: the client's messages. Out: `Packet` after `Packet`. Invariant: the same messages give the same
bytes, always. Messages count as sent all at the same moment, to a listener who has audio left, so
what is released depends on the text alone, not on how it was cut into messages.
"""

import itertools
import math
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import assert_never

from hoarfrost.dialogue.actions import Action, Close, FlushAudio, Speak
from hoarfrost.dialogue.events import AudioSent, Eos, Event, SpeechSent, Text, Tick, in_pieces
from hoarfrost.dialogue.machine import Machine, State
from hoarfrost.dialogue.options import Options
from hoarfrost.dialogue.outputs import Cleared, Failure, Flushed
from hoarfrost.protocol.plain import decode
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
    pieces = (piece for text in texts for piece in in_pieces(Text(text)))
    for event in itertools.chain(pieces, [Eos()]):
        machine.receive(event, NOW)
        while (action := _next(machine)) is not None:
            if isinstance(action, Speak):
                yield from (part for part in action.script if isinstance(part, Speech))
                machine.receive(AudioSent(FOREVER), NOW)
                machine.receive(SpeechSent(action.number), NOW)


def _next(machine: Machine) -> Action | None:
    """Return the next action, as if no time went by while nothing is to be done."""
    while not machine.has_next and machine.wake_at(NOW) == NOW:
        machine.receive(Tick(), NOW)
    return machine.next()


class _Driver:
    """Carries out the machine's actions on the spot."""

    def __init__(self, options: Options, synthesize: Synthesize) -> None:
        self._machine = Machine(
            options.segment,
            pauses=options.pauses,
            phonemes=options.phonemes,
            inline_speeds=options.inline_speeds,
            unwraps=options.unwraps,
        )
        self._renderer = Renderer(synthesize, options)

    @property
    def is_over(self) -> bool:
        """Whether nothing that is said from now on will be heard."""
        return self._machine.state is State.CLOSED

    def carry_out(self, event: Event) -> Iterator[Packet]:
        self._machine.receive(event, NOW)
        while (action := _next(self._machine)) is not None:
            match action:
                case Speak(number, script):
                    yield from self._send(self._renderer.render(script))
                    self._machine.receive(AudioSent(FOREVER), NOW)
                    self._machine.receive(SpeechSent(number), NOW)
                case FlushAudio() | Cleared() | Flushed() | Failure():
                    # More may follow at the same moment: the stream is ended once, at the end. And
                    # what was spoken before a clear is out already.
                    pass
                case Close(fault):
                    if fault is not None:
                        raise fault
                    yield from self._send(self._renderer.finish())
                case other:
                    assert_never(other)

    def _send(self, packets: Generator[Packet, None, None]) -> Iterator[Packet]:
        with closing(packets):
            for packet in packets:
                if packet.data or packet.words:
                    yield packet

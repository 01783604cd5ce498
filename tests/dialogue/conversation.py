"""A machine and a driver that does what it says, with a clock that is set by hand."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from hoarfrost.dialogue.actions import Action, Close, FlushAudio, Speak
from hoarfrost.dialogue.events import AudioSent, Event, SpeechSent, Text, Tick
from hoarfrost.dialogue.machine import Machine
from hoarfrost.dialogue.outputs import Cleared
from hoarfrost.text.script import Pause, Script, Speech
from hoarfrost.units import Milliseconds, Seconds


class Dropped:
    """Stands among the actions where all that was asked for before was dropped."""


Asked: TypeAlias = Action | Dropped


def words_of(script: Script) -> str:
    """Return a script in one line: its words, and ``<200>`` for a pause."""
    return " ".join(
        f"<{part.duration_ms:g}>" if isinstance(part, Pause) else part.text for part in script
    )


def describe(actions: Iterable[Asked]) -> list[str]:
    """Return actions as a table of tests shows them."""
    return [_describe(action) for action in actions]


def _describe(action: Asked) -> str:
    match action:
        case Speak(number, script):
            return f"speak {number}: {words_of(script)}"
        case FlushAudio():
            return "deliver"
        case Cleared():
            return "cleared"
        case Dropped():
            return "cancel"
        case Close(fault):
            return f"close {1000 if fault is None else fault.close_code}"


class Conversation:
    """Drives a machine as a session would, for a listener and an engine of any speed.

    Attributes:
        now: The time; only ever set forward.
        actions: All that the machine has asked for.
        unsent: Speeches asked for and not yet sent, in order.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.now: Seconds = 0.0
        self.actions: list[Asked] = []
        self.unsent: list[Speak] = []

    def note(self, *events: Event) -> list[Asked]:
        """Have events happen now; return what the machine asks for."""
        asked: list[Asked] = []
        for event in events:
            generation = self.machine.generation
            self.machine.receive(event, self.now)
            if self.machine.generation != generation:
                asked.append(Dropped())
                self.unsent.clear()
            while (action := self.machine.next()) is not None:
                asked.append(action)
                if isinstance(action, Speak):
                    self.unsent.append(action)
        self.actions += asked
        return asked

    def say(self, *texts: str) -> list[Asked]:
        """Have the client say something now."""
        return self.note(*map(Text, texts))

    def wait(self, duration_s: Seconds) -> list[Asked]:
        """Let time pass, with a `Tick` whenever the machine wants one."""
        end = self.now + duration_s
        asked: list[Asked] = []
        while (wake_at := self.machine.wake_at(self.now)) is not None and wake_at <= end:
            self.now = max(self.now, wake_at)
            asked += self.note(Tick())
        self.now = end
        return asked

    def send(self, duration_ms: Milliseconds) -> list[Asked]:
        """Send all audio of the oldest speech that is unsent; it lasts so long."""
        speech = self.unsent.pop(0)
        return self.note(AudioSent(duration_ms), SpeechSent(speech.number))

    def send_all(self, duration_ms: Milliseconds) -> None:
        """Send speech after speech until there is none."""
        while self.unsent:
            self.send(duration_ms)

    @property
    def speeches(self) -> Iterator[Speech]:
        """All speech that was asked for, without pauses."""
        for action in self.actions:
            if isinstance(action, Speak):
                yield from (part for part in action.script if isinstance(part, Speech))

    @property
    def said(self) -> list[str]:
        """The words of each `Speak`, in order."""
        return [words_of(action.script) for action in self.actions if isinstance(action, Speak)]

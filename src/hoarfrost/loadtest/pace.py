"""How long a text should last with the voice under test.

In: texts that were spoken whole, with the duration of their audio. Out: an expectation for others.
Invariant: at least 0, and longer for a longer text.

The protocol does not say where the audio of a text ends. What is known of the voice's pace tells a
turn that is over from one that stalls, and how much must have been sent for a listener not to run
dry.
"""

from hoarfrost.units import Milliseconds

DEFAULT_MS_PER_LETTER: Milliseconds = 75.0
"""Before anything is known: 150 English words a minute, of 5.3 letters and marks each."""


class Pace:
    """Milliseconds of speech for each character that is not white space."""

    def __init__(self) -> None:
        self._n_letters = 0
        self._speech_ms: Milliseconds = 0.0

    @property
    def ms_per_letter(self) -> Milliseconds:
        """The mean over all that was learnt."""
        return self._speech_ms / self._n_letters if self._n_letters else DEFAULT_MS_PER_LETTER

    def learn(self, text: str, speech_ms: Milliseconds) -> None:
        """Take in how long a whole text lasted; silence teaches nothing."""
        n_letters = count_letters(text)
        if n_letters and speech_ms > 0:
            self._n_letters += n_letters
            self._speech_ms += speech_ms

    def expect_ms(self, text: str) -> Milliseconds:
        """Return how long a text should last."""
        return count_letters(text) * self.ms_per_letter


def count_letters(text: str) -> int:
    """Return the number of characters that are not white space."""
    return sum(map(len, text.split()))

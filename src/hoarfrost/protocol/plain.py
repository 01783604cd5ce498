"""The plain-text protocol of ``/ws``: bare text and three commands in, raw audio out.

In: the payload of a WebSocket message. Out: `ClientEvent` values in order; for an output, its
frames. Invariant: joining the text events gives back everything that was not a command, character
for character; nothing but audio is ever sent.
"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from hoarfrost.dialogue.events import Clear, ClientEvent, Eos, Flush, Text
from hoarfrost.dialogue.options import Conduct
from hoarfrost.dialogue.outputs import Audio, Output
from hoarfrost.errors import TextNotUtf8
from hoarfrost.protocol.codec import Addressed, Frame, Untimed


class PlainCodec(Untimed):
    """The `Codec` of ``/ws``."""

    has_contexts: ClassVar[bool] = False
    conduct: ClassVar[Conduct] = Conduct()

    def decode(self, message: str | bytes) -> Sequence[Addressed]:
        """Read one message, see `decode`.

        Raises:
            TextNotUtf8: If bytes are not UTF-8.
        """
        return [Addressed(None, event) for event in decode(message)]

    def encode(self, _context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return the audio of an output; of any other output nothing is told."""
        return [output.data] if isinstance(output, Audio) and output.data else []


_COMMANDS: Final[dict[str, ClientEvent]] = {
    "<CLEAR>": Clear(),
    "<FLUSH>": Flush(),
    "<EOS>": Eos(),
}
_TOKEN: Final = re.compile(f"({'|'.join(_COMMANDS)})")


def decode(message: str | bytes) -> list[ClientEvent]:
    """Read one message.

    A message that is a command and white space is that command; the white space goes with it. A
    command glued to the start or end of a longer message counts as well, and as many as are there;
    the white space around it stays with the text. Anywhere else it is text, as is ``<eos>``.

    Args:
        message: The payload of a text frame, or of a binary one, which is read as UTF-8.

    Raises:
        TextNotUtf8: If bytes are not UTF-8.
    """
    # Words stand at the even places and tokens at the odd ones, however many there are.
    parts = _TOKEN.split(_read(message))
    places = [place for place in range(0, len(parts), 2) if parts[place].strip()]
    if not places:
        return _events(parts[1::2] or parts)
    first, last = places[0], places[-1] + 1
    words = "".join(parts[first:last])
    return [*_events(parts[:first]), Text(words), *_events(parts[last:])]


def _events(parts: Iterable[str]) -> list[ClientEvent]:
    return [_COMMANDS.get(part) or Text(part) for part in parts if part]


def _read(message: str | bytes) -> str:
    return message if isinstance(message, str) else as_utf8(message)


def as_utf8(message: bytes) -> str:
    """Return the text of a binary message.

    Raises:
        TextNotUtf8: If it is none.
    """
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise TextNotUtf8(
            f"binary message: expected UTF-8 text, got {len(message)} bytes that are not "
            f"from byte {error.start} on"
        ) from None

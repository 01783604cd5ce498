"""Messages: which are commands, which are text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.dialogue.events import Clear, ClientEvent, Eos, Flush, Text
from hoarfrost.errors import TextNotUtf8
from hoarfrost.protocol.plain import decode

MEANINGS: list[tuple[str, list[ClientEvent]]] = [
    ("Hello ", [Text("Hello ")]),
    ("", []),
    ("  ", [Text("  ")]),
    ("<CLEAR>", [Clear()]),
    ("<FLUSH>", [Flush()]),
    ("<EOS>", [Eos()]),
    (" <FLUSH>\n", [Flush()]),
    ("<FLUSH><EOS>", [Flush(), Eos()]),
    (" <FLUSH> \n <EOS> ", [Flush(), Eos()]),
    ("Bye.<EOS>", [Text("Bye."), Eos()]),
    ("Bye.<FLUSH><EOS>", [Text("Bye."), Flush(), Eos()]),
    ("Bye. <EOS>", [Text("Bye. "), Eos()]),
    ("Bye.<EOS>\n", [Text("Bye."), Eos(), Text("\n")]),
    ("<CLEAR>Hello", [Clear(), Text("Hello")]),
    ("<CLEAR> Hello", [Clear(), Text(" Hello")]),
    (" <CLEAR>Hello", [Text(" "), Clear(), Text("Hello")]),
    ("<CLEAR>Hello <FLUSH> there<EOS>", [Clear(), Text("Hello <FLUSH> there"), Eos()]),
    ("Hello <FLUSH> there", [Text("Hello <FLUSH> there")]),
    ("<eos>", [Text("<eos>")]),
    ("<Flush>", [Text("<Flush>")]),
    ("< EOS >", [Text("< EOS >")]),
    ("<<EOS>", [Text("<"), Eos()]),
    ("<EOS>>", [Eos(), Text(">")]),
    ("<FLUSH", [Text("<FLUSH")]),
    ("<200>", [Text("<200>")]),
    ("<CL<CLEAR>EAR>", [Text("<CL<CLEAR>EAR>")]),
]


@pytest.mark.parametrize(("message", "events"), MEANINGS)
def test_reads_commands_and_text(message: str, events: list[ClientEvent]) -> None:
    """A command counts alone or at the ends of a message, exactly written; the rest is text."""
    assert decode(message) == events
    assert decode(message.encode()) == events


def test_bytes_are_utf8_text() -> None:
    """A binary message is the text that it encodes."""
    assert decode("Grüße 👋<EOS>".encode()) == [Text("Grüße 👋"), Eos()]


@pytest.mark.parametrize(
    ("message", "told"),
    [(b"abc\xff", "got 4 bytes that are not from byte 3 on"), ("é".encode()[:1], "from byte 0 on")],
)
def test_other_bytes_are_refused(message: bytes, told: str) -> None:
    """Bytes that are not UTF-8 close the connection with 1007, and are not repeated."""
    with pytest.raises(TextNotUtf8, match=told) as refused:
        decode(message)
    assert refused.value.close_code == 1007
    assert "abc" not in str(refused.value)


PIECES = st.sampled_from(["<CLEAR>", "<FLUSH>", "<EOS>", "<", ">", " ", "\n", "a", "EOS", "é."])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_is_lost_but_commands(message: str) -> None:
    """Put together again, the events are the message, but for the white space of bare commands."""
    written = {Clear(): "<CLEAR>", Flush(): "<FLUSH>", Eos(): "<EOS>"}
    events = decode(message)
    joined = "".join(each.text if isinstance(each, Text) else written[each] for each in events)
    words = re.sub("<(CLEAR|FLUSH|EOS)>", "", message)
    if words != message and not words.strip():  # commands and white space, nothing else
        message = "".join(message.split())
    assert joined == message


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_command_is_left_at_the_ends(message: str) -> None:
    """No text begins or ends with a command, and none is empty."""
    for event in decode(message):
        if isinstance(event, Text):
            assert event.text
            assert not re.match(r"\s*<(CLEAR|FLUSH|EOS)>", event.text)
            assert not re.search(r"<(CLEAR|FLUSH|EOS)>\s*\Z", event.text)

"""When a text that arrives in pieces can begin to be spoken.

In: the text of a turn so far. Out: whether a server has all it needs to speak the beginning of it.
Invariant: a mark at the very end counts, though more may follow it (``3.`` before ``14``): a server
that waits to see is charged with the wait.
"""

import re
from typing import Final

SEGMENT_MODES: Final = ("bySentence", "immediate", "never")

_CLAUSE: Final = re.compile(r"\w[^\n]*?(?:[,.?!…][\"'”’)\]]*(?:\s|\Z)|[。！？，])|\w[^\n]*\n")
_SENTENCE_END: Final = re.compile(r"(?:[.?!…。！？][\"'”’)\]]*\s*|\n\s*)\Z")


def is_speakable(text: str, segment: str) -> bool:
    """Whether the text so far holds what may be spoken before the rest of it is known.

    By sentence, that is a whole clause: something to say, and a comma or the end of a sentence
    after it. With ``immediate`` anything to say will do; with ``never`` nothing does but
    a flush.

    Args:
        text: All of the turn so far.
        segment: One of `SEGMENT_MODES`, as asked of the server.
    """
    match segment:
        case "never":
            return False
        case "immediate":
            return any(map(str.isalnum, text))
        case _:
            return _CLAUSE.search(text) is not None


def ends_sentence(text: str) -> bool:
    """Whether the text ends where a sentence does: all of it can be spoken."""
    return _SENTENCE_END.search(text) is not None

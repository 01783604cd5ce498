"""Whether ``St.`` or ``Dr.`` is a street or a title: what stands before it, and what comes after.

In: the text on both sides of the word. Out: a claim, which cutting (`boundaries`) and reading
(`hoarfrost.text.reading.addresses`) share.
"""

import re
from typing import Final

from hoarfrost.text.abbreviations import STARTERS
from hoarfrost.text.tables import words

REACH: Final = 64
"""Characters before the word that are looked at: a house number and three words."""

_NAME_BEFORE: Final = re.compile(
    r"(?P<number>\b\d{1,6}[A-Za-z]?\s(?:[NSEW]{1,2}\.?\s)?)?"
    r"(?P<name>(?:(?:[A-Z][\w'’.-]{0,24}|\d{1,3}(?:st|nd|rd|th))\s){1,3})\Z"
)
_TITLES: Final = words("""
    mr mrs ms dr prof st rev the hi hello dear hey thanks ask see call tell
""")
_FIRST_WORD: Final = re.compile(r"[\s\"'“‘(]{0,4}([^\W\d_]{1,24})?")
_UNITS: Final = words("""
    apt ste suite unit floor fl bldg room rm nw ne sw se n s e w north south east west
""")


def is_street(behind: str, ahead: str) -> bool:
    """Tell whether a word such as ``St`` is a type of street: it stands after a name.

    Args:
        behind: The text before the word, from the beginning of the sentence or `REACH` characters.
        ahead: The text after it and its full stop.
    """
    before = _NAME_BEFORE.search(behind)
    if before is None:
        return False
    if before["number"]:
        return True
    name = before["name"].split()
    first = _first_word(ahead)
    is_first = before.start("name") == 0 or behind[: before.start("name")].rstrip()[-1:] in "\n.?!"
    if name[-1].strip(".,").lower() in _TITLES:
        return False
    if is_first and len(name) == 1:
        return not ahead.strip()
    return not first[:1].isupper() or first[:2].isupper() or first.casefold() in STARTERS


def ends_sentence(behind: str, ahead: str) -> bool:
    """Tell whether the full stop of a type of street ends a sentence before a capital letter.

    Args:
        behind: The text before the word.
        ahead: The text after its full stop, which begins with a capital, white space aside.
    """
    word = _first_word(ahead).casefold()
    if word in _UNITS or not is_street(behind, ahead):
        return False
    before = _NAME_BEFORE.search(behind)
    return word in STARTERS or (before is not None and before["number"] is not None)


def _first_word(text: str) -> str:
    found = _FIRST_WORD.match(text)
    return (found[1] or "") if found else ""

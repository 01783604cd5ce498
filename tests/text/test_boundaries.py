"""Where speech may be cut."""

import pytest
from hypothesis import given

from hoarfrost.text import abbreviations
from hoarfrost.text.boundaries import (
    MARK_LIMIT,
    Kind,
    count_words,
    find_cut,
    find_mark,
    is_unfinished,
)
from hoarfrost.text.full_stops import Certainty
from hoarfrost.text.reading.abbreviations import WRITTEN_OUT

from .nasty import TEXTS


def cut_at_certain(text, kinds=(Kind.SENTENCE,)):
    """Cut a text at every mark that is certain, as if more text were to come."""
    pieces = []
    at = 0
    while (mark := find_mark(text, at)) and mark.certainty is Certainty.CERTAIN:
        at = mark.end
        if mark.kind in kinds:
            pieces.append(text[:at])
            text, at = text[at:], 0
    return [*pieces, text]


SENTENCES = [
    "Hello there.| How are you?| Fine!| Ok",
    "Hello there.|\n|Yes",
    "One\n|Two\r|\n|Three\u2029|Four",
    # what belongs to a mark
    "Really?!| No...| Yes!!!| Ok",
    'He said "Hi."| Then he left.)| So',
    "„Hallo.“| Dann »gut.«| Ja (so.)| [Stop.]| **Now.**| Ok",
    "Well…| yes",
    "Well...| maybe",
    "[Stop!)]| now",
    # numbers
    "It is 3.14 or 1,000 or 22,1 or 10.30 or 1.2.3 now",
    "I have 10.| You do",
    "He has 3.| She does",
    "At 10.30.| Then",
    "1. First.| 2. Second.| 100. Last",
    "am 3. Oktober der 2. und 4. Mai",
    "मेरे पास 3.| तुम",
    "in 1999.| we",
    # names and addresses
    "See rime.ai or www.rime.ai/a.b?c=d!e or a.b@c.de or file.py now",
    "Mail a@b.co.| Then",
    # abbreviations
    "Dr. Smith and Mrs. Jones vs. Prof. Ito",
    'The "Dr. No" (Mr. X)',
    "J. R. Smith and J.R.R. Tolkien",
    "e.g. this, i.e. That",
    "z. B. so und z.B. So, d.h. ja, u. a. auch",
    "p. ej. esto, Sr. García, Sra. López, pág. 5",
    "M. Dupont, Mme. Dupont, c.-à-d. lui",
    "In the U.S. economy or U.S. Army",
    "In the U.S.| The law",
    "At 9 a.m. tomorrow or 9 a.m. Eastern",
    "At 9 a.m.| We go",
    "At 9 p.m.| I'm",
    "A. A. Milne",
    "Plan B.| The one",
    "So do I.| Then",
    "Apples, etc.| Come",
    "Apples, etc. and",
    "Apple Inc. CEO",
    "Apple Inc.| It is",
    "No. 5 is.| No.| I",
    "No.|\n|5",
    "Wait a sec.| Now",
    "<200>Dr. Smith",
    "etc.| (The",
    "etc. !",
    "etc.| \n|Yes",
    # markup
    "[one. two. three] four",
    "spell(A. B. C.) four",
    "{h'El. o} four",
    "<break time='1. 5'/> four",
    "Hello.|<200> There",
    "Hello.|<b>There",
    "x < 5 and.| y",
    "Hello.<3 you",
    "(He left.| Then",
    # other scripts
    "你好。|「再见。」|好！|他",
    '他说"你好。"|然后',
    '你好。|"我',
    "你好!|我。|A",
    "好.|我",
    "OK.好",
    "３．１４。|好",
    "はい。|いいえ？|え",
    "क्या हाल है।| ठीक",
    "كيف حالك؟| جيد",
    "Great!|😀 Next",
    "a .| b",
    "\x00.\x00 a",
    "." * MARK_LIMIT + "|" + "a",
    # citation marks
    "In 1998.[2]| Since then.[3][4]| He left",
    "It works.[citation needed]| Really.¹| Next",
    "a[3] b.[ c",
    # glued to the next sentence
    "It costs $5.|Do you want it",
    "It is done.|Next one.|I think",
    'He said "no".|Then left',
    "I live in NYC.|Do you",
    "Great!|Let's go?|Yes, we",
    "Node.Js and J.Smith and a.Bc and x.y/z.Beta too",
    "am 3.Oktober",
    # streets
    "at 12 Main St.| Please come",
    "at 12 Main St.| Bring cash",
    "at 12 Main St. Apt. 4B",
    "on Main St.| The shop",
    "in St. Louis and St. Mary",
    "6 Lake Dr.| Springfield is",
    "Dr. King lives on Dr. King Dr.| Then he",
    # what the voice knew and the segmenter did not
    "Ask Hon. Smith about it",
    "Your appt. Monday is fine",
    "Turn into Oak Ln.| Then stop",
    "Sr. Smith came",
    "on Mon. we met in Jan. and Sat. too",
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_sentences(marked):
    """A sentence ends at a mark that white space follows, unless the text says otherwise."""
    assert cut_at_certain(marked.replace("|", "")) == marked.split("|")


CLAUSES = [
    "Well,| I think,| so",
    'He said "Hi,"| then',
    "1,000 and 22,1 and a,b",
    "on Jan 5, 2024,| we",
    "codes 1234, 5678",
    "[a, b] spell(a, b) {a, b}",
    "你好，|我、|他",
    "１，０００，|好",
    "نعم،| لا",
]


@pytest.mark.parametrize("marked", CLAUSES)
def test_clauses(marked):
    """A clause ends at a comma that white space follows, or any comma of a script without it."""
    assert cut_at_certain(marked.replace("|", ""), tuple(Kind)) == marked.split("|")


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Hello.", Certainty.LIKELY),
        ("Hello?", Certainty.LIKELY),
        ("Hello...", Certainty.LIKELY),
        ('"Hello."', Certainty.LIKELY),
        ("Hello,", Certainty.LIKELY),
        ("你好。", Certainty.LIKELY),
        ("(Hello) you.", Certainty.LIKELY),
        ("3.", Certainty.DOUBTFUL),
        ("It costs $3.", Certainty.DOUBTFUL),
        ("3,", Certainty.DOUBTFUL),
        ("３．", Certainty.DOUBTFUL),
        ("J.", Certainty.DOUBTFUL),
        ("So do I.", Certainty.DOUBTFUL),
        ("Dr.", Certainty.DOUBTFUL),
        ("(Dr.", Certainty.DOUBTFUL),
        ("U.S.", Certainty.DOUBTFUL),
        ("U.", Certainty.DOUBTFUL),
        ("etc.", Certainty.DOUBTFUL),
        ("me@rime.", Certainty.DOUBTFUL),
        ("https://rime.", Certainty.DOUBTFUL),
        ("(Hello.", Certainty.DOUBTFUL),
        ("[Hello.", Certainty.DOUBTFUL),
        ("{Hello.", Certainty.DOUBTFUL),
        ("spell(Hello.", Certainty.DOUBTFUL),
        ("<500.", Certainty.DOUBTFUL),
        ("Hello.<2", Certainty.DOUBTFUL),
        ("[Hello. World", Certainty.DOUBTFUL),
        ("Dr. ", Certainty.DOUBTFUL),
        ("etc. ", Certainty.DOUBTFUL),
        ('etc. "', Certainty.DOUBTFUL),
        ("in the U.S. Th", Certainty.DOUBTFUL),
        ("1. ", Certainty.DOUBTFUL),
        ("I have 3. ", Certainty.DOUBTFUL),
        ("No. ", Certainty.DOUBTFUL),
    ],
)
def test_doubt(text, certainty):
    """A mark that nothing follows is likely the end, or doubtful if the word before it is."""
    mark = find_mark(text)
    assert mark is not None
    assert mark.certainty is certainty
    is_whole = text.rstrip(' "')[-1] in ".,?。．"
    over = find_mark(text, is_over=True)
    if is_whole:
        assert over is not None
        assert over.certainty is Certainty.CERTAIN
        assert over.end >= len(text.rstrip(' "'))


@given(TEXTS)
def test_more_text_never_changes_what_is_certain(text):
    """The certain marks of half of a text are the first certain marks of all of it."""
    whole = cut_at_certain(text, tuple(Kind))[:-1]
    for end in range(len(text)):
        part = cut_at_certain(text[:end], tuple(Kind))[:-1]
        assert whole[: len(part)] == part


@given(TEXTS)
def test_at_the_end_nothing_is_in_doubt(text):
    """When no more text is to come, every mark is a boundary or is none."""
    at = 0
    while mark := find_mark(text, at, is_over=True):
        assert mark.certainty is Certainty.CERTAIN
        assert mark.kind is not Kind.BRACKET
        assert mark.end > at
        at = mark.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Well", 1),
        ("I don't know", 3),
        ("- ... ,", 0),
        ("a <200> b </b>", 2),
        ("你好", 2),
        ("hello你好 you", 4),
        ("नमस्ते दुनिया", 2),
    ],
)
def test_count_words(text, expected):
    """Words stand between white space; Han and its like count one a character; tags do not."""
    assert count_words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("hello", False),
        ("hello.", False),
        ("a [b] <200> spell(c) {d}", False),
        ("a [b", True),
        ("a <2", True),
        ("a <b", True),
        ("spell(A", True),
        ("{h", True),
        ("(h", False),
        ("x < y", False),
        ("pi is 3", True),
        ("pi is 3.", True),
        ("pi is 1,0", True),
        ("call 415 ", True),
        ("it is 3/", True),
        ("it is $", True),
        ("so - ", False),
        ("1" * 33, False),
        ("A.", False),
        ("👩\u200d", True),
        ("हिन्", True),
        ("हिन्दी", False),
        ("[" + "a" * 300, False),
    ],
)
def test_unfinished(text, expected):
    """Text may break off inside of markup, a number or a character, and not for long."""
    assert is_unfinished(text) is expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One two. Three four, five six", 20, "One two."),
        ("One two. Three four, five six", 25, "One two."),
        ("A. Three four five, six seven", 24, "A. Three four five,"),
        ("One two three four", 9, "One two"),
        ("One two three four", 7, "One two"),
        ("One [two three] four", 12, "One"),
        ("[One two three] four", 12, "[One two thr"),
        ("onetwo[three] four", 10, "onetwo"),
        ("onetwothree", 5, "onetw"),
        ("onetwe\u0301three", 6, "onetw"),
        (" " + "a" * 20, 10, " " + "a" * 9),
    ],
)
def test_find_cut(text, limit, expected):
    """Long text is cut after a sentence, else a clause, else a word, else a whole character."""
    assert text[: find_cut(text, limit)] == expected


def test_abbreviations_are_folded():
    """Every entry of the tables can be found: case-folded, without white space or last stop."""
    tables = [value for value in vars(abbreviations).values() if isinstance(value, frozenset)]
    assert len(tables) == 8
    folded = [table for table in tables if table is not abbreviations.CAPITALISED]
    assert [
        word for table in folded for word in table if word != word.casefold() or word[-1] == "."
    ] == []


def test_a_word_is_in_one_table():
    """No word has two rules."""
    tables = [
        abbreviations.NEVER_LAST,
        abbreviations.MAYBE_LAST,
        abbreviations.LIST_END,
        abbreviations.BEFORE_NUMBER,
    ]
    assert len(frozenset().union(*tables)) == sum(map(len, tables))


def test_the_reader_knows_no_abbreviation_that_is_not_cut_by():
    """What is written out with its full stop is known where sentences are cut."""
    known = frozenset().union(
        abbreviations.NEVER_LAST,
        abbreviations.MAYBE_LAST,
        abbreviations.LIST_END,
        abbreviations.BEFORE_NUMBER,
    )
    assert {word for word in WRITTEN_OUT if len(word) > 1 and "." not in word} <= known
    assert known >= abbreviations.STREET_TYPES

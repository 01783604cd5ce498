"""What a segment says."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hoarfrost.text.markdown import find_edits
from hoarfrost.text.markup import PAUSE_LIMIT_MS, read_script, spelled_out
from hoarfrost.text.script import Pause, Segment, Speech, SpeedSpan

from .nasty import LONG_TEXTS, TEXTS


def read(text, *, pauses=True, inline_speeds=(), first_bracket=0):
    """Return the script with speech as plain text and pauses as numbers, and the brackets met."""
    reading = read_script(
        Segment(text), pauses=pauses, inline_speeds=inline_speeds, first_bracket=first_bracket
    )
    script = [
        item.text if isinstance(item, Speech) else item.duration_ms for item in reading.script
    ]
    return script, reading.n_brackets


@pytest.mark.parametrize(
    ("text", "script", "without"),
    [
        ("Hi. <200> I'd love to.", ["Hi.", 200.0, "I'd love to."], ["Hi. I'd love to."]),
        ("a<200>b", ["a", 200.0, "b"], ["a b"]),
        ("a <500.0> b", ["a", 500.0, "b"], ["a b"]),
        ("a < 200 > b", ["a", 200.0, "b"], ["a b"]),
        ("a <.5> b", ["a", 0.5, "b"], ["a b"]),
        ("<200>", [200.0], []),
        ("<200>.", [200.0], []),
        ("<200><300> a", [200.0, 300.0, "a"], ["a"]),
        ("a <0> b", ["a b"], ["a b"]),
        ("a <10000> b", ["a", 10_000.0, "b"], ["a b"]),
        ("a <10001> b", ["a", 10_000.0, "b"], ["a b"]),
        ("a <" + "9" * 30 + "> b", ["a", 10_000.0, "b"], ["a b"]),
        ("Stop <200>!", ["Stop", 200.0], ["Stop!"]),
        # no pauses
        ("x < 5 and y > 3", ["x < 5 and y > 3"], ["x < 5 and y > 3"]),
        ("I <3 you", ["I <3 you"], ["I <3 you"]),
        ("a <-200> b", ["a <-200> b"], ["a <-200> b"]),
        ("a <200", ["a <200"], ["a <200"]),
        ("a <me@rime.ai> b", ["a <me@rime.ai> b"], ["a <me@rime.ai> b"]),
        # tags
        ("<b>Hi</b>, you", ["Hi, you"], ["Hi, you"]),
        ("a <FLUSH> b <foo/>", ["a b"], ["a b"]),
        ('a<break time="1s"/>b', ["a b"], ["a b"]),
    ],
)
def test_pauses_and_tags(text, script, without):
    """A number in angle brackets is a pause, if pauses are on; no tag is ever read aloud."""
    assert read(text) == (script, 0)
    assert read(text, pauses=False) == (without, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one \r\n two", "one\ntwo"),
        ("one\n\n\n two", "one\n\ntwo"),
        ("Title\n", "Title\n"),
        ("\n\none", "one"),
        ("a<br>b</p><p>c", "a\nb\n\nc"),
    ],
)
def test_lines(text, said):
    """Line breaks stay, at most two in a row: a sentence ends there, or a paragraph."""
    assert read(text) == ([said], 0)


def test_a_paragraph_begins():
    """A segment after a blank line begins with two line breaks."""
    (speech,) = read_script(Segment(" Yes", 7, begins_paragraph=True), pauses=False).script
    assert (speech.text, speech.sources) == ("\n\nYes", (7, 7, 8, 9, 10))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## Next steps ##", "Next steps"),
        ("#1 and # 2", "#1 and # 2"),
        ("- one\n* two\n+ three\n\u2022 four", "one\ntwo\nthree\nfour"),
        ("- [x] done\n- [ ] to do", "done\nto do"),
        ("> said\n>> twice", "said\n>> twice"),
        ("a\n---\nb\n***\nc", "a\n\nb\n\nc"),
        ("```python\nx = 1\n```", "x = 1\n"),
        ("[text](http://x.y/z_(1)) and ![alt](a.png 'T')", "text and alt"),
        ("**b** __b__ ~~s~~ ==h== ***bi***", "b b s h bi"),
        ("5 * 3 and 2*3 and a*b", "5 * 3 and 2*3 and a*b"),
        ("x == y != z", "x == y != z"),
        ("snake_case __init__ _it_", "snake_case init it"),
        ("don`t `code`", "don't code"),
        ("$5[3] 1998.[2] so[^1] it[12,13].", "$5 1998. so it."),
        ("[3] is a bracket", "3 is a bracket"),
        ("word.\u00b9 x\u00b2", "word. x\u00b2"),
        ("Tom &amp; Ann&#39;s &lt;3 &copy; &nope; &#x41;", "Tom & Ann's <3 \u00a9 &nope; A"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b\n\n1, 2"),
        ("a || b", "a, b"),
        ("<!-- no --> yes", "yes"),
        (r"\*not\* bold", "not bold"),
    ],
)
def test_markdown(text, said):
    """Marks of markdown, HTML entities and citation marks are not read, what they mark is."""
    script, _ = read(text)
    assert script == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a {k1Ast0xm} b", "a \u27e6k\u02c8\u028cst\u0259m|\u27e7 b"),
        ("a {name} b", "a name b"),
        ("{h'El.o}", "h'El.o"),
        ("\u27e6x\u27e7", "x"),
    ],
)
def test_phonemes(text, said):
    """Phonemes between braces are told from a template that was not filled in."""
    reading = read_script(Segment(text), pauses=False, phonemes=True)
    assert [speech.text for speech in reading.script] == [said]


def speeds_of(script):
    """Return the text and the speed of each stretch that has one, speech by speech."""
    return [
        [(speech.text[span.start : span.end], span.speed) for span in speech.spans]
        for speech in script
        if isinstance(speech, Speech)
    ]


@pytest.mark.parametrize(
    ("text", "said", "speeds", "n_brackets"),
    [
        ("This is [slow] and [fast]", "This is slow and fast", [("slow", 0.5), ("fast", 3.0)], 2),
        ("[slow] [fast] [as usual]", "slow fast as usual", [("slow", 0.5), ("fast", 3.0)], 3),
        ("[ very  slow ] now", "very slow now", [("very slow", 0.5)], 1),
        ("un[believ]able", "unbelievable", [("believ", 0.5)], 1),
        ("[a [b] c] [d]", "a b c d", [("a b c", 0.5), ("d", 3.0)], 2),
        ("[a {b} spell(cd)] e", "a b c, d, e", [("a b c, d", 0.5)], 1),
        ("[] [...] [😀] [a]", "a", [("a", 0.5)], 1),
        ("[Stop.] Go", "Stop. Go", [("Stop.", 0.5)], 1),
        ("a ] b [ c", "a b c", [], 0),
        ("[a\nb] c", "a\nb c", [], 0),
        ("[a <b x=']'> c] d", "a c d", [("a", 0.5)], 1),
        ("a <b x='[c]'> d", "a d", [], 0),
    ],
)
def test_brackets(text, said, speeds, n_brackets):
    """Bracketed words are spoken at the next inline speed; brackets themselves never are."""
    reading = read_script(Segment(text), pauses=True, inline_speeds=(0.5, 3.0))
    assert [speech.text for speech in reading.script] == [said]
    assert speeds_of(reading.script) == [speeds]
    assert reading.n_brackets == n_brackets


@pytest.mark.parametrize(
    ("inline_speeds", "first_bracket", "speeds"),
    [
        ((), 0, []),
        ((0.5, 2.0), 0, [("a", 0.5), ("b", 2.0)]),
        ((0.5, 2.0, 3.0), 1, [("a", 2.0), ("b", 3.0)]),
        ((0.5, 2.0), 1, [("a", 2.0)]),
        ((0.5, 2.0), 9, []),
        ((1.0, 2.0), 0, [("b", 2.0)]),
        ((9.0, 0.01), 0, [("a", 9.0), ("b", 0.01)]),
    ],
)
def test_inline_speeds_run_on(inline_speeds, first_bracket, speeds):
    """The index counts from the brackets of earlier segments; what has no speed has that of all."""
    reading = read_script(
        Segment("[a] [b]"), pauses=True, inline_speeds=inline_speeds, first_bracket=first_bracket
    )
    assert speeds_of(reading.script) == [speeds]
    assert reading.n_brackets == 2


def test_a_pause_inside_a_bracket():
    """The words after the pause still have the bracket's speed, and it is one bracket."""
    reading = read_script(Segment("[a <200> b c] d"), pauses=True, inline_speeds=(0.5, 3.0))
    assert reading.script == (
        Speech("a", (SpeedSpan(0, 1, 0.5),), (1,)),
        Pause(200.0),
        Speech("b c d", (SpeedSpan(0, 3, 0.5),), (9, 10, 11, 13, 14)),
    )
    assert reading.n_brackets == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code spell(ABC-123).", "code A, B, C, \u2010, 1, 2, 3."),
        ("spell(AB) is it", "A, B, is it"),
        ("spell(AB)!", "A, B!"),
        ("SPELL(aB)", "a, B"),
        ("Spell(a(b)c) d", "a, b, c, d"),
        ("a:spell(b)c", "a: b, c"),
        ("spell(a@b.co)", "a, @, b, \u2024, c, o"),
        ("spell(a-b_c/d:e)", "a, \u2010, b, \uff3f, c, \u2215, d, \u2236, e"),
        ("spell(né) 1", "n, é, 1"),
        ("spell(ne\u0301 1\ufe0f\u20e3)", "n, e\u0301, 1"),
        ("spell(हिन्दी)", "हि, न्, दी"),
        ("spell([x])", "x"),
        ("a spell(-) b", "a \u2010, b"),
        ("a spell() b", "a b"),
        ("spell(A", "spell(A"),
        ("misspell(A)", "misspell(A)"),
        ("spell it, so", "spell it, so"),
        ("s", "s"),
    ],
)
def test_spelling(text, said):
    """Letters and digits are said one by one, with commas that keep "A" from being an article."""
    assert read(text) == ([said], 0)


def test_spelled_out_knows_where():
    """Each letter comes with its offset, and with the accents that are written after it."""
    assert list(spelled_out("?e\u0301 x\u0301?1")) == [(1, "e\u0301"), (4, "x\u0301"), (7, "1")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # phonemes and templates
        ("Hi {h'El.o} {name}!", "Hi h'El.o name!"),
        ("a } b {", "a b"),
        # white space and control characters
        ("  a \t b\u00a0 ", "a b"),
        ("\x00a\x01b\x7fc", "a b c"),
        ("a\u200bb\ufeffc", "a b c"),
        ("so\u00adft \u200ea\u2060b\u202ec", "soft abc"),
        # pictures
        ("Great 😀! So ❤️", "Great! So"),
        ("a👩\u200d🚀b", "a b"),
        ("👍🏽 ok 🇩🇪 5️⃣ →", "ok 5"),
        ("🏴\U000e0067\U000e0062\U000e007f a", "a"),
        ("a ★ \ufffd \ue000 \U0001faff b", "a b"),
        ("😀\u0301 a\u0301", "a\u0301"),
        # what is read
        ("50% & 3+4=7 #1 @me €5 20 °C ½ ™ ≤ × ℃", "50% & 3+4=7 #1 @me €5 20 °C ½ ™ ≤ × ℃"),
        ("*a* _b_ `c` ~d", "a b c ~d"),
        # scripts
        ("שלום עולם", "שלום עולם"),
        ("مرحبا، كيف", "مرحبا، كيف"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष a\u200d b", "क्\u200dष a b"),
        ("你好。再见", "你好。再见"),
        ("สวัสดี", "สวัสดี"),
        # marks do not stand alone
        ("Hi . You", "Hi. You"),
        ("Hi . . . you", "Hi... you"),
        ("Hi ! You , too", "Hi! You, too"),
        (". Hi", "Hi"),
        ("! Hi", "Hi"),
        ("...and", "and"),
        ("?Hi", "Hi"),
        ("Hi ...and", "Hi...and"),
        (".5 of .NET :x", ".5 of .NET :x"),
        ("3.14 1,000 10:30 a.b", "3.14 1,000 10:30 a.b"),
        ('"Hi."', '"Hi."'),
    ],
)
def test_what_is_said(text, said):
    """What no voice can read parts words or vanishes; everything else is said as it stands."""
    assert read(text) == ([said], 0)


@pytest.mark.parametrize("text", ["", " ", "...", "😀", '"', "[]", "{}", "<b>", "[.]", "\x00", "€"])
def test_nothing_to_say(text):
    """Without a letter or a digit there is no speech."""
    assert read(text) == ([], 0)


@pytest.mark.parametrize(
    ("text", "said", "sources"),
    [
        ("a  b", "a b", (10, 11, 13)),
        ("<b>a</b> [b]", "a b", (13, 14, 20)),
        ("a 😀 .", "a.", (10, 14)),
        ("spell(AB) c", "A, B, c", (16, 16, 16, 17, 17, 19, 20)),
        ("spell(e\u0301)c", "e\u0301, c", (16, 16, 16, 16, 19)),
    ],
)
def test_sources(text, said, sources):
    """Each character knows the one it stands for in all the text that the client sent."""
    (speech,) = read_script(Segment(text, 10), pauses=True).script
    assert (speech.text, speech.sources) == (said, sources)


@given(TEXTS | LONG_TEXTS | st.text(max_size=40), st.booleans(), st.integers(0, 99))
def test_every_script_is_sound(text, pauses, start):
    """Speech has words and no loose space, its sources go forward, pauses are within bounds."""
    speeds = (0.5, 3.0, 1.0, 2.0)
    reading = read_script(Segment(text, start), pauses=pauses, inline_speeds=speeds)
    last = start
    for item in reading.script:
        if isinstance(item, Pause):
            assert pauses
            assert 0 < item.duration_ms <= PAUSE_LIMIT_MS
            continue
        assert any(char.isalnum() for char in item.text)
        assert "\n".join(" ".join(line.split()) for line in item.text.split("\n")) == item.text
        assert not set(item.text) & set("[]{}\x00😀")
        assert len(item.sources) == len(item.text)
        assert list(item.sources) == sorted(item.sources)
        assert item.sources[0] >= last
        last = item.sources[-1]
        assert last < start + len(text)
        for span in item.spans:
            assert item.text[span.start : span.end].strip() == item.text[span.start : span.end]
            assert span.speed != 1.0
    assert sum(isinstance(item, Pause) for item in reading.script) <= text.count("<")
    assert reading.n_brackets <= text.count("[")


@given(TEXTS)
def test_words_are_neither_lost_nor_added(text):
    """Every letter and digit outside of tags is said, once, in order."""
    bare = text.replace("<200>", "").replace("<5.0>", "").replace("<b>", "")
    assume("<" not in bare and "spell(" not in bare.lower())
    assume(not list(find_edits(text)))
    reading = read_script(Segment(text), pauses=False)
    said = "".join(item.text for item in reading.script if isinstance(item, Speech))
    assert [char for char in said if char.isalnum()] == [char for char in bare if char.isalnum()]

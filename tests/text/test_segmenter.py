"""When text is spoken."""

import sys
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.text.script import Cut, Segment
from hoarfrost.text.segmenter import SEGMENT_LIMIT, Listener, Segmenter, SegmentMode

from .nasty import LONG_TEXTS, TEXTS


@dataclass(frozen=True)
class Fresh(Listener):
    """A listener to whom nothing of the utterance has been said."""


FRESH = Fresh()
IDLE = Listener()
BUSY = Listener(is_busy=True)
DRY = Listener(ahead_ms=399.0)
AHEAD = Listener(ahead_ms=400.0)
IMMEDIATE = SegmentMode.IMMEDIATE
NEVER = SegmentMode.NEVER

AUDIO_MS = 600.0


def begin(mode: SegmentMode, listener: Listener) -> Segmenter:
    """Return an empty segmenter, in the middle of an utterance unless the listener is fresh."""
    segmenter = Segmenter(mode)
    if not isinstance(listener, Fresh):
        segmenter.feed("So.\n", 0.0)
        segmenter.release(0.0, Listener())
    return segmenter


@dataclass
class Clock:
    """Drives a segmenter as a session does, in virtual time, for a listener who plays the audio."""

    segmenter: Segmenter
    listener: Listener = FRESH
    synthesis_ms: float = float("inf")
    """How long after a release the listener stays busy; then there is AUDIO_MS more to hear."""
    now: float = 0.0
    sent_at: float = float("inf")
    heard: list[tuple[int, str]] = field(default_factory=list)
    """Millisecond and text of each segment."""
    segments: list[Segment] = field(default_factory=list)

    def release(self) -> None:
        for segment in self.segmenter.release(self.now, self.listener):
            self.segments.append(segment)
            self.heard.append((round(self.now * 1000), segment.text))
            self.listener = replace(self.listener, is_busy=True)
            self.sent_at = self.now + self.synthesis_ms / 1000
        wake = self.segmenter.wake_at(self.now, self.listener)
        assert wake is None or wake > self.now, "a wake that is due already would spin"

    def feed(self, text: str) -> None:
        self.segmenter.feed(text, self.now)
        self.release()

    def wait_until(self, moment: float) -> None:
        """Let time pass, releasing only when the segmenter asks for it or the listener changes."""
        while True:
            wake = self.segmenter.wake_at(self.now, self.listener)
            next_at = min(self.sent_at, float("inf") if wake is None else wake)
            if next_at > moment:
                break
            self._play_until(next_at)
            if self.sent_at <= next_at:
                self.sent_at = float("inf")
                ahead_ms = self.listener.ahead_ms + AUDIO_MS
                self.listener = replace(self.listener, is_busy=False, ahead_ms=ahead_ms)
            self.release()
        self._play_until(max(self.now, moment))

    def _play_until(self, moment: float) -> None:
        left_ms = self.listener.ahead_ms - (moment - self.now) * 1000
        self.listener = replace(self.listener, ahead_ms=max(0.0, left_ms))
        self.now = moment


def flushed(segmenter: Segmenter) -> list[Segment]:
    """Flush; return all that is released to a listener who is done with each piece at once."""
    segmenter.flush()
    segments: list[Segment] = []
    while segmenter.wake_at(0.0, IDLE) == 0.0:
        segments += segmenter.release(0.0, IDLE)
    return segments


def hear(messages, *, mode=SegmentMode.BY_SENTENCE, listener=FRESH, synthesis_ms=float("inf")):
    """Send messages, each at its millisecond; return what is heard, and when."""
    clock = Clock(begin(mode, listener), listener, synthesis_ms)
    for at_ms, text in messages:
        clock.wait_until(at_ms / 1000)
        clock.feed(text)
    clock.wait_until(clock.now + 10)
    return clock.heard


TIMELINES = [
    # a mark that white space follows needs no time
    ([(0, "Hello there. Next")], BUSY, [(0, "Hello there.")]),
    ([(0, "Ab. Cd! Ef? G")], BUSY, [(0, "Ab."), (0, " Cd!"), (0, " Ef?")]),
    ([(0, "Yes\nno")], BUSY, [(0, "Yes\n")]),
    ([(0, "你好。再")], BUSY, [(0, "你好。")]),
    # the last mark is held 25 ms, 120 ms in doubt, and then said whatever comes
    ([(0, "Hello.")], BUSY, [(25, "Hello.")]),
    ([(0, "Hello"), (10, "."), (20, '"')], BUSY, [(45, 'Hello."')]),
    ([(0, "Hello."), (20, " You")], BUSY, [(20, "Hello.")]),
    ([(0, "Hello. ")], BUSY, [(0, "Hello.")]),
    ([(0, "It is 3."), (100, "14.")], BUSY, [(220, "It is 3.14.")]),
    ([(0, "It is 3."), (130, "14.")], BUSY, [(120, "It is 3."), (250, "14.")]),
    ([(0, "Dr."), (110, " No. ")], BUSY, [(230, "Dr. No.")]),
    ([(0, "Dr. ")], BUSY, [(120, "Dr.")]),
    ([(0, "Mail me@rime."), (100, "ai. Ok")], BUSY, [(100, "Mail me@rime.ai.")]),
    ([(0, "(Hi.")], BUSY, [(120, "(Hi.")]),
    ([(0, "[Hi.")], BUSY, [(120, "[Hi.")]),
    ([(0, "{Hi.")], BUSY, [(120, "{Hi.")]),
    ([(0, "spell(Hi.")], BUSY, [(120, "spell(Hi.")]),
    ([(0, "<5.")], BUSY, [(120, "<5.")]),
    ([(0, "Hi <2"), (50, "00> you. So")], BUSY, [(50, "Hi <200> you.")]),
    # a bracket that stays open holds nothing up for good
    ([(0, "So [this. And that")], BUSY, [(120, "So [this.")]),
    ([(0, "Is x < 5. Yes it")], BUSY, [(0, "Is x < 5.")]),
    ([(0, "[" + "one. " * 50)], BUSY, [(0, "[one."), *[(0, " one.")] * 49]),
    # a comma is for a listener that runs dry
    ([(0, "One two three, four")], FRESH, [(0, "One two three,")]),
    ([(0, "One two three,")], FRESH, [(25, "One two three,")]),
    ([(0, "It is 1 2 3,")], FRESH, [(120, "It is 1 2 3,")]),
    ([(0, "One two three, four")], DRY, [(0, "One two three,")]),
    ([(0, "One two three, four")], AHEAD, [(1, "One two three,")]),
    ([(0, "One two three, four")], replace(AHEAD, ahead_ms=900.0), [(501, "One two three,")]),
    ([(0, "One two three, four")], BUSY, []),
    ([(0, "One two three, four. Five")], BUSY, [(0, "One two three, four.")]),
    ([(0, "One two three, four. Five")], FRESH, [(0, "One two three,"), (0, " four.")]),
    ([(0, "One two three, four five six, so")], FRESH, [(0, "One two three,")]),
    ([(0, "One two three, ")], replace(FRESH, is_busy=True), [(0, "One two three,")]),
    # fewer than three words wait for more
    ([(0, "Well, ok")], FRESH, [(250, "Well,")]),
    ([(0, "Well,"), (100, " ok")], FRESH, [(250, "Well,")]),
    ([(0, "Well, yes, ok")], FRESH, [(250, "Well, yes,")]),
    ([(0, "Well, I think so, ok")], FRESH, [(0, "Well, I think so,")]),
    ([(0, "Well,"), (200, " I think, ok")], FRESH, [(200, "Well, I think,")]),
    ([(0, "Well,"), (240, " yes. No")], FRESH, [(240, "Well, yes.")]),
    ([(0, "Well,"), (240, " yes.")], FRESH, [(265, "Well, yes.")]),
    ([(0, "Well, ok")], replace(AHEAD, ahead_ms=500.0), [(250, "Well,")]),
    ([(0, "Well, ok")], replace(AHEAD, ahead_ms=800.0), [(401, "Well,")]),
    ([(0, "你好，我")], FRESH, [(250, "你好，")]),
    ([(0, "你好吗，我")], FRESH, [(0, "你好吗，")]),
    # nothing to say is not said
    ([(0, '... ?! " . Hi. ')], BUSY, [(0, " Hi.")]),
    ([(0, " \n\n \n")], BUSY, []),
    ([(0, "😀. ")], BUSY, []),
    ([(0, "<200>. Yes")], BUSY, [(0, "<200>.")]),
    ([(0, "Hi. "), (50, "\n\n"), (60, "You. ")], BUSY, [(0, "Hi."), (60, "You.")]),
]


@pytest.mark.parametrize(("messages", "listener", "heard"), TIMELINES)
def test_by_sentence(messages, listener, heard):
    """Sentences are released as soon as they are certain, clauses when the listener runs dry."""
    assert hear(messages, listener=listener) == heard


IMMEDIATE_TIMELINES = [
    ([(0, "Hello"), (5, " you")], FRESH, [(0, "Hello")]),
    ([(0, "Hello")], BUSY, []),
    ([(0, "It is 3")], FRESH, [(120, "It is 3")]),
    ([(0, "It is 3"), (100, ".14 now")], FRESH, [(100, "It is 3.14 now")]),
    ([(0, "Hi <2"), (100, "00> you")], FRESH, [(100, "Hi <200> you")]),
    ([(0, "Hi [slow")], FRESH, [(120, "Hi [slow")]),
    ([(0, "spell(A")], FRESH, [(120, "spell(A")]),
    ([(0, "👩\u200d"), (90, "🚀 go")], FRESH, [(90, "👩\u200d🚀 go")]),
    ([(0, " "), (5, "so")], FRESH, [(5, "so")]),
    ([(0, "one " * 400)], FRESH, [(0, "one" + " one" * 249)]),
]


@pytest.mark.parametrize(("messages", "listener", "heard"), IMMEDIATE_TIMELINES)
def test_immediate(messages, listener, heard):
    """Any text is released to an idle listener, at once if it does not break off in markup."""
    assert hear(messages, mode=IMMEDIATE, listener=listener) == heard


def test_immediate_collects_while_busy():
    """What comes while an utterance is being made is one segment when that is done."""
    segmenter = Segmenter(IMMEDIATE)
    for text in ("one ", "two. ", "three"):
        segmenter.feed(text, 0.0)
        assert segmenter.release(0.0, BUSY) == []
        assert segmenter.wake_at(0.0, BUSY) is None
    assert segmenter.wake_at(1.0, DRY) == 1.0
    assert segmenter.release(1.0, DRY) == [Segment("one two. three", 0)]


def test_never():
    """Only a flush gives anything: all of it at once."""
    segmenter = Segmenter(NEVER)
    segmenter.feed("One two three. Four.\nFive", 0.0)
    assert segmenter.release(9.0, FRESH) == []
    assert segmenter.wake_at(9.0, FRESH) is None
    assert flushed(segmenter) == [Segment("One two three. Four.\nFive", 0)]
    assert flushed(segmenter) == []


@pytest.mark.parametrize("mode", SegmentMode)
def test_clear(mode):
    """After a clear nothing is left, and offsets go on counting."""
    segmenter = Segmenter(mode)
    segmenter.feed("Dr. Smith, [", 0.0)
    segmenter.release(0.0, BUSY)
    segmenter.clear()
    assert (segmenter.n_bytes, segmenter.is_blank, flushed(segmenter)) == (0, True, [])
    assert segmenter.wake_at(9.0, FRESH) is None
    segmenter.feed("Hi", 9.0)
    assert flushed(segmenter) == [Segment("Hi", 12)]


def test_wake_is_now_if_something_is_ready():
    """Asked before anything was released, the next look is due at once."""
    segmenter = Segmenter()
    segmenter.feed("Hi. You", 3.0)
    assert segmenter.wake_at(4.0, BUSY) == 4.0
    segmenter.release(4.0, BUSY)
    assert segmenter.wake_at(4.0, BUSY) is None


def test_a_flush_comes_piece_by_piece():
    """Flushed text is released a piece at a time, each to a listener who is not busy."""
    segmenter = Segmenter(NEVER)
    segmenter.feed("one " * 400 + "two.", 0.0)
    for _ in range(9):
        segmenter.flush()  # of nothing new, the others
    segmenter.feed(" Three.", 0.0)
    assert segmenter.release(0.0, BUSY) == []
    assert segmenter.wake_at(0.0, BUSY) is None
    assert [len(segment.text) for segment in segmenter.release(0.0, IDLE)] == [999]
    assert segmenter.wake_at(0.0, IDLE) == 0.0
    assert not segmenter.is_fresh
    assert [segment.text for segment in segmenter.release(0.0, IDLE)] == [" one" * 150 + " two."]
    assert segmenter.is_fresh
    assert segmenter.release(0.0, IDLE) == []
    assert not segmenter.is_blank


def test_a_release_is_of_one_utterance():
    """What follows a flush is released by a call of its own, that the segmenter asks for."""
    segmenter = Segmenter()
    segmenter.feed("One", 0.0)
    segmenter.flush()
    segmenter.feed(" Two three four, five.\n", 0.0)
    assert [segment.text for segment in segmenter.release(0.0, IDLE)] == ["One"]
    assert segmenter.wake_at(0.0, BUSY) == 0.0
    texts = [segment.text for segment in segmenter.release(0.0, BUSY)]
    assert texts == [" Two three four,", " five."]


@pytest.mark.parametrize("mode", SegmentMode)
@pytest.mark.parametrize("mute", [".", "(", "😀", " ", "<", "\u200d"])
def test_a_long_silence_is_skipped(mode, mute):
    """What has nothing to say is passed over at once, however much it is; what follows is not."""
    segmenter = Segmenter(mode)
    segmenter.feed(mute * 60_000 + " Hi.\n", 0.0)
    segmenter.flush()
    released = segmenter.release(0.0, IDLE) + segmenter.release(0.0, IDLE)
    assert [segment.text.split()[-1] for segment in released] == ["Hi."]


def test_nothing_is_no_text():
    """An empty message does not count as text that came."""
    segmenter = Segmenter()
    segmenter.feed("Hi.", 0.0)
    segmenter.feed("", 0.024)
    assert [segment.text for segment in segmenter.release(0.025, BUSY)] == ["Hi."]


def test_text_without_end_is_spoken():
    """Text of more than 1,000 characters without a mark is released in whole words."""
    heard = hear([(0, "word " * 500)], listener=BUSY)
    assert [(when, len(text)) for when, text in heard] == [(0, 999), (0, 1000)]
    assert {word for _, text in heard for word in text.split()} == {"word"}


def test_a_mark_across_the_limit():
    """A mark that begins within 1,000 characters and ends beyond is too late to cut at."""
    text = "a" * 600 + " " + "b" * 390 + "." * 20 + " c"
    assert hear([(0, text)], listener=BUSY) == [(0, "a" * 600), (0, text[600:-2])]


def test_long_text_prefers_a_clause():
    """Text without a sentence mark is cut at its last comma rather than between words."""
    text = "one two three, " * 60 + "four " * 40
    assert hear([(0, text)], listener=BUSY) == [(0, text[: 60 * 15 - 1])]


@pytest.mark.parametrize("tail", [".", "...", '."', "?!", "\n", "。", "3.", " Dr.", "[a.", "a. "])
def test_nothing_that_ends_in_a_mark_stalls(tail):
    """However the text goes, 120 ms after its last mark all of it is released, to anyone."""

    @settings(max_examples=20)
    @given(TEXTS)
    def check(text):
        segmenter = Segmenter()
        segmenter.feed(text + "a" + tail, 0.0)
        segmenter.release(0.0, BUSY)
        segmenter.release(0.120, BUSY)
        assert segmenter.is_blank

    check()


@st.composite
def cut_texts(draw, texts=TEXTS):
    """A text, and the same cut into messages."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


LISTENERS = st.sampled_from([FRESH, BUSY, DRY, AHEAD, replace(AHEAD, ahead_ms=650.0)])


@given(cut_texts(), LISTENERS, st.sampled_from([50.0, 300.0, float("inf")]))
def test_messages_do_not_matter(cut_text, listener, synthesis_ms):
    """However a text is cut into messages, it is heard in the same pieces at the same moments."""
    text, messages = cut_text
    whole = hear([(0, text)], listener=listener, synthesis_ms=synthesis_ms)
    pieces = [(0, message) for message in messages]
    assert hear(pieces, listener=listener, synthesis_ms=synthesis_ms) == whole


@settings(max_examples=40)
@given(cut_texts(LONG_TEXTS), LISTENERS)
def test_messages_do_not_matter_in_long_texts(cut_text, listener):
    """The same holds where text has to be cut because of its length."""
    text, messages = cut_text
    heard = hear([(0, message) for message in messages], listener=listener)
    assert heard == hear([(0, text)], listener=listener)
    assert max((len(segment) for _, segment in heard), default=0) <= SEGMENT_LIMIT


@given(TEXTS, LISTENERS)
def test_characters_do_not_matter(text, listener):
    """A text that comes one character at a time is heard like one that comes at once."""
    assert hear([(0, char) for char in text], listener=listener) == hear(
        [(0, text)], listener=listener
    )


@settings(max_examples=60)
@given(
    st.sampled_from(SegmentMode),
    st.lists(st.tuples(LONG_TEXTS | TEXTS, st.integers(0, 400), LISTENERS), max_size=5),
    st.booleans(),
)
def test_nothing_is_lost_or_said_twice(mode, messages, is_flushed):
    """The segments and what lies between them are the text, and nothing lies there to be spoken."""
    clock = Clock(Segmenter(mode))
    for text, wait_ms, listener in messages:
        clock.listener = listener
        clock.feed(text)
        clock.wait_until(clock.now + wait_ms / 1000)
    segments = clock.segments + (flushed(clock.segmenter) if is_flushed else [])
    whole = "".join(text for text, _, _ in messages)
    at = 0
    for segment in segments:
        assert not any(char.isalnum() for char in whole[at : segment.start])
        at = segment.start + len(segment.text)
        assert whole[segment.start : at] == segment.text
        assert any(char.isalnum() for char in segment.text)
        assert len(segment.text) <= SEGMENT_LIMIT
    rest = whole[at:]
    assert clock.segmenter.is_blank is (is_flushed or not any(char.isalnum() for char in rest))
    assert clock.segmenter.n_bytes <= len(rest.encode())
    if is_flushed:
        assert clock.segmenter.n_bytes == 0
        assert not any(char.isalnum() for char in rest)


@given(TEXTS)
def test_size_and_blankness(text):
    """The size is that of the text in UTF-8; a blank buffer is one that flushes to nothing."""
    segmenter = Segmenter(NEVER)
    for char in text:
        segmenter.feed(char, 0.0)
    assert segmenter.n_bytes == len(text.encode())
    assert segmenter.is_blank is (flushed(segmenter) == [])


@pytest.mark.parametrize(
    ("mode", "listener"),
    [(SegmentMode.BY_SENTENCE, BUSY), (SegmentMode.BY_SENTENCE, DRY), (IMMEDIATE, FRESH)],
)
@pytest.mark.parametrize("unit", ["a word, ", "a. ", "1", "[a", "<b ", ".", " ", "😀"])
def test_the_work_grows_with_the_text_only(mode, listener, unit):
    """What is done for a character does not grow with the text before it, whatever it is made of.

    That is counted, not timed: calls for the second half of a text, over those for the first.
    """
    segmenter = Segmenter(mode)
    half = unit * (1_200 // len(unit))
    n_calls = [0, 0]

    def run(index):
        def count(_frame, _event, _arg):
            n_calls[index] += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            for char in half:
                segmenter.feed(char, 0.0)
                segmenter.release(0.0, listener)
        finally:
            sys.setprofile(before)

    for index in range(len(n_calls)):
        run(index)
    assert n_calls[1] < 1.5 * n_calls[0]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("One.\n\nTwo. Three.", [False, True, False]),
        ("One.\nTwo.", [False, False]),
        ("Title\n\nText.", [False, True]),
        ("One.\r\n\r\nTwo.", [False, True]),
        ("\n\nOne.", [False]),
    ],
)
def test_a_segment_knows_that_it_begins_a_paragraph(text, begins):
    """That is after a blank line, but not at the beginning of an utterance."""
    segmenter = Segmenter()
    segmenter.feed(text, 0.0)
    segments = segmenter.release(9.0, Listener(ahead_ms=9000.0))
    while (rest := segmenter.release(9.0, Listener(ahead_ms=9000.0))) != []:
        segments += rest
    assert [segment.begins_paragraph for segment in segments] == begins


@pytest.mark.parametrize(
    ("mode", "listener", "text", "flushed", "cut"),
    [
        (SegmentMode.BY_SENTENCE, FRESH, "Hi there. And", False, Cut.SENTENCE),
        (SegmentMode.BY_SENTENCE, FRESH, "Hi there.", False, Cut.HELD),
        (SegmentMode.BY_SENTENCE, FRESH, "Good morning to you all, and", False, Cut.CLAUSE),
        (SegmentMode.BY_SENTENCE, FRESH, "Well, and then", False, Cut.COMMA),
        (SegmentMode.BY_SENTENCE, FRESH, "Hi there", True, Cut.FLUSH),
        (SegmentMode.BY_SENTENCE, AHEAD, "word " * SEGMENT_LIMIT, False, Cut.LENGTH),
        (IMMEDIATE, FRESH, "Hi there ", False, Cut.IMMEDIATE),
        (NEVER, FRESH, "Hi there. ", True, Cut.FLUSH),
    ],
)
def test_each_cut_has_its_reason(
    mode: SegmentMode, listener: Listener, text: str, flushed: bool, cut: Cut
) -> None:
    """A segment tells why it ends where it ends."""
    segmenter = begin(mode, listener)
    segmenter.feed(text, 0.0)
    if flushed:
        segmenter.flush()
    released = segmenter.release(0.0, listener)
    wake = segmenter.wake_at(0.0, listener)
    if not released and wake is not None:
        released = segmenter.release(wake, listener)
    assert released[0].cut is cut

"""The query string: what each parameter does, and how a wrong one is told."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.options import Options
from hoarfrost.errors import BadOptions
from hoarfrost.protocol.query import QUERY_LIMIT, Request, parse_query
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.lexicon import parse_lexicon
from hoarfrost.text.segmenter import SegmentMode


def make_voice(name: str, *tags: str) -> Voice:
    return Voice(name, "tone", tags, Gender.FEMALE, "A clear voice.", 22050, "CC0-1.0")


ADA = make_voice("ada", "en-US", "en-GB")
CARMEN = make_voice("carmen", "es-ES")
CATALOGUE = Catalogue(lambda: [ADA, CARMEN], {"cove": "ada", "mari": ["ada", "carmen"]})


def parse(query: str | bytes) -> Request:
    return parse_query(query, CATALOGUE)


def attempt(query: str | bytes) -> Request | BadOptions:
    try:
        return parse(query)
    except BadOptions as refused:
        return refused


def faults_of(query: str | bytes) -> tuple[str, ...]:
    with pytest.raises(BadOptions) as refused:
        parse(query)
    assert str(refused.value).endswith("\n".join(refused.value.faults))
    return refused.value.faults


def test_defaults() -> None:
    """With nothing but a speaker, the audio is MP3 at 22050 Hz, sentence by sentence."""
    assert parse("speaker=ada") == Request(
        Options(
            voice=ADA,
            language="en-US",
            audio_format=AudioFormat.MP3,
            rate_hz=22050,
            pauses=False,
            inline_speeds=(),
            speed=1.0,
            segment=SegmentMode.BY_SENTENCE,
        ),
        model="mistv3",
        events=False,
        ignored=(),
        unknown=(),
    )


VALUES = [
    ("speaker=ADA", "voice", ADA),
    ("speaker=cove", "voice", ADA),
    ("speaker=mari", "voice", ADA),
    ("speaker=mari&lang=spa", "voice", CARMEN),
    ("modelId=mistv3", "model", "mistv3"),
    ("modelId=MistV2", "model", "mistv2"),
    ("modelId=mist", "model", "mist"),
    ("modelId=coda", "model", "coda"),
    ("modelId=arcana", "model", "arcana"),
    ("modelId=arcanav2", "model", "arcanav2"),
    ("modelId=arcanav3", "model", "arcanav3"),
    ("modelId=CodaV1", "model", "codav1"),
    ("modelId=Tomorrow", "model", "Tomorrow"),
    ("modelId=coda", "rate_hz", 24000),
    ("modelId=arcana&audioFormat=mulaw", "rate_hz", 24000),
    ("modelId=mistv2&audioFormat=mulaw", "rate_hz", 22050),
    ("modelId=mist&speedAlpha=2", "speed", 0.5),
    ("modelId=mistv2&speedAlpha=0.5", "speed", 2.0),
    ("modelId=mistv1&inlineSpeedAlpha=0.5,,2", "inline_speeds", (2.0, 1.0, 0.5)),
    ("modelId=mistv2&timeScaleFactor=2", "speed", 0.5),
    ("audioFormat=l16", "audio_format", AudioFormat.PCM),
    ("audioFormat=PCMU", "audio_format", AudioFormat.MULAW),
    ("audioFormat=mpeg", "audio_format", AudioFormat.MP3),
    ("audioFormat=wav", "audio_format", AudioFormat.WAV),
    ("audioFormat=pcm&samplingRate=96000", "rate_hz", 96000),
    ("audioFormat=mp3&samplingRate=96000", "rate_hz", 48000),
    ("timestampOrigin=context", "times_from_context", True),
    ("timestampOrigin=Synthesis", "times_from_context", False),
    ("audioFormat=pcm", "audio_format", AudioFormat.PCM),
    ("audioFormat=MULAW", "audio_format", AudioFormat.MULAW),
    ("audioFormat=mp3", "audio_format", AudioFormat.MP3),
    ("lang=eng", "language", "en-US"),
    ("lang=en", "language", "en-US"),
    ("lang=EN_gb", "language", "en-GB"),
    ("lang=en-AU", "language", "en-US"),
    ("language=en-GB", "language", "en-GB"),
    ("lang=en-US&language=en-GB", "language", "en-US"),
    ("lang=eng&language=nonsense", "language", "en-US"),
    ("lang=None&language=en-GB", "language", "en-GB"),
    ("audioFormat=pcm&samplingRate=24000", "rate_hz", 24000),
    ("audioFormat=pcm&samplingRate=24000.0", "rate_hz", 24000),
    ("audioFormat=pcm&samplingRate=2.4e4", "rate_hz", 24000),
    ("audioFormat=pcm&samplingRate=4000", "rate_hz", 4000),
    ("audioFormat=pcm&samplingRate=44100", "rate_hz", 44100),
    ("audioFormat=mulaw&samplingRate=11000", "rate_hz", 11000),
    ("audioFormat=mp3&samplingRate=4000", "rate_hz", 8000),
    ("samplingRate=23000", "rate_hz", 24000),
    ("samplingRate=44100", "rate_hz", 44100),
    ("pauseBetweenBrackets=true", "pauses", True),
    ("pauseBetweenBrackets=True", "pauses", True),
    ("pauseBetweenBrackets=1", "pauses", True),
    ("pauseBetweenBrackets=YES", "pauses", True),
    ("pauseBetweenBrackets=false", "pauses", False),
    ("pauseBetweenBrackets=False", "pauses", False),
    ("pauseBetweenBrackets=0", "pauses", False),
    ("pauseBetweenBrackets=no", "pauses", False),
    ("phonemizeBetweenBrackets=True", "phonemes", True),
    ("phonemizeBetweenBrackets=null", "phonemes", False),
    ("inlineSpeedAlpha=0.5, 3", "inline_speeds", (0.5, 3.0)),
    ("inlineSpeedAlpha=0.5,%203", "inline_speeds", (0.5, 3.0)),
    ("inlineSpeedAlpha=0.5%2C+3", "inline_speeds", (0.5, 3.0)),
    ("inlineSpeedAlpha=0.5,+3", "inline_speeds", (0.5, 3.0)),
    ("inlineSpeedAlpha=%2B.5", "inline_speeds", (0.5,)),
    ("inlineSpeedAlpha=0.5,,2,", "inline_speeds", (0.5, 1.0, 2.0, 1.0)),
    ("inlineSpeedAlpha=0.001,1e3", "inline_speeds", (0.25, 4.0)),
    ("speedAlpha=2", "speed", 2.0),
    ("speedAlpha=0.8", "speed", 0.8),
    ("speedAlpha=.1", "speed", 0.25),
    ("speedAlpha=40", "speed", 4.0),
    ("timeScaleFactor=2", "speed", 0.5),
    ("timeScaleFactor=0.1", "speed", 2.5),
    ("timeScaleFactor=10", "speed", 0.4),
    ("timeScaleFactor=0.5&speedAlpha=3", "speed", 2.0),
    ("timeScaleFactor=None&speedAlpha=3", "speed", 3.0),
    ("", "lookahead_ms", None),
    ("lookahead=300", "lookahead_ms", 300.0),
    ("LookAhead=2.5e3", "lookahead_ms", 2500.0),
    ("lookahead=5", "lookahead_ms", 100.0),
    ("lookahead=None", "lookahead_ms", None),
    ("segment=bySentence", "segment", SegmentMode.BY_SENTENCE),
    ("segment=bysentence", "segment", SegmentMode.BY_SENTENCE),
    ("segment=immediate", "segment", SegmentMode.IMMEDIATE),
    ("segment=never", "segment", SegmentMode.NEVER),
    ("lines=wrapped", "unwraps", True),
    ("lines=Breaks", "unwraps", False),
    ("lines=none", "unwraps", False),
    ("immediate=true", "segment", SegmentMode.IMMEDIATE),
    ("immediate=False", "segment", SegmentMode.BY_SENTENCE),
    ("immediate=true&segment=never", "segment", SegmentMode.NEVER),
    ("reduceLatency=True&top_p=0.9&saveOovs=None", "ignored", ("reduceLatency", "top_p")),
    ("lang=en&language=en", "ignored", ("language",)),
    ("language=en", "ignored", ()),
    ("events=json", "events", True),
    ("EVENTS=JSON", "events", True),
    ("events=", "events", False),
    ("events=None", "events", False),
    ("colour=blue&Flavour=x&top_p=1&immediate=1&language=en", "unknown", ("colour", "Flavour")),
]


@pytest.mark.parametrize(("query", "option", "value"), VALUES)
def test_reads_each_parameter(query: str, option: str, value: object) -> None:
    """Each value of each parameter has its effect, also if a client does not encode it."""
    query = query if query.startswith("speaker=") else f"speaker=ada&{query}"
    for request in (parse(query), parse(query.encode())):
        held_by = request if hasattr(request, option) else request.options
        assert getattr(held_by, option) == value


WRITINGS = [
    "SPEAKER=ada&SamplingRate=8000&AUDIOFORMAT=pcm",
    "samplingRate=8000&audioFormat=pcm&speaker=ada",
    "&&speaker=ada&samplingRate=8000&&audioFormat=pcm&",
    "speaker=bob&speaker=ada&samplingRate=x&samplingRate=8000&audioFormat=pcm",
    "speaker=%61da&sampling%52ate=8000&audioFormat=p%63m",
    "speaker= ada &samplingRate=+8000+&audioFormat=pcm",
    "speaker=ada&samplingRate=8000&audioFormat=pcm&colour=%C3%A9&flag&modelId=",
    "speaker=ada&samplingRate=8000&audioFormat=pcm&lang=None&speedAlpha=null&segment=undefined",
]


@pytest.mark.parametrize("query", WRITINGS)
def test_lenient_where_it_harms_no_one(query: str) -> None:
    """Order, case of names, empty parts, white space, repeats and unknown names do not matter."""
    expected = parse("speaker=ada&samplingRate=8000&audioFormat=pcm").options
    assert parse(query).options == expected


FAULTS = [
    ("speaker=ada&events=1", "events: expected json, got '1'"),
    ("lang=en", "speaker: expected the name of a voice (GET /voices lists all), got nothing"),
    ("speaker=", "speaker: expected the name of a voice (GET /voices lists all), got nothing"),
    (
        "speaker=coove",
        "speaker: expected the name of a voice (close to it: cove; GET /voices lists all), "
        "got 'coove'",
    ),
    (
        "speaker=zzz",
        "speaker: expected the name of a voice (GET /voices lists all), got 'zzz'",
    ),
    (
        "speaker=ada&audioFormat=au",
        "audioFormat: expected one of pcm, mulaw, mp3, wav, alaw, ogg, webm, flac, aac, got 'au'",
    ),
    (
        "speaker=cove&lang=fr-CA",
        "lang: expected a language of cove (English en-US, English en-GB), got 'fr-CA'",
    ),
    (
        "speaker=Mari&language=german",
        "language: expected a language of mari "
        "(English en-US, English en-GB, Spanish es-ES), got 'german'",
    ),
    (
        "speaker=ada&samplingRate=98000",
        "samplingRate: expected a whole number from 4000 to 96000, got '98000'",
    ),
    (
        "speaker=ada&pauseBetweenBrackets=maybe",
        "pauseBetweenBrackets: expected true or false, got 'maybe'",
    ),
    (
        "speaker=ada&inlineSpeedAlpha=1, fast",
        "inlineSpeedAlpha: expected numbers above 0 with commas between them, got '1, fast'",
    ),
    ("speaker=ada&speedAlpha=0", "speedAlpha: expected a number above 0, got '0'"),
    (
        "speaker=ada&segment=word",
        "segment: expected one of bySentence, immediate, never, got 'word'",
    ),
    ("speaker=ada&immediate=soon", "immediate: expected true or false, got 'soon'"),
    ("speaker=ada&lookahead=0", "lookahead: expected a number above 0, got '0'"),
    ("speaker=ada&timeScaleFactor=-1", "timeScaleFactor: expected a number above 0, got '-1'"),
    (
        "speaker=ada&speedAlpha=1&timeScaleFactor=x",
        "timeScaleFactor: expected a number above 0, got 'x'",
    ),
]


@pytest.mark.parametrize(("query", "fault"), FAULTS)
def test_says_what_is_wrong(query: str, fault: str) -> None:
    """Each fault names the parameter, what was expected and what came."""
    assert faults_of(query) == (fault,)


@pytest.mark.parametrize("parameter", ["speedAlpha", "timeScaleFactor", "inlineSpeedAlpha"])
@pytest.mark.parametrize(
    "number",
    ["nan", "inf", "-inf", "1e999", "0", "-0.0", "-2", "1e-999", "1_0", "٣", "0x1", "1e", "."],
)
def test_numbers_are_finite_and_above_zero(parameter: str, number: str) -> None:
    """NaN, infinities, zero, negatives and Python's own spellings are no speeds."""
    (fault,) = faults_of(f"speaker=ada&{parameter}={number}")
    assert fault.startswith(f"{parameter}: expected ")
    assert fault.endswith(f"got {number!r}")


@pytest.mark.parametrize("rate", ["3999", "96001", "22050.5", "nan", "inf", "-8000", "8k", "0"])
def test_rates_are_whole_and_in_range(rate: str) -> None:
    """A rate that is no whole number from 4000 to 96000 is a fault."""
    (fault,) = faults_of(f"speaker=ada&samplingRate={rate}")
    assert fault == f"samplingRate: expected a whole number from 4000 to 96000, got {rate!r}"


def test_tells_all_faults_in_order() -> None:
    """All faults come at once, in the order of the specification, not that of the request."""
    faults = faults_of(
        "timeScaleFactor=x&segment=x&speedAlpha=x&inlineSpeedAlpha=x&pauseBetweenBrackets=x"
        "&samplingRate=x&lang=x&audioFormat=x&modelId=x&speaker=x"
    )
    assert [fault.partition(":")[0] for fault in faults] == [
        "speaker",
        "audioFormat",
        "lang",
        "samplingRate",
        "pauseBetweenBrackets",
        "inlineSpeedAlpha",
        "speedAlpha",
        "segment",
        "timeScaleFactor",
    ]


def test_language_is_judged_without_a_voice_only_if_unknown() -> None:
    """Where the speaker is wrong, a language that exists is not a second fault."""
    assert len(faults_of("speaker=zzz&lang=fr")) == 1
    assert faults_of("speaker=zzz&lang=klingonese")[1] == (
        "lang: expected a language code such as eng, en or en-US, got 'klingonese'"
    )


UNREADABLE = [
    ("speaker=%zz", "query: expected % and two hexadecimal digits, got '%zz'"),
    ("speaker=ada&x=%2", "query: expected % and two hexadecimal digits, got '%2'"),
    ("speaker=ada&x=100%", "query: expected % and two hexadecimal digits, got '%'"),
    ("speaker=ada&x=%+1", "query: expected % and two hexadecimal digits, got '%+1'"),
    ("speaker=ada&x=%ff", "query: expected UTF-8 text, got bytes that are not"),
    ("speaker=ada&%E9=1", "query: expected UTF-8 text, got bytes that are not"),
    (b"speaker=ada&x=\xff", "query: expected UTF-8 text, got bytes that are not"),
    ("speaker=\ud800", "query: expected UTF-8 text, got bytes that are not"),
    ("speaker=ada&x=" + "y" * QUERY_LIMIT, "query: expected at most 4096 bytes, got 4110"),
]


@pytest.mark.parametrize(("query", "fault"), UNREADABLE)
def test_unreadable_queries_are_told_as_such(query: str | bytes, fault: str) -> None:
    """Broken escapes, other encodings and endless queries are one fault, that of the query."""
    assert faults_of(query) == (fault,)


def test_reads_the_longest_query_that_is_allowed() -> None:
    """A query of just the limit is read."""
    query = "speaker=ada&x="
    assert parse(query + "y" * (QUERY_LIMIT - len(query))).options.voice == ADA


@given(st.text(min_size=1, max_size=200))
@example("a" * 100)
@example("line\nbreak\x1b[31m\u202e")
@example("'\"")
def test_repeats_values_short_and_printable(value: str) -> None:
    """A fault repeats at most 40 characters of a value, on one line, without control characters."""
    value = value.encode(errors="ignore").decode()
    faults = faults_of(f"speaker=ada&audioFormat={quote('x' + value)}")
    (got,) = (fault.partition("got ")[2] for fault in faults if fault.startswith("audioFormat"))
    assert len(got) <= 40
    assert got.isprintable()


def test_never_repeats_what_it_does_not_know() -> None:
    """What stands in unknown parameters, a key maybe, is in no fault."""
    assert "s3cret" not in "\n".join(faults_of("rime_apikey=s3cret&speaker=zzz&speedAlpha=x"))


NAMES = st.sampled_from(
    [
        *("speaker", "modelId", "audioFormat", "lang", "language", "samplingRate", "segment"),
        *("pauseBetweenBrackets", "inlineSpeedAlpha", "speedAlpha", "timeScaleFactor", "immediate"),
    ]
)
TYPED = st.one_of(
    st.text(max_size=30), st.floats().map(str), st.sampled_from(["ada", "mari", "en"])
)


PAIRS = st.builds("{}={}".format, NAMES, TYPED)


@given(st.one_of(st.text(), st.binary(), st.lists(PAIRS).map("&".join)))
def test_any_query_gives_options_or_faults(query: str | bytes) -> None:
    """No query whatsoever raises anything but BadOptions, and options are always in range."""
    request = attempt(query)
    if isinstance(request, BadOptions):
        assert request.faults
        return
    options = request.options
    assert options.language in options.voice.languages
    assert 4000 <= options.rate_hz <= 44100
    assert all(0.25 <= speed <= 4 for speed in (options.speed, *options.inline_speeds))


@given(
    st.fixed_dictionaries(
        {"speaker": st.sampled_from(["ada", "Cove"]), "audioFormat": st.just("pcm")},
        optional={
            "samplingRate": st.integers(4000, 44100),
            "pauseBetweenBrackets": st.booleans(),
            "speedAlpha": st.floats(0.25, 4),
            "lang": st.sampled_from(["eng", "en-US", None]),
            "segment": st.sampled_from(["bySentence", "immediate", "never", None]),
            "inlineSpeedAlpha": st.lists(st.floats(0.25, 4), min_size=1, max_size=5).map(
                lambda speeds: ", ".join(map(str, speeds))
            ),
        },
    )
)
def test_encoded_or_not_is_the_same(parameters: dict[str, object]) -> None:
    """A client that encodes and one that joins its parameters raw get the same options."""
    raw = "&".join(f"{name}={value}" for name, value in parameters.items())
    request = parse(raw)
    options = request.options
    assert request == parse(urlencode(parameters)) == parse(urlencode(parameters, quote_via=quote))
    assert options.rate_hz == parameters.get("samplingRate", 22050)
    assert options.speed == parameters.get("speedAlpha", 1.0)


def test_lexicons() -> None:
    """A named lexicon stands over the one that holds for everybody; others are told."""
    lexicons = {"": parse_lexicon('a = "b"\nc = "d"'), "names": parse_lexicon('a = "x"')}
    assert parse_query("speaker=ada", CATALOGUE, lexicons).options.lexicon == lexicons[""]
    named = parse_query("speaker=ada&lexicon=names", CATALOGUE, lexicons).options.lexicon
    assert named == parse_lexicon('a = "x"\nc = "d"')
    with pytest.raises(BadOptions) as refused:
        parse_query("speaker=ada&lexicon=nam", CATALOGUE, lexicons)
    assert refused.value.faults == ("lexicon: expected one of names, got 'nam'",)
    assert faults_of("speaker=ada&lexicon=x") == (
        "lexicon: expected none: the server has no lexicons, got 'x'",
    )

"""The wire format of Protocol Buffers, by hand-made bytes and by anything at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.errors import BadMessage
from hoarfrost.protocol import protobuf
from hoarfrost.protocol.protobuf import Field, Kind
from hoarfrost.protocol.v1_messages import V1Request, read_request, write_response

SCHEMA = {
    1: Field("text", Kind.STRING),
    2: Field("raw", Kind.BYTES),
    3: Field("count", Kind.INT),
    4: Field("is_on", Kind.BOOL),
    5: Field("scale", Kind.FLOAT),
    6: Field("scales", Kind.FLOAT, is_repeated=True),
    7: Field("inner", Kind.MESSAGE, {1: Field("text", Kind.STRING)}),
    8: Field("words", Kind.STRING, is_repeated=True),
    9: Field("kind", Kind.INT, names=("ZERO", "ONE")),
}
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(),
        "raw": st.binary(),
        "count": st.integers(-(2**63), 2**63 - 1),
        "is_on": st.booleans(),
        "scale": st.floats(width=32, allow_nan=False),
        "scales": st.lists(st.floats(width=32, allow_nan=False), min_size=1),
        "inner": st.fixed_dictionaries({}, optional={"text": st.text()}),
        "words": st.lists(st.text(), min_size=1),
    },
)


@given(TOLD)
def test_what_is_written_is_read(told: dict[str, Any]) -> None:
    """Every kind of field survives the way there and back."""
    assert protobuf.decode(protobuf.encode(told, SCHEMA), SCHEMA) == told


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", {}),
        (b"\x0a\x02hi", {"text": "hi"}),
        (b"\x0a\x01a\x0a\x01b", {"text": "b"}),  # the last one holds
        (b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", {"count": -1}),
        (b"\x32\x08\x00\x00\x80\x3f\x00\x00\x00\x40", {"scales": [1.0, 2.0]}),  # packed
        (b"\x35\x00\x00\x80\x3f\x35\x00\x00\x00\x40", {"scales": [1.0, 2.0]}),  # not packed
        (b"\x48\x01\x48\x07", {"kind": 7}),  # a number that has no name
        (b"\x48\x01", {"kind": "ONE"}),
        (b"\xa0\x06\x05\xa1\x06" + bytes(8) + b"\x0a\x00", {"text": ""}),  # unknown fields
        (b"\x3a\x03\x0a\x01x", {"inner": {"text": "x"}}),
    ],
)
def test_bytes_as_others_write_them(data: bytes, expected: dict[str, Any]) -> None:
    """What the encoding guide allows is read."""
    assert protobuf.decode(data, SCHEMA) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a", b"\x0a\x05hi", b"\x0a\xff\xff\xff\xff\x0f", b"\x80" * 20, b"\x00",
        b"\x0b", b"\x0c",
        b"\x0d\x00", b"\x0a\x01\xff", b"\x08\x01", b"\x1a\x01x", b"\x32\x03abc", b"\x3a\x01\x0a",
        b"\x3a\x7f" * 3,
    ],
)  # fmt: skip
def test_broken_bytes(data: bytes) -> None:
    """Truncated, overlong, of the wrong type, grouped: a fault, and no other exception."""
    with pytest.raises(BadMessage):
        protobuf.decode(data, SCHEMA)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes is a message or a fault."""
    try:
        read_request(data)
    except BadMessage:
        return


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["contextId", "start", "text", "audioParameters", "config", "x"]), inner
        ),
    )
)  # fmt: skip
def test_any_json(value: Any) -> None:
    """The same of JSON."""
    try:
        read_request(json.dumps(value))
    except BadMessage:
        return


def test_nested_without_end() -> None:
    """Deep nesting is refused, not followed."""
    data = b""
    for _ in range(5000):
        data = protobuf.encode({"inner": data}, {7: Field("inner", Kind.BYTES)})
    schema: dict[int, Field] = {}
    schema[7] = Field("inner", Kind.MESSAGE, schema)
    with pytest.raises(BadMessage):
        protobuf.decode(data, schema)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"contextId": "a", "text": "Hi"}', V1Request("a", "text", "Hi")),
        ('{"context_id": "a", "end": {}, "new": 5}', V1Request("a", "end", {})),
        (
            '{"start": {"audio_parameters": {"sampling_rate": 8000.0}, "splitStrategy": 3}}',
            V1Request("", "start", {"audioParameters": {"samplingRate": 8000},
                                    "splitStrategy": "SPLIT_STRATEGY_ACCUMULATE_SENTENCE"}),
        ),
        (b"\x0a\x01a\x22\x02Hi", V1Request("a", "text", "Hi")),
        (b"\x2a\x00", V1Request("", "end", {})),
    ],
)  # fmt: skip
def test_requests(message: str | bytes, expected: V1Request) -> None:
    """Both encodings give the same; names in either style, enumerations by name or number."""
    assert read_request(message) == expected


@pytest.mark.parametrize(
    "message",
    ['{"contextId": "a"}', '{"text": "x", "end": {}}', '{"text": 5}', '{"start": "x"}', "[]", "",
     '{"start": {"audioParameters": []}}', b"", b"\x0a\x01a"],
)  # fmt: skip
def test_what_is_no_request(message: str | bytes) -> None:
    """Exactly one payload, of its type."""
    with pytest.raises(BadMessage):
        read_request(message)


def test_answers() -> None:
    """Audio is base64 in JSON and bytes in binary; durations are seconds."""
    told = {"contextId": "a", "audio": b"\x00\x01"}
    assert json.loads(write_response(told, is_binary=False)) == {"contextId": "a", "audio": "AAE="}
    assert write_response(told, is_binary=True) == b"\x0a\x01a\x22\x02\x00\x01"
    span = {"text": "x", "start": 0.16, "end": 1.5}
    done = {"done": {"timestamps": {"status": {}, "spans": [span]}}}
    (span,) = json.loads(write_response(done, is_binary=False))["done"]["timestamps"]["spans"]
    assert (span["start"], span["end"]) == ("0.160s", "1.500s")

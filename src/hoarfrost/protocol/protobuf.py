"""The wire format of Protocol Buffers, as far as a few small messages need it.

In: bytes and a `Schema`. Out: plain data with the names that canonical JSON has, and back.
Invariant: whatever bytes come, nothing but `BadMessage` is raised, and the work is linear in them.

Unknown fields are passed over. Of a field that is given several times, the last one holds; repeated
ones are collected, packed or not. Source: the encoding guide of Protocol Buffers, edition proto3.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from hoarfrost.errors import BadMessage

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5
_VARINT_LIMIT: Final = 10
"""Bytes of the longest varint."""
_DEPTH_LIMIT: Final = 16
"""Messages within messages."""


class Kind(Enum):
    """The type of a field."""

    STRING = auto()
    BYTES = auto()
    INT = auto()
    BOOL = auto()
    FLOAT = auto()
    MESSAGE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message.

    Attributes:
        name: As canonical JSON has it.
        kind: Its type.
        schema: Of a message.
        is_repeated: Whether it is a list.
        names: Of an enumeration, by number.
    """

    name: str
    kind: Kind
    schema: "Schema | None" = None
    is_repeated: bool = False
    names: tuple[str, ...] = ()


Schema: TypeAlias = Mapping[int, Field]
"""Fields by number."""


def decode(data: bytes, schema: Schema, *, depth: int = 0) -> dict[str, Any]:
    """Read a message.

    Raises:
        BadMessage: If it cannot be read.
    """
    if depth > _DEPTH_LIMIT:
        raise BadMessage("protobuf: expected fewer messages within messages")
    found: dict[str, Any] = {}
    for number, wire, value in _fields(data):
        field = schema.get(number)
        if field is None:
            continue
        values = _values(field, wire, value, depth)
        if field.is_repeated:
            found.setdefault(field.name, []).extend(values)
        elif values:
            found[field.name] = values[-1]
    return found


def encode(told: Mapping[str, Any], schema: Schema) -> bytes:
    """Write a message; what it has no field for is left out."""
    parts: list[bytes] = []
    for number, field in schema.items():
        if field.name not in told:
            continue
        value = told[field.name]
        values = value if field.is_repeated else (value,)
        parts += [_encode_field(number, field, each) for each in values]
    return b"".join(parts)


def _encode_field(number: int, field: Field, value: Any) -> bytes:
    match field.kind:
        case Kind.INT | Kind.BOOL:
            return _varint(number << 3 | _VARINT) + _varint(int(value) & 0xFFFF_FFFF_FFFF_FFFF)
        case Kind.FLOAT:
            return _varint(number << 3 | _FIXED32) + struct.pack("<f", value)
        case Kind.STRING:
            raw = str(value).encode()
        case Kind.BYTES:
            raw = bytes(value)
        case Kind.MESSAGE:
            raw = encode(value, field.schema or {})
    return _varint(number << 3 | _BYTES) + _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yield the number, wire type and value of each field."""
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        match wire:
            case 0:
                value, at = _read_varint(data, at)
            case 1 | 5:
                end = at + (8 if wire == _FIXED64 else 4)
                value, at = data[at:end], end
            case 2:
                length, at = _read_varint(data, at)
                value, at = data[at : at + length], at + length
            case _:
                raise BadMessage(f"protobuf: expected a wire type of 0, 1, 2 or 5, got {wire}")
        if at > len(data) or not number:
            raise BadMessage("protobuf: expected a whole message, got a part of one")
        yield number, wire, value


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for n_read, byte in enumerate(data[at : at + _VARINT_LIMIT]):
        number |= (byte & 0x7F) << (7 * n_read)
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at + n_read + 1
    raise BadMessage("protobuf: expected a number of at most ten bytes")


def _values(field: Field, wire: int, value: int | bytes, depth: int) -> list[Any]:
    """Return what a field holds: one value, or several that are packed.

    Raises:
        BadMessage: If its wire type is not that of its kind.
    """
    if isinstance(value, int):
        if field.kind is Kind.INT:
            return [_signed(value) if not field.names else _named(field, value)]
        if field.kind is Kind.BOOL:
            return [bool(value)]
    elif wire == _FIXED32 and field.kind is Kind.FLOAT:
        return [struct.unpack("<f", value)[0]]
    elif wire == _BYTES:
        return _from_bytes(field, value, depth)
    raise BadMessage(f"protobuf: {field.name}: expected another wire type, got {wire}")


def _from_bytes(field: Field, value: bytes, depth: int) -> list[Any]:
    match field.kind:
        case Kind.STRING:
            try:
                return [value.decode()]
            except UnicodeDecodeError:
                raise BadMessage(f"protobuf: {field.name}: expected UTF-8") from None
        case Kind.BYTES:
            return [value]
        case Kind.MESSAGE:
            return [decode(value, field.schema or {}, depth=depth + 1)]
        case Kind.FLOAT if field.is_repeated and len(value) % 4 == 0:
            return list(struct.unpack(f"<{len(value) // 4}f", value))
    raise BadMessage(f"protobuf: {field.name}: expected another wire type, got 2")


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _named(field: Field, number: int) -> str | int:
    return field.names[number] if number < len(field.names) else number

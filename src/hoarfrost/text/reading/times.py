"""Times of day: ``10:30pm``, ``3 PM EST``, ``9am-5pm``, ``9:00-17:00``, ``5:02:54 PM``."""

import re
from typing import Final

from hoarfrost.text.reading.amounts import DASHES
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.numbers import cardinal, two_digits

_HALF: Final = r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm](?![\w'’])(?:\.(?!\w))?)"
_ZONE: Final = (
    r"(?:\s\(?(?P<zone>[ECMPAH][SD]?T|AK[SD]T|UTC|GMT|BST|CES?T|EES?T|WES?T|IST|JST|KST|AE[SD]T|SGT|HKT|MSK|Z)"
    r"\)?(?:(?P<sign>[+\-\u2212])(?P<shift>\d{1,2})(?::?(?P<shift_minutes>[0-5]\d))?)?(?![\w-]))?"
)
_HOUR: Final = r"(?P<hour>[01]?\d|2[0-4])"
_CLOCK: Final = re.compile(
    rf"{_HOUR}[:.](?P<minute>[0-5]\d){_HALF}{_ZONE}"
    rf"|(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{{1,6}})?)?"
    rf"(?P<half2>\s?[AaPp]\.?\s?[Mm](?![\w'’])(?:\.(?!\w))?)?(?![\d:]|\.\d|[ \u00a0]?%)"
)
_HOUR_HALF: Final = re.compile(rf"(?P<hour>0?[1-9]|1[0-2]){_HALF}")
_BARE_HOUR: Final = re.compile(r"(?P<hour>1[0-2]|0?[1-9])(?![\w:]|[.,]\d)")
_ZONE_AFTER: Final = re.compile(_ZONE[:-1] if _ZONE.endswith("?") else _ZONE)
_TO: Final = re.compile(rf"\s?[{DASHES}]\s?(?=\d|noon|midnight)|\s(?:to|until|till)\s(?=\d)")
_NOON: Final = re.compile(rf"(?P<word>noon|midnight)\s?[{DASHES}]\s?(?=\d)")
_NAMED: Final = re.compile(r"noon\b|midnight\b")
_HUNDRED: Final = re.compile(
    r"(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?=\s?(?:hours|hrs)\b)\s?(?:hours|hrs)"
)
_RATIO: Final = re.compile(r"(?P<one>\d{1,4}):(?P<other>\d{1,4})(?![\w:]|\.\d)")


def clock_words(hour: str, minute: str | None, second: str | None = None, *, half: str = "") -> str:
    """Return a time of day: ("17", "05") → "seventeen oh five".

    Args:
        hour: Its digits.
        minute: Likewise; None or "00" for a whole hour.
        second: Likewise; whole minutes are said without.
        half: "A M", "P M" or "".
    """
    number = int(hour)
    said = cardinal(number)
    has_seconds = second is not None and int(second) > 0
    if minute is not None and (int(minute) or has_seconds):
        said = f"{said} {two_digits(int(minute))}" if int(minute) else f"{said} zero zero"
    elif not half and minute is not None:
        said = f"{said} hundred" if number > 12 else f"{said} o'clock"
    if has_seconds:
        n_seconds = int(second or 0)
        said = f"{said} and {cardinal(n_seconds)} second{'s' if n_seconds != 1 else ''}"
    return f"{said} {half}".rstrip()


def read_time(ctx: Context, at: int) -> Token | None:
    """Read a time of day or a span of two, with its time zone."""
    if (noon := ctx.match(_NOON, at)) is not None:
        after = _time(ctx, noon.end())
        if after is not None:
            return _zoned(ctx, at, after[0], f"{noon['word']} to {after[1]}")
    if (military := ctx.match(_HUNDRED, at)) is not None:
        return _military(at, military)
    first = _time(ctx, at)
    span_at = _span_after(ctx, first[0] if first else _end_of_hour(ctx, at))
    if span_at is not None and (second := _time(ctx, span_at)) is not None:
        start = first[1] if first else cardinal(ctx.match(_BARE_HOUR, at)["hour"])  # type: ignore[index]
        start = start.removesuffix(" o'clock").removesuffix(" hundred")
        if first is None and not second[1].endswith(" M"):
            return None
        return _zoned(ctx, at, second[0], f"{start} to {second[1]}")
    if first is None:
        return _ratio(ctx, at)
    if span_at is not None and first[1].endswith(" M"):
        bare = ctx.match(_BARE_HOUR, span_at)
        if bare is not None:
            return _zoned(ctx, at, bare.end(), f"{first[1]} to {cardinal(bare['hour'])}")
        if (named := ctx.match(_NAMED, span_at)) is not None:
            return _zoned(ctx, at, named.end(), f"{first[1]} to {named[0]}")
    return _zoned(ctx, at, *first)


def _end_of_hour(ctx: Context, at: int) -> int | None:
    hour = ctx.match(_BARE_HOUR, at)
    return hour.end() if hour else None


def _span_after(ctx: Context, end: int | None) -> int | None:
    if end is None:
        return None
    found = ctx.match(_TO, end)
    if found is None or found[0].strip() in ("to", "until", "till"):
        return None
    return found.end()


def _time(ctx: Context, at: int) -> tuple[int, str] | None:
    """Return where a single time ends, and its words."""
    found = ctx.match(_CLOCK, at)
    if found is not None:
        half = _half(found["half"] or (found["half2"] or "").strip())
        hour, minute = found["hour"] or found["hour2"], found["minute"] or found["minute2"]
        end = found.end("half2") if found["half2"] else found.end()
        if found["hour"]:
            end = _end_of_half(found, "half")
        return _without_final_stop(ctx, end), _timed(ctx, hour, minute, found["second"], half, end)
    found = ctx.match(_HOUR_HALF, at)
    if found is None:
        return None
    end = _end_of_half(found, "half")
    return _without_final_stop(ctx, end), clock_words(
        found["hour"], None, half=_half(found["half"])
    )


def _timed(ctx: Context, hour: str, minute: str, second: str | None, half: str, end: int) -> str:
    if not half and not int(minute) and ctx.word_after(end).lower() in ("am", "pm", "a", "p"):
        return cardinal(hour)
    return clock_words(hour, minute, second, half=half)


def _end_of_half(found: re.Match[str], group: str) -> int:
    """Return where "p.m." ends: after its last stop, if it has any."""
    text, at = found.string, found.end(group)
    tail = re.compile(r"\.?\s?[Mm](?:\.(?!\w))?").match(text, at)
    end = tail.end() if tail else at
    if text[end - 1] == "." and "." not in text[at : end - 1]:
        end -= 1  # "3 PM." ends a sentence
    return end


def _without_final_stop(ctx: Context, end: int) -> int:
    """Leave the stop of "p.m." to the sentence, if that ends there as well."""
    if ctx.char(end - 1) == "." and ctx.ahead(end).strip("\"'”’) \n") == "":
        return end - 1
    return end


def _half(written: str) -> str:
    return {"a": "A M", "p": "P M"}.get(written[:1].lower(), "")


def _zoned(ctx: Context, at: int, end: int, said: str) -> Token:
    zone = ctx.match(_ZONE_AFTER, end)
    if zone is not None and zone["zone"]:
        name = "U T C" if zone["zone"] == "Z" else " ".join(zone["zone"])
        said, end = f"{said} {name}", zone.end()
        if zone["sign"]:
            said = f"{said} {'plus' if zone['sign'] == '+' else 'minus'} {cardinal(zone['shift'])}"
    return Token(at, end, TokenClass.TIME, said)


def _military(at: int, found: re.Match[str]) -> Token:
    hour, minute = int(found["hour"]), int(found["minute"])
    said = f"zero {cardinal(hour)}" if hour < 10 else cardinal(hour)
    said = f"{said} hundred" if not minute else f"{said} {two_digits(minute)}"
    return Token(at, found.end(), TokenClass.TIME, f"{said} hours")


def _ratio(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_RATIO, at)
    if found is None:
        return None
    said = f"{cardinal(found['one'])} to {cardinal(found['other'])}"
    return Token(at, found.end(), TokenClass.RANGE, said)

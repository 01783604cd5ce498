"""Codes: what is read digit by digit because of the word before it, and letters mixed with digits.

*code, PIN, OTP, ZIP, order, account, extension, flight …* begin a code; the words between may be
such as *is* and *number*. ``A1``, ``B12``, ``UA123``, ``4F7-K9`` need no such word.
"""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled, spelled_in_runs
from hoarfrost.text.reading.numbers import cardinal, digits, in_pairs
from hoarfrost.text.tables import words

_CERTAIN: Final = words("""
    code pin otp zip postcode passcode password account acct acc ext extension dial
    confirmation verification tracking routing serial invoice ticket reservation booking ssn
    reference ref id cvv cvc imei isbn vin sku iban plate pnr case claim policy member
    membership license licence combination sort swift device meter docket
""")
_ORDERS: Final = frozenset(["order", "model", "flight", "card", "call", "text", "phone"])
"""Verbs, or words that are counted too: they need another sign that a number is a code."""
_TRIGGERS: Final = _CERTAIN | _ORDERS
_BETWEEN: Final = (
    r"(?:[\s:#=.,\-\"'“‘(]|\b(?:is|are|was|number|numbers|numbered|no|nr|num|id|code|key|pin|the|your|my|our|a|this|that|it|as|to|"
    r"with|of|in|ending|ends|ended|and|or|enter|following|new|now|use|will|be|called|reads|digits|starting|begins|"
    r"today|here|now|reference|please|press|then)\b|\b\d[\d-]*\b){0,12}"
)
_TRIGGER: Final = re.compile(
    rf"\b(?P<trigger>{'|'.join(sorted(_TRIGGERS))})s?\b(?P<between>{_BETWEEN})\Z", re.IGNORECASE
)
_WORD: Final = re.compile(r"[a-z]{2,12}")
_RUN: Final = re.compile(r"#?\s?(?P<code>\d+(?:[-\u2011]\d+)*)(?![\w%°²³]|[.,/:]\d|\s?[$€£¥%°])")
_ALPHA_RUN: Final = re.compile(
    r"#?(?P<code>(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]+(?:[-\u2011][A-Z0-9]+)*)(?!\w|[./]\d)"
)
_DOCKET: Final = re.compile(r"\bno\.\s?\Z", re.IGNORECASE)
_CALLED_A_CODE: Final = re.compile(
    r"\s(?:is|was)\s(?:a|an|my|the|your|our|their)\s(?:\w+\s)?(?:zip|code|pin|otp|postcode|extension)\b",
    re.IGNORECASE,
)
_AIRLINER: Final = re.compile(r"7\d7[-\u2011]\d00")  # a 737-800
_TEXTED_TO: Final = re.compile(r"\btext\s[\"'“‘]?\w{1,16}[\"'”’]?\sto\s\Z", re.IGNORECASE)
_HASH: Final = re.compile(r"#\s?(?P<number>\d+)(?![\w]|[.,]\d)")
_MIXED: Final = re.compile(
    r"(?P<code>(?=[A-Za-z]{0,8}\d|\d+[A-Z])[A-Z0-9]{2,40}|[A-Z]{1,3}[-\u2011]\d{1,4}[A-Z]?)(?!\w|[./:]\d)"
)
_LETTERED: Final = re.compile(r"[A-Z][1-9]\d\d")  # an A320, room B101
_SCALED: Final = re.compile(r"\d+(?:K|M|B|T|BN|MM|MN)")
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FORMULA: Final = re.compile(r"(?:[A-Z][a-z]?[₀-₉]{0,3}){1,8}(?!\w)")
_ROADS: Final = re.compile(
    r"\b(?:route|highway|hwy|interstate|us|rt|rte|freeway|road|sr|bus|line|boeing|flight|room)(?:\s[A-Z]{2})?\s?#?\Z",
    re.IGNORECASE,
)
_PLATES: Final = re.compile(r"[A-Z]{1,3}[-\u2011](?P<number>\d{1,4})(?P<tail>[A-Z]?)(?!\w|[./:]\d)")


def read_code(ctx: Context, at: int) -> Token | None:
    """Read what the word before it says is a code, or ``#10442``, or a road's number."""
    if ctx.char(at) == "#":
        return _numbered(ctx, at)
    found = ctx.match(_RUN, at)
    if found is None:
        found = ctx.match(_ALPHA_RUN, at)
        if found is None or _SCALED.fullmatch(found["code"]) or _trigger(ctx, at) is None:
            return None
        return Token(at, found.end(), TokenClass.CODE, spelled(found["code"], british=ctx.british))
    code = found["code"]
    if _is_in_digits(ctx, at, found):
        return Token(at, found.end(), TokenClass.CODE, digits(code))
    if _AIRLINER.fullmatch(code):
        return Token(at, found.end(), TokenClass.CODE, f"{in_pairs(code[:3])} {in_pairs(code[4:])}")
    if code.isdecimal() and 3 <= len(code) <= 4 and _ROADS.search(ctx.behind(at, 16)):
        return Token(at, found.end(), TokenClass.CODE, in_pairs(code))
    return None


def _is_in_digits(ctx: Context, at: int, found: re.Match[str]) -> bool:
    """Tell whether what stands around a number makes it a code."""
    code = found["code"]
    trigger = _trigger(ctx, at)
    return (
        (trigger is not None and _is_read_out(ctx, found, trigger))
        or _is_docket(ctx, at, code)
        or (len(code) > 3 and _TEXTED_TO.search(ctx.behind(at, 40)) is not None)
        or _CALLED_A_CODE.match(ctx.ahead(found.end(), 40)) is not None
        or (code == "911" and not ctx.word_after(found.end())[:1].islower())
    )


def _is_docket(ctx: Context, at: int, code: str) -> bool:
    """Tell ``No. 12-345``, one number, from ``No. 5-7``, several."""
    first, *groups = re.split(r"[-\u2011]", code)
    return (
        bool(groups)
        and any(len(group) != len(first) for group in groups)
        and _DOCKET.search(ctx.behind(at, 8)) is not None
    )


def _trigger(ctx: Context, at: int) -> re.Match[str] | None:
    behind = ctx.behind(at)
    words = (word.removesuffix("s") for word in _WORD.findall(behind.lower()))
    return None if _TRIGGERS.isdisjoint(words) else _TRIGGER.search(behind)


def _is_read_out(ctx: Context, found: re.Match[str], trigger: re.Match[str]) -> bool:
    """Tell whether a number after a trigger is a code and not a count of something."""
    code = found["code"]
    if len(code) < 3 and code[0] != "0":
        return False
    between = trigger["between"].lower()
    is_named = any(
        word in between
        for word in ("#", "number", "no.", ":", " is", "code", "id ", "ending", "ends")
    )
    after = ctx.word_after(found.end())
    counts = after.isalpha() and after.islower() and after.endswith("s") and after not in (
        "is", "was", "has", "as", "expires", "works", "this", "does", "ships", "unless",
    )  # fmt: skip
    if counts and (not is_named or len(code) < 4):
        return False
    word = trigger["trigger"].lower()
    if word in _ORDERS and not is_named:
        return word in ("call", "text", "phone") or (bool(between.strip() == "") and not counts)
    return " in " not in f" {between} " or " end" in between or word in ("card", "account")


def _numbered(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_HASH, at)
    if found is None:
        alpha = ctx.match(_ALPHA_RUN, at)
        if alpha is None:
            return None
        said = spelled(alpha["code"], british=ctx.british)
        return Token(at, alpha.end(), TokenClass.CODE, f"number {said}")
    number = found["number"]
    before = ctx.word_before(at).lower().rstrip(".")
    is_code = len(number) > 4 or number[0] == "0" or (len(number) > 2 and _trigger(ctx, at))
    said = digits(number) if is_code else cardinal(number, british=ctx.british)
    prefix = "" if before in ("number", "no", "numbers") else "number "
    return Token(at, found.end(), TokenClass.CODE, f"{prefix}{said}")


def read_mixed(ctx: Context, at: int) -> Token | None:
    """Read letters mixed with digits, as names of things have them."""
    if (road := ctx.match(_PLATES, at)) is not None:
        letters = spelled(ctx.text[at : road.start("number") - 1], british=ctx.british)
        tail = spelled(road["tail"], british=ctx.british)
        said = f"{letters} {in_pairs(road['number'])} {tail}".rstrip()
        return Token(at, road.end(), TokenClass.CODE, said)
    found = ctx.match(_MIXED, at)
    if (
        found is not None
        and _SCALED.fullmatch(found["code"]) is None
        and any(c.isalpha() for c in found["code"])
    ):
        code = found["code"]
        if _LETTERED.fullmatch(code):
            said = f"{spelled(code[0], british=ctx.british)} {in_pairs(code[1:])}"
        else:
            said = spelled_in_runs(code, british=ctx.british)
        return Token(at, found.end(), TokenClass.CODE, said)
    formula = ctx.match(_FORMULA, at)
    if formula is not None and any("₀" <= c <= "₉" for c in formula[0]):
        said = spelled_in_runs(formula[0].translate(_SUBSCRIPTS), british=ctx.british)
        return Token(at, formula.end(), TokenClass.CODE, said)
    return None

"""Signs: comparisons, sums, limits, the names of the others; which of them are silent."""

import re
from typing import Final

from hoarfrost.text.reading.amounts import DASHES
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import GREEK, SIGN_NAMES, spelled
from hoarfrost.text.reading.numbers import cardinal

_RELATIONS: Final = {
    "<=": "is less than or equal to", ">=": "is greater than or equal to",
    "≤": "is less than or equal to",
    "≥": "is greater than or equal to", "!=": "is not equal to", "≠": "is not equal to",
    "<>": "is not equal to", "=/=": "is not equal to", "<": "is less than",
    ">": "is greater than", "==": "equals",
    "===": "equals", "=": "equals", "≈": "is about", "≡": "is identical to",
    "≪": "is much less than",
    "≫": "is much greater than", "∈": "is in",
}  # fmt: skip
_LIMITS: Final = {
    "<=": "at most", ">=": "at least", "≤": "at most", "≥": "at least", "<": "less than",
    ">": "more than", "≈": "about", "~": "about", "±": "plus or minus", "+/-": "plus or minus",
    "≠": "not", "!=": "not", "√": "the square root of", "∛": "the cube root of", "=": "equals",
    "==": "equals",
}  # fmt: skip
_SMALL_POWER: Final = re.compile(r"[23](?![\w.,]\d|\w)")
_RELATION: Final = re.compile(r"[<>]=|!==?|={1,3}|<>|=/=|[<>≤≥≠≈≡≪≫∈]")
_LIMIT: Final = re.compile(
    r"(?:[<>]=|!=|\+/-|==?|[~<>≤≥≈≠±√∛])(?=\s?[-−+$€£¥.]?\s?\d|\s?[A-Za-z](?!\w))"
)
_ARROW: Final = re.compile(r"<?[-=]{1,3}>|[→⇒⟶➔]")
_BETWEEN: Final = {
    "+": "plus", "×": "times", "*": "times", "÷": "divided by", "·": "times",
    "^": "to the power of",
    "±": "plus or minus", "∗": "times", "/": "divided by",
}  # fmt: skip
_OPERATOR: Final = re.compile(r"\+/-|[+×*÷·^±∗]|/(?=\s\d)")
_MINUS: Final = re.compile(rf"(?P<sign>[{DASHES}])")
_QUOTIENT: Final = re.compile(r"\d\s\Z")
_BY: Final = re.compile(r"[xX](?=\s\d)")
_SIZE: Final = re.compile(r"\d[\w'\"′″ ]{0,8}\s\Z")
_NAMED: Final = {
    "&": "and", "@": "at", "%": "percent", "№": "number", "§": "section", "§§": "sections",
    "¶": "paragraph", "©": "copyright", "∞": "infinity", "°": "degrees", "$": "dollar", "€": "euro",
    "£": "pound", "¥": "yen", "¢": "cents", "∑": "the sum of", "∫": "the integral of",
    "∂": "partial",
    "Δ": "delta", "µ": "micro", "∅": "the empty set", "∴": "therefore", "∵": "because",
    "℅": "care of", "™": "", "®": "", "℠": "", "†": "", "‡": "", "#": "",
    "×": "times", "÷": "divided by", "+": "plus", "=": "equals", "±": "plus or minus",
    "≤": "at most", "≥": "at least", "≠": "is not equal to", "≈": "about",
}  # fmt: skip
_SPELLED: Final = "\u2024\u2010\uff3f\u2215\u2236"
_LANGUAGES: Final = re.compile(
    r"(?P<name>C|F|J)(?P<sign>\+\+|#)(?!\w)|(?P<grade>[A-F])(?P<mark>[+\-\u2212])(?=[\s,.;:!?)]|\Z)"
)
_OPERAND_BEFORE: Final = re.compile(r"[\w)\]²³%°]\s?\Z")
_OPERAND_AFTER: Final = re.compile(r"\s?[-−+(]?[\w.(√$€£π]")
_POWER: Final = re.compile(r"⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}")
_FROM_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LONE_GREEK: Final = re.compile(r"[αβγδεζηθικλμνξοπρσςτυφχψωΩ](?!\w)")
_EQUATION: Final = re.compile(r"[=<>≤≥≠+×÷*]")


def read_sign(ctx: Context, at: int) -> Token | None:
    """Read a sign by what stands around it; None for what only parts words."""
    char = ctx.char(at)
    if (power := ctx.match(_POWER, at)) is not None:
        return Token(at, power.end(), TokenClass.SIGN, _power_words(power[0]))
    arrow = ctx.match(_ARROW, at)
    if arrow is not None and arrow[0] not in ("=>", "<=>", "<="):
        return Token(at, arrow.end(), TokenClass.SIGN, "to")
    has_left = _OPERAND_BEFORE.search(ctx.behind(at, 4)) is not None
    relation = ctx.match(_RELATION, at)
    is_limit = (
        ctx.char(at - 1) in ("", " ", "(")
        and not ctx.char(relation.end() if relation else at).isspace()
    )
    if (
        relation is not None
        and has_left
        and not is_limit
        and _OPERAND_AFTER.match(ctx.text, relation.end(), ctx.end)
    ):
        return Token(
            at, relation.end(), TokenClass.SIGN, _RELATIONS[relation[0].replace("!==", "!=")]
        )
    limit = ctx.match(_LIMIT, at)
    is_about = char == "~" and ctx.char(at - 1).isspace() and not ctx.char(at + 1).isspace()
    if limit is not None and (is_about or not (has_left and char in "±+~")):
        return Token(at, limit.end(), TokenClass.SIGN, _LIMITS[limit[0]])
    operator = ctx.match(_OPERATOR, at)
    if operator is not None and has_left:
        return _operator(ctx, at, operator)
    if char in _SPELLED and ctx.char(at + 1) in ("", ","):
        return Token(at, at + 1, TokenClass.SIGN, SIGN_NAMES[char])
    minus = ctx.match(_MINUS, at)
    if minus is not None:
        return _minus(ctx, at)
    if (
        char == "@"
        and not ctx.char(at + 1).isspace()
        and not ctx.char(at + 1).isdigit()
        and not has_left
    ):
        return Token(at, at + 1, TokenClass.SIGN, "at")
    said = _NAMED.get(char)
    if said is None:
        return None
    return Token(at, at + 1, TokenClass.SIGN, said) if said else None


def _power_words(written: str) -> str:
    number = written.lstrip("⁻").translate(_FROM_SUPERSCRIPTS)
    if number in ("2", "3") and written[0] != "⁻":
        return "squared" if number == "2" else "cubed"
    return f"to the power of {'minus ' if written[0] == '⁻' else ''}{cardinal(number)}"


def _operator(ctx: Context, at: int, found: re.Match[str]) -> Token | None:
    sign, end = found[0], found.end()
    if sign == "/" and _QUOTIENT.search(ctx.behind(at, 4)) is None:
        return None
    is_sum = _OPERAND_AFTER.match(ctx.text, end, ctx.end) is not None
    if sign == "+" and not ctx.char(at - 1).isspace() and not is_sum:
        return Token(at, end, TokenClass.SIGN, "plus")
    if sign in ("*", "∗", "·") and not (is_sum and re.search(r"[\d)]\s?\Z", ctx.behind(at, 3))):
        return None
    if sign == "^":
        if (power := ctx.match(_SMALL_POWER, end)) is not None:
            return Token(at, power.end(), TokenClass.SIGN, _power_words(power[0]))
        if not is_sum:
            return None
    said = "plus or minus" if sign == "+/-" else _BETWEEN[sign]
    return Token(at, end, TokenClass.SIGN, said) if is_sum else None


def _minus(ctx: Context, at: int) -> Token | None:
    """Read a hyphen as a minus: between the terms of a sum, or before one."""
    behind, ahead = ctx.behind(at, 24), ctx.ahead(at + 1, 24)
    if not re.match(r"\s?[\d(a-zA-Zπ√.](?![A-Za-z])", ahead):
        return None
    is_spaced = behind.endswith(" ") and ahead.startswith(" ")
    if is_spaced and re.search(r"(?:[\d)²³]|\b[a-zA-Z])\s\Z", behind):
        return Token(at, at + 1, TokenClass.SIGN, "minus") if _is_sum(ctx, at) else None
    if (
        not is_spaced
        and re.search(r"(?:\A|[\s(=])\Z", behind)
        and re.match(r"[\d.]|[a-z](?!\w)", ahead)
    ):
        return Token(at, at + 1, TokenClass.SIGN, "minus")
    return None


def _is_sum(ctx: Context, at: int) -> bool:
    """Tell a subtraction from a range: by another sign of sums, or by a larger number before."""
    around = ctx.behind(at, 24) + ctx.ahead(at + 1, 24)
    if _EQUATION.search(around):
        return True
    before = re.search(r"(\d{1,9})\s\Z", ctx.behind(at, 12))
    after = re.match(r"\s(\d{1,9})", ctx.ahead(at + 1, 12))
    if before and after:
        return int(before[1]) > int(after[1])
    return True


def read_letter_and_sign(ctx: Context, at: int) -> Token | None:
    """Read ``C++``, ``C#``, ``A+``, and Greek letters by themselves."""
    if ctx.match(_BY, at) and _SIZE.search(ctx.behind(at, 12)):
        return Token(at, at + 1, TokenClass.SIGN, "by")
    found = ctx.match(_LANGUAGES, at)
    if found is not None and found["name"]:
        sign = "plus plus" if found["sign"] == "++" else "sharp"
        return Token(at, found.end(), TokenClass.ACRONYM, f"{found['name']} {sign}")
    if found is not None:
        sign = "plus" if found["mark"] == "+" else "minus"
        said = spelled(found["grade"], british=ctx.british)
        return Token(at, found.end(), TokenClass.ACRONYM, f"{said} {sign}")
    greek = ctx.match(_LONE_GREEK, at)
    if greek is None:
        return None
    said = "ohms" if greek[0] == "Ω" else GREEK[greek[0]]
    return Token(at, greek.end(), TokenClass.SIGN, said)

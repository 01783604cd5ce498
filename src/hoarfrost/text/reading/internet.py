"""Addresses of the net: e-mail, URLs, domains, IP addresses, files, handles, tags, versions."""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import SIGN_NAMES, spelled
from hoarfrost.text.reading.numbers import cardinal, digits
from hoarfrost.text.tables import words

_TLDS: Final = (
    "com|org|net|io|ai|dev|app|edu|gov|mil|co|us|uk|de|fr|es|it|nl|ca|au|jp|ch|at|be|eu|info|biz|tv|me|"
    "ly|gg|xyz|tech|online|shop|store|cloud|page|blog|news|in|br|mx|se|no|fi|dk|pl|ie|nz|sh|so|fm|to"
)
_COMMON: Final = r"(?:(?:" + _TLDS + r")(?!\w))"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})"
_PATH: Final = r"(?::\d{1,5})?(?:[/?#][^\s<>\"“”]{0,512})?"
_EMAIL: Final = re.compile(rf"(?:mailto:)?[\w.+%-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,6}}")
_URL: Final = re.compile(r"(?:(?:https?|ftp|wss?|file)://|www\.)[^\s<>\"“”]{1,1024}", re.IGNORECASE)
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.){{1,6}}{_COMMON}{_PATH}", re.IGNORECASE)
_IP: Final = re.compile(
    r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?P<port>:\d{1,5})?(?P<mask>/\d{1,2})?(?![\w.]*\d)"
)
_VERSION: Final = re.compile(
    r"(?P<v>[vV](?:er(?:sion)?\.?\s?)?)?(?P<number>\d{1,6}(?:\.\d{1,6}){1,5}|\d{1,4})(?P<tail>[-+]?(?:alpha|beta|rc|dev|pre|preview|[ab])(?:[.-]?\d+)?(?:[-.+][A-Za-z0-9]{1,12}){0,3})?(?P<x>\.[xX])?(?![\w]|\.\d)"
)
_OTHER: Final = re.compile(r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|\d{1,3}(?:\.\d{3}){2,}")
"""A date, or a million with its thousands parted by points: no version unless it is called one."""
_VERSIONED: Final = re.compile(
    r"\b(?:version|versions|v|ver|release|python|node|java|php|ruby|ubuntu|ios|ipados|android|macos|"
    r"windows|firmware|build|django|postgres|postgresql|kernel|chrome|firefox|update)\s\Z",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"@(?P<name>[A-Za-z_]\w{0,63})")
_NUMBERED: Final = re.compile(r"#[A-Z]+-?\d")
_TAG: Final = re.compile(r"#(?P<name>[^\W\d]\w{0,63})")
_FILE: Final = re.compile(
    r"(?P<name>[\w-]{1,64}(?:\.(?:tar|min|test|d))?)\.(?P<ending>py|js|ts|tsx|jsx|txt|md|pdf|docx?|xlsx?|pptx?|csv|json|ya?ml|toml|xml|html?|css|"
    r"png|jpe?g|gif|svg|mp3|mp4|wav|zip|tar|gz|exe|dmg|sh|sql|cpp|rs|go|java|log|ini|cfg|onnx)(?!\w)"
)
_UNIX_PATH: Final = re.compile(
    r"(?:~|\.{1,2})?/(?:[\w.-]{1,64}/){1,16}[\w.-]{0,64}|[A-Z]:\\[\w.\\-]{1,256}"
)
_SPELLED: Final = words("""
    ai io us uk eu tv py js ts md css html www http https pdf csv xml sql ftp
""")
_PART: Final = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
_TAIL: Final = ".,;:!?'\"’”)]}>*_"
_DOTNET: Final = re.compile(
    r"\.(?P<name>[A-Z][A-Za-z]{1,10})\b|\.(?P<file>[a-z]{2,10})(?=\s(?:files?|domains?|folder))"
)


def read_internet(ctx: Context, at: int) -> Token | None:
    """Read an address of the net, a file, a path, a handle or a tag."""
    for pattern in (_EMAIL, _URL, _DOMAIN, _UNIX_PATH, _FILE):
        found = ctx.match(pattern, at)
        if found is not None:
            end = _without_marks(ctx.text, at, found.end())
            if pattern is _DOMAIN and _is_sentence(ctx.text[at:end]):
                continue
            said = address_words(ctx.text[at:end], british=ctx.british)
            return Token(at, end, TokenClass.INTERNET, said)
    if (handle := ctx.match(_HANDLE, at)) is not None:
        said = address_words(handle["name"], british=ctx.british)
        return Token(at, handle.end(), TokenClass.INTERNET, f"at {said}")
    if (tag := ctx.match(_TAG, at)) is not None and ctx.match(_NUMBERED, at) is None:
        said = " ".join(_camel(tag["name"]))
        return Token(at, tag.end(), TokenClass.INTERNET, f"hashtag {said}")
    if (net := ctx.match(_DOTNET, at)) is not None:
        name = net["name"] or net["file"]
        if name == "NET":
            said = "net"
        else:
            said = spelled(name) if name.isupper() or name.lower() in _SPELLED else name
        return Token(at, net.end(), TokenClass.INTERNET, f"dot {said}")
    return None


def read_version(ctx: Context, at: int) -> Token | None:
    """Read ``192.168.0.1``, ``3.14.2``, ``v2.0-beta`` and ``Python 3.11``."""
    address = ctx.match(_IP, at)
    if address is not None and all(int(group) < 256 for group in address.groups()[:4]):
        said = " dot ".join(digits(group) for group in address.groups()[:4])
        if address["port"]:
            said = f"{said} colon {digits(address['port'])}"
        if address["mask"]:
            said = f"{said} slash {cardinal(address['mask'][1:])}"
        return Token(at, address.end(), TokenClass.VERSION, said)
    found = ctx.match(_VERSION, at)
    if found is None:
        return None
    number, tail = found["number"], found["tail"] or ""
    has_word = _VERSIONED.search(ctx.behind(at, 16)) is not None
    is_certain = bool(found["v"]) or number.count(".") > 1 or bool(tail and "." in number)
    if _OTHER.fullmatch(number) and not (found["v"] or has_word):
        return None
    if not (is_certain or (has_word and "." in number)) or (tail in ("a", "b") and not found["v"]):
        return None
    words = [
        cardinal(part) if part[0] != "0" or part == "0" else digits(part)
        for part in number.split(".")
    ]
    said = " point ".join(words)
    if found["v"]:
        is_word = len(found["v"]) > 1
        said = f"version {said}" if not has_word or is_word else said
    if found["x"]:
        said = f"{said} point X"
    if tail:
        said = f"{said} {address_words(tail.strip('-+').replace('.', ' ').replace('-', ' '))}"
    return Token(at, found.end(), TokenClass.VERSION, said)


def address_words(text: str, *, british: bool = False) -> str:
    """Return an address word by word, its signs by name."""
    for prefix in ("https://", "http://", "mailto:"):
        if text.lower().startswith(prefix):
            text = text[len(prefix) :]
    out: list[str] = []
    for part in _PART.findall(text.rstrip("/") or text):
        if part.isdecimal():
            out.append(cardinal(part) if len(part) < 3 and part[0] != "0" else digits(part))
        elif part.isalpha():
            is_letters = len(part) == 1 or part.lower() in _SPELLED
            is_letters = is_letters or (part.isascii() and not _has_vowel(part) and len(part) < 4)
            out.append(spelled(part, british=british) if is_letters else part)
        else:
            out.append(SIGN_NAMES.get(part, ""))
    return " ".join(filter(None, out))


def _has_vowel(text: str) -> bool:
    return any(c in "aeiouyAEIOUY" for c in text)


def _without_marks(text: str, start: int, end: int) -> int:
    """Leave the marks at the end of an address to the sentence, unless a bracket is balanced."""
    while end > start and text[end - 1] in _TAIL:
        if text[end - 1] == ")" and "(" in text[start:end]:
            break
        end -= 1
    return end


def _is_sentence(address: str) -> bool:
    """Tell "done.It is" from a domain: nobody writes a top level with a capital alone."""
    top = address.split("/", maxsplit=1)[0].split(":", maxsplit=1)[0].rpartition(".")[2]
    return top[:1].isupper() and top[1:].islower()


def _camel(name: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+", name) or [name]

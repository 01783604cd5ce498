"""The catalogue of Piper's voices: which there are, and of which files each consists.

In: the text of ``voices.json`` as published with the voices. Out: `PiperVoice`. Invariant: a voice
that stands in a `PiperCatalogue` has a name that is safe as the name of a file, and files whose
addresses lie below that of the catalogue.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import quote

from hoarfrost.text import languages
from hoarfrost.voices.faults import LibraryFault, UnknownVoice

MODEL_SUFFIX: Final = ".onnx"
CONFIG_SUFFIX: Final = ".onnx.json"
CARD_SUFFIX: Final = ".MODEL_CARD"

QUALITIES: Final = ("x_low", "low", "medium", "high")
"""The names of Piper's model sizes, the smallest first."""

MAX_FILE_BYTES: Final = 2**31
"""No ONNX model in one file is larger: the limit of protocol buffers."""

_MAX_TEXT_BYTES: Final = 1_000_000
"""Bytes that a configuration or a model card may have; those published have 7 kB at most."""

# Letters of any script: there is a voice called tugão. 100 characters leave room for suffixes in
# the 255 bytes that file systems give a name.
_NAME: Final = re.compile(r"[^\W_][\w+-]*(?:\.[\w+-]+)*")
_MAX_NAME_BYTES: Final = 100

# What a voice's name says of where its files are: en/en_US/lessac/medium/en_US-lessac-medium.onnx
_CONVENTION: Final = re.compile(r"(?P<family>[a-z]{2,3})_[A-Z]{2}-[^-]+-[^-]+")


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file as the catalogue describes it.

    Attributes:
        path: Where it is, relative to the catalogue's address, not percent-encoded.
        n_bytes: Its size.
        md5: Its MD5, 32 hexadecimal digits. It tells a damaged file, not a forged one: that is up
            to the address, which should be https. "" where there is a SHA-256.
        sha256: Its SHA-256, 64 hexadecimal digits; "" where there is an MD5.
    """

    path: str
    n_bytes: int
    md5: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        parts = self.path.split("/")
        is_inside = all(part.strip(". ") and part.isprintable() for part in parts)
        if not is_inside or any(mark in self.path for mark in "\\:"):
            raise ValueError(f"file: expected a path below the catalogue's, got {self.path!r}")
        if not 0 <= self.n_bytes <= MAX_FILE_BYTES:
            raise ValueError(
                f"{self.path}: expected a size up to {MAX_FILE_BYTES} bytes, got {self.n_bytes}"
            )
        if self.sha256:
            if self.md5 or not re.fullmatch("[0-9a-f]{64}", self.sha256):
                raise ValueError(
                    f"{self.path}: expected a SHA-256 of 64 digits alone, got {self.sha256!r}"
                )
        elif not re.fullmatch("[0-9a-f]{32}", self.md5):
            raise ValueError(f"{self.path}: expected an MD5 of 32 digits, got {self.md5!r}")

    @property
    def address(self) -> str:
        """Its path as a part of an address."""
        return quote(self.path)


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """A voice of the catalogue.

    Attributes:
        name: Its key in the catalogue, ``en_US-lessac-medium``.
        language: BCP 47 tag.
        language_name: English name of the language.
        native_name: The language's own name for itself.
        country: English name of the country whose variety it speaks.
        quality: One of `QUALITIES`, or another word of the catalogue's.
        n_speakers: How many speakers the model has.
        aliases: Earlier names.
        files: What it consists of, by the suffix that follows the voice's name in our folder; the
            model and its configuration always, the model card mostly.
    """

    name: str
    language: str
    language_name: str
    native_name: str
    country: str
    quality: str
    n_speakers: int
    aliases: tuple[str, ...]
    files: Mapping[str, PublishedFile] = field(hash=False)

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError(f"expected a name of letters, digits and _ . + -, got {self.name!r}")
        for suffix in (MODEL_SUFFIX, CONFIG_SUFFIX):
            if suffix not in self.files:
                raise ValueError(f"expected a file that ends in {suffix}, got none")
        for suffix in (CONFIG_SUFFIX, CARD_SUFFIX):
            if suffix in self.files and self.files[suffix].n_bytes > _MAX_TEXT_BYTES:
                got = self.files[suffix].n_bytes
                raise ValueError(f"expected at most {_MAX_TEXT_BYTES} bytes of text, got {got}")

    @property
    def n_bytes(self) -> int:
        """What all its files take on a disk."""
        return sum(file.n_bytes for file in self.files.values())

    def fits(self, words: Iterable[str]) -> bool:
        """Return whether each word occurs in something that is known of the voice."""
        facts = (
            *(self.name, self.language, self.language_name, self.native_name),
            *(self.country, self.quality, *self.aliases),
        )
        told = "\n".join(facts).casefold()
        return all(normalize("NFC", word).casefold() in told for word in words)


@dataclass(frozen=True, slots=True)
class PiperCatalogue:
    """All voices that can be fetched.

    Attributes:
        voices: By name.
        refused: By name, why an entry cannot be used.
    """

    voices: Mapping[str, PiperVoice]
    refused: Mapping[str, str]

    def find(self, name: str) -> PiperVoice:
        """Return the voice of this name or earlier name, case ignored.

        Raises:
            UnknownVoice: If there is none; the message offers what is close.
            LibraryFault: If the catalogue's entry for it cannot be used.
        """
        wanted = folded(name)
        for key, voice in self.voices.items():
            if folded(key) == wanted:
                return voice
        for voice in self.voices.values():
            if wanted in map(folded, voice.aliases):
                return voice
        for key, reason in self.refused.items():
            if folded(key) == wanted:
                raise LibraryFault(f"voice {key}: the catalogue's entry cannot be used: {reason}")
        close = self.close_matches(name)
        hint = f"perhaps {', '.join(close)}" if close else "see `hoarfrost voices search`"
        raise UnknownVoice(f"expected a voice of the catalogue ({hint}), got {name!r}")

    def close_matches(self, name: str, n: int = 3) -> list[str]:
        """Return at most ``n`` names that look like this one, or have it as a part."""
        by_folded = {folded(key): key for key in self.voices}
        wanted = folded(name)[:_MAX_NAME_BYTES]
        if not wanted:
            return []
        holding = [key for key in by_folded if wanted in key]
        alike = get_close_matches(wanted, by_folded, n)
        return [by_folded[key] for key in dict.fromkeys([*holding, *alike])][:n]

    def search(
        self, words: Iterable[str] = (), *, language: str | None = None, quality: str | None = None
    ) -> list[PiperVoice]:
        """Return the voices that fit, sorted by language, then name, then quality.

        Args:
            words: Each must occur somewhere in what is known of a voice, case ignored.
            language: A code (``en``, ``eng``); with a region (``en-GB``), of that region only.
            quality: One of `QUALITIES`.
        """
        sought = tuple(words)
        found = [
            voice
            for voice in self.voices.values()
            if voice.fits(sought)
            and (language is None or _speaks(voice, language))
            and (quality is None or voice.quality == quality)
        ]
        return sorted(found, key=_place)


def folded(name: str) -> str:
    """Return what two spellings of a name have in common: case and composition do not matter."""
    return normalize("NFC", name.strip()).casefold()


def is_name(text: str) -> bool:
    """Return whether a voice may be called so: a name that is safe as that of a file."""
    return bool(_NAME.fullmatch(text)) and len(text.encode()) <= _MAX_NAME_BYTES


def read_catalogue(document: str) -> PiperCatalogue:
    """Read ``voices.json``.

    An entry that cannot be used is set apart with the reason, so that one bad entry, or a new kind
    of entry, does not take the others away.

    Raises:
        LibraryFault: If it is no catalogue, or has no entry that can be used.
    """
    try:
        entries = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise LibraryFault(f"expected the catalogue as JSON, got: {error}") from error
    if not isinstance(entries, dict):
        raise LibraryFault("expected the catalogue as an object of voices, got another JSON value")
    voices, refused = {}, {}
    for key, entry in entries.items():
        name = normalize("NFC", key)
        try:
            voices[name] = _read_voice(name, entry)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            is_told = isinstance(error, ValueError)
            refused[name] = str(error) if is_told else "expected the fields of a voice, some lack"
    if not voices:
        raise LibraryFault("expected a catalogue with at least one voice, got none")
    return PiperCatalogue(voices, refused)


def conventional_addresses(name: str) -> list[str]:
    """Return where Piper's convention puts a voice's files, relative to the catalogue's address.

    For those who cannot read the catalogue. Empty if the name does not follow the convention.
    """
    match = _CONVENTION.fullmatch(name)
    if match is None or not is_name(name):
        return []
    folder = "/".join((match["family"], *name.split("-")))
    files = (f"{name}{MODEL_SUFFIX}", f"{name}{CONFIG_SUFFIX}", "MODEL_CARD")
    return [quote(f"{folder}/{file}") for file in files]


def _read_voice(name: str, entry: Any) -> PiperVoice:
    language = entry["language"]
    code = _text(language["code"])
    return PiperVoice(
        name=name,
        language=languages.normalise(code) or code.replace("_", "-"),
        language_name=_text(language.get("name_english") or languages.name_of(code)),
        native_name=_text(language.get("name_native") or ""),
        country=_text(language.get("country_english") or ""),
        quality=_text(entry["quality"]),
        n_speakers=_count(entry.get("num_speakers", 1)),
        aliases=tuple(_text(alias) for alias in entry.get("aliases") or ()),
        files=_read_files(entry["files"]),
    )


def _read_files(entries: Mapping[str, Any]) -> dict[str, PublishedFile]:
    """Return the files that a voice needs, by suffix; others, samples for one, are passed over."""
    files: dict[str, PublishedFile] = {}
    for path, facts in entries.items():
        suffix = _suffix(path)
        if suffix is None:
            continue
        if suffix in files:
            raise ValueError(f"expected one file that ends in {suffix}, got several")
        n_bytes, md5 = _count(facts["size_bytes"]), _text(facts["md5_digest"])
        files[suffix] = PublishedFile(path, n_bytes, md5.lower())
    return files


def _suffix(path: str) -> str | None:
    """Return the suffix under which a file of the catalogue is kept; None if it is not needed."""
    if path.rpartition("/")[2] == "MODEL_CARD":
        return CARD_SUFFIX
    return next((each for each in (CONFIG_SUFFIX, MODEL_SUFFIX) if path.endswith(each)), None)


def _text(value: object) -> str:
    # Printable: what the catalogue says is shown on terminals, where an escape sequence would act.
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"expected a line of text, got {type(value).__name__}")
    return normalize("NFC", value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a count, got {type(value).__name__}")
    return value


def _speaks(voice: PiperVoice, wanted: str) -> bool:
    tag = languages.normalise(wanted) or wanted
    if "-" in tag:
        return tag.lower() == voice.language.lower()
    return languages.pick(wanted, [voice.language]) is not None


def _place(voice: PiperVoice) -> tuple[str, str, int, str]:
    is_known = voice.quality in QUALITIES
    size = QUALITIES.index(voice.quality) if is_known else len(QUALITIES)
    stem = voice.name.rpartition("-")[0].casefold()
    return voice.language_name.casefold(), stem, size, voice.name

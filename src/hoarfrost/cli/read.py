"""``hoarfrost read``: how a text is read, without a sound."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from hoarfrost import espeak
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import Misuse
from hoarfrost.cli.texts import read_texts, unwrapped
from hoarfrost.offline import read_scripts
from hoarfrost.server.lexicons import LexiconFolder, read_lexicon
from hoarfrost.text import languages
from hoarfrost.text.lexicon import BadLexicon, Lexicon
from hoarfrost.text.reading.sentences import (
    Break,
    Sentence,
    Word,
    begins_paragraph,
    read_sentences,
)
from hoarfrost.text.script import Speech

DEFAULT_LANGUAGE: Final = "en-US"
_Readings: TypeAlias = Sequence[tuple[Speech, Sequence[Sentence]]]
_ESPEAK_NAMES: Final = {"en": "en-us", "en-US": "en-us", "en-GB": "en-gb"}


class _TextCommand(click.Command):
    """A command whose text may begin with a hyphen: ``-$5`` is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, the first that is no option and what follows as text."""
        names = {name for option in self.get_params(ctx) for name in option.opts}
        taking = {
            name
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        at = 0
        while at < len(args) and args[at].partition("=")[0] in names:
            at += 2 if args[at] in taking else 1
        if at < len(args) and args[at] != "--" and args[at].startswith("-"):
            args = [*args[:at], "--", *args[at:]]
        return super().parse_args(ctx, args)


@click.command(
    "read", cls=_TextCommand, epilog="Example:  hoarfrost read 'It costs $5.99, or 20 EUR.'"
)
@click.argument("text", nargs=-1)
@click.option("--lang", "language", metavar="CODE", default=DEFAULT_LANGUAGE, show_default=True)
@click.option("--phonemes", is_flag=True, help="Print phonemes (IPA) in place of words.")
@click.option("--json", "as_json", is_flag=True, help="Print each token: class, place, words.")
@click.option("--lexicon", metavar="NAME", help="A lexicon of the server's folder, or a file.")
@config_option
def command(
    text: tuple[str, ...],
    language: str,
    phonemes: bool,  # noqa: FBT001 -- a flag
    as_json: bool,  # noqa: FBT001 -- a flag
    lexicon: str | None,
    config: Path | None,
) -> None:
    """Print the words that are spoken for a text.

    In small letters, without marks, a line a paragraph. Without TEXT, standard input is read.
    """
    tag = languages.normalise(language)
    if tag is None:
        raise Misuse(f"--lang: expected a language code such as en or en-GB, got {language!r}")
    given = _lexicon(lexicon, load(config=config).settings.lexicons_dir)
    texts = read_texts(text) if text else unwrapped(read_texts(text))
    speeches = [given.rewrite(speech) for speech in read_scripts(texts)]
    readings = [(speech, read_sentences(speech.text, tag)) for speech in speeches]
    if as_json:
        click.echo(json.dumps(_tokens(readings), ensure_ascii=False, indent=2))
        return
    paragraphs = _paragraphs(readings)
    lines = _phonemes(paragraphs, tag) if phonemes else map(words_of, paragraphs)
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _lexicon(name: str | None, folder: Path) -> Lexicon:
    """Return the lexicon of that name, or file, over the one that holds for everybody.

    Raises:
        Misuse: If there is none, or it cannot be used.
    """
    found = LexiconFolder(folder).current()
    common = found.get("", Lexicon())
    if name is None:
        return common
    if name in found:
        return found[name].over(common)
    try:
        return read_lexicon(Path(name)).over(common)
    except BadLexicon as error:
        raise Misuse("\n".join(f"--lexicon {name}: {fault}" for fault in error.faults)) from error


def words_of(sentences: Sequence[Sentence]) -> str:
    """Return the words of sentences in small letters, without hyphens and marks."""
    said = " ".join(word.spoken for sentence in sentences for word in sentence.words)
    return " ".join(said.lower().replace("-", " ").split())


def _paragraphs(readings: _Readings) -> Iterator[list[Sentence]]:
    paragraph: list[Sentence] = []
    for speech, sentences in readings:
        if paragraph and begins_paragraph(speech.text):
            yield paragraph
            paragraph = []
        for sentence in sentences:
            paragraph.append(sentence)
            if sentence.after is Break.PARAGRAPH:
                yield paragraph
                paragraph = []
    if paragraph:
        yield paragraph


def _phonemes(paragraphs: Iterable[Sequence[Sentence]], language: str) -> Iterator[str]:
    name = _ESPEAK_NAMES.get(language, languages.language_of(language) or language)
    owner = espeak.acquire()
    try:
        for paragraph in paragraphs:
            clauses = (clause for sentence in paragraph for clause in sentence.clauses)
            yield " ".join(filter(None, (_sound(clause, name) for clause in clauses)))
    finally:
        owner.release()


def _sound(clause: Sequence[Word], language: str) -> str:
    said: list[str] = []
    run: list[str] = []
    for word in [*clause, None]:
        if word is not None and not word.phonemes:
            run.append(word.spoken)
            continue
        text = " ".join(filter(None, run))
        said += [part.ipa for part in espeak.phonemize(text, language)] if text else []
        said += [word.phonemes] if word is not None else []
        run = []
    return " ".join(said)


def _tokens(readings: _Readings) -> list[dict[str, Any]]:
    return [
        {
            "class": word.kind.value,
            "start": speech.source_span(word.start, word.end)[0],
            "end": speech.source_span(word.start, word.end)[1],
            "written": word.written,
            "words": word.spoken,
            **({"phonemes": word.phonemes} if word.phonemes else {}),
        }
        for speech, sentences in readings
        for sentence in sentences
        for word in sentence.words
    ]

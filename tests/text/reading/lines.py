"""The lines of the tables in ``data``, and how a text is read from end to end."""

from collections.abc import Iterator
from pathlib import Path

from hoarfrost.offline import read_scripts
from hoarfrost.text.reading.sentences import read_sentences

_DATA = Path(__file__).parent / "data"


def lines_of(name: str) -> Iterator[list[str]]:
    """Yield the columns of a table, without its comments."""
    for line in (_DATA / name).read_text("utf-8").splitlines():
        columns = line.split("\t")
        if len(columns) > 1:
            yield columns


def words_read(*messages: str, language: str = "en-US") -> str:
    """Return the words that are spoken for messages, as the tables write them."""
    said = [
        word.spoken
        for speech in read_scripts(messages)
        for sentence in read_sentences(speech.text, language)
        for word in sentence.words
    ]
    return " ".join(" ".join(said).lower().replace("-", " ").split())

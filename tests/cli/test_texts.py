"""Where the text comes from: arguments, or standard input without waiting for its end."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.cli.failures import Misuse
from hoarfrost.cli.texts import read_texts, without_blocking


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make standard input a pipe; give the end that is written to."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield writing


def test_arguments_are_one_text() -> None:
    """Words given as arguments are joined with spaces, and standard input is left alone."""
    assert list(read_texts(["Hello", "there."])) == ["Hello there."]


def test_standard_input_is_given_as_it_comes(typing: int) -> None:
    """Each piece is there as soon as it is written; a character cut in two waits for its rest."""
    texts = read_texts([])
    os.write(typing, b"One line.\n")
    assert next(texts) == "One line.\n"
    os.write(typing, "a half é".encode()[:-1])
    assert next(texts) == "a half "
    os.write(typing, "é".encode()[1:])
    assert next(texts) == "é"
    os.close(typing)
    assert list(texts) == []


@pytest.mark.parametrize("content", [b"good \xff bad", b"cut off \xc3"])
def test_what_is_not_utf8_is_refused(typing: int, content: bytes) -> None:
    """Bytes in another encoding are told with about where they are, not with what they say."""
    os.write(typing, content)
    os.close(typing)
    with pytest.raises(Misuse) as caught:
        list(read_texts([]))
    assert caught.value.message == (
        f"standard input: expected UTF-8 text, got other bytes within its first {len(content)}"
    )


def test_on_a_terminal_the_user_is_told_how_to_end(
    typing: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person who gave no text sees that it is waited for."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    os.close(typing)
    assert list(read_texts([])) == []
    assert capsys.readouterr().err == "Type what to say; end with Ctrl-D (on Windows Ctrl-Z).\n"


@given(texts=st.lists(st.text(max_size=5), max_size=20))
@settings(max_examples=20)  # each one starts an event loop and a thread
def test_the_other_thread_changes_nothing(texts: list[str]) -> None:
    """All texts come through, in order."""

    async def collect() -> list[str]:
        return [text async for text in without_blocking(texts)]

    assert asyncio.run(collect()) == texts


async def test_an_error_comes_through_after_the_texts() -> None:
    """What goes wrong while reading is raised where the texts are taken."""

    def fail() -> Iterator[str]:
        yield "first"
        raise Misuse("not UTF-8")

    texts = without_blocking(fail())
    assert await anext(texts) == "first"
    with pytest.raises(Misuse, match="not UTF-8"):
        await anext(texts)


def test_a_text_that_never_comes_holds_nobody_up() -> None:
    """The event loop can end while the thread still waits, and the thread then ends quietly."""
    is_over = threading.Event()

    def wait() -> Iterator[str]:
        yield "first"
        is_over.wait()
        yield "too late"

    async def leave() -> str:
        return await anext(without_blocking(wait()))

    before = set(threading.enumerate())  # an earlier test's may be on its way out still
    assert asyncio.run(leave()) == "first"
    (thread,) = (each for each in set(threading.enumerate()) - before if each.name == "texts")
    is_over.set()
    thread.join()

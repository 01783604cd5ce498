"""Adding a voice: from the catalogue to a folder that an engine reads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.voices.adding import Added, add, by_hand
from hoarfrost.voices.catalogue import PiperVoice, read_catalogue
from hoarfrost.voices.faults import LibraryFault, Unreachable
from hoarfrost.voices.folder import VoicesFolder
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Source
from tests.voices.publisher import CARD, Cut, Instead, Publisher, Status

NAME = "en_US-lessac-medium"
FOLDER = "en/en_US/lessac/medium"
MODEL = f"{FOLDER}/{NAME}.onnx"

Add = Callable[..., Added]


@dataclass
class Heard:
    """A listener that remembers."""

    waited: list[str] = field(default_factory=list)
    told: list[tuple[str, int, int]] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)

    def waiting(self, name: str) -> None:
        self.waited.append(name)

    def progress(self, name: str, n_bytes: int, n_total: int) -> None:
        self.told.append((name, n_bytes, n_total))

    def preparing(self, name: str) -> None:
        self.prepared.append(name)


@pytest.fixture
def heard() -> Heard:
    """What the listener of `run` was told."""
    return Heard()


def listed(publisher: Publisher, name: str = NAME) -> PiperVoice:
    return read_catalogue(publisher.files["voices.json"].decode()).find(name)


@pytest.fixture
def run(
    publisher: Publisher,
    source: Source,
    folder: VoicesFolder,
    patience: Callable[[], Patience],
    heard: Heard,
) -> Add:
    """Add the voice."""

    def call(**options: object) -> Added:
        chosen = {"source": source, "folder": folder, "listener": heard, "patience": patience}
        return add(listed(publisher), **(chosen | options))  # type: ignore[arg-type]

    return call


def test_a_voice_is_fetched_whole(
    run: Add, publisher: Publisher, folder: VoicesFolder, heard: Heard
) -> None:
    """Three files stand in the folder under the voice's name, and nothing is left beside them."""
    added = run()
    assert added == Added(NAME, folder.path / f"{NAME}.onnx", "CC0 1.0", is_new=True)
    assert added.model.read_bytes() == publisher.files[MODEL]
    assert (folder.path / f"{NAME}.onnx.json").read_bytes() == publisher.files[f"{MODEL}.json"]
    assert (folder.path / f"{NAME}.MODEL_CARD").read_text() == CARD
    assert [path.name for path in (folder.path / ".incoming").iterdir()] == [f"{NAME.lower()}.lock"]
    n_total = sum(len(content) for path, content in publisher.files.items() if "lessac" in path)
    assert heard.told[0] == (NAME, 0, n_total)
    assert heard.told[-1] == (NAME, n_total, n_total)
    assert [told[1] for told in heard.told] == sorted(told[1] for told in heard.told)


def test_what_is_there_is_not_fetched_again(
    run: Add, publisher: Publisher, heard: Heard, folder: VoicesFolder
) -> None:
    """A second time asks the server nothing, unless it is forced to."""
    run()
    publisher.requests.clear()
    heard.told.clear()
    prepared: list[Path] = []
    assert run(prepare=prepared.append) == Added(
        NAME, folder.path / f"{NAME}.onnx", "CC0 1.0", is_new=False
    )
    assert (publisher.requests, heard.told, prepared) == ([], [], [])
    (folder.path / f"{NAME}.onnx").write_bytes(b"damaged")
    assert run(is_forced=True, prepare=prepared.append).is_new
    assert (folder.path / f"{NAME}.onnx").read_bytes() == publisher.files[MODEL]
    assert prepared == [folder.path / f"{NAME}.onnx"]
    assert heard.prepared == [NAME]


def test_the_configuration_comes_first_and_the_model_last(run: Add, publisher: Publisher) -> None:
    """The small files are known to be good before the large one is fetched."""
    run()
    assert [path for path, _ in publisher.requests] == [
        *(f"{MODEL}.json", f"{FOLDER}/MODEL_CARD", MODEL)
    ]


def test_a_new_voice_is_prepared_when_it_is_whole(run: Add, folder: VoicesFolder) -> None:
    """What an engine makes of a voice is made of files that are in place."""
    seen: list[list[str]] = []

    def prepare(model: Path) -> None:
        assert model == folder.path / f"{NAME}.onnx"
        seen.append(folder.installed())

    run(prepare=prepare)
    assert seen == [[NAME]]


def test_what_the_engine_refuses_is_passed_on(run: Add, folder: VoicesFolder) -> None:
    """A voice that came for nothing goes again, and the lock is given back."""

    def prepare(model: Path) -> None:
        raise VoiceFault(f"voice {model.stem}: expected another model")

    with pytest.raises(VoiceFault, match="expected another model"):
        run(prepare=prepare)
    assert folder.installed() == []
    assert run().is_new


def test_a_voice_without_a_card_is_a_voice(publisher: Publisher, run: Add) -> None:
    """The catalogue need not name one."""
    publisher.add_voice(card=None)
    added = run()
    assert (added.licence, added.card_fault) == (None, None)


def test_a_card_that_does_not_fit_takes_no_voice_away(
    run: Add, publisher: Publisher, folder: VoicesFolder
) -> None:
    """A card that changed since the catalogue was made is left out, and that is told."""
    publisher.faults[f"{FOLDER}/MODEL_CARD"] = [Instead(CARD.swapcase().encode())]
    added = run()
    assert added.is_new
    assert str(added.card_fault).startswith(f"{FOLDER}/MODEL_CARD: expected the MD5 ")
    assert folder.installed() == [NAME]
    assert not (folder.path / f"{NAME}.MODEL_CARD").exists()


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}.json"])
def test_what_is_not_as_the_catalogue_says_never_gets_in(
    run: Add, publisher: Publisher, folder: VoicesFolder, path: str
) -> None:
    """A wrong model or configuration is refused, and the folder stays as it was."""
    publisher.faults[path] = [Instead(publisher.files[path].swapcase())]
    with pytest.raises(LibraryFault, match="expected the MD5"):
        run()
    assert folder.installed() == []
    assert list(folder.path.glob("*.onnx*")) == []


def test_the_old_voice_stays_until_the_new_one_is_whole(
    run: Add, publisher: Publisher, folder: VoicesFolder
) -> None:
    """An attempt to fetch it anew that fails takes nothing away."""
    model = run().model
    before = model.read_bytes()
    publisher.faults[MODEL] = [Status(404)]
    with pytest.raises(LibraryFault):
        run(is_forced=True)
    assert model.read_bytes() == before
    assert folder.installed() == [NAME]


def test_an_address_that_gives_nothing_is_told_with_the_way_by_hand(
    run: Add, publisher: Publisher, folder: VoicesFolder
) -> None:
    """Each file is named with its full address, and so is the place to put it."""
    publisher.faults[f"{MODEL}.json"] = [Status(503)] * 5
    with pytest.raises(Unreachable) as caught:
        run()
    assert str(caught.value).splitlines() == [
        f"{publisher.url}{MODEL}.json: expected the file, got HTTP 503 Service Unavailable "
        "(5 attempts)",
        f"To add {NAME} by hand, fetch where there is a network",
        f"  {publisher.url}{MODEL}",
        f"  {publisher.url}{MODEL}.json",
        f"  {publisher.url}{FOLDER}/MODEL_CARD",
        f"and put them into {folder.path} as {NAME}.onnx and {NAME}.onnx.json",
        f"(and MODEL_CARD, which tells the licence, as {NAME}.MODEL_CARD)",
    ]


def test_without_addresses_the_files_are_named(source: Source, folder: VoicesFolder) -> None:
    """A name that follows no convention is to be looked for at the address of the catalogue."""
    assert by_hand("x", [], source=source, folder=folder).splitlines()[1] == (
        f"  x.onnx and x.onnx.json below {source.base_url}"
    )


def test_of_two_at_once_one_fetches(
    publisher: Publisher, source: Source, folder: VoicesFolder, patience: Callable[[], Patience]
) -> None:
    """The second waits for the first, and then finds the voice there."""
    first, second = Heard(), Heard()
    is_begun, is_waiting = threading.Event(), threading.Event()
    second.waiting = lambda name: is_waiting.set()  # type: ignore[method-assign]
    results: dict[str, Added] = {}

    def prepare(model: Path) -> None:
        is_begun.set()
        assert is_waiting.wait(30)

    def run(which: str, listener: Heard) -> None:
        results[which] = add(
            listed(publisher),
            source=source,
            folder=folder,
            listener=listener,
            prepare=prepare,
            patience=patience,
        )

    threads = [
        threading.Thread(target=run, args=("first", first)),
        threading.Thread(target=run, args=("second", second)),
    ]
    threads[0].start()
    assert is_begun.wait(30)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert results["first"].is_new
    assert not results["second"].is_new
    assert len(publisher.requests) == 3
    assert second.told == []


def test_what_broke_off_goes_on(
    run: Add, publisher: Publisher, folder: VoicesFolder, heard: Heard
) -> None:
    """The next attempt asks for the rest of the model only, and begins to count there."""
    publisher.faults[MODEL] = [Cut(3000), Status(404)]
    with pytest.raises(LibraryFault):
        run()
    publisher.requests.clear()
    heard.told.clear()
    run()
    assert [headers["Range"] for headers in publisher.asked(MODEL)] == ["bytes=3000-"]
    assert [path for path, _ in publisher.requests] == [MODEL]

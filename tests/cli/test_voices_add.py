"""``hoarfrost voices add``: from the catalogue into the folder, seen from the terminal."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hoarfrost.cli.voices_add import add_voices
from hoarfrost.engines.natural.piper.importing import is_imported
from hoarfrost.engines.natural.piper.stock import config_of
from hoarfrost.voices.folder import VoicesFolder
from tests.cli.conftest import Run
from tests.engines.natural.piper.humming import write_humming
from tests.voices.publisher import Instead, Publisher, Status, publishing

NAME = "en_US-lessac-medium"
CARD_PATH = "en/en_US/lessac/medium/MODEL_CARD"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of two voices, which the environment names; no engine could speak them."""
    monkeypatch.setattr("hoarfrost.cli.voices_add._prepare", lambda _model: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publishing(Publisher()) as running:
        running.add_voice(NAME, aliases=("en-us-lessac-medium",))
        running.add_voice("en_US-libritts-low", n_speakers=904, card=None)
        monkeypatch.setenv("HOARFROST_VOICES_URL", running.url)
        yield running


@pytest.fixture
def voices(folder: Path) -> VoicesFolder:
    """The folder of the voices, by default."""
    return VoicesFolder(folder / "data" / "voices")


def test_a_voice_is_added_and_its_use_told(
    run: Run, publisher: Publisher, voices: VoicesFolder
) -> None:
    """What was done and how to go on stands on standard output, the progress beside it."""
    result = run("voices", "add", NAME.upper())
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{NAME} is added: 5.1 kB in {voices.path}",
        f"Licence: CC0 1.0  (of its data, says {NAME}.MODEL_CARD)",
        f"Hear it:  hoarfrost say --speaker {NAME} 'Hello there.'",
        f"Clients ask for it with  ?speaker={NAME}  or, with a line of hoarfrost.toml",
        f'under [aliases] such as  cove = "{NAME}"  by a name they send already.',
    ]
    assert result.stderr == (f"hoarfrost: fetching {NAME} (5.1 kB)\nhoarfrost: preparing {NAME}\n")
    assert voices.installed() == [NAME]


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Publisher]:
    """A publisher of a model that runs, and of one that does not."""
    stock = write_humming(tmp_path, NAME)
    config = config_of(stock).read_bytes()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publishing(Publisher()) as running:
        running.add_voice(NAME, model=stock.read_bytes(), config=config)
        running.add_voice("en_US-broken-low", config=config)
        monkeypatch.setenv("HOARFROST_VOICES_URL", running.url)
        yield running


def test_a_voice_is_ready_when_it_is_added(run: Run, real: Publisher, voices: VoicesFolder) -> None:
    """What its engine needs lies beside it; a server that runs need not make it."""
    assert run("voices", "add", NAME).exit_code == 0
    assert is_imported(voices.path_of(NAME))


def test_an_added_voice_speaks(
    run: Run, real: Publisher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that is told afterwards works, and the list shows name, language and licence."""
    monkeypatch.setenv("HOARFROST_ENGINES", "natural")
    run("voices", "add", NAME)
    listed = [line.split("\t") for line in run("voices", "lessac").stdout.splitlines()]
    assert [(name, tag, licence) for name, tag, *_, licence, _engine in listed] == [
        (NAME.lower(), "en-US", "CC0 1.0")
    ]
    result = run("say", "--speaker", NAME, "-o", "hello.wav", "Hello there.")
    assert result.exit_code == 0
    assert (folder / "hello.wav").stat().st_size > 44


def test_a_voice_that_cannot_be_prepared_is_told(
    run: Run, real: Publisher, voices: VoicesFolder
) -> None:
    """The engine's reason is the reason why the command failed."""
    result = run("voices", "add", "en_US-broken-low")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(
        "hoarfrost: voice en_US-broken-low: expected the inputs input, input_lengths, scales"
    )
    assert voices.installed() == []


def test_several_are_added_in_turn(run: Run, publisher: Publisher, voices: VoicesFolder) -> None:
    """Each once, by whatever name; a model of many speakers says how to list them."""
    result = run("voices", "add", "en-us-lessac-medium", NAME, "en_us-LIBRITTS-low")
    assert result.exit_code == 0
    assert voices.installed() == [NAME, "en_US-libritts-low"]
    assert "It has 904 speakers; list them:  hoarfrost voices en_US-libritts-low\n" in result.stdout
    assert "Licence: not told: it has no model card\n" in result.stdout
    assert result.stdout.count(" is added: ") == 2


def test_what_is_there_needs_no_network(run: Run, publisher: Publisher) -> None:
    """A voice that is installed is not asked for again, unless it is forced."""
    run("voices", "add", NAME)
    publisher.requests.clear()
    there = f"{NAME} is there already; --force brings it anew.\n"
    assert run("voices", "add", NAME, "EN_US-lessac-medium").stdout == there
    assert publisher.requests == []
    result = run("voices", "add", "en-us-lessac-medium")
    assert (result.exit_code, result.stdout) == (0, there)
    assert [path for path, _ in publisher.requests] == ["voices.json"]
    assert f"{NAME} is added: " in run("voices", "add", "--force", NAME).stdout


def test_a_slip_is_told_before_anything_is_fetched(
    run: Run, publisher: Publisher, voices: VoicesFolder
) -> None:
    """All names are looked up first; a wrong one is a usage error with what is close."""
    result = run("voices", "add", NAME, "en_US-lesac-medium")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"hoarfrost: expected a voice of the catalogue (perhaps {NAME}), got 'en_US-lesac-medium'\n"
    )
    assert voices.installed() == []


def test_without_a_network_the_way_by_hand_is_told(run: Run, voices: VoicesFolder) -> None:
    """Even without a catalogue: Piper's convention tells the addresses."""
    result = run("voices", "add", NAME, "odd", "--from", "http://127.0.0.1:1/p")
    assert result.exit_code == 3
    reason, *lines = result.stderr.splitlines()
    assert reason.startswith("hoarfrost: http://127.0.0.1:1/p/voices.json: expected an answer, got")
    base = "http://127.0.0.1:1/p/en/en_US/lessac/medium"
    assert lines == [
        f"hoarfrost: To add {NAME} by hand, fetch where there is a network",
        f"hoarfrost:   {base}/{NAME}.onnx",
        f"hoarfrost:   {base}/{NAME}.onnx.json",
        f"hoarfrost:   {base}/MODEL_CARD",
        f"hoarfrost: and put them into {voices.path} as {NAME}.onnx and {NAME}.onnx.json",
        f"hoarfrost: (and MODEL_CARD, which tells the licence, as {NAME}.MODEL_CARD)",
        "hoarfrost: To add odd by hand, fetch where there is a network",
        "hoarfrost:   odd.onnx and odd.onnx.json below http://127.0.0.1:1/p/",
        f"hoarfrost: and put them into {voices.path} as odd.onnx and odd.onnx.json",
        "hoarfrost: (and MODEL_CARD, which tells the licence, as odd.MODEL_CARD)",
    ]


def test_the_folder_can_be_chosen(run: Run, publisher: Publisher, folder: Path) -> None:
    """Flags say which folder; one that cannot be written to is told with that way out."""
    run("voices", "add", NAME, "--voices-dir", "mine")
    assert VoicesFolder(folder / "mine").installed() == [NAME]
    run("voices", "add", NAME, "--data-dir", "other")
    assert VoicesFolder(folder / "other" / "voices").installed() == [NAME]
    (folder / "file").touch()
    result = run("voices", "add", NAME, "--voices-dir", str(folder / "file"))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"hoarfrost: {folder / 'file'}: expected a folder of voices")


def test_a_card_that_is_missing_is_told(run: Run, publisher: Publisher, folder: Path) -> None:
    """Whoever uses a voice shall know that its licence is not known, and why."""
    publisher.faults[CARD_PATH] = [Status(404)]
    assert run("voices", "add", NAME).stdout.splitlines()[1] == (
        "Licence: not known, its model card could not be fetched: "
        f"{publisher.url}{CARD_PATH}: expected the file, got HTTP 404 Not Found"
    )
    publisher.add_voice(NAME, card="# A card that says nothing of it")
    card = folder / "data" / "voices" / f"{NAME}.MODEL_CARD"
    assert run("voices", "add", "--force", NAME).stdout.splitlines()[1] == (
        f"Licence: not told; see {card}"
    )


def test_a_file_that_is_not_right_is_a_failure(
    run: Run, publisher: Publisher, voices: VoicesFolder
) -> None:
    """What the server has instead of the file does not become a voice."""
    publisher.faults[f"en/en_US/lessac/medium/{NAME}.onnx"] = [Instead(b"<html>")]
    result = run("voices", "add", NAME)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "expected 5000 bytes as the catalogue says, got 6" in result.stderr
    assert voices.installed() == []


def test_a_terminal_gets_a_bar(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sees how much of a voice is there."""
    monkeypatch.setattr("hoarfrost.cli.voices_add._is_terminal", lambda: True)
    result = run("voices", "add", NAME)
    assert result.exit_code == 0
    assert f"{NAME} " in result.stderr
    assert "5.1/5.1 kB" in result.stderr


def test_what_prepares_voices_is_called_for_new_ones(
    publisher: Publisher, voices: VoicesFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """An engine gets the path of each new model, and a line says that it works on it."""
    prepared: list[Path] = []
    for _ in range(2):
        add_voices([NAME], folder=voices, url=publisher.url, prepare=prepared.append)
    assert prepared == [voices.path / f"{NAME}.onnx"]
    assert capsys.readouterr().err.count(f"hoarfrost: preparing {NAME}\n") == 1


def test_waiting_for_another_is_told(
    publisher: Publisher, voices: VoicesFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits shall know what for; adding goes on when the other is done."""
    told: list[str] = []
    with ExitStack() as other:
        other.enter_context(voices.exclusive(NAME, lambda: None))

        def hear(text: str) -> None:
            told.append(text)
            other.close()

        monkeypatch.setattr("hoarfrost.cli.voices_add.say", hear)
        add_voices([NAME], folder=voices, url=publisher.url)
    assert told[0] == f"waiting for another hoarfrost that adds or removes {NAME}"
    assert voices.installed() == [NAME]

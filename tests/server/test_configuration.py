"""The settings: where they come from, and how a wrong one is told."""

import json
import os
from pathlib import Path

import platformdirs
import pytest

from hoarfrost.server.configuration import BadSettings, load_settings
from hoarfrost.server.settings import Settings, about, is_loopback

WRONG = [
    ("port = 'x'", 'port (file {}): expected a whole number from 0 to 65535, got "x"'),
    ("port = 65536", "port (file {}): expected a whole number from 0 to 65535, got 65536"),
    ("port = true", 'port (file {}): expected a whole number from 0 to 65535, got "True"'),
    ("port = 1.5", "port (file {}): expected a whole number from 0 to 65535, got 1.5"),
    ("host = ''", 'host (file {}): expected a host name or an address, got ""'),
    ("host = 1", "host (file {}): expected a host name or an address, got 1"),
    ("auth = 'perhaps'", 'auth (file {}): expected true or false, got "perhaps"'),
    ("data_dir = 3", "data_dir (file {}): expected the path of a folder, got 3"),
    ("keys_file = []", "keys_file (file {}): expected the path of a file, got []"),
    ("voices_dir = 1", "voices_dir (file {}): expected the path of a folder, got 1"),
    *[
        (
            f"voices_url = {json.dumps(url)}",
            "voices_url (file {}): expected an http or https address of a folder, without user "
            f"name, query and fragment, got {json.dumps(url)}",
        )
        for url in (
            "",
            "voices",
            "file:///srv/voices/",
            "https://",
            "https://me:secret@example.org/",
            "https://example.org/?a=b",
            "https://example.org/#a",
            "https://[::1/",
            "https://example.org:99999/",
            "https://exa mple.org/",
            1,
        )
    ],
    ("max_connections = 0", "max_connections (file {}): expected a whole number above 0, got 0"),
    ("admission = 'no one'", 'admission (file {}): expected true or false, got "no one"'),
    *[
        (
            f"capacity_share = {share}",
            f"capacity_share (file {{}}): expected a number above 0 and at most 1, got {told}",
        )
        for share, told in (("0", "0"), ("1.1", "1.1"), ("nan", "NaN"), ("true", '"True"'))
    ],
    ("preload = 5", "preload (file {}): expected a list of names of voices, got 5"),
    ("workers = -1", "workers (file {}): expected a whole number above 0, got -1"),
    (
        "ping_interval_s = 0",
        "ping_interval_s (file {}): expected a number of seconds above 0, got 0",
    ),
    (
        "ping_interval_s = nan",
        "ping_interval_s (file {}): expected a number of seconds above 0, got NaN",
    ),
    (
        "log_level = 'loud'",
        'log_level (file {}): expected debug, info, warning or error, got "loud"',
    ),
    ("log_format = 'xml'", 'log_format (file {}): expected text or json, got "xml"'),
    (
        "[engines.espeak]\nx = 1",
        "engines (file {}): expected a list of engine names (options of an engine go under "
        '[engine_options.NAME]), got {{"espeak": {{"x": 1}}}}',
    ),
    (
        "[engine_options]\nespeak = 1",
        "engine_options.espeak (file {}): expected tables of options, [engine_options.NAME], got 1",
    ),
    (
        "[aliases]\nluna = 5",
        "aliases.luna (file {}): expected a table of names, each with the voice or the list of "
        "voices it stands for, got 5",
    ),
    ("prot = 9000", "{}: expected a setting (perhaps port), got the unknown name prot"),
    (
        "port == 1",
        "{}: expected TOML in UTF-8, got: Invalid value (at line 1, column 7)",
    ),
]


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, with no user's configuration and a clean environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOARFROST_{name.upper()}", raising=False)
    monkeypatch.delenv("HOARFROST_CONFIG", raising=False)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "user" / name)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "share" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_the_defaults_hold() -> None:
    """The defaults are those that the specification names, and each says so."""
    loaded = load_settings()
    settings = loaded.settings
    assert (settings.host, settings.port, settings.auth) == ("127.0.0.1", 8000, True)
    assert (settings.max_text_bytes, settings.ping_interval_s) == (65536, 20.0)
    assert settings.keys_file == settings.data_dir / "keys.json"
    assert settings.voices_dir == settings.data_dir / "voices"
    assert settings.voices_url == "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
    assert settings.data_dir == platformdirs.user_data_path("hoarfrost")
    assert settings.engines is None
    assert (settings.admission, settings.capacity_share, settings.preload) == (True, 0.95, ())
    assert settings.workers >= 1
    assert set(loaded.origins) == set(Settings.model_fields)
    assert set(loaded.origins.values()) == {"default"}


def test_a_configuration_that_cannot_be_seen_is_none(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home folder may be closed to the user, as root's is to one that root became."""
    file = write(nothing_set / "user" / "hoarfrost" / "hoarfrost.toml", "port = 1")
    assert load_settings().settings.port == 1
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != file and real(path, mode))
    assert load_settings().settings.port == 8000


def test_flags_win_over_the_environment_and_that_over_the_file(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting is taken from the first place that has it, and its origin is told."""
    write(nothing_set / "hoarfrost.toml", "port = 1\nworkers = 1\nlog_level = 'error'")
    monkeypatch.setenv("HOARFROST_PORT", "2")
    monkeypatch.setenv("HOARFROST_WORKERS", "2")
    monkeypatch.setenv("HOARFROST_HOST", "")
    loaded = load_settings({"port": "3", "host": None, "auth": False})
    settings = loaded.settings
    assert (settings.port, settings.workers, settings.log_level) == (3, 2, "error")
    assert loaded.origins["port"] == "flag --port"
    assert loaded.origins["auth"] == "flag --no-auth"
    assert loaded.origins["workers"] == "environment HOARFROST_WORKERS"
    assert loaded.origins["log_level"] == "file hoarfrost.toml"
    assert loaded.origins["host"] == "default"


def test_the_file_is_the_one_asked_for_or_the_nearest(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--config wins over HOARFROST_CONFIG, that over ./hoarfrost.toml, that over the user's."""
    assert load_settings().settings.port == 8000
    write(nothing_set / "user" / "hoarfrost" / "hoarfrost.toml", "port = 1")
    assert load_settings().settings.port == 1
    write(nothing_set / "hoarfrost.toml", "port = 2")
    assert load_settings().settings.port == 2
    monkeypatch.setenv("HOARFROST_CONFIG", str(write(nothing_set / "c.toml", "port = 3")))
    assert load_settings().settings.port == 3
    assert load_settings(config=write(nothing_set / "d.toml", "port = 4")).settings.port == 4


def test_a_file_that_is_asked_for_must_be_there(nothing_set: Path) -> None:
    """A missing file is told by its path."""
    with pytest.raises(BadSettings, match=r"no\.toml: expected a file to read, got: No such file"):
        load_settings(config=nothing_set / "no.toml")


@pytest.mark.parametrize(("text", "fault"), WRONG)
def test_each_wrong_setting_is_one_clear_line(nothing_set: Path, text: str, fault: str) -> None:
    """What is wrong in the file is told by name and place, with what was expected and what came."""
    path = write(nothing_set / "x.toml", text)
    with pytest.raises(BadSettings) as caught:
        load_settings(config=path)
    assert caught.value.faults == (fault.format(path),)


WRONG_TEXTS = {
    "host": "",
    "data_dir": "",
    "keys_file": "",
    "voices_dir": "",
    "lexicons_dir": "",
    "tls_cert": "",
    "tls_key": "",
    "voices_url": "ftp://x",
    "default_speaker": "",
    "engines": None,
    "preload": None,
    "lookahead_ms": "50",
    "capacity_share": "1.5",
}
"""By setting, a text that it cannot be; None where every text is a list of names. The others are
no wrong kind of text, so they take "x" for what it is: no number, no choice, no table."""


@pytest.mark.parametrize("place", ["flag", "environment", "file"])
@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_can_be_wrong_in_each_place(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """Whatever the setting and wherever it is wrong, one line says what was expected."""
    text = WRONG_TEXTS.get(name, "x")
    flags: dict[str, object] = {}
    match place:
        case "flag":
            if text is None:
                return
            flags = {name: text}
        case "environment":
            if not text:  # an empty variable counts as not given
                return
            monkeypatch.setenv(f"HOARFROST_{name.upper()}", text)
        case _:
            write(nothing_set / "hoarfrost.toml", f"{name} = {{ x = 1 }}")
    with pytest.raises(BadSettings) as caught:
        load_settings(flags)
    (fault,) = caught.value.faults
    assert fault.startswith(name)
    assert f": expected {about(name).expected}, got " in fault


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong flags and variables are told together, each by the name that it has there."""
    monkeypatch.setenv("HOARFROST_WORKERS", "many")
    with pytest.raises(BadSettings) as caught:
        load_settings({"port": "http", "data_dir": ""})
    assert caught.value.faults == (
        'port (--port): expected a whole number from 0 to 65535, got "http"',
        'data_dir (--data-dir): expected the path of a folder, got ""',
        'workers (environment HOARFROST_WORKERS): expected a whole number above 0, got "many"',
    )


def test_an_unknown_name_without_a_like_lists_all(nothing_set: Path) -> None:
    """A name that resembles nothing is answered with all the names there are."""
    with pytest.raises(BadSettings) as caught:
        load_settings(config=write(nothing_set / "x.toml", "zzz = 1\nqqq = 2"))
    assert len(caught.value.faults) == 2
    assert all(name in caught.value.faults[0] for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_a_server_without_keys_is_for_this_machine_only(host: str, *, is_local: bool) -> None:
    """Keys may be off on loopback addresses; anywhere else that is an error."""
    assert is_loopback(host) is is_local
    assert Settings(host=host).auth
    flags = {"host": host, "auth": False}
    if is_local:
        assert not load_settings(flags).settings.auth
    else:
        with pytest.raises(BadSettings, match=f"^auth: expected a loopback host .*, got {host};"):
            load_settings(flags)


def test_lists_and_tables_can_be_written_in_each_place(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engines and aliases come as TOML, or with commas from a flag or a variable."""
    text = (
        'engines = ["a", "b"]\n[aliases]\nluna = ["x", "y"]\ncove = "z"\n[engine_options.a]\nn = 1'
    )
    settings = load_settings(config=write(nothing_set / "x.toml", text)).settings
    assert settings.engines == ("a", "b")
    assert settings.aliases == {"luna": ("x", "y"), "cove": "z"}
    assert settings.engine_options == {"a": {"n": 1}}
    monkeypatch.setenv("HOARFROST_ALIASES", "luna=x, cove=z,")
    settings = load_settings({"engines": "tone, espeak", "preload": "luna,cove"}).settings
    assert settings.engines == ("tone", "espeak")
    assert settings.preload == ("luna", "cove")
    assert settings.aliases == {"luna": "x", "cove": "z"}
    with pytest.raises(BadSettings, match=r'aliases .* got "luna"'):
        load_settings({"aliases": "luna"})


def test_paths_in_a_file_start_from_the_file(nothing_set: Path) -> None:
    """A relative path in the file is relative to the file; a flag's is relative to where one is."""
    path = write(
        nothing_set / "etc" / "h.toml",
        "data_dir = 'data'\nkeys_file = '../k.json'\nvoices_dir = 'v'",
    )
    settings = load_settings(config=path).settings
    assert settings.data_dir == nothing_set / "etc" / "data"
    assert settings.keys_file == nothing_set / "etc" / ".." / "k.json"
    assert settings.voices_dir == nothing_set / "etc" / "v"
    settings = load_settings({"data_dir": "data"}, config=None).settings
    assert settings.data_dir == nothing_set / "data"
    assert settings.keys_file == nothing_set / "data" / "keys.json"
    assert settings.voices_dir == nothing_set / "data" / "voices"
    settings = load_settings({"data_dir": "~/data"}).settings
    assert settings.data_dir == Path.home() / "data"


def test_what_kubernetes_puts_into_the_environment_is_not_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HOARFROST_PORT=tcp://… stands for a service of that name, and does not stop the server."""
    for variable, value in {
        "PORT": "tcp://10.0.0.1:8000",
        "PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "PORT_8000_TCP_PROTO": "tcp",
        "PORT_8000_TCP_PORT": "8000",
        "PORT_8000_TCP_ADDR": "10.0.0.1",
        "SERVICE_HOST": "10.0.0.1",
        "SERVICE_PORT": "8000",
        "SERVICE_PORT_HTTP": "8000",
        "CANARY_SERVICE_HOST": "10.0.0.2",
        "CANARY_PORT": "udp://10.0.0.2:8000",
    }.items():
        monkeypatch.setenv(f"HOARFROST_{variable}", value)
    assert load_settings().settings.port == 8000


@pytest.mark.parametrize("url", ["http://mirror.example:8080/piper", "https://example.org/a/"])
def test_the_address_of_the_voices_is_that_of_a_folder(url: str) -> None:
    """File names are appended to it, so it ends with a slash, given or not."""
    assert load_settings({"voices_url": url}).settings.voices_url == url.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("HOARFROST_PROT", "perhaps port"),
        ("HOARFROST_MAX_CONECTIONS", "perhaps max_connections"),
        ("HOARFROST_port", "perhaps port"),
        ("HOARFROST_ZZZ", "one of host, port, "),
    ],
)
def test_a_variable_that_nobody_reads_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, hint: str
) -> None:
    """A slip in a variable's name is not passed over; what it may have meant is told."""
    monkeypatch.setenv(variable, "1")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    (fault,) = caught.value.faults
    assert fault.startswith(f"environment {variable}: expected a setting ({hint}")


def test_other_variables_of_the_program_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's key, the switch for tracebacks and the benchmarks' variables are left alone."""
    for name in ("API_KEY", "DEBUG", "BENCH_VOICE"):
        monkeypatch.setenv(f"HOARFROST_{name}", "1")
    assert load_settings().settings.port == 8000

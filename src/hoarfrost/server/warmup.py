"""What a server does before it calls itself ready: its voices loaded, and what they cost measured.

In: `Services`. Out: the same, warm. Invariant: whoever connects meanwhile goes first.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Final

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.options import Options
from hoarfrost.errors import VoiceFault
from hoarfrost.render import Renderer
from hoarfrost.server.services import Services
from hoarfrost.session.scheduler import Work
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.markup import read_script
from hoarfrost.text.script import Segment
from hoarfrost.units import Milliseconds, Seconds

log = logging.getLogger("hoarfrost.server")

WORD: Final = "1."
"""Loads a voice. Numbers are words in every language."""

SENTENCES: Final = "12, 34, 56 and 78. 1, 2, 3, 4, 5. 90, 80, 70, 60, 50."
"""Some 8 seconds, in sentences as short as those of a conversation."""

FORMAT: Final = AudioFormat.PCM
"""What voice agents ask for; what MP3 costs beside it is learnt from those who want it."""


async def warm_up(services: Services) -> None:
    """Speak with the voices to be preloaded, and with the default one.

    All workers speak at the same time: a core is slower when the others are busy, and full load is
    what has to be reckoned with. What they make is thrown away.

    Raises:
        VoiceFault: If a voice that was to be preloaded fails.
    """
    asked = [services.catalogue.find(name) for name in services.settings.preload]
    for voice in dict.fromkeys(each for each in (*asked, services.usual_voice()) if each):
        try:
            await services.loader.load(voice)
            await _speak(services, voice, WORD)
            meter = services.capacity.costs.meter(voice)
            n_workers = services.scheduler.load().n_workers
            await asyncio.gather(
                *(_speak(services, voice, SENTENCES, meter) for _ in range(n_workers))
            )
        except Exception as error:
            if voice in asked:
                raise VoiceFault(
                    f"preload: expected {voice.name} to speak, got {type(error).__name__}: {error}"
                ) from error
            log.warning("voice %s cannot speak: %s: %s", voice.name, type(error).__name__, error)
        else:
            pace = 1 / services.capacity.costs.of(voice).value
            log.info("voice %s is loaded: %.0f s of audio per core second", voice.name, pace)
    services.is_warm = True


async def _speak(
    services: Services,
    voice: Voice,
    text: str,
    meter: Callable[[Seconds, Milliseconds], None] | None = None,
) -> None:
    options = Options(voice, voice.language, audio_format=FORMAT)
    script = read_script(Segment(text), pauses=False).script
    work = Work(Renderer(services.engines.synthesize, options).render(script), meter=meter)
    try:
        while await services.scheduler.step(work, math.inf) is not None:
            pass
    finally:
        work.abandon()

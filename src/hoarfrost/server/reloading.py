"""Settings read again while the server runs.

In: a server, and a way to read its settings. Out: those that can change, changed at once or not at
all. Invariant: what is wrong with the new ones is told, and the old ones hold on.
"""

import logging
from collections.abc import Callable
from typing import Final

from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings
from hoarfrost.server.speakers import check_speakers
from hoarfrost.synthesis.catalogue import Catalogue

log = logging.getLogger("hoarfrost.server")

RELOADABLE: Final = frozenset(
    {"access_log", "aliases", "default_speaker", "drain_s", "log_format", "log_level"}
)
"""Settings that hold as soon as they are read again. Keys, lexicons and voices are watched anyway,
and looked at once more."""


def reload(services: Services, read: Callable[[], Settings]) -> None:
    """Read the settings again and have those hold that can. May take as long as a disk does.

    Args:
        services: What the settings are of.
        read: Reads all settings, and sets up the log as they say.
    """
    try:
        fresh = read()
        services.watch.look()
        catalogue = Catalogue(services.watch.voices, overrides=fresh.aliases)
        check_speakers(fresh, catalogue)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong, the server goes on
        log.error("settings are not reloaded: %s", error)
        return
    changed = {
        name: getattr(fresh, name)
        for name in Settings.model_fields
        if getattr(fresh, name) != getattr(services.settings, name)
    }
    now = {name: value for name, value in changed.items() if name in RELOADABLE}
    services.settings = services.settings.model_copy(update=now)
    services.catalogue = catalogue
    log.info("settings are reloaded; changed: %s", ", ".join(now) or "none")
    if later := sorted(changed.keys() - now.keys()):
        log.warning("changed, but not before the next start: %s", ", ".join(later))

"""Settings that name voices, held against the voices that there are."""

from hoarfrost.server.settings import Settings
from hoarfrost.synthesis.catalogue import Catalogue


def check_speakers(settings: Settings, catalogue: Catalogue) -> None:
    """Find every voice that the settings name.

    The default of ``default_speaker`` may be absent: its engine need not be loaded.

    Raises:
        ValueError: If there is no voice of some name.
    """
    named = [("preload", name) for name in settings.preload]
    if "default_speaker" in settings.model_fields_set:
        named.append(("default_speaker", settings.default_speaker))
    for setting, name in named:
        if catalogue.find(name) is None:
            close = catalogue.close_matches(name)
            hint = f" (close: {', '.join(close)})" if close else ""
            raise ValueError(f"{setting}: expected a voice of this server, got {name!r}{hint}")

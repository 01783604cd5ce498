"""The engines of a running program: found, loaded, asked and closed as one.

In: names of engines. Out: `Engines`. Invariant: a voice is always spoken by the engine it came
from, and one broken engine does not take the others with it unless it was asked for by name.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import Engine, LoadingEngine, PcmChunk, SynthesisRequest
from hoarfrost.synthesis.voice import Voice

ENTRY_POINT_GROUP: Final = "hoarfrost.engines"

ONLY_WHEN_NAMED: Final = frozenset({"tone"})
"""Engines that are no use to a listener: for tests and examples."""


class Engines:
    """Several engines as one.

    Attributes:
        failures: By name, why an installed engine could not be loaded.
    """

    def __init__(
        self, engines: Mapping[str, Engine], failures: Mapping[str, str] | None = None
    ) -> None:
        """Take loaded engines by name; where two have a voice of one name, the first speaks it."""
        self._engines = dict(engines)
        self.failures = dict(failures or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The engines that are loaded, the one that is asked first at the front."""
        return tuple(self._engines)

    def voices(self) -> Sequence[Voice]:
        """Return the voices of all engines that can be spoken now, each name once."""
        found: dict[str, Voice] = {}
        for engine in self._engines.values():
            for voice in engine.voices():
                found.setdefault(voice.name, voice)
        return tuple(found.values())

    def is_loaded(self, voice: Voice) -> bool:
        """Return whether a voice speaks at once, as far as its engine tells."""
        engine = self._engines.get(voice.engine)
        return not isinstance(engine, LoadingEngine) or engine.is_loaded(voice)

    def load(self, voice: Voice) -> None:
        """Load a voice, where its engine does that ahead of speech.

        Raises:
            VoiceFault: If it cannot be loaded.
        """
        engine = self._engines.get(voice.engine)
        if isinstance(engine, LoadingEngine):
            engine.load(voice)

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak with the engine that the request's voice belongs to.

        Raises:
            VoiceFault: If that engine is not loaded, or the voice fails.
        """
        engine = self._engines.get(request.voice.engine)
        if engine is None:
            raise VoiceFault(
                f"voice {request.voice.name}: expected one of the loaded engines "
                f"({', '.join(self._engines) or 'none'}), got {request.voice.engine!r}"
            )
        return engine.synthesize(request)

    def close(self) -> None:
        """Close every engine, also when closing another one fails."""
        with ExitStack() as stack:
            for engine in self._engines.values():
                stack.callback(engine.close)


def load_engines(
    names: Collection[str] | None = None,
    options: Mapping[str, Mapping[str, object]] | None = None,
    *,
    defaults: Mapping[str, Mapping[str, object]] | None = None,
) -> Engines:
    """Load engines that are installed.

    Args:
        names: Which ones, in the order in which their voices take precedence. None for all but
            those in `ONLY_WHEN_NAMED`, in alphabetical order.
        options: By engine name, the keyword arguments for its constructor.
        defaults: By engine name, further ones, for those that are loaded and have not these in
            their options.

    Returns:
        The engines. Without ``names``, an engine that fails is left out and told in ``failures``,
        unless there are options for it, which may well be why.

    Raises:
        VoiceFault: If an engine asked for by name is not installed or fails to load, or if there
            are options for one that is not installed.
    """
    options, defaults = options or {}, defaults or {}
    installed = {each.name: each for each in entry_points(group=ENTRY_POINT_GROUP)}
    for name in (*(names or ()), *options):
        if name not in installed:
            raise VoiceFault(
                f"engine: expected one of {', '.join(sorted(installed))}, got {name!r}"
            )
    wanted = sorted(installed.keys() - ONLY_WHEN_NAMED) if names is None else dict.fromkeys(names)
    loaded: dict[str, Engine] = {}
    failures: dict[str, str] = {}
    for name in wanted:
        try:
            given = {**defaults.get(name, {}), **options.get(name, {})}
            loaded[name] = _load(installed[name], given)
        except VoiceFault as fault:
            if names is not None or name in options:
                Engines(loaded).close()
                raise
            failures[name] = str(fault)
    return Engines(loaded, failures)


def _load(entry: EntryPoint, options: Mapping[str, object]) -> Engine:
    """Import an engine, make it and see that its voices are its own.

    Raises:
        VoiceFault: If anything goes wrong: the code is not ours, and may raise what it likes.
    """
    try:
        make: Callable[..., Engine] = entry.load()
        engine = make(**options)
        strangers = [voice for voice in engine.voices() if voice.engine != entry.name]
    except Exception as cause:
        raise VoiceFault(
            f"engine {entry.name}: expected it to load, got {type(cause).__name__}: {cause}"
        ) from cause
    if strangers:
        engine.close()
        raise VoiceFault(
            f"engine {entry.name}: expected voices of that engine, "
            f"got {strangers[0].name} of {strangers[0].engine!r}"
        )
    return engine

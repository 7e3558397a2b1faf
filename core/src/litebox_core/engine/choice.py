"""Which engine runs a process: the one asked for, or with ``auto`` the fastest one that this host allows."""

from typing import TYPE_CHECKING

from ..config import ConfigError
from .base import Engine, EngineError

if TYPE_CHECKING:
    from ..config import Options
    from ..plugins import Plugins

FASTEST = "native"


def make_engine(options: "Options", plugins: "Plugins", bits: int) -> tuple[Engine, str]:
    """The engine, and for people which one it is and why.

    Raises ConfigError for an engine that does not exist, EngineError for one that this host does not allow.
    """
    name = options.engine
    if name == "unicorn":
        return _unicorn(bits), name
    if name == "auto" and options.deterministic is not None:
        return _unicorn(bits), f"unicorn ({FASTEST}: it cannot count what it runs, as --deterministic needs)"
    engines: dict[str, type[Engine]] = {}
    for offer in plugins.manager.hook.litebox_engines():
        engines.update(offer)
    if name != "auto":
        if name not in engines:
            raise ConfigError(f"--engine {name}: no such engine: {', '.join(['auto', 'unicorn', *sorted(engines)])}")
        return engines[name](bits), name  # type: ignore[call-arg]
    if FASTEST not in engines:
        return _unicorn(bits), f"unicorn ({FASTEST}: not installed: pip install litebox-engine-{FASTEST})"
    try:
        return engines[FASTEST](bits), FASTEST  # type: ignore[call-arg]
    except EngineError as error:
        return _unicorn(bits), f"unicorn ({error})"


def _unicorn(bits: int) -> Engine:
    from .unicorn import UnicornEngine

    return UnicornEngine(bits)

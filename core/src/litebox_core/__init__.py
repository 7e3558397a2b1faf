"""litebox: Windows console programs on Linux, sandboxed and traceable, each DLL a Python package."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Result, load, run

__version__ = "0.1.0"
__all__ = ["Result", "__version__", "load", "run"]


def __getattr__(name: str) -> Any:
    if name in ("Result", "load", "run"):  # what a start of the command does not need
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

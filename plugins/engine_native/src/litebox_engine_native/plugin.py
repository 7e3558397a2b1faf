"""What litebox finds through the entry point."""

from typing import TYPE_CHECKING

from litebox_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from litebox_core.engine import Engine


@hookimpl
def litebox_engines() -> "dict[str, type[Engine]]":
    """``--engine native``."""
    from .engine import NativeEngine

    return {"native": NativeEngine}

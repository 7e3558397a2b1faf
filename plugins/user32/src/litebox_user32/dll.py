"""USER32: every room."""

from . import (
    absent,  # noqa: F401
    boxes,  # noqa: F401
    casing,  # noqa: F401
    chars,  # noqa: F401
    format,  # noqa: F401
    messages,  # noqa: F401
    oem,  # noqa: F401
    session,  # noqa: F401
    strings,  # noqa: F401
    waiting,  # noqa: F401
)
from .base import dll

__all__ = ["dll"]

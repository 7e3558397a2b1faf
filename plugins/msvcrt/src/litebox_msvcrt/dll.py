"""MSVCRT and UCRTBASE: what they share, and what each has alone."""

from . import (
    crtforwards,  # noqa: F401
    errnoapi,  # noqa: F401
    exits,  # noqa: F401
    locks,  # noqa: F401
    malloc,  # noqa: F401
    printf,  # noqa: F401
    signals,  # noqa: F401
    startup,  # noqa: F401
    stdiostreams,  # noqa: F401
    writing,  # noqa: F401
)
from .base import msvcrt, shared, ucrtbase

msvcrt.include(shared)
ucrtbase.include(shared)

dll = msvcrt

__all__ = ["dll", "ucrtbase"]

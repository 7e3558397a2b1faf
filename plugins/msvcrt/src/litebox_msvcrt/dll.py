"""MSVCRT and UCRTBASE: what they share, and what each has alone."""

from . import (  # noqa: F401
    crtforwards,
    errnoapi,
    exits,
    files,
    io,
    locks,
    malloc,
    positioning,
    printf,
    reading,
    scanf,
    signals,
    startup,
    stdiocommon,
    stdiostreams,
    writing,
)
from .base import msvcrt, shared, ucrtbase

msvcrt.include(shared)
ucrtbase.include(shared)

dll = msvcrt

__all__ = ["dll", "ucrtbase"]

"""MSVCRT and UCRTBASE: what they share, and what each has alone."""

from .base import msvcrt, shared, ucrtbase

msvcrt.include(shared)
ucrtbase.include(shared)

dll = msvcrt

__all__ = ["dll", "ucrtbase"]

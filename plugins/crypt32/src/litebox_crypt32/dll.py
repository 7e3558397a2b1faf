"""CRYPT32: its rooms."""

from . import strings
from .base import dll

__all__ = ["dll", "strings"]

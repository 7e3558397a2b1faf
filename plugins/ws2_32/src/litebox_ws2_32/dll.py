"""WS2_32: every room."""

from . import addresses, names, winsock2
from .base import dll

__all__ = ["addresses", "dll", "names", "winsock2"]

"""WS2_32: every room."""

from . import addresses, names, protocols, winsock2
from .base import dll

__all__ = ["addresses", "dll", "names", "protocols", "winsock2"]

"""WS2_32: every room."""

from . import (
    addresses,
    duplicates,
    eventapi,
    hostnames,
    ioctls,
    names,
    options,
    protocols,
    resolving,
    selecting,
    socketapi,
    transferapi,
    winsock2,
)
from .base import dll

__all__ = [
    "addresses", "dll", "duplicates", "eventapi", "hostnames", "ioctls", "names", "options", "protocols", "resolving",
    "selecting", "socketapi", "transferapi", "winsock2",
]  # fmt: skip

"""advapi32: importing this module declares every export."""

from . import impersonation, random, regcopy, regenum, regfiles, regget, regkeys, reglegacy, regvalues, regwatch
from .base import dll

__all__ = [
    "dll", "impersonation", "random", "regcopy", "regenum", "regfiles", "regget", "regkeys", "reglegacy", "regvalues",
    "regwatch",
]  # fmt: skip

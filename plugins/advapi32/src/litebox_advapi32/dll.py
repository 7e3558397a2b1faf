"""advapi32: importing this module declares every export."""

from . import (
    accctrl,
    accounts,
    aclapi,
    descriptorapi,
    impersonation,
    objectsecurityapi,
    privilegeapi,
    random,
    regcopy,
    regenum,
    regfiles,
    regget,
    regkeys,
    reglegacy,
    regvalues,
    regwatch,
    sidapi,
    tokenapi,
)
from .base import dll

__all__ = [
    "accctrl", "accounts", "aclapi", "descriptorapi", "dll", "impersonation", "objectsecurityapi", "privilegeapi",
    "random", "regcopy", "regenum", "regfiles", "regget", "regkeys", "reglegacy", "regvalues", "regwatch", "sidapi",
    "tokenapi",
]  # fmt: skip

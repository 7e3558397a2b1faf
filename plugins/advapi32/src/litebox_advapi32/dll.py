"""advapi32: importing this module declares every export."""

from . import (
    accctrl,
    accounts,
    aclapi,
    descriptorapi,
    eventlog,
    hashcontexts,
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
    services,
    sidapi,
    tokenapi,
    wincrypt,
)
from .base import dll

__all__ = [
    "accctrl", "accounts", "aclapi", "descriptorapi", "dll", "eventlog", "hashcontexts", "impersonation",
    "objectsecurityapi", "privilegeapi", "random", "regcopy", "regenum", "regfiles", "regget", "regkeys",
    "reglegacy", "regvalues", "regwatch", "services", "sidapi", "tokenapi", "wincrypt",
]  # fmt: skip

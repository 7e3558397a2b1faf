"""Accounts: the names of SIDs. There are those that every system has, and the one user."""

from typing import NamedTuple

from . import sids
from .sids import DOMAIN, sid

__all__ = ["ALIAS", "DOMAIN_ACCOUNT", "USER_ACCOUNT", "WELL_KNOWN_GROUP", "Account", "Accounts"]

USER_ACCOUNT, GROUP, DOMAIN_ACCOUNT, ALIAS, WELL_KNOWN_GROUP, LABEL = 1, 2, 3, 4, 5, 10
"""SID_NAME_USE."""


class Account(NamedTuple):
    """``use`` is a SID_NAME_USE."""

    sid: bytes
    domain: str
    name: str
    use: int


_NT = "NT AUTHORITY"
_GROUPS = (
    ("", (0, 0), "NULL SID"), ("", (1, 0), "Everyone"), ("", (2, 0), "LOCAL"), ("", (2, 1), "CONSOLE LOGON"),
    ("", (3, 0), "CREATOR OWNER"), ("", (3, 1), "CREATOR GROUP"), ("", (3, 2), "CREATOR OWNER SERVER"),
    ("", (3, 3), "CREATOR GROUP SERVER"), ("", (3, 4), "OWNER RIGHTS"),
    (_NT, (5, 1), "DIALUP"), (_NT, (5, 2), "NETWORK"), (_NT, (5, 3), "BATCH"), (_NT, (5, 4), "INTERACTIVE"),
    (_NT, (5, 6), "SERVICE"), (_NT, (5, 7), "ANONYMOUS LOGON"), (_NT, (5, 8), "PROXY"),
    (_NT, (5, 9), "ENTERPRISE DOMAIN CONTROLLERS"), (_NT, (5, 10), "SELF"), (_NT, (5, 11), "Authenticated Users"),
    (_NT, (5, 12), "RESTRICTED"), (_NT, (5, 13), "TERMINAL SERVER USER"), (_NT, (5, 14), "REMOTE INTERACTIVE LOGON"),
    (_NT, (5, 15), "This Organization"), (_NT, (5, 17), "IUSR"), (_NT, (5, 18), "SYSTEM"),
    (_NT, (5, 19), "LOCAL SERVICE"), (_NT, (5, 20), "NETWORK SERVICE"), (_NT, (5, 33), "WRITE RESTRICTED"),
    (_NT, (5, 64, 10), "NTLM Authentication"), (_NT, (5, 64, 14), "SChannel Authentication"),
    (_NT, (5, 64, 21), "Digest Authentication"), (_NT, (5, 1000), "Other Organization"),
)  # fmt: skip
_LABELS = (
    (0, "Untrusted"), (4096, "Low"), (8192, "Medium"), (8448, "Medium Plus"), (12288, "High"), (16384, "System"),
)  # fmt: skip
_BUILTIN = (
    (544, "Administrators"), (545, "Users"), (546, "Guests"), (547, "Power Users"), (551, "Backup Operators"),
    (552, "Replicator"), (555, "Remote Desktop Users"), (556, "Network Configuration Operators"),
    (558, "Performance Monitor Users"), (559, "Performance Log Users"), (562, "Distributed COM Users"),
    (568, "IIS_IUSRS"), (569, "Cryptographic Operators"), (573, "Event Log Readers"),
    (578, "Hyper-V Administrators"), (579, "Access Control Assistance Operators"), (580, "Remote Management Users"),
)  # fmt: skip
_WITHOUT_SPACE = ("LOCALSERVICE", "NETWORKSERVICE")
"""Names that are known without their space, too."""


def _everywhere() -> list[Account]:
    found = [Account(sid(*parts), domain, name, WELL_KNOWN_GROUP) for domain, parts, name in _GROUPS]
    found += [Account(sid(16, level), "Mandatory Label", f"{name} Mandatory Level", LABEL) for level, name in _LABELS]
    found.append(Account(sid(5, 32), "BUILTIN", "BUILTIN", DOMAIN_ACCOUNT))
    found += [Account(sid(5, 32, rid), "BUILTIN", name, ALIAS) for rid, name in _BUILTIN]
    return found


class Accounts:
    """The accounts of a machine called ``computer`` whose one user is called ``user`` and has the SID ``own``."""

    def __init__(self, computer: str, user: str, own: bytes) -> None:
        numbers = sids.parts_of(DOMAIN)
        self.machine = Account(DOMAIN, computer, computer, DOMAIN_ACCOUNT)
        self.user = Account(own, computer, user, USER_ACCOUNT)
        self._all = [
            self.user,
            self.machine,
            Account(sid(5, *numbers, 500), computer, "Administrator", USER_ACCOUNT),
            Account(sid(5, *numbers, 501), computer, "Guest", USER_ACCOUNT),
            Account(sid(5, *numbers, 513), computer, "None", GROUP),
            *_everywhere(),
        ]
        self._by_sid = {account.sid: account for account in self._all}

    def of(self, identifier: bytes) -> Account | None:
        """The account that has a SID."""
        return self._by_sid.get(identifier)

    def named(self, name: str) -> Account | None:
        r"""The account of a name, or of ``domain\name``, in any case."""
        domain, mark, last = name.rpartition("\\")
        wanted = last.upper()
        for account in sorted(self._all, key=lambda one: one.name != last):  # the user may be called as the machine
            own = account.name.upper()
            if own != wanted and not (wanted in _WITHOUT_SPACE and own.replace(" ", "") == wanted):
                continue
            if not mark or account.domain.upper() == (self.machine.name if domain == "." else domain.upper()):
                return account
        return None

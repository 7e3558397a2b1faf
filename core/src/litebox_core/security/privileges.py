"""Privileges: names and numbers (LUIDs), which are the same on every system."""

__all__ = [
    "CHANGE_NOTIFY", "ENABLED", "ENABLED_BY_DEFAULT", "REMOVED", "SECURITY", "USED_FOR_ACCESS", "display_name",
    "name_of", "value_of",
]  # fmt: skip

SECURITY, CHANGE_NOTIFY = 8, 23
ENABLED_BY_DEFAULT, ENABLED, REMOVED, USED_FOR_ACCESS = 1, 2, 4, 0x80000000
"""SE_PRIVILEGE_*."""

_FIRST = 2
_NAMES = (
    ("CreateToken", "Create a token object"),
    ("AssignPrimaryToken", "Replace a process level token"),
    ("LockMemory", "Lock pages in memory"),
    ("IncreaseQuota", "Adjust memory quotas for a process"),
    ("MachineAccount", "Add workstations to domain"),
    ("Tcb", "Act as part of the operating system"),
    ("Security", "Manage auditing and security log"),
    ("TakeOwnership", "Take ownership of files or other objects"),
    ("LoadDriver", "Load and unload device drivers"),
    ("SystemProfile", "Profile system performance"),
    ("Systemtime", "Change the system time"),
    ("ProfileSingleProcess", "Profile single process"),
    ("IncreaseBasePriority", "Increase scheduling priority"),
    ("CreatePagefile", "Create a pagefile"),
    ("CreatePermanent", "Create permanent shared objects"),
    ("Backup", "Back up files and directories"),
    ("Restore", "Restore files and directories"),
    ("Shutdown", "Shut down the system"),
    ("Debug", "Debug programs"),
    ("Audit", "Generate security audits"),
    ("SystemEnvironment", "Modify firmware environment values"),
    ("ChangeNotify", "Bypass traverse checking"),
    ("RemoteShutdown", "Force shutdown from a remote system"),
    ("Undock", "Remove computer from docking station"),
    ("SyncAgent", "Synchronize directory service data"),
    ("EnableDelegation", "Enable computer and user accounts to be trusted for delegation"),
    ("ManageVolume", "Perform volume maintenance tasks"),
    ("Impersonate", "Impersonate a client after authentication"),
    ("CreateGlobal", "Create global objects"),
    ("TrustedCredManAccess", "Access Credential Manager as a trusted caller"),
    ("Relabel", "Modify an object label"),
    ("IncreaseWorkingSet", "Increase a process working set"),
    ("TimeZone", "Change the time zone"),
    ("CreateSymbolicLink", "Create symbolic links"),
    ("DelegateSessionUserImpersonate", "Obtain an impersonation token for another user in the same session"),
)
_VALUES = {f"se{name}privilege".lower(): _FIRST + index for index, (name, _) in enumerate(_NAMES)}


def value_of(name: str) -> int | None:
    """The number of a privilege, by its name in any case; None for none."""
    return _VALUES.get(name.lower())


def name_of(value: int) -> str | None:
    """Such as ``SeShutdownPrivilege``."""
    index = value - _FIRST
    return f"Se{_NAMES[index][0]}Privilege" if 0 <= index < len(_NAMES) else None


def display_name(name: str) -> str | None:
    """What people are told of it."""
    value = value_of(name)
    return _NAMES[value - _FIRST][1] if value is not None else None

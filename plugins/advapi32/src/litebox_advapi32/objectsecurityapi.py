"""securitybaseapi.h, aclapi.h: the security descriptors of objects."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, Out
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.openfiles import File
from litebox_core.registry import Key, Registry
from litebox_core.security import acls, descriptors, objectsecurity, sids
from litebox_core.security.descriptors import DACL_PRESENT, SACL_PRESENT, Descriptor
from litebox_core.security.identity import Identity
from litebox_core.security.objectsecurity import default_of, needs_to_query
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,
    ERROR_PRIVILEGE_NOT_HELD,
)

from .base import dll
from .memory import given

SE_FILE_OBJECT, SE_SERVICE, SE_REGISTRY_KEY, SE_KERNEL_OBJECT = 1, 2, 4, 6
_KEPT = "kept by the object, as long as it is open; nobody is refused because of it"
_DEFAULT = "the default descriptor: files and keys keep none"
_ROOTS = {
    "MACHINE": "\\REGISTRY\\MACHINE", "USERS": "\\REGISTRY\\USER",
    "CLASSES_ROOT": "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes",
}  # fmt: skip


@dll.export(probes=True)
def GetKernelObjectSecurity(
    guest: Guest, Handle: HANDLE, RequestedInformation: DWORD, pSecurityDescriptor: PVOID, nLength: DWORD,
    lpnLengthNeeded: Out[DWORD],
) -> BOOL:  # fmt: skip
    data = objectsecurity.for_handle(guest, Handle, RequestedInformation).pack()
    return _stored(guest, data, pSecurityDescriptor, nLength, lpnLengthNeeded)


def _stored(guest: Guest, data: bytes, addr: int, room: int, needed: Out[int]) -> bool:
    needed.value = len(data)
    if room < len(data):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(addr, data)
    return True


@dll.export(probes=True, partial=_KEPT)
def SetKernelObjectSecurity(
    guest: Guest, Handle: HANDLE, SecurityInformation: DWORD, SecurityDescriptor: PVOID
) -> BOOL:
    new = descriptors.load(guest.memory, SecurityDescriptor)
    objectsecurity.set_for_handle(guest, Handle, SecurityInformation, new)
    return True


# -- files, by their names ---------------------------------------------------------------------------------------------


def _existing(files: Files, path: str) -> None:
    """Raises NtError where there is no such file."""
    files.query(path)


def _of_kind(guest: Guest, kind: "type[File] | type[Key]", information: int) -> Descriptor:
    if needs_to_query(information) >> 24:
        raise WinError(ERROR_PRIVILEGE_NOT_HELD)
    return default_of(kind, guest.process.state(Identity).token).restricted(information)


@dll.export(probes=True, partial=_DEFAULT)
def GetFileSecurityW(
    guest: Guest, lpFileName: PCWSTR, RequestedInformation: DWORD, pSecurityDescriptor: PVOID, nLength: DWORD,
    lpnLengthNeeded: Out[DWORD], *, files: Files,
) -> BOOL:  # fmt: skip
    guest.memory.check(lpnLengthNeeded.addr, 4, WRITE)
    _existing(files, lpFileName)
    data = _of_kind(guest, File, RequestedInformation).pack()
    return _stored(guest, data, pSecurityDescriptor, nLength, lpnLengthNeeded)


@dll.export(probes=True, partial="accepted, and forgotten")
def SetFileSecurityW(
    guest: Guest, lpFileName: PCWSTR, SecurityInformation: DWORD, pSecurityDescriptor: PVOID, *, files: Files
) -> BOOL:
    new = descriptors.load(guest.memory, pSecurityDescriptor)
    _existing(files, lpFileName)
    Descriptor().update(new, SecurityInformation)
    return True


for wide in (GetFileSecurityW, SetFileSecurityW):
    dll.ansi(wide)


# -- objects of any kind -----------------------------------------------------------------------------------------------


def _hand_out(
    guest: Guest, found: Descriptor, owner: Out[int], group: Out[int], dacl: Out[int], sacl: Out[int], whole: Out[int]
) -> int:
    """A block with the descriptor, and pointers to the parts that are asked for."""
    addr = given(guest, found.pack())
    for place, part in (
        (owner, descriptors.OWNER), (group, descriptors.GROUP), (dacl, descriptors.DACL), (sacl, descriptors.SACL),
    ):  # fmt: skip
        if place:
            place.value = descriptors.part_at(guest.memory, addr, part)
    if whole:
        whole.value = addr
    return 0


def _asked(information: int, places: "tuple[Out[int], Out[int], Out[int], Out[int]]", whole: Out[int]) -> None:
    """Raises WinError where a part is asked for and there is no place for it."""
    if whole:
        return
    wanted = zip((1, 2, 4, 8), places, strict=True)
    if not any(places) or any(information & bit and not place for bit, place in wanted):
        raise WinError(ERROR_INVALID_PARAMETER)


@dll.export(fails=RETURN_ERROR, probes=True)
def GetSecurityInfo(
    guest: Guest, handle: HANDLE, ObjectType: DWORD, SecurityInfo: DWORD, ppsidOwner: Out[PVOID],
    ppsidGroup: Out[PVOID], ppDacl: Out[PVOID], ppSacl: Out[PVOID], ppSecurityDescriptor: Out[PVOID],
) -> DWORD:  # fmt: skip
    places = (ppsidOwner, ppsidGroup, ppDacl, ppSacl)
    _asked(SecurityInfo, places, ppSecurityDescriptor)
    if ObjectType not in (SE_FILE_OBJECT, SE_REGISTRY_KEY, SE_KERNEL_OBJECT):
        raise WinError(ERROR_NOT_SUPPORTED)
    found = objectsecurity.for_handle(guest, handle, SecurityInfo)
    return _hand_out(guest, found, *places, ppSecurityDescriptor)


def _new(guest: Guest, information: int, owner: int, group: int, dacl: int, sacl: int) -> Descriptor:
    """The descriptor made of the parts that a SECURITY_INFORMATION names. Raises NtError, GuestFault."""
    memory, made = guest.memory, Descriptor()
    if information & 1:
        made.owner = sids.read(memory, owner)
    if information & 2:
        made.group = sids.read(memory, group)
    if information & 4:
        made.dacl, made.control = acls.bytes_at(memory, dacl) if dacl else None, DACL_PRESENT
        made.control |= 0x1000 if information & 0x80000000 else 0  # PROTECTED_DACL_SECURITY_INFORMATION
    if information & 8:
        made.sacl, made.control = acls.bytes_at(memory, sacl) if sacl else None, made.control | SACL_PRESENT
    return made


@dll.export(fails=RETURN_ERROR, probes=True, partial=_KEPT)
def SetSecurityInfo(
    guest: Guest, handle: HANDLE, ObjectType: DWORD, SecurityInfo: DWORD, psidOwner: PVOID, psidGroup: PVOID,
    pDacl: PVOID, pSacl: PVOID,
) -> DWORD:  # fmt: skip
    if ObjectType not in (SE_FILE_OBJECT, SE_REGISTRY_KEY, SE_KERNEL_OBJECT):
        raise WinError(ERROR_NOT_SUPPORTED)
    new = _new(guest, SecurityInfo, psidOwner, psidGroup, pDacl, pSacl)
    objectsecurity.set_for_handle(guest, handle, SecurityInfo, new)
    return 0


def _named(guest: Guest, name: str | None, kind: int) -> "type[File] | type[Key]":
    """The kind of what has a name. Raises WinError, NtError where it is not there."""
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if kind == SE_FILE_OBJECT:
        _existing(guest.service(Files), name)
        return File
    if kind == SE_REGISTRY_KEY:
        root, _, rest = name.partition("\\")
        path = _ROOTS.get(root.upper())
        if root.upper() == "CURRENT_USER":
            path = "\\REGISTRY\\USER\\" + sids.sid_text(guest.process.state(Identity).accounts.user.sid)
        if path is None:
            raise WinError(ERROR_INVALID_PARAMETER)
        guest.service(Registry).open(path + ("\\" + rest if rest else ""))
        return Key
    raise WinError(ERROR_NOT_SUPPORTED)


@dll.export(fails=RETURN_ERROR, probes=True, partial=_DEFAULT)
def GetNamedSecurityInfoW(
    guest: Guest, pObjectName: PCWSTR | None, ObjectType: DWORD, SecurityInfo: DWORD, ppsidOwner: Out[PVOID],
    ppsidGroup: Out[PVOID], ppDacl: Out[PVOID], ppSacl: Out[PVOID], ppSecurityDescriptor: Out[PVOID],
) -> DWORD:  # fmt: skip
    places = (ppsidOwner, ppsidGroup, ppDacl, ppSacl)
    _asked(SecurityInfo, places, ppSecurityDescriptor)
    found = _of_kind(guest, _named(guest, pObjectName, ObjectType), SecurityInfo)
    return _hand_out(guest, found, *places, ppSecurityDescriptor)


@dll.export(fails=RETURN_ERROR, probes=True, partial="accepted, and forgotten")
def SetNamedSecurityInfoW(
    guest: Guest, pObjectName: PCWSTR | None, ObjectType: DWORD, SecurityInfo: DWORD, psidOwner: PVOID,
    psidGroup: PVOID, pDacl: PVOID, pSacl: PVOID,
) -> DWORD:  # fmt: skip
    _named(guest, pObjectName, ObjectType)
    _new(guest, SecurityInfo, psidOwner, psidGroup, pDacl, pSacl)
    return 0


for named in (GetNamedSecurityInfoW, SetNamedSecurityInfoW):
    dll.ansi(named)

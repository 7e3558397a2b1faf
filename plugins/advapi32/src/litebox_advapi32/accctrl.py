"""aclapi.h, accctrl.h: access control lists made of explicit entries, and trustees, whom these are about."""

import struct

from litebox_core.abi import DWORD, PVOID, ULONG, Out
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.security import acls, sids
from litebox_core.security.identity import Identity
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NONE_MAPPED

from .base import dll
from .memory import given

NOT_USED_ACCESS, GRANT_ACCESS, SET_ACCESS, DENY_ACCESS, REVOKE_ACCESS, SET_AUDIT_SUCCESS, SET_AUDIT_FAILURE = range(7)
IS_SID, IS_NAME, BAD_FORM, OBJECTS_AND_SID, OBJECTS_AND_NAME = range(5)
_MOST = 0x1000
_INHERITANCE = 0x1F
_KINDS = {
    GRANT_ACCESS: (acls.ALLOWED, 0), SET_ACCESS: (acls.ALLOWED, 0), DENY_ACCESS: (acls.DENIED, 0),
    SET_AUDIT_SUCCESS: (acls.AUDIT, 0x40), SET_AUDIT_FAILURE: (acls.AUDIT, 0x80),
}  # fmt: skip
"""The type and the flags of the entry that an ACCESS_MODE makes."""


def _trustee_codec(bits: int) -> struct.Struct:
    """pMultipleTrustee, MultipleTrusteeOperation, TrusteeForm, TrusteeType, ptstrName."""
    return struct.Struct("<QIII4xQ" if bits == 64 else "<IIIII")


def _entry_codec(bits: int) -> struct.Struct:
    """EXPLICIT_ACCESS: grfAccessPermissions, grfAccessMode, grfInheritance, and the trustee."""
    return struct.Struct("<III4xQIII4xQ" if bits == 64 else "<8I")


# -- lists -------------------------------------------------------------------------------------------------------------


def _sid_of(guest: Guest, form: int, operation: int, name: int, narrow: bool) -> bytes:
    """The SID of a trustee. Raises WinError, NtError."""
    if form == IS_SID:
        return sids.read(guest.memory, name)
    if form != IS_NAME or operation:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    text = memory.ansi_decode(memory.cstr(name)) if narrow else memory.wstr(name)
    accounts = guest.process.state(Identity).accounts
    account = accounts.user if text.upper() == "CURRENT_USER" else accounts.named(text)
    if account is None:
        raise WinError(ERROR_NONE_MAPPED)
    return account.sid


def _merged(entries: "list[acls.Ace]", mode: int, mask: int, flags: int, who: bytes) -> "tuple[list[acls.Ace], bytes]":
    """The entries that stay, and the new one; none for a mode that only takes away."""
    if mode == REVOKE_ACCESS:
        return [one for one in entries if one.sid != who or one.kind not in (acls.ALLOWED, acls.AUDIT)], b""
    kind, audits = _KINDS[mode]
    if mode == SET_ACCESS:
        kept = [one for one in entries if one.sid != who or one.kind not in (acls.ALLOWED, acls.DENIED)]
    else:
        kept = []
        for one in entries:
            if one.sid == who and one.kind == kind and one.flags == flags | audits:
                mask |= one.mask
            else:
                kept.append(one)
    return kept, acls.ace(kind, flags | audits, mask, who)


def _with_entries(guest: Guest, count: int, addr: int, old: int, narrow: bool) -> bytes:
    """Denials come first, other new entries before the old ones that allow. Raises WinError, NtError."""
    if count > _MOST:
        raise WinError(ERROR_INVALID_PARAMETER)
    codec = _entry_codec(guest.bits)
    data = guest.memory.read(addr, codec.size * count)
    before = acls.bytes_at(guest.memory, old) if old else acls.NOTHING
    entries = list(acls.aces(before))
    denied: list[bytes] = []
    others: list[bytes] = []
    for mask, mode, inheritance, _, operation, form, _, name in codec.iter_unpack(data):
        if mode == NOT_USED_ACCESS:
            continue
        if mode > SET_AUDIT_FAILURE:
            raise WinError(ERROR_INVALID_PARAMETER)
        who = _sid_of(guest, form, operation, name, narrow)
        entries, new = _merged(entries, mode, mask, inheritance & _INHERITANCE, who)
        if new:
            (denied if mode == DENY_ACCESS else others).append(new)
    first = next((i for i, one in enumerate(entries) if one.kind == acls.ALLOWED), len(entries))
    stay = [one.raw for one in entries]
    return acls.acl([*denied, *stay[:first], *others, *stay[first:]], max(before[0], 2))


def _set_entries(guest: Guest, count: int, addr: int, old: int, new: Out[int], narrow: bool) -> int:
    if not new:
        raise WinError(ERROR_INVALID_PARAMETER)
    new.value = 0
    if not count and not old:
        return 0
    new.value = given(guest, _with_entries(guest, count, addr, old, narrow))
    return 0


@dll.export(fails=RETURN_ERROR, probes=True, partial="trustees of objects' properties are refused")
def SetEntriesInAclW(
    guest: Guest, cCountOfExplicitEntries: ULONG, pListOfExplicitEntries: PVOID, OldAcl: PVOID, NewAcl: Out[PVOID]
) -> DWORD:
    return _set_entries(guest, cCountOfExplicitEntries, pListOfExplicitEntries, OldAcl, NewAcl, False)


@dll.export(fails=RETURN_ERROR, probes=True, partial="trustees of objects' properties are refused")
def SetEntriesInAclA(
    guest: Guest, cCountOfExplicitEntries: ULONG, pListOfExplicitEntries: PVOID, OldAcl: PVOID, NewAcl: Out[PVOID]
) -> DWORD:
    return _set_entries(guest, cCountOfExplicitEntries, pListOfExplicitEntries, OldAcl, NewAcl, True)


def _explicit(guest: Guest, acl: int, count: Out[int], entries: Out[int]) -> int:
    """The entries that are not inherited, in one block: their SIDs lie behind them."""
    count.value = entries.value = 0
    if not acl:
        return 0
    found = [one for one in acls.aces(acls.bytes_at(guest.memory, acl)) if not one.flags & acls.INHERITED and one.sid]
    if not found:
        return 0
    codec = _entry_codec(guest.bits)
    addr = given(guest, b"", sum(codec.size + len(one.sid) for one in found))
    rows = texts = b""
    for one in found:
        mode = {acls.ALLOWED: GRANT_ACCESS, acls.DENIED: DENY_ACCESS}.get(one.kind, NOT_USED_ACCESS)
        if one.kind == acls.AUDIT:
            mode = SET_AUDIT_SUCCESS if one.flags & 0x40 else SET_AUDIT_FAILURE
        where = addr + codec.size * len(found) + len(texts)
        rows += codec.pack(one.mask, mode, one.flags & _INHERITANCE, 0, 0, IS_SID, 0, where)
        texts += one.sid
    guest.memory.write(addr, rows + texts)
    count.value, entries.value = len(found), addr
    return 0


@dll.export(fails=RETURN_ERROR, probes=True)
def GetExplicitEntriesFromAclW(
    guest: Guest, pacl: PVOID, pcCountOfExplicitEntries: Out[ULONG], pListOfExplicitEntries: Out[PVOID]
) -> DWORD:
    return _explicit(guest, pacl, pcCountOfExplicitEntries, pListOfExplicitEntries)


@dll.export(fails=RETURN_ERROR, probes=True)
def GetExplicitEntriesFromAclA(
    guest: Guest, pacl: PVOID, pcCountOfExplicitEntries: Out[ULONG], pListOfExplicitEntries: Out[PVOID]
) -> DWORD:
    return _explicit(guest, pacl, pcCountOfExplicitEntries, pListOfExplicitEntries)


# -- trustees ----------------------------------------------------------------------------------------------------------


def _put_trustee(guest: Guest, addr: int, form: int, name: int) -> None:
    guest.memory.write(addr, _trustee_codec(guest.bits).pack(0, 0, form, 0, name))


@dll.export(aliases=["BuildTrusteeWithSidA"])
def BuildTrusteeWithSidW(guest: Guest, pTrustee: PVOID, pSid: PVOID) -> None:
    _put_trustee(guest, pTrustee, IS_SID, pSid)


@dll.export(aliases=["BuildTrusteeWithNameA"])
def BuildTrusteeWithNameW(guest: Guest, pTrustee: PVOID, pName: PVOID) -> None:
    _put_trustee(guest, pTrustee, IS_NAME, pName)


@dll.export(aliases=["BuildTrusteeWithObjectsAndSidA"])
def BuildTrusteeWithObjectsAndSidW(
    guest: Guest, pTrustee: PVOID, pObjSid: PVOID, pObjectGuid: PVOID, pInheritedObjectGuid: PVOID, pSid: PVOID
) -> None:
    memory = guest.memory
    there = (1 if pObjectGuid else 0) | (2 if pInheritedObjectGuid else 0)
    guids = b"".join(memory.read(guid, 16) if guid else bytes(16) for guid in (pObjectGuid, pInheritedObjectGuid))
    head = struct.pack("<I", there) + guids
    memory.write(pObjSid, head + bytes(-len(head) % (guest.bits // 8)) + pSid.to_bytes(guest.bits // 8, "little"))
    _put_trustee(guest, pTrustee, OBJECTS_AND_SID, pObjSid)


@dll.export(aliases=["BuildTrusteeWithObjectsAndNameA"])
def BuildTrusteeWithObjectsAndNameW(
    guest: Guest, pTrustee: PVOID, pObjName: PVOID, ObjectType: DWORD, ObjectTypeName: PVOID,
    InheritedObjectTypeName: PVOID, Name: PVOID,
) -> None:  # fmt: skip
    there = (1 if ObjectTypeName else 0) | (2 if InheritedObjectTypeName else 0)
    pointers = (ObjectTypeName, InheritedObjectTypeName, Name)
    codec = "<IIQQQ" if guest.bits == 64 else "<5I"
    guest.memory.write(pObjName, struct.pack(codec, there, ObjectType, *pointers))
    _put_trustee(guest, pTrustee, OBJECTS_AND_NAME, pObjName)


def _put_entry(guest: Guest, addr: int, mask: int, mode: int, inheritance: int, form: int, name: int) -> None:
    guest.memory.write(addr, _entry_codec(guest.bits).pack(mask, mode, inheritance, 0, 0, form, 0, name))


@dll.export(aliases=["BuildExplicitAccessWithNameA"])
def BuildExplicitAccessWithNameW(
    guest: Guest, pExplicitAccess: PVOID, pTrusteeName: PVOID, AccessPermissions: DWORD, AccessMode: DWORD,
    Inheritance: DWORD,
) -> None:  # fmt: skip
    _put_entry(guest, pExplicitAccess, AccessPermissions, AccessMode, Inheritance, IS_NAME, pTrusteeName)


def _trustee(guest: Guest, addr: int) -> "tuple[int, ...]":
    codec = _trustee_codec(guest.bits)
    return codec.unpack(guest.memory.read(addr, codec.size))


@dll.export(aliases=["GetTrusteeNameA"])
def GetTrusteeNameW(guest: Guest, pTrustee: PVOID) -> PVOID:
    return _trustee(guest, pTrustee)[4] if pTrustee else 0


@dll.export(aliases=["GetTrusteeFormA"])
def GetTrusteeFormW(guest: Guest, pTrustee: PVOID) -> DWORD:
    return _trustee(guest, pTrustee)[2] if pTrustee else BAD_FORM


@dll.export(aliases=["GetTrusteeTypeA"])
def GetTrusteeTypeW(guest: Guest, pTrustee: PVOID) -> DWORD:
    return _trustee(guest, pTrustee)[3] if pTrustee else 0

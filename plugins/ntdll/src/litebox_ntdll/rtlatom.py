"""Atom tables of a program's own, and the global one as system calls see it."""

import struct

from litebox_core.abi import BOOLEAN, NAME_OR_ID, NTSTATUS, PVOID, ULONG, USHORT, InOut, Out
from litebox_core.atoms import Atoms, AtomTable
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
)
from litebox_core.services import Heaps

from .base import dll
from .ntattributes import also_zw
from .ntdef import allocate, units

SIGNATURE = b"Atom"
_TABLE = 32
"""Bytes of guest memory that stand for a table."""


def _table(atoms: Atoms, addr: int) -> AtomTable:
    found = atoms.made.get(addr)
    if found is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    return found


@dll.export
def RtlCreateAtomTable(
    guest: Guest, NumberOfBuckets: ULONG, AtomTableHandle: InOut[PVOID], *, atoms: Atoms, heaps: Heaps
) -> NTSTATUS:
    if AtomTableHandle.value:
        return STATUS_SUCCESS if AtomTableHandle.value in atoms.made else STATUS_INVALID_PARAMETER
    addr = allocate(heaps, _TABLE)
    guest.memory.write(addr, SIGNATURE.ljust(_TABLE, b"\0"))
    atoms.made[addr] = AtomTable()
    AtomTableHandle.value = addr
    return STATUS_SUCCESS


@dll.export
def RtlDestroyAtomTable(guest: Guest, AtomTableHandle: PVOID, *, atoms: Atoms, heaps: Heaps) -> NTSTATUS:
    _table(atoms, AtomTableHandle)
    del atoms.made[AtomTableHandle]
    heaps.free(heaps.process_heap, 0, AtomTableHandle)
    return STATUS_SUCCESS


@dll.export
def RtlEmptyAtomTable(guest: Guest, AtomTableHandle: PVOID, DeletePinned: BOOLEAN, *, atoms: Atoms) -> NTSTATUS:
    _table(atoms, AtomTableHandle).empty(bool(DeletePinned))
    return STATUS_SUCCESS


@dll.export
def RtlAddAtomToAtomTable(
    guest: Guest, AtomTableHandle: PVOID, AtomName: NAME_OR_ID, Atom: Out[USHORT] | None, *, atoms: Atoms
) -> NTSTATUS:
    atom = _table(atoms, AtomTableHandle).add(AtomName)
    if Atom is not None:
        Atom.value = atom
    return STATUS_SUCCESS


@dll.export
def RtlLookupAtomInAtomTable(
    guest: Guest, AtomTableHandle: PVOID, AtomName: NAME_OR_ID, Atom: Out[USHORT] | None, *, atoms: Atoms
) -> NTSTATUS:
    atom = _table(atoms, AtomTableHandle).find(AtomName)
    if Atom is not None:
        Atom.value = atom
    return STATUS_SUCCESS


@dll.export
def RtlDeleteAtomFromAtomTable(guest: Guest, AtomTableHandle: PVOID, Atom: USHORT, *, atoms: Atoms) -> NTSTATUS:
    _table(atoms, AtomTableHandle).delete(Atom)
    return STATUS_SUCCESS


@dll.export
def RtlPinAtomInAtomTable(guest: Guest, AtomTableHandle: PVOID, Atom: USHORT, *, atoms: Atoms) -> NTSTATUS:
    _table(atoms, AtomTableHandle).pin(Atom)
    return STATUS_SUCCESS


@dll.export
def RtlQueryAtomInAtomTable(
    guest: Guest, AtomTableHandle: PVOID, Atom: USHORT, ReferenceCount: Out[ULONG] | None,
    PinCount: Out[ULONG] | None, AtomName: PVOID, NameLength: InOut[ULONG] | None, *, atoms: Atoms,
) -> NTSTATUS:  # fmt: skip
    table = _table(atoms, AtomTableHandle)
    name, (references, pins) = units(table.name(Atom)), table.counts(Atom)
    if ReferenceCount is not None:
        ReferenceCount.value = references
    if PinCount is not None:
        PinCount.value = pins
    if NameLength is not None:
        room = NameLength.value & ~1
        if not room:
            NameLength.value = len(name)
            raise NtError(STATUS_BUFFER_TOO_SMALL)
        NameLength.value = _cut(guest.memory, AtomName, room, name)
    return STATUS_SUCCESS


def _cut(memory: Memory, addr: int, room: int, name: bytes) -> int:
    """Writes what fits of a name with its NUL; the bytes without it."""
    kept = name[: room - 2]
    memory.write(addr, kept + b"\0\0")
    return len(kept)


# -- the global table ------------------------------------------------------------------------------------------------


def _name(memory: Memory, addr: int, length: int) -> str | int:
    if addr < 0x10000:
        return addr
    if length & 1 or length > 0x1FE:
        raise NtError(STATUS_INVALID_PARAMETER)
    return memory.read(addr, length).decode("utf-16-le", "surrogatepass").partition("\0")[0]


@dll.export(probes=True)
def NtAddAtom(guest: Guest, AtomName: PVOID, Length: ULONG, Atom: Out[USHORT] | None, *, atoms: Atoms) -> NTSTATUS:
    atom = atoms.everywhere.add(_name(guest.memory, AtomName, Length))
    if Atom is not None:
        Atom.value = atom
    return STATUS_SUCCESS


@dll.export(probes=True)
def NtFindAtom(guest: Guest, AtomName: PVOID, Length: ULONG, Atom: Out[USHORT] | None, *, atoms: Atoms) -> NTSTATUS:
    atom = atoms.everywhere.find(_name(guest.memory, AtomName, Length))
    if Atom is not None:
        Atom.value = atom
    return STATUS_SUCCESS


@dll.export(probes=True)
def NtDeleteAtom(guest: Guest, Atom: USHORT, *, atoms: Atoms) -> NTSTATUS:
    atoms.everywhere.delete(Atom)
    return STATUS_SUCCESS


_HEAD, _BASIC = 6, 8
"""Bytes of ATOM_BASIC_INFORMATION before the name, and in all."""


@dll.export(probes=True, partial="basic information")
def NtQueryInformationAtom(
    guest: Guest, Atom: USHORT, AtomInformationClass: ULONG, AtomInformation: PVOID, AtomInformationLength: ULONG,
    ReturnLength: Out[ULONG] | None, *, atoms: Atoms,
) -> NTSTATUS:  # fmt: skip
    if AtomInformationClass:  # AtomBasicInformation
        raise NtError(STATUS_INVALID_INFO_CLASS)
    name, (references, pins) = units(atoms.everywhere.name(Atom)), atoms.everywhere.counts(Atom)
    if ReturnLength is not None:
        ReturnLength.value = _BASIC + len(name)
    if AtomInformationLength < _BASIC:
        raise NtError(STATUS_INVALID_PARAMETER)
    room = (AtomInformationLength & ~1) - _BASIC
    length = len(name) if not room else _cut(guest.memory, AtomInformation + _HEAD, room + 2, name)
    guest.memory.write(AtomInformation, struct.pack("<HHH", references, pins, length))
    if not room:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return STATUS_SUCCESS


also_zw(__name__)

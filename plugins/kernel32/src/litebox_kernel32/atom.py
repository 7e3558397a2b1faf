"""winbase.h: atoms."""

from litebox_core.abi import ATOM, BOOL, DWORD, INT, NAME_OR_ID, UINT, Annotated, Len, WideBuffer
from litebox_core.atoms import FIRST_STRING_ATOM, Atoms, AtomTable
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_MORE_DATA, ERROR_SUCCESS

from .base import dll


def _delete(guest: Guest, table: AtomTable, atom: int) -> int:
    if atom:
        table.delete(atom)
    guest.last_error = ERROR_SUCCESS
    return 0


def _name(guest: Guest, table: AtomTable, atom: int, buffer: WideBuffer, size: int) -> int:
    if size <= 0:
        raise WinError(ERROR_MORE_DATA)
    text = table.name(atom)
    if buffer.units(text) >= size:
        guest.last_error = ERROR_MORE_DATA
        if atom < FIRST_STRING_ATOM:
            return 0
    return buffer.cut(text)


@dll.export
def AddAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return atoms.local.add(lpString) if lpString != 0 else 0


@dll.export
def FindAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return atoms.local.find(lpString)


@dll.export
def DeleteAtom(guest: Guest, nAtom: ATOM, *, atoms: Atoms) -> ATOM:
    return _delete(guest, atoms.local, nAtom)


@dll.export
def GetAtomNameW(
    guest: Guest, nAtom: ATOM, lpBuffer: Annotated[WideBuffer, Len("nSize")], nSize: INT, *, atoms: Atoms
) -> UINT:
    return _name(guest, atoms.local, nAtom, lpBuffer, nSize)


@dll.export
def GlobalAddAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return atoms.everywhere.add(lpString) if lpString != 0 else 0


@dll.export
def GlobalAddAtomExW(guest: Guest, lpString: NAME_OR_ID, Flags: DWORD, *, atoms: Atoms) -> ATOM:
    return atoms.everywhere.add(lpString) if lpString != 0 else 0


@dll.export
def GlobalFindAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return atoms.everywhere.find(lpString)


@dll.export
def GlobalDeleteAtom(guest: Guest, nAtom: ATOM, *, atoms: Atoms) -> ATOM:
    return _delete(guest, atoms.everywhere, nAtom)


@dll.export
def GlobalGetAtomNameW(
    guest: Guest, nAtom: ATOM, lpBuffer: Annotated[WideBuffer, Len("nSize")], nSize: INT, *, atoms: Atoms
) -> UINT:
    return _name(guest, atoms.everywhere, nAtom, lpBuffer, nSize)


for wide in (AddAtomW, FindAtomW, GetAtomNameW, GlobalAddAtomW, GlobalAddAtomExW, GlobalFindAtomW, GlobalGetAtomNameW):
    dll.ansi(wide)


@dll.export
def InitAtomTable(guest: Guest, nSize: DWORD) -> BOOL:
    """The table of the process needs no preparation."""
    return True

"""winbase.h: atoms."""

from litebox_core.abi import ATOM, BOOL, DWORD, INT, NAME_OR_ID, UINT, Annotated, Len, WideBuffer
from litebox_core.abi.pointers import AnsiBuffer
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
    """The length of what is written; a name that is cut is none of an integer atom, and none of a global one (A).

    The wide form of the global functions fills the buffer, and leaves the NUL out.
    """
    if size <= 0:
        raise WinError(ERROR_MORE_DATA)
    text, everywhere = table.name(atom), table is guest.state(Atoms).everywhere
    if buffer.units(text) < size:
        return buffer.cut(text)
    if not isinstance(buffer, AnsiBuffer) and atom >= FIRST_STRING_ATOM:
        if not everywhere:
            return buffer.cut(text)
        guest.memory.write(buffer.addr, buffer.encode(text)[: 2 * size])
        return size
    guest.last_error = ERROR_MORE_DATA
    if atom < FIRST_STRING_ATOM:
        return 0
    length = buffer.cut(text)
    return 0 if everywhere else length


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

"""winbase.h: atoms."""

from litebox_core.abi import ATOM, BOOL, DWORD, INT, NAME_OR_ID, UINT, Annotated, Len, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls.casing import upcase
from litebox_core.process import DllState, Process
from litebox_core.winerror import (
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_SUCCESS,
)

from .base import dll

FIRST_STRING_ATOM, LAST_ATOM = 0xC000, 0xFFFF
MAXIMUM_LENGTH = 255


class AtomTable:
    """Strings and their numbers, counted. Case does not matter but is kept."""

    def __init__(self) -> None:
        self._by_name: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._counts: dict[int, int] = {}
        self._free: list[int] = []
        self._next = FIRST_STRING_ATOM

    def add(self, name: str) -> int:
        atom = self._by_name.get(upcase(name))
        if atom is None:
            if self._free:
                atom = self._free.pop()
            elif self._next <= LAST_ATOM:
                atom, self._next = self._next, self._next + 1
            else:
                raise WinError(ERROR_NOT_ENOUGH_MEMORY)
            self._by_name[upcase(name)] = atom
            self._names[atom], self._counts[atom] = name, 0
        self._counts[atom] += 1
        return atom

    def find(self, name: str) -> int:
        atom = self._by_name.get(upcase(name))
        if atom is None:
            raise WinError(ERROR_FILE_NOT_FOUND)
        return atom

    def name(self, atom: int) -> str:
        found = self._names.get(atom)
        if found is None:
            raise WinError(ERROR_INVALID_HANDLE)
        return found

    def delete(self, atom: int) -> None:
        name = self.name(atom)
        self._counts[atom] -= 1
        if not self._counts[atom]:
            del self._names[atom], self._counts[atom], self._by_name[upcase(name)]
            self._free.append(atom)


class Atoms(DllState):
    """The table of the process and the global one."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.local, self.everywhere = AtomTable(), AtomTable()


def _integer(name: str | int) -> int | None:
    """The number of an integer atom, given as MAKEINTATOM or ``#123``; None for a string. Raises WinError."""
    if isinstance(name, int):
        number = name
    elif name.startswith("#") and name[1:].isascii() and name[1:].isdigit():
        number = int(name[1:]) if len(name) < 20 else LAST_ATOM + 1
        if number > LAST_ATOM:
            return None
    else:
        return None
    if not 0 < number < FIRST_STRING_ATOM:
        raise WinError(ERROR_INVALID_PARAMETER)
    return number


def _checked(name: str | int) -> str:
    assert isinstance(name, str)
    if not name:
        raise WinError(ERROR_INVALID_NAME)
    if len(name) > MAXIMUM_LENGTH:
        raise WinError(ERROR_INVALID_PARAMETER)
    return name


def _add(table: AtomTable, name: str | int) -> int:
    return _integer(name) or table.add(_checked(name))


def _find(table: AtomTable, name: str | int) -> int:
    return _integer(name) or table.find(_checked(name))


def _delete(guest: Guest, table: AtomTable, atom: int) -> int:
    if atom >= FIRST_STRING_ATOM:
        table.delete(atom)
    guest.last_error = ERROR_SUCCESS
    return 0


def _name(guest: Guest, table: AtomTable, atom: int, buffer: WideBuffer, size: int) -> int:
    if size <= 0:
        raise WinError(ERROR_MORE_DATA)
    if not atom:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = table.name(atom) if atom >= FIRST_STRING_ATOM else f"#{atom}"
    if buffer.units(text) >= size:
        guest.last_error = ERROR_MORE_DATA
    return buffer.cut(text)


@dll.export
def AddAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return _add(atoms.local, lpString)


@dll.export
def FindAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return _find(atoms.local, lpString)


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
    return _add(atoms.everywhere, lpString)


@dll.export
def GlobalAddAtomExW(guest: Guest, lpString: NAME_OR_ID, Flags: DWORD, *, atoms: Atoms) -> ATOM:
    return _add(atoms.everywhere, lpString)


@dll.export
def GlobalFindAtomW(guest: Guest, lpString: NAME_OR_ID, *, atoms: Atoms) -> ATOM:
    return _find(atoms.everywhere, lpString)


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

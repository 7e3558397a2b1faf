"""Atom tables: strings and their numbers, as kernel32 and ntdll offer them."""

from .errors import NtError
from .nls.casing import upcase
from .ntstatus import (
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_WAS_LOCKED,
)
from .process import DllState, Process

__all__ = ["FIRST_STRING_ATOM", "AtomTable", "Atoms", "integer_atom"]

FIRST_STRING_ATOM, LAST_ATOM = 0xC000, 0xFFFF
MAXIMUM_LENGTH = 255


def integer_atom(name: str | int) -> int | None:
    """The number of an integer atom, given as MAKEINTATOM or ``#123``; None for a string.

    Raises NtError(STATUS_INVALID_PARAMETER).
    """
    if isinstance(name, int):
        number = name
    elif name.startswith("#") and name[1:].isascii() and name[1:].isdigit():
        number = int(name[1:]) if len(name) < 20 else LAST_ATOM + 1
        if number > LAST_ATOM:
            return None
    else:
        return None
    if not 0 < number < FIRST_STRING_ATOM:
        raise NtError(STATUS_INVALID_PARAMETER)
    return number


class AtomTable:
    """Strings and their numbers, counted. Case does not matter but is kept.

    Integer atoms are in every table, without being counted. The methods raise NtError.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._counts: dict[int, int] = {}
        self._pinned: set[int] = set()
        self._free: list[int] = []
        self._next = FIRST_STRING_ATOM

    def add(self, name: str | int) -> int:
        """The atom of a name, which is counted once more."""
        number = integer_atom(name)
        if number is not None:
            return number
        text = _checked(name)
        atom = self._by_name.get(upcase(text))
        if atom is None:
            if self._free:
                atom = self._free.pop()
            elif self._next <= LAST_ATOM:
                atom, self._next = self._next, self._next + 1
            else:
                raise NtError(STATUS_NO_MEMORY)
            self._by_name[upcase(text)] = atom
            self._names[atom], self._counts[atom] = text, 0
        self._counts[atom] += 1
        return atom

    def find(self, name: str | int) -> int:
        """The atom of a name."""
        number = integer_atom(name)
        if number is not None:
            return number
        atom = self._by_name.get(upcase(_checked(name)))
        if atom is None:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        return atom

    def name(self, atom: int) -> str:
        """The name of an atom: that of an integer atom is ``#123``."""
        if atom < FIRST_STRING_ATOM:
            if not atom:
                raise NtError(STATUS_INVALID_PARAMETER)
            return f"#{atom}"
        found = self._names.get(atom)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def counts(self, atom: int) -> tuple[int, int]:
        """How often an atom was added, and whether (1) it is pinned. Integer atoms are, for ever."""
        self.name(atom)
        return (1, 1) if atom < FIRST_STRING_ATOM else (self._counts[atom], int(atom in self._pinned))

    def pin(self, atom: int) -> None:
        """An atom that stays until the table is emptied."""
        self.name(atom)
        if atom >= FIRST_STRING_ATOM:
            self._pinned.add(atom)

    def delete(self, atom: int) -> None:
        """Counts an atom once less, and forgets it at 0."""
        name = self.name(atom)
        if atom < FIRST_STRING_ATOM:
            return
        if atom in self._pinned:
            raise NtError(STATUS_WAS_LOCKED)
        self._counts[atom] -= 1
        if not self._counts[atom]:
            self._forget(atom, name)

    def empty(self, pinned: bool) -> None:
        """Forgets all strings, those that are pinned only if asked to."""
        for atom, name in list(self._names.items()):
            if pinned or atom not in self._pinned:
                self._forget(atom, name)

    def _forget(self, atom: int, name: str) -> None:
        del self._names[atom], self._counts[atom], self._by_name[upcase(name)]
        self._pinned.discard(atom)
        self._free.append(atom)


def _checked(name: str | int) -> str:
    assert isinstance(name, str)
    if not name:
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    if len(name) > MAXIMUM_LENGTH:
        raise NtError(STATUS_INVALID_PARAMETER)
    return name


class Atoms(DllState):
    """The table of the process, the global one, and those that the program made, by their address."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.local, self.everywhere = AtomTable(), AtomTable()
        self.made: dict[int, AtomTable] = {}

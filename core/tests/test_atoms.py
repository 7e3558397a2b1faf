"""Atom tables."""

import pytest

from litebox_core.atoms import FIRST_STRING_ATOM, AtomTable, integer_atom
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_INVALID_HANDLE, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_WAS_LOCKED


def test_names_are_counted_and_found_in_any_case() -> None:
    table = AtomTable()
    atom = table.add("Hello")
    assert atom >= FIRST_STRING_ATOM
    assert table.add("HELLO") == table.find("hello") == atom
    assert table.name(atom) == "Hello"
    assert table.counts(atom) == (2, 0)
    table.delete(atom)
    table.delete(atom)
    with pytest.raises(NtError) as error:
        table.find("Hello")
    assert error.value.status == STATUS_OBJECT_NAME_NOT_FOUND
    with pytest.raises(NtError) as error:
        table.name(atom)
    assert error.value.status == STATUS_INVALID_HANDLE


def test_pinned_atoms_stay() -> None:
    table = AtomTable()
    kept, gone = table.add("kept"), table.add("gone")
    table.pin(kept)
    with pytest.raises(NtError) as error:
        table.delete(kept)
    assert error.value.status == STATUS_WAS_LOCKED
    table.empty(False)
    assert table.name(kept) == "kept"
    with pytest.raises(NtError):
        table.name(gone)
    table.empty(True)
    with pytest.raises(NtError):
        table.name(kept)


@pytest.mark.parametrize(
    ("name", "number"), [("#12", 12), ("#0012", 12), (7, 7), ("#49152z", None), ("name", None), ("#70000", None)]
)
def test_integer_atoms(name: str | int, number: int | None) -> None:
    assert integer_atom(name) == number


@pytest.mark.parametrize("name", [0, "#0", 0xC000, "#65535"])
def test_integers_that_are_no_atoms(name: str | int) -> None:
    with pytest.raises(NtError):
        integer_atom(name)

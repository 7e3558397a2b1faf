"""The object manager's tree: directories, links, root directories, and what keeps a name."""

import struct
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE, ULONG

ALL = 0x10000000
INSENSITIVE, OPENIF, PERMANENT = 0x40, 0x80, 0x10
BASE = "\\BaseNamedObjects\\"


class Names:
    """Native calls on named objects."""

    def __init__(self, box: Any) -> None:
        self.box, self.call = box, box.call.ntdll

    def string(self, text: str) -> int:
        data = text.encode("utf-16-le")
        return int(self.box.alloc(struct.pack("<HH4xQ", len(data), len(data) + 2, self.box.alloc(text))))

    def attributes(self, name: str | None, root: int = 0, flags: int = 0) -> int:
        text = 0 if name is None else self.string(name)
        return int(self.box.alloc(struct.pack("<I4xQQI4xQQ", 48, root, text, flags, 0, 0)))

    def make(self, what: str, name: str | None, root: int = 0, flags: int = 0, extra: tuple[int, ...] = ()) -> Any:
        """Status and handle."""
        out = self.box.new(HANDLE)
        status = getattr(self.call, what)(out, ALL, self.attributes(name, root, flags), *extra)
        return status, out.value

    def directory(self, name: str | None, root: int = 0, flags: int = 0) -> Any:
        return self.make("NtCreateDirectoryObject", name, root, flags)

    def event(self, name: str, root: int = 0, flags: int = 0) -> Any:
        return self.make("NtCreateEvent", name, root, flags, (0, 0))

    def open_event(self, name: str, root: int = 0, flags: int = 0) -> Any:
        return self.make("NtOpenEvent", name, root, flags)

    def link(self, name: str, target: str) -> Any:
        return self.make("NtCreateSymbolicLinkObject", name, extra=(self.string(target),))


@pytest.fixture
def names(box: Any) -> Names:
    return Names(box)


def test_an_object_below_a_directory(names: Names) -> None:
    status, folder = names.directory(BASE + "folder")
    assert status == 0
    assert names.event("thing", folder)[0] == 0
    assert names.open_event(BASE + "folder\\thing")[0] == 0
    assert names.open_event(BASE + "folder\\Thing")[0] == nt.STATUS_OBJECT_NAME_NOT_FOUND
    assert names.open_event(BASE + "FOLDER\\THING", flags=INSENSITIVE)[0] == 0
    assert names.event(BASE + "folder\\thing")[0] == nt.STATUS_OBJECT_NAME_COLLISION
    assert names.event(BASE + "folder\\thing", flags=OPENIF)[0] == nt.STATUS_OBJECT_NAME_EXISTS
    assert names.directory(BASE + "folder\\thing")[0] == nt.STATUS_OBJECT_TYPE_MISMATCH


def test_a_directory_without_a_name(names: Names) -> None:
    _, folder = names.directory(None)
    assert names.event("thing", folder)[0] == 0
    assert names.open_event("thing", folder)[0] == 0
    assert names.open_event("thing", names.directory(None)[1])[0] == nt.STATUS_OBJECT_NAME_NOT_FOUND


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("BaseNamedObjects", nt.STATUS_OBJECT_PATH_SYNTAX_BAD),
        (BASE, nt.STATUS_OBJECT_NAME_INVALID),
        ("\\\\x", nt.STATUS_OBJECT_NAME_INVALID),
        (BASE + "none\\x", nt.STATUS_OBJECT_PATH_NOT_FOUND),
        (BASE + "none\\", nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\Device\\Null\\x", nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\", nt.STATUS_OBJECT_TYPE_MISMATCH),
    ],
)
def test_bad_names(names: Names, name: str, status: int) -> None:
    assert names.event(name)[0] == status


def test_root_directories_that_are_none(names: Names) -> None:
    _, event = names.event(BASE + "root")
    assert names.event("x", event)[0] == nt.STATUS_OBJECT_TYPE_MISMATCH
    assert names.event("x", 0x7770)[0] == nt.STATUS_INVALID_HANDLE
    assert names.event("\\x", names.directory(BASE + "d")[1])[0] == nt.STATUS_OBJECT_PATH_SYNTAX_BAD


def test_kernel32_names_lie_in_the_session(names: Names) -> None:
    k32 = names.box.call.kernel32
    k32.CreateEventW(0, 0, 0, "mine")
    k32.CreateEventW(0, 0, 0, "Global\\everyone")
    assert names.open_event("\\Sessions\\1\\BaseNamedObjects\\mine")[0] == 0
    assert names.open_event(BASE + "Session\\1\\mine")[0] == 0
    assert names.open_event(BASE + "everyone")[0] == 0
    assert k32.OpenEventW(ALL, 0, "Local\\mine")
    assert k32.OpenEventW(ALL, 0, "\\mine") == 0
    assert names.box.last_error == 161


def test_links(names: Names) -> None:
    _, link = names.link(BASE + "link", BASE.rstrip("\\"))
    assert names.event(BASE + "link\\through")[0] == 0
    assert names.open_event(BASE + "through")[0] == 0
    room = names.box.alloc(100)
    text, size = names.box.alloc(struct.pack("<HH4xQ", 0, 100, room)), names.box.new(ULONG)
    assert names.call.NtQuerySymbolicLinkObject(link, text, size) == 0
    assert names.box.memory.wstr(room) == "\\BaseNamedObjects"
    assert size.value == 36
    names.box.memory.put_u16(text + 2, 34)
    assert names.call.NtQuerySymbolicLinkObject(link, text, size) == nt.STATUS_BUFFER_TOO_SMALL


def test_links_in_a_circle_end(names: Names) -> None:
    keep = [names.link(BASE + "one", BASE + "two"), names.link(BASE + "two", BASE + "one")]
    assert [status for status, _ in keep] == [0, 0]
    assert names.event(BASE + "one\\x")[0] == nt.STATUS_INVALID_PARAMETER


def test_a_name_goes_with_the_last_handle_unless_it_is_to_stay(names: Names) -> None:
    _, first = names.event(BASE + "brief")
    _, second = names.open_event(BASE + "brief")
    names.call.NtClose(first)
    status, third = names.open_event(BASE + "brief")
    assert status == 0
    names.call.NtClose(second)
    names.call.NtClose(third)
    assert names.open_event(BASE + "brief")[0] == nt.STATUS_OBJECT_NAME_NOT_FOUND
    _, event = names.event(BASE + "lasting", flags=PERMANENT)
    names.call.NtClose(event)
    _, event = names.open_event(BASE + "lasting")
    assert names.call.NtMakeTemporaryObject(event) == 0
    names.call.NtClose(event)
    assert names.open_event(BASE + "lasting")[0] == nt.STATUS_OBJECT_NAME_NOT_FOUND


def test_what_a_directory_holds(names: Names) -> None:
    _, folder = names.directory(BASE + "list")
    kept = [names.event("first", folder), names.make("NtCreateMutant", "second", folder, extra=(0,))]
    assert [status for status, _ in kept] == [0, 0]
    buffer, context, size = names.box.alloc(300), names.box.new(ULONG), names.box.new(ULONG)
    query = names.call.NtQueryDirectoryObject
    found = []
    restart = 1
    while query(folder, buffer, 300, 1, restart, context, size) == 0:
        row = struct.unpack("<HH4xQHH4xQ", names.box.memory.read(buffer, 32))
        found.append((names.box.memory.wstr(row[2]), names.box.memory.wstr(row[5])))
        restart = 0
    assert found == [("first", "Event"), ("second", "Mutant")]
    assert query(folder, buffer, 300, 0, 1, context, size) == 0
    assert context.value == 2
    assert query(folder, buffer, size.value - 1, 0, 1, context, size) == nt.STATUS_MORE_ENTRIES
    assert context.value == 1
    assert query(folder, buffer, 20, 1, 1, context, size) == nt.STATUS_BUFFER_TOO_SMALL

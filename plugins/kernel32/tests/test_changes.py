"""Changes in directories."""

import os
import struct
import time

import pytest

from litebox_core.abi import DWORD
from litebox_core.ntstatus import STATUS_NOTIFY_CLEANUP
from litebox_core.openfiles import File
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_IO_INCOMPLETE
from litebox_ntdll.executive.removal import remove_tree

FILE_LIST_DIRECTORY, OPEN_EXISTING, CREATE_ALWAYS = 1, 3, 2
BACKUP_OVERLAPPED = 0x42000000
FILE_NAME, DIR_NAME = 1, 2
ADDED, REMOVED, RENAMED_OLD_NAME, RENAMED_NEW_NAME = 1, 2, 4, 5
SHARE_ALL = 7


def opened(box, path):
    return box.call.kernel32.CreateFileW(path, FILE_LIST_DIRECTORY, SHARE_ALL, 0, OPEN_EXISTING, BACKUP_OVERLAPPED, 0)


def touch(box, path):
    k32 = box.call.kernel32
    k32.CloseHandle(k32.CreateFileW(path, 0x40000000, 0, 0, CREATE_ALWAYS, 0, 0))


def records(box, buffer, size):
    found, at = [], 0
    while size:
        following, action, length = struct.unpack("<III", box.memory.read(buffer + at, 12))
        found.append((action, box.memory.read(buffer + at + 12, length).decode("utf-16-le")))
        if not following:
            break
        at += following
    return found


class Watch:
    def __init__(self, box, path, tree, changes=FILE_NAME | DIR_NAME, room=1024):
        self.box, self.handle, self.tree, self.changes, self.room = box, opened(box, path), tree, changes, room
        self.buffer, self.overlapped = box.alloc(1024), box.alloc(32)

    def ask(self):
        self.box.memory.write(self.overlapped, bytes(32))
        return self.box.call.kernel32.ReadDirectoryChangesW(
            self.handle, self.buffer, self.room, self.tree, self.changes, 0, self.overlapped, 0
        )

    def told(self):
        size = self.box.new(DWORD)
        if not self.box.call.kernel32.GetOverlappedResult(self.handle, self.overlapped, size, 0):
            return None
        return records(self.box, self.buffer, size.value)


def test_a_tree(box):
    k32 = box.call.kernel32
    k32.CreateDirectoryW("C:\\w", 0)
    k32.CreateDirectoryW("C:\\w\\below", 0)
    watch = Watch(box, "C:\\w", True)
    assert watch.ask() == 1
    assert watch.told() is None
    assert box.last_error == ERROR_IO_INCOMPLETE
    touch(box, "C:\\w\\below\\f")
    assert watch.told() == [(ADDED, "below\\f")]
    assert watch.ask() == 1
    k32.CreateDirectoryW("C:\\w\\later", 0)
    assert watch.told() == [(ADDED, "later")]
    assert watch.ask() == 1
    touch(box, "C:\\w\\later\\g")
    assert watch.told() == [(ADDED, "later\\g")]


def test_one_folder_only_and_what_happens_between_calls(box):
    k32 = box.call.kernel32
    k32.CreateDirectoryW("C:\\w", 0)
    k32.CreateDirectoryW("C:\\w\\below", 0)
    watch = Watch(box, "C:\\w", False, FILE_NAME)
    assert watch.ask() == 1
    touch(box, "C:\\w\\below\\f")
    k32.CreateDirectoryW("C:\\w\\folder", 0)
    assert watch.told() is None
    touch(box, "C:\\w\\a")
    assert watch.told() == [(ADDED, "a")]
    k32.MoveFileW("C:\\w\\a", "C:\\w\\b")
    k32.DeleteFileW("C:\\w\\b")
    assert watch.ask() == 1
    assert watch.told() == [(RENAMED_OLD_NAME, "a"), (RENAMED_NEW_NAME, "b"), (REMOVED, "b")]


def test_a_buffer_that_is_too_small(box):
    box.call.kernel32.CreateDirectoryW("C:\\w", 0)
    watch = Watch(box, "C:\\w", False, room=16)
    assert watch.ask() == 1
    touch(box, "C:\\w\\a long name")
    assert watch.told() == []


def test_what_cannot_be_watched(box):
    k32 = box.call.kernel32
    touch(box, "C:\\file")
    watch = Watch(box, "C:\\file", False)
    assert watch.ask() == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    k32.CreateDirectoryW("C:\\w", 0)
    nothing = Watch(box, "C:\\w", False, changes=0)
    assert nothing.ask() == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_tree_of_any_depth(box, tmp_path, request):
    path = str(tmp_path / "w")
    request.addfinalizer(lambda: remove_tree(str(tmp_path / "w")))  # pytest could not
    os.mkdir(path)
    for _ in range(1100):
        path += "/d"
        os.mkdir(path)
    watch = Watch(box, "w", True)
    assert watch.ask() == 1, box.last_error
    touch(box, "w\\d\\f")
    assert watch.told() == [(ADDED, "d\\f")]


def test_folders_behind_links_are_not_watched(box, tmp_path):
    """A link that a program finds there may have come after the folder was looked at."""
    from litebox_ntdll.executive.inotify import IN_CREATE, Inotify

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    watch = Inotify()
    with pytest.raises(OSError):
        watch.add(str(tmp_path / "link"), IN_CREATE)
    watch.close()


def test_many_questions_at_once(box):
    box.call.kernel32.CreateDirectoryW("C:\\w", 0)
    handle = opened(box, "C:\\w")
    watch = box.process.handles.get(handle, File).changes()
    asked = [watch.start_changes(box.guest, 64, FILE_NAME, False) for _ in range(20000)]
    began = time.monotonic()
    assert box.call.kernel32.CloseHandle(handle) == 1
    assert time.monotonic() - began < 5
    assert {request.status for request in asked} == {STATUS_NOTIFY_CLEANUP}

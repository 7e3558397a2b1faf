"""Known folders: what a program of C does not ask."""

import uuid

import pytest

from litebox_shell32.folders import _FOLDERS

NOT_FOUND = 0x80070002
CREATE, DONT_VERIFY = 0x8000, 0x4000


def ask(box, folder_id, flags=0):
    """The HRESULT of SHGetKnownFolderPath, and the path."""
    out = box.alloc(b"\xaa" * 8)
    status = box.call.shell32.SHGetKnownFolderPath(box.alloc(uuid.UUID(folder_id).bytes_le), flags, 0, out)
    address = box.memory.u64(out)
    return status, box.memory.wstr(address) if address else None


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
def test_every_folder_is_where_its_variable_says(box, folder):
    status, path = ask(box, folder.id, DONT_VERIFY)
    base = box.process.environment_variable(folder.variable)
    assert (status, path) == (0, base + ("\\" + folder.below if folder.below else ""))
    if folder.csidl is not None:
        room = box.alloc(520)
        assert box.call.shell32.SHGetFolderPathW(0, folder.csidl | DONT_VERIFY, 0, 0, room) == 0
        assert box.memory.wstr(room) == path


def test_a_folder_that_is_not_there_is_made_on_demand(box):
    music = next(folder for folder in _FOLDERS if folder.name == "Music")
    startup = next(folder for folder in _FOLDERS if folder.name == "Startup")
    room = box.alloc(520)
    for folder in (music, startup):
        assert ask(box, folder.id) == (NOT_FOUND, None)
        assert box.call.shell32.SHGetFolderPathW(0, folder.csidl, 0, 0, room) == 1
        assert box.memory.wstr(room) == ""
        assert box.call.shell32.SHGetSpecialFolderPathW(0, room, folder.csidl, 0) == 0
        status, path = ask(box, folder.id, CREATE)
        assert status == 0
        assert ask(box, folder.id) == (0, path)
        assert box.call.kernel32.GetFileAttributesW(box.alloc((path + "\0").encode("utf-16-le"))) & 0x10


def test_the_variable_of_the_program_counts(box):
    call, name, value = box.call.kernel32, box.alloc(b"APPDATA\0"), box.alloc(b"C:\\Elsewhere\0")
    assert call.SetEnvironmentVariableA(name, value)
    roaming = next(folder for folder in _FOLDERS if folder.name == "RoamingAppData")
    assert ask(box, roaming.id) == (NOT_FOUND, None)
    assert ask(box, roaming.id, DONT_VERIFY) == (0, "C:\\Elsewhere")
    assert box.process.files().host_path("C:\\Users")


def test_identifiers_are_told_once():
    assert len({folder.id for folder in _FOLDERS}) == len(_FOLDERS)
    numbers = [folder.csidl for folder in _FOLDERS if folder.csidl is not None]
    assert len(set(numbers)) == len(numbers)

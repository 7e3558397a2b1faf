"""What a program can see of the host, and what it cannot."""

import os
import stat
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_ntdll.executive.diskfiles import DiskFile
from litebox_ntdll.executive.files import DiskFiles

from .support import READ, WRITE, drive, make_process, status_of

OPEN, CREATE, DIR = 1, 2, 1


@pytest.fixture
def world(tmp_path):
    """A host with a granted, a read-only, a mounted and a secret folder."""
    for name in ("proj/Sub", "tool", "extra", "mounted", "secret"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "File.txt").write_text(name)
    mount = SimpleNamespace
    files = DiskFiles(
        make_process(
            tmp_path / "proj",
            program=str(tmp_path / "tool" / "app.exe"),
            mounts=[
                mount(letter="", folder=str(tmp_path / "extra"), read_only=True),
                mount(letter="m", folder=str(tmp_path / "mounted"), read_only=False),
                mount(letter="R", folder=str(tmp_path / "mounted"), read_only=True),
            ],
        )
    )
    yield files, tmp_path
    files.close()


def guest(path):
    return "Z:" + str(path).replace("/", "\\")


def read(files, path):
    file, _ = files.open(path, READ, 7, OPEN, 0)
    try:
        return drive(file.read(None, 100)).decode()
    finally:
        file.release()


def test_start(world):
    files, host = world
    assert files.current_directory == guest(host / "proj") + "\\"
    assert list(files.drives()) == ["C", "M", "R", "Z"]
    assert files.guest_path(str(host / "tool" / "app.exe")) == guest(host / "tool" / "app.exe")
    assert files.guest_path(str(host / "mounted" / "File.txt")) == "M:\\File.txt"
    assert files.guest_path(str(host / "secret")) is None


def test_visible(world):
    files, host = world
    assert read(files, "sub\\FILE.TXT") == "proj/Sub"
    assert read(files, guest(host).upper() + "\\TOOL\\file.txt") == "tool"
    assert read(files, "..\\extra\\File.txt") == "extra"
    assert read(files, "m:\\file.txt") == "mounted"
    above, _ = files.open("..", READ, 7, OPEN, DIR)
    assert [e.name for e in above.entries("*", False)] == [".", "..", "extra", "mounted", "proj", "tool"]
    assert files.query("..").attributes == 0x11
    assert files.host_path("SUB\\file.TXT") == str(host / "proj" / "Sub" / "File.txt")


def test_not_visible(world):
    files, host = world
    assert status_of(files.open, guest(host / "secret"), READ, 7, OPEN, 0) == nt.STATUS_OBJECT_NAME_NOT_FOUND
    secret = guest(host / "secret" / "File.txt")
    assert status_of(files.open, secret, READ, 7, OPEN, 0) == nt.STATUS_OBJECT_PATH_NOT_FOUND
    assert status_of(files.open, secret.upper(), READ, 7, OPEN, 0) == nt.STATUS_OBJECT_PATH_NOT_FOUND
    assert status_of(files.query, "Z:\\etc\\passwd") == nt.STATUS_OBJECT_PATH_NOT_FOUND
    assert status_of(files.open, guest(host / "new"), WRITE, 7, CREATE, 0) == nt.STATUS_ACCESS_DENIED


def test_read_only(world):
    files, host = world
    for path in (guest(host / "tool"), guest(host / "extra"), "R:"):
        assert read(files, path + "\\File.txt")
        assert status_of(files.open, path + "\\File.txt", WRITE, 7, OPEN, 0) == nt.STATUS_ACCESS_DENIED
        assert status_of(files.open, path + "\\File.txt", READ, 7, 5, 0) == nt.STATUS_ACCESS_DENIED
        assert status_of(files.open, path + "\\File.txt", 0x10000, 7, OPEN, 0) == nt.STATUS_ACCESS_DENIED
        assert status_of(files.open, path + "\\new", WRITE, 7, CREATE, 0) == nt.STATUS_ACCESS_DENIED
        assert status_of(files.open, path + "\\new", READ, 7, CREATE, DIR) == nt.STATUS_ACCESS_DENIED
        most, _ = files.open(path + "\\File.txt", 0x2000000, 7, OPEN, 0)
        assert not most.access & 0x10116
        most.release()


@pytest.mark.parametrize("name", ["file", "folder", "relative", "chain"])
def test_links_that_lead_outside(world, name):
    files, host = world
    links = host / "proj"
    os.symlink(host / "secret" / "File.txt", links / "file")
    os.symlink(host / "secret", links / "folder")
    os.symlink("../secret/File.txt", links / "relative")
    os.symlink("file", links / "chain")
    path = name + "\\File.txt" if name == "folder" else name
    expected = nt.STATUS_OBJECT_PATH_NOT_FOUND if name == "folder" else nt.STATUS_ACCESS_DENIED
    for spelling in (path, path.upper()):
        assert status_of(files.open, spelling, READ, 7, OPEN, 0) == expected
        assert status_of(files.open, spelling, WRITE, 7, 5, 0) == expected
        assert status_of(files.host_path, spelling) == expected
    assert status_of(files.open, "folder\\new", WRITE, 7, CREATE, 0) == nt.STATUS_OBJECT_PATH_NOT_FOUND
    assert (host / "secret" / "File.txt").read_text() == "secret"
    here, _ = files.open(".", READ, 7, OPEN, DIR)
    info = {e.name: e.info for e in here.entries("*", False)}[name]
    assert info.attributes & 0x400 and info.size == 0


def test_links_that_stay_inside(world):
    files, host = world
    os.symlink(host / "proj" / "Sub", host / "proj" / "link")
    os.symlink("Sub/File.txt", host / "proj" / "short")
    os.symlink(host / "extra" / "File.txt", host / "proj" / "other")
    assert read(files, "LINK\\file.txt") == read(files, "short") == "proj/Sub"
    assert read(files, "other") == "extra"
    assert status_of(files.open, "other", WRITE, 7, OPEN, 0) == nt.STATUS_ACCESS_DENIED
    link, _ = files.open("short", 0x10080, 7, OPEN, 0x200000 | 0x1000)
    assert link.info().attributes == 0x400 and link.info().reparse_tag == 0xA000000C
    link.release()
    assert not (host / "proj" / "short").is_symlink()
    assert (host / "proj" / "Sub" / "File.txt").exists()


def test_link_to_itself(world):
    files, host = world
    os.symlink("loop", host / "proj" / "loop")
    with pytest.raises(Exception) as caught:
        files.open("loop", READ, 7, OPEN, 0)
    assert caught.value.status in (nt.STATUS_REPARSE_POINT_NOT_RESOLVED, nt.STATUS_ACCESS_DENIED)


def test_special_files_are_not_opened(world):
    files, host = world
    os.mkfifo(host / "proj" / "fifo")
    assert status_of(files.open, "fifo", READ, 7, OPEN, 0) == nt.STATUS_ACCESS_DENIED


def test_grants_are_neither_renamed_nor_deleted(world):
    files, _ = world
    for path in ("M:\\", "."):
        folder, _ = files.open(path, 0x10000, 7, OPEN, DIR)
        assert status_of(folder.set_delete, True) == nt.STATUS_ACCESS_DENIED
        assert status_of(folder.rename, "M:\\x", False) == nt.STATUS_ACCESS_DENIED


def test_odd_host_names(world):
    files, host = world
    (host / "proj" / "a:b").write_text("colon")
    with open(os.path.join(os.fsencode(host / "proj"), b"\xff\xfe"), "w") as file:
        file.write("bytes")
    here, _ = files.open(".", READ, 7, OPEN, DIR)
    names = [e.name for e in here.entries("*", False)]
    assert "a\uf03ab" in names and "\uf0ff\uf0fe" in names
    assert read(files, "a\uf03ab") == "colon"
    assert read(files, "\uf0ff\uf0fe") == "bytes"
    for name in ("\ud800", "\udcff", "x\ud83dx"):
        assert status_of(files.open, name, WRITE, 7, CREATE, 0) == nt.STATUS_OBJECT_NAME_INVALID


def test_current_directory(world):
    files, _host = world
    start = files.current_directory
    files.current_directory = "sub"
    assert files.current_directory == start + "sub\\"
    assert read(files, "file.txt") == "proj/Sub"
    files.current_directory = "C:\\WINDOWS"
    assert files.full_path("x") == "C:\\WINDOWS\\x"
    assert files.full_path("z:x") == start + "sub\\x"
    assert files.full_path("M:x") == "M:\\x"

    def change(path):
        files.current_directory = path

    assert status_of(change, "none") == nt.STATUS_OBJECT_NAME_NOT_FOUND
    assert status_of(change, start + "sub\\File.txt") == nt.STATUS_NOT_A_DIRECTORY
    assert files.current_directory == "C:\\WINDOWS\\"
    assert status_of(files.open, "C:\\windows", 0x10000, 7, OPEN, DIR) == nt.STATUS_SHARING_VIOLATION


def test_private_drive(tmp_path):
    files = DiskFiles(make_process(tmp_path))
    folder = files.host_path("c:\\windows\\system32")
    assert os.path.isdir(folder)
    root, _ = files.open("C:\\", READ, 7, OPEN, DIR)
    assert [e.name for e in root.entries("*", False)] == [
        "Program Files", "Program Files (x86)", "ProgramData", "Users", "Windows",
    ]  # fmt: skip
    assert [e.short_name for e in root.entries("*", False)][:3] == ["PROGRA~1", "PROGRA~2", "PROGRA~3"]
    assert files.host_path("C:\\progra~2").endswith("Program Files (x86)")
    files.close()
    assert not os.path.exists(folder)


def test_given_drive_stays(tmp_path):
    (tmp_path / "c").mkdir()
    files = DiskFiles(make_process(tmp_path / "c" / "Users", drive_c=str(tmp_path / "c")))
    assert files.current_directory == "C:\\Users\\"
    files.close()
    assert (tmp_path / "c" / "Windows" / "System32").is_dir()


def test_no_descriptors_are_left(world):
    files, _host = world
    before = len(os.listdir("/proc/self/fd"))
    for path in ("File.txt", "FILE.TXT", "none", "none\\x", "sub\\x\\y", "Z:\\etc\\x", "M:\\", "..", "Z:\\", "a*"):
        try:
            files.open(path, READ, 7, OPEN, 0)[0].release()
        except Exception as error:
            assert type(error).__name__ == "NtError"
        try:
            files.query(path)
        except Exception as error:
            assert type(error).__name__ == "NtError"
    assert len(os.listdir("/proc/self/fd")) == before


def test_created_files_have_usual_modes(world):
    files, host = world
    files.open("n", WRITE, 7, CREATE, 0)[0].release()
    assert not stat.S_IMODE(os.stat(host / "proj" / "n").st_mode) & 0o111


FIXED = (
    "\\ / . .. : C: Z: \\\\?\\ \\??\\ \\\\.\\ NUL con Sub sub File.txt link UNC ~1 \0 *"
    " secret proj tmp \ud800 \uf02e $DATA"
)
PIECES = st.one_of(st.sampled_from([*FIXED.split(" "), " "]), st.text(max_size=3))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=12), disposition=st.integers(0, 5), options=st.sampled_from([0, 1, 0x40, 0x200000])
)
def test_no_path_leads_outside_or_astray(world, pieces, disposition, options):
    """Whatever a path is, the answer is a file inside or an NtError, and no descriptor is left open."""
    files, host = world
    link = host / "proj" / "link"
    if not link.is_symlink() and not link.exists():
        link.symlink_to(host / "secret")
    before = len(os.listdir("/proc/self/fd"))
    path = "".join(pieces)
    try:
        file, _ = files.open(path, READ | WRITE, 7, disposition, options)
    except NtError:
        pass
    else:
        if isinstance(file, DiskFile) and not file.is_link:
            real = os.readlink(file.target)
            assert files.mounts.granted(real) is not None
            assert not real.startswith(str(host / "secret"))
        file.release()
    assert len(os.listdir("/proc/self/fd")) <= before
    assert os.listdir(host / "secret") == ["File.txt"]

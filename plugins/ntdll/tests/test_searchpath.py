"""The search paths."""

from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import PVOID

WINDOWS = "C:\\Windows\\system32;C:\\Windows\\system;C:\\Windows"


@pytest.fixture
def search(box: Any) -> Any:
    box.call.kernel32.SetEnvironmentVariableW("PATH", "C:\\tools")
    return Search(box)


class Search:
    def __init__(self, box: Any) -> None:
        self.call, self.kernel32 = box.call.ntdll, box.call.kernel32
        self.box, self.out, self.other = box, box.new(PVOID), box.new(PVOID)
        self.program = self.text(self.call.RtlGetExePath("a.exe", self.out)).partition(";")[0]

    def text(self, status: int) -> str:
        assert status == 0
        path = self.box.memory.wstr(self.out.value)
        self.call.RtlReleasePath(self.out.value)
        return str(path)

    def dlls(self, name: str | None, flags: int) -> int:
        return int(self.call.LdrGetDllPath(name, flags, self.out, self.other))


def test_files(search: Search) -> None:
    assert search.text(search.call.RtlGetSearchPath(search.out)) == f"{search.program};.;{WINDOWS};C:\\tools"
    assert search.kernel32.SetSearchPathMode(1)
    assert search.text(search.call.RtlGetSearchPath(search.out)) == f"{search.program};{WINDOWS};.;C:\\tools"
    assert search.call.RtlSetSearchPathMode(2) == nt.STATUS_INVALID_PARAMETER
    assert search.call.RtlSetSearchPathMode(0x8001) == 0
    assert search.call.RtlSetSearchPathMode(0x10000) == nt.STATUS_ACCESS_DENIED
    assert search.call.RtlSetSearchPathMode(0x8001) == 0


def test_programs(search: Search) -> None:
    assert search.text(search.call.RtlGetExePath("a.exe", search.out)) == f"{search.program};.;{WINDOWS};C:\\tools"
    search.kernel32.SetEnvironmentVariableW("NoDefaultCurrentDirectoryInExePath", "1")
    assert search.text(search.call.RtlGetExePath("a.exe", search.out)) == f"{search.program};{WINDOWS};C:\\tools"
    assert ";.;" in search.text(search.call.RtlGetExePath("x\\a.exe", search.out))


def test_dlls(search: Search) -> None:
    rest = f"{WINDOWS};.;C:\\tools"
    assert search.text(search.dlls(None, 0)) == f"{search.program};{rest}"
    assert search.text(search.dlls("d:\\x\\a.dll", 8)) == f"d:\\x;{rest}"
    assert search.text(search.dlls("a.dll", 8)) == f"{search.program};{rest}"
    assert search.dlls("d:\\a.dll", 0x808) == nt.STATUS_INVALID_PARAMETER
    assert search.dlls("a.dll", 0x100) == nt.STATUS_INVALID_PARAMETER
    assert search.text(search.dlls("d:\\x\\a.dll", 0x900)) == "d:\\x;C:\\Windows\\system32"
    assert search.call.LdrSetDefaultDllDirectories(0) == nt.STATUS_INVALID_PARAMETER
    assert search.call.LdrSetDefaultDllDirectories(0x800) == 0
    assert search.text(search.dlls("a.dll", 0)) == "C:\\Windows\\system32"

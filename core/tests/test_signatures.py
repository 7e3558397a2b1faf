"""The signature data, against what Microsoft's pages say of some well-known functions."""

import re
import subprocess
import sys

import pytest

from litebox_core import signatures
from litebox_core.signatures import Param, Signature

WORD = re.compile(
    r"(ptr:)*(void|[ui](8|16|32|64|size)|f32|f64|bool8|bool32|handle|ntstatus|hresult|win32|enum(8|16|64)?:[\w.]+|[aw]str"
    r"|[aw]buf|bstr|fn(:\w+)?|ptr|struct:\w+:\d+(/\d+)?|[A-Za-z_]\w*)"
)


def known(dll: str, name: str | int) -> Signature:
    found = signatures.find(dll, name)
    assert found is not None, (dll, name)
    return found


def types(signature: Signature) -> list[str]:
    assert signature.params is not None, signature
    return [param.type for param in signature.params]


def test_create_file() -> None:
    assert known("kernel32", "CreateFileW") == Signature(
        "kernel32",
        "CreateFileW",
        None,
        "stdcall",
        "handle",
        (
            Param("lpFileName", "wstr"),
            Param("dwDesiredAccess", "u32"),
            Param("dwShareMode", "enum:FILE_SHARE_MODE"),
            Param("lpSecurityAttributes", "ptr:SECURITY_ATTRIBUTES"),
            Param("dwCreationDisposition", "enum:FILE_CREATION_DISPOSITION"),
            Param("dwFlagsAndAttributes", "enum:FILE_FLAGS_AND_ATTRIBUTES"),
            Param("hTemplateFile", "handle"),
        ),
        28,
        "win32metadata",
    )
    assert known("KERNELBASE.dll", "CreateFileW").params == known("kernel32", "CreateFileW").params
    assert types(known("kernel32", "CreateFileA"))[0] == "astr"


def test_nt_create_file() -> None:
    found = known("ntdll.dll", "NtCreateFile")
    assert (found.x86_bytes, found.convention, found.ret) == (44, "stdcall", "ntstatus")
    assert types(found)[:4] == ["ptr:handle", "enum:FILE_ACCESS_RIGHTS", "ptr:OBJECT_ATTRIBUTES", "ptr:IO_STATUS_BLOCK"]
    assert known("ntdll", "ZwCreateFile").x86_bytes == 44


@pytest.mark.parametrize(
    ("dll", "ordinal", "name"),
    [
        ("ws2_32", 115, "WSAStartup"),
        ("WS2_32.DLL", 3, "closesocket"),
        ("ws2_32", 19, "send"),
        ("wsock32", 115, "WSAStartup"),
        ("oleaut32", 2, "SysAllocString"),
        ("shell32", 660, "#660"),
    ],
)
def test_ordinals(dll: str, ordinal: int, name: str) -> None:
    found = known(dll, ordinal)
    assert (found.name, found.ordinal) == (name, ordinal)
    assert found.params is not None
    assert known(dll, name) == found


@pytest.mark.parametrize(
    ("dll", "name", "convention", "size"),
    [
        ("msvcrt", "printf", "vararg", 0),
        ("msvcrt", "_open", "vararg", 0),
        ("user32", "wsprintfW", "vararg", 0),
        ("ucrtbase", "qsort", "cdecl", 0),
        ("ntdll", "sprintf", "vararg", 0),
        ("msvcrt", "_environ", "data", None),
        ("ntdll", "RtlUlongByteSwap", "fastcall", 4),
        ("kernel32", "SetFilePointerEx", "stdcall", 20),
        ("kernel32", "GetTickCount", "stdcall", 0),
        ("user32", "WindowFromPoint", "stdcall", 8),
        ("oleaut32", "VarCyFromR8", "stdcall", 12),
        ("advapi32", "RegOpenKeyExW", "stdcall", 20),
        ("ntdll", "LdrLoadDll", "stdcall", 16),
    ],
)
def test_x86_convention_and_byte_count(dll: str, name: str, convention: str, size: int | None) -> None:
    found = known(dll, name)
    assert (found.convention, found.x86_bytes) == (convention, size)


@pytest.mark.parametrize(
    ("dll", "name", "ret", "wanted"),
    [
        ("msvcrt", "strtol", "i32", ["astr", "ptr:abuf", "i32"]),
        ("msvcrt", "qsort", "void", ["ptr", "usize", "usize", "fn"]),
        ("ucrtbase", "_wfopen", "ptr:FILE", ["wstr", "wstr"]),
        ("ucrtbase", "_o__wfopen", "ptr:FILE", ["wstr", "wstr"]),
        ("kernel32", "GetCurrentDirectoryW", "u32", ["u32", "wbuf"]),
        ("kernel32", "GetTickCount64", "u64", []),
        ("kernel32", "CloseHandle", "bool32", ["handle"]),
        ("user32", "WindowFromPoint", "handle", ["struct:POINT:8"]),
        ("user32", "SetWindowLongPtrW", "isize", ["handle", "enum:WINDOW_LONG_PTR_INDEX", "isize"]),
        ("ole32", "CoTaskMemAlloc", "ptr", ["usize"]),
        ("oleaut32", "VariantTimeToSystemTime", "i32", ["f64", "ptr:SYSTEMTIME"]),
        ("advapi32", "RegCloseKey", "win32", ["handle"]),
    ],
)
def test_types(dll: str, name: str, ret: str, wanted: list[str]) -> None:
    found = known(dll, name)
    assert found.ret == ret
    assert types(found) == wanted


def test_enums() -> None:
    members = signatures.enum_members("enum:FILE_SHARE_MODE")
    assert members == {"FILE_SHARE_NONE": 0, "FILE_SHARE_READ": 1, "FILE_SHARE_WRITE": 2, "FILE_SHARE_DELETE": 4}
    disposition = signatures.enum_members("FILE_CREATION_DISPOSITION")
    assert disposition is not None
    assert disposition["OPEN_EXISTING"] == 3
    assert signatures.enum_members("NO_SUCH_ENUM") is None


@pytest.mark.parametrize("dll", [d for d in signatures.dlls() if any(signatures.names(d))])
def test_every_row_is_well_formed(dll: str) -> None:
    exports = list(signatures.names(dll))
    assert exports == sorted(exports)
    assert exports
    for name in exports:
        found = known(dll, name)
        assert found.x86_bytes is None or (found.x86_bytes % 4 == 0 and found.x86_bytes < 256), found
        assert found.params is None or found.convention != "data", found
        for kind in [found.ret, *types(found)] if found.params is not None else []:
            assert WORD.fullmatch(kind), found
            if "enum" in kind.split(":")[0]:
                assert signatures.enum_members(kind), found


def test_the_common_dlls_are_there() -> None:
    assert {"kernel32", "kernelbase", "ntdll", "msvcrt", "ucrtbase", "ws2_32", "advapi32", "user32", "bcrypt"} <= set(
        signatures.dlls()
    )
    assert len(list(signatures.names("kernel32"))) > 1300


@pytest.mark.parametrize("name", ["enums", "api_sets", "no_such_dll", "../signatures/kernel32", ""])
def test_what_is_no_dll_has_no_exports(name: str) -> None:
    assert list(signatures.names(name)) == []
    assert signatures.find(name, "CreateFileW") is None
    assert signatures.find(name, 1) is None


def test_incomplete_lists_are_completed_from_the_dlls_that_export_the_same() -> None:
    assert known("kernelbase", "PathCchAppend").params is not None
    assert known("kernelbase", "RegGetValueW").dll == "kernelbase"
    assert "_access_s" not in signatures.names("msvcrt")
    assert known("msvcrt", "_access_s").params == known("ucrtbase", "_access_s").params


def test_unknown_exports() -> None:
    assert signatures.find("kernel32", "createfilew") is None
    assert signatures.find("ws2_32", 0) is None


@pytest.mark.parametrize(
    ("name", "hosts"),
    [
        ("api-ms-win-crt-runtime-l1-1-0", ("ucrtbase",)),
        ("API-MS-Win-Core-Synch-L1-2-0.dll", ("kernelbase", "kernel32")),
        ("api-ms-win-core-synch-l1-2-99", ("kernelbase", "kernel32")),
        ("api-ms-win-core-synch-l9-1-0", ("kernelbase", "kernel32")),
        ("api-ms-win-security-base-l1-1-0", ("kernelbase", "advapi32")),
        ("api-ms-win-no-such-contract-l1-1-0", ()),
        ("kernel32", ()),
        ("", ()),
    ],
)
def test_hosts_of_api_set(name: str, hosts: tuple[str, ...]) -> None:
    assert signatures.hosts_of_api_set(name) == hosts


def test_importing_reads_no_data() -> None:
    code = "import litebox_core.signatures as s; print(s._table.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"

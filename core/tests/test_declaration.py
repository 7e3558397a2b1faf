"""``litebox new DLL!FUNCTION``: every prototype of the signature data becomes a declaration that is accepted."""

import re

import pytest
from click.testing import CliRunner

from litebox_core import signatures
from litebox_core.abi.signature import Signature
from litebox_core.cli.new import new_command
from litebox_core.dll import NATIVE, RETURN_ERROR
from litebox_core.scaffold.declaration import Unknown, declaration, find
from litebox_core.scaffold.types import made_of_bits, spelled

WIDTHS = {"8": 1, "16": 2, "32": 4, "64": 8}


def declared(found):
    """The export that the printed source declares."""
    source = declaration(found)
    scope = {"__name__": "pasted"}
    exec(compile(source, f"{found.dll}!{found.name}", "exec"), scope)
    return scope["dll"].exports[found.name], source, scope["dll"]


def width(kind):
    """Bytes of a value on x64, by its word; None for structures."""
    word, _, _ = kind.partition(":")
    if word in ("usize", "isize", "handle", "ptr", "fn", "astr", "wstr", "abuf", "wbuf", "bstr"):
        return 8
    if word in ("ntstatus", "hresult", "win32", "enum"):
        return 4
    digits = re.sub(r"\D", "", word)
    return WIDTHS[digits] if digits and word != "struct" else None


@pytest.mark.parametrize("dll", signatures.dlls())
def test_every_prototype(dll):
    for name in signatures.names(dll):
        found = signatures.find(dll, name)
        export, source, made = declared(found)
        assert max(map(len, source.splitlines())) <= 120, name
        assert made.name == dll
        if found.convention == "data":
            assert export.kind == "data"
            continue
        signature = export.signature
        assert isinstance(signature, Signature)
        assert export.ordinal == found.ordinal
        assert signature.varargs == (found.convention == "vararg"), name
        if found.params is None:
            assert "# The signature data has no prototype of it" in source
            continue
        params = signature.params[:-1] if signature.varargs else signature.params
        assert len(params) == len(found.params), name
        for param, wanted in zip(params, found.params, strict=True):
            assert param.name.rstrip("_") == re.sub(r"\W", "_", wanted.name).rstrip("_"), name
            if wanted.type.startswith("struct:"):
                size64, _, size32 = wanted.type.split(":")[2].partition("/")
                assert param.extra.sizeof(64) == int(size64), name
                if size32 and int(size64) == 2 * int(size32):
                    assert param.extra.sizeof(32) == int(size32), name
            else:
                assert param.scalar.width(64) == width(wanted.type), (name, wanted)
        if found.ret == "void":
            assert signature.ret is None
        elif found.ret and not found.ret.startswith("struct:"):
            assert signature.ret.width(64) == width(found.ret), name


def test_a_function_with_a_buffer_and_flags():
    export, source, dll = declared(find("ws2_32", "recv"))
    assert "from litebox_core.abi import HANDLE, INT, Buffer, Len, flags\n" in source
    assert [(p.name, p.kind) for p in export.signature.params] == [
        ("s", "scalar"), ("buf", "buffer"), ("len", "scalar"), ("flags", "scalar"),
    ]  # fmt: skip
    assert export.signature.params[3].scalar.show(3) == "MSG_OOB|MSG_PEEK"
    assert export.ordinal == 16
    assert dll.convention == "stdcall"


def test_an_enum_and_the_ansi_form():
    export, source, dll = declared(find("kernel32.dll", "CreateFileW"))
    assert "lpSecurityAttributes: PVOID,  # SECURITY_ATTRIBUTES *\n" in source
    assert source.endswith("\n\n\ndll.ansi(CreateFileW)  # CreateFileA\n")
    assert export.signature.params[4].scalar.show(3) == "OPEN_EXISTING"
    assert dll.exports["CreateFileA"].signature.params[0].kind == "ansi"


def test_a_dll_s_dialect_and_convention():
    assert declared(find("ntdll", "NtClose"))[2].dialect is NATIVE
    export, _, dll = declared(find("msvcrt", "printf"))
    assert dll.convention == "cdecl"
    assert export.signature.varargs
    assert declared(find("advapi32", "RegCloseKey"))[0].fails is RETURN_ERROR


def test_by_ordinal_and_through_an_api_set():
    assert find("ws2_32", "16").name == find("ws2_32", "#16").name == "recv"
    assert find("api-ms-win-core-file-l1-1-0", "CreateFileW").name == "CreateFileW"


@pytest.mark.parametrize(
    ("dll", "function", "words"),
    [
        ("ws2_32", "recieve", "ws2_32 exports no recieve"),
        ("ws2_32", "RECV", "did you mean recv or WSARecv?"),
        ("kernel32", "CreateFile", "did you mean CreateFileW, CreateFileA"),
        ("kernel33", "CreateFileW", "no signature data for kernel33; did you mean kernel32"),
        ("ws2_32", "9999", "ws2_32 exports no ordinal 9999"),
        ("nothing_like_it", "f", "no signature data for nothing_like_it"),
    ],
)
def test_what_is_not_known(dll, function, words):
    with pytest.raises(Unknown) as caught:
        find(dll, function)
    assert words in str(caught.value)
    result = CliRunner().invoke(new_command, [f"{dll}!{function}"])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert words in result.output


@pytest.mark.parametrize("word", ["!recv", "ws2_32!", "!"])
def test_half_a_name(word):
    result = CliRunner().invoke(new_command, [word])
    assert result.exit_code == 2
    assert "DLL!FUNCTION" in result.output


def test_a_hostile_name_is_one_line():
    result = CliRunner().invoke(new_command, ["ws2_32!a\nb\x1b[31m" + "x" * 5000])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "\x1b" not in result.output
    assert len(result.output) < 400


def test_the_command_prints_it():
    result = CliRunner().invoke(new_command, ["WS2_32.dll!recv"])
    assert result.exit_code == 0
    assert result.output == declaration(find("ws2_32", "recv"))


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("FILE_SHARE_MODE", True),
        ("FILE_CREATION_DISPOSITION", False),
        ("SEND_RECV_FLAGS", True),
        ("FILE_FLAGS_AND_ATTRIBUTES", True),
        ("REG_VALUE_TYPE", False),
        ("MESSAGEBOX_RESULT", False),
    ],
)
def test_enums_and_flags_are_told_apart(name, bits):
    assert made_of_bits(name, signatures.enum_members(name)) is bits


def test_c_spelling():
    assert spelled("ptr:SYSTEMTIME") == "SYSTEMTIME *"
    assert spelled("ptr:ptr:abuf") == "CHAR ***"
    assert spelled("fn:WNDENUMPROC") == "WNDENUMPROC"
    assert spelled("ptr:u32") == "DWORD *"

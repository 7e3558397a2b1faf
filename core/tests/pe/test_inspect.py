import json
import struct

import pefile
import pytest

from litebox_core.pe import parse
from litebox_core.pe.imports import imports
from litebox_core.pe.inspect import describe, import_hash
from litebox_core.pe.toolchain import RichEntry, rich_header

from .sample import NT_OFFSET, Sample


@pytest.fixture(params=[64, 32])
def sample(request: pytest.FixtureRequest) -> Sample:
    return Sample(request.param)


def test_description(sample: Sample) -> None:
    found = json.loads(json.dumps(describe(parse(sample.data, "hello.exe"))))
    assert found["problems"] == []
    headers = found["headers"]
    assert (headers["machine"], headers["kind"]) == ("x64" if sample.bits == 64 else "x86", "program")
    assert headers["subsystem"] == "Windows console"
    assert headers["dll_characteristics"] == ["HIGH_ENTROPY_VA", "DYNAMIC_BASE", "NX_COMPAT"]
    assert [(section["name"], section["rights"]) for section in found["sections"]][:3] == [
        (".text", "r-x"), (".rdata", "r--"), (".data", "rw-"),
    ]  # fmt: skip
    assert found["imports"] == {
        "KERNEL32.dll": [{"name": "ExitProcess"}, {"name": "WriteFile"}],
        "ws2_32.dll": [{"ordinal": 9}, {"name": "recv"}],
    }
    assert found["delay_imports"] == {"late.dll": [{"name": "Late"}, {"ordinal": 3}]}
    assert found["exports"]["functions"] == found["exports"]["names"] == 3
    assert found["exports"]["forwarders"] == {"beta": "NTDLL.RtlZeroMemory"}
    assert found["tls"]["callbacks"] == [f"0x{sample.base + 0x1040:x}"]
    assert found["relocations"] == 3
    assert found["load_config"]["guard_flags"] == "0x100"
    assert found["load_config"]["se_handlers"] == (None if sample.bits == 64 else 2)
    assert found["resources"][0]["type"] == "VERSION"
    assert found["version"]["file_version"] == "1.2.3.4"
    assert found["version"]["strings"] == {"FileDescription": "A sample"}
    assert found["pdb"]["path"] == "C:\\src\\hello.pdb"
    assert "export" in found["directories"]
    assert (found["overlay"], found["signed"]) == (0, False)


def test_problems_do_not_hide_the_rest() -> None:
    sample = Sample()
    found = describe(parse(sample.changed(sample.directory_offset(1), "<I", 0xFFFF_FFF0), "bad.exe"))
    (line,) = found["problems"]
    assert line.startswith("bad.exe: import descriptor 0: ")
    assert (found["imports"], found["import_hash"], found["relocations"]) == ({}, None, 3)


def test_import_hash_is_the_one_everybody_uses(sample: Sample) -> None:
    with pefile.PE(data=sample.data) as pe:
        assert import_hash(imports(parse(sample.data, "x.exe"))) == pe.get_imphash()


def test_a_dll_listed_twice_is_shown_once() -> None:
    sample = Sample()
    name = sample.labels["KERNEL32.dll name"]
    found = describe(parse(sample.changed(sample.offset("imports") + 20 + 12, "<I", name), "x.exe"))
    assert list(found["imports"]) == ["KERNEL32.dll"]
    assert len(found["imports"]["KERNEL32.dll"]) == 4


def test_overlay() -> None:
    assert describe(parse(Sample().data + b"PK\3\4 and more", "sfx.exe"))["overlay"] == 13


def test_rich_header() -> None:
    sample = Sample()
    key = 0x1234_5678
    words = [0x536E6144, 0, 0, 0, 0x0104_7809, 12]
    rich = b"".join(struct.pack("<I", word ^ key) for word in words) + b"Rich" + struct.pack("<I", key)
    data = sample.changed(0x40, f"<{len(rich)}s", rich)
    assert rich_header(parse(data, "x.exe")) == [RichEntry(0x104, 0x7809, 12)]
    assert describe(parse(data, "x.exe"))["toolchain"]["guess"] == "MSVC"
    assert rich_header(parse(sample.changed(0x40, "<4s4sI", b"junk", b"Rich", 1), "x.exe")) == []


@pytest.mark.parametrize(
    ("mark", "linker", "guess"),
    [
        (b"GCC: (GNU) 12 20220819\0Mingw-w64 runtime failure", (2, 40), "MinGW GCC 12 20220819"),
        (b"Mingw-w64 runtime failure", (14, 0), "MinGW clang, or zig cc"),
        (b"/rustc/abc Mingw-w64 runtime failure", (2, 40), "Rust (MinGW GCC)"),
        (b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + b"\x08go1.22.1", (3, 0), "Go 1.22.1"),
        (b"nothing", (6, 0), "unknown"),
    ],
)
def test_toolchain(mark: bytes, linker: tuple[int, int], guess: str) -> None:
    sample = Sample()
    data = sample.changed(NT_OFFSET + 24 + 2, "<2B", *linker) + mark
    found = describe(parse(data, "x.exe"))["toolchain"]
    assert found["guess"] == guess
    assert found["evidence"]


@pytest.mark.parametrize(("name", "guess"), [(b"UPX0", "packed with UPX"), (b".ndata", "NSIS installer")])
def test_packers(name: bytes, guess: str) -> None:
    sample = Sample()
    data = sample.changed(sample.section_offset(1), "<8s", name)
    assert describe(parse(data, "x.exe"))["toolchain"]["guess"] == guess


def test_managed_programs_are_told_apart() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.directory_offset(14), "<2I", 0x2000, 72), "x.exe")
    assert image.is_managed
    assert describe(image)["toolchain"]["guess"] == ".NET"

"""Native DLLs: who is called when, reference counts, what GetProcAddress finds; and what programs see of the lists."""

import os
import shutil
import struct
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
DLLS = ("base", "mid", "low", "late", "no", "lost")

# Wine says the same, but that it does not tell the program's TLS callbacks of the end, leaves the dependencies of a
# DLL that cannot be loaded where they are, and has error 127 for an ordinal that is not there.
TRANSCRIPT = """\
base main attach static
mid tls1 attach
mid tls2 attach
mid main attach static
program tls1 attach
main 47 77
by name 47, by ordinal 77, forward 40
lost forward -127, no name -127, no ordinal -182, hidden -127
far 1
low main attach
late main attach
late 42, low is loaded
again the same
{threads}free 1
late main detach
low main detach
free 1
late is not loaded, low is not loaded
free base 1 1
base is loaded
low main attach
no main attach
no main detach
low main detach
no 0, error {refused}, low is not loaded
lost 0, error 126, low is not loaded
none 0, error 126
low main attach
late main attach
late 42
late main detach static
low main detach static
mid tls1 detach
mid tls2 detach
mid main detach static
base main detach static
program tls1 detach
"""
THREADS = """\
base main thread attach
mid tls1 thread attach
mid tls2 thread attach
mid main thread attach
low main thread attach
late main thread attach
program tls1 thread attach
program thread
late main thread detach
low main thread detach
mid tls1 thread detach
mid tls2 thread detach
mid main thread detach
base main thread detach
program tls1 thread detach
"""


@pytest.fixture
def place(tmp_path):
    """Puts the program and the DLLs named into the test's folder."""

    def do(program: str, *dlls: str) -> str:
        for name in dlls:
            shutil.copy(PROGRAMS / f"order_{name}.dll", tmp_path)
        return str(shutil.copy(PROGRAMS / program, tmp_path))

    return do


@pytest.mark.parametrize("arguments", [[], ["threads"]], ids=["alone", "threads"])
def test_order_of_notifications_and_reference_counts(place, run_exe, arguments):
    finished = run_exe(place("order.exe", *DLLS), *arguments)
    assert finished.text == TRANSCRIPT.format(threads=THREADS if arguments else "", refused=REFUSED)
    assert (finished.exit_code, finished.stderr) == (3, b"")


REFUSED = 1114
"""ERROR_DLL_INIT_FAILED"""


def test_a_dll_is_missing(place, run_exe):
    finished = run_exe(place("order.exe", "base"))
    assert (finished.exit_code, finished.stdout) == (123, b"")
    assert finished.stderr.count(b"\n") == 1
    assert b"order.exe: imports order_mid.dll, which is nowhere to be had" in finished.stderr


def test_a_dll_of_a_dll_is_missing(place, run_exe):
    finished = run_exe(place("order.exe", "mid"))
    assert finished.exit_code == 123
    assert b"order_mid.dll: imports order_base.dll" in finished.stderr


def test_a_function_is_missing(place, run_exe, tmp_path):
    program = place("order.exe", "base", "mid")
    shutil.copy(PROGRAMS / "order_low.dll", tmp_path / "order_base.dll")
    finished = run_exe(program)
    assert finished.exit_code == 123
    assert b"order_base.dll has no base_" in finished.stderr


@pytest.mark.parametrize("content", [b"", b"MZ", b"nothing"])
def test_a_dll_is_damaged(place, run_exe, tmp_path, content):
    program = place("order.exe", "base")
    (tmp_path / "order_mid.dll").write_bytes(content)
    finished = run_exe(program)
    assert finished.exit_code in (121, 123)
    assert finished.stderr.count(b"\n") == 1
    assert b"order_mid.dll" in finished.stderr


def test_a_dll_refuses_to_be_initialised(place, run_exe):
    finished = run_exe(place("order_refused.exe", "no", "low"))
    assert finished.exit_code == 123
    assert b"order_no.dll: it refuses to be initialised" in finished.stderr
    assert finished.text.startswith("low main attach static\nno main attach static\n")


def test_a_dll_is_found_in_any_case_and_in_the_path(place, run_exe, tmp_path):
    program = place("order.exe", *DLLS)
    os.rename(tmp_path / "order_base.dll", tmp_path / "ORDER_Base.DLL")
    assert run_exe(program).exit_code == 3


def test_a_program_sees_itself_in_its_blocks_and_lists(run_exe):
    finished = run_exe(PROGRAMS / "layout.exe", options=["--timeout", "60"])
    assert (finished.text, finished.exit_code) == ("0 failures\n", 0)


def test_a_program_that_wants_low_addresses(run_exe, tmp_path):
    """Without LARGE_ADDRESS_AWARE all that a program meets lies below 2 GB."""
    data = bytearray((PROGRAMS / "layout.exe").read_bytes())
    (header,) = struct.unpack_from("<I", data, 60)
    (flags,) = struct.unpack_from("<H", data, header + 22)
    struct.pack_into("<H", data, header + 22, flags & ~0x20)
    (tmp_path / "layout.exe").write_bytes(data)
    finished = run_exe(tmp_path / "layout.exe", options=["--timeout", "60"])
    assert (finished.text, finished.exit_code) == ("0 failures\n", 0)


def test_plugin_images_are_whole(lab):
    """The image that stands for a plugin DLL parses as a PE file, and its exports are where the loader finds them."""
    from litebox_core.pe import parse
    from litebox_core.pe.exports import Exports

    loader = lab.process.loader
    module = loader.modules.by_name("kernel32.dll")
    image = parse(lab.memory.read(module.base, module.size), "kernel32.dll")
    assert image.is_dll
    exports = Exports(image)
    assert exports.dll_name == "kernel32.dll"
    names = [export.name for export in exports if export.name and export.forwarder is None]
    assert len(names) > 100
    for name in names:
        assert module.base + exports.by_name(name).rva == module.addresses[name]

ASSEMBLY = '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">{}</assembly>'
ASKS = "<dependency><dependentAssembly>{}</dependentAssembly></dependency>"
APART = '<assemblyIdentity type="win32" name="apart" version="1.0.0.0"/>'


def test_a_manifest_leads_to_a_dll(place, run_exe, tmp_path):
    program = place("order.exe", *DLLS)
    (tmp_path / "apart").mkdir()
    (tmp_path / "order_base.dll").rename(tmp_path / "apart" / "order_base.dll")
    (tmp_path / "order.exe.manifest").write_text(ASSEMBLY.format(ASKS.format(APART)))
    assert run_exe(program).exit_code == 123
    (tmp_path / "apart" / "apart.manifest").write_text(ASSEMBLY.format(APART + '<file name="order_base.dll"/>'))
    finished = run_exe(program)
    assert finished.text == TRANSCRIPT.format(threads="", refused=REFUSED)
    assert (finished.exit_code, finished.stderr) == (3, b"")


def test_an_assembly_that_is_missing_or_damaged_is_done_without(place, run_exe, tmp_path):
    """Windows would not start the program: here its DLLs may be beside it."""
    program = place("order.exe", *DLLS)
    for manifest in (ASSEMBLY.format(ASKS.format(APART)), ASSEMBLY.format("<file/>"), "<file"):
        (tmp_path / "order.exe.manifest").write_text(manifest)
        assert run_exe(program).exit_code == 3

"""One program under different selections: real, stub, off, native; one override; two distributions."""

import subprocess
import sys
from pathlib import Path

import pytest

ARGUMENTS = Path(__file__).parent / "programs" / "arguments.exe"
ORDER = Path(__file__).parents[1] / "core" / "tests" / "programs"


def test_named_dlls_are_real_and_the_rest_is_stubbed(run_exe):
    finished = run_exe(ARGUMENTS, "x", options=["--plugins", "kernel32,msvcrt"])
    assert (finished.exit_code, finished.text.splitlines()[1:]) == (2, ["x"])


@pytest.mark.parametrize(
    "how", [["--plugins", "msvcrt"], ["--stub", "kernel32"], ["--plugins", "kernel32=stub,msvcrt"]]
)
def test_a_stubbed_kernel32_is_called_and_reported(run_exe, how):
    """The program gets typed error answers; whatever it makes of them, litebox does not fail and names the stubs."""
    finished = run_exe(ARGUMENTS, "x", options=[*how, "--timeout", "3", "-v"])
    said = finished.stderr.decode()
    assert finished.exit_code not in (2, 70)
    assert "Traceback" not in said
    assert "[stub] kernel32!" in said


def test_a_dll_switched_off_is_missing(run_exe):
    finished = run_exe(ARGUMENTS, options=["--plugins", "kernel32,msvcrt=off"])
    assert finished.exit_code == 123
    assert finished.stderr.count(b"\n") == 1
    assert b"imports msvcrt.dll" in finished.stderr


def test_a_dll_of_its_own_comes_before_the_signature_data_and_native_before_the_plugin(run_exe, tmp_path):
    """``native`` takes the file beside the program; without a file the DLL is missing."""
    finished = run_exe(ARGUMENTS, options=["--plugins", "kernel32,msvcrt=native"])
    assert finished.exit_code == 123
    assert b"msvcrt.dll" in finished.stderr


def test_one_function_is_overridden(run_exe, tmp_path):
    (tmp_path / "mylab.py").write_text(
        "from litebox_core.abi import PVOID\n"
        "from litebox_core.guest import Guest\n"
        "def line(guest: Guest, *, original: object) -> PVOID:\n"
        "    address = original(guest)\n"
        "    guest.memory.put_u16(address, 0x58)\n"
        "    return address\n"
    )
    finished = run_exe(
        ARGUMENTS, "x", options=["--override", "kernel32.GetCommandLineW=mylab:line"],
        env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"},
    )  # fmt: skip
    assert finished.exit_code == 2, finished
    assert finished.text.startswith("X")


def test_an_override_by_what_is_no_python_function(run_exe):
    finished = run_exe(ARGUMENTS, options=["--override", "msvcrt.rand=os:getpid"])
    assert finished.exit_code == 2
    assert b"override msvcrt.rand: os:getpid is no function written in Python" in finished.stderr
    assert finished.stderr.count(b"\n") == 1


def test_litebox_toml_of_the_current_folder_and_flags_over_it(run_exe, tmp_path):
    (tmp_path / "litebox.toml").write_text('[dll.msvcrt]\nuse = "off"\n')
    assert run_exe(ARGUMENTS).exit_code == 123
    (tmp_path / "litebox.toml").write_text('[run]\nplugins = ["msvcrt=off"]\n')
    assert run_exe(ARGUMENTS).exit_code == 123
    assert run_exe(ARGUMENTS, options=["--plugins", "kernel32,msvcrt"]).exit_code == 1
    assert run_exe(ARGUMENTS, env={"LITEBOX_PLUGINS": "kernel32,msvcrt"}).exit_code == 1
    (tmp_path / "litebox.toml").write_text("[run]\nspeed = 3\n")
    finished = run_exe(ARGUMENTS)
    assert finished.exit_code == 2
    assert b"litebox.toml: run.speed: no such setting" in finished.stderr


def test_dlls_shows_what_was_chosen(tmp_path):
    def litebox(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "litebox_core", *arguments], capture_output=True, cwd=tmp_path, timeout=60, text=True
        )

    listed = litebox("dlls", "--plugins", "kernel32,ws2_32=off").stdout
    rows = {line.split()[0]: line for line in listed.splitlines() if line}
    assert " real " in rows["kernel32"]
    assert "litebox-kernel32 " in rows["kernel32"]
    assert " stub " in rows["msvcrt"]
    assert " off " in rows["ws2_32"]
    assert litebox("dlls", "--plugins", "nobody").returncode == 2
    listed = litebox("exports", "kernel32").stdout
    assert "GetCommandLineW() -> " in listed
    assert litebox("exports", "nobody").returncode == 2

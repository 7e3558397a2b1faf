"""A program run step by step from Python: calls, addresses, breakpoints, events, registers, hooks, guest functions."""

import doctest
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import litebox_core
from litebox_core import api, debugger, pe
from litebox_core.abi import INT
from litebox_core.crash import Crash
from litebox_core.engine import Engine, EngineError
from litebox_core.plugins import PluginError

ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).parent / "programs" / "debugged.exe"
SAID = b"10 42 106\r\n"


@pytest.fixture
def output():
    return io.BytesIO()


@pytest.fixture
def process(output):
    with litebox_core.load(PROGRAM, stdout=output) as process:
        yield process


@pytest.mark.parametrize("module", [debugger, api], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 2
    assert result.failed == 0


def test_run_to_the_end(process, output):
    assert process.run() == 10
    assert output.getvalue() == SAID


def test_a_call_is_about_to_be_made(process, output):
    stop = process.debugger.until(call="kernel32!MulDiv")
    assert (stop.reason, stop.call.name) == ("call", "kernel32!MulDiv")
    assert stop.call.arguments() == [("nNumber", "10"), ("nNumerator", "3"), ("nDenominator", "2")]
    assert stop.call.values == (10, 3, 2)
    assert stop.call.caller.startswith("debugged.exe+0x")
    assert stop.address == process.debugger.address_of("kernel32!MulDiv") == stop.registers["rip"]
    stop.registers["rcx"] = 20  # the function gets what is there now
    assert process.debugger.finish().registers["rax"] == 30
    last = process.debugger.until()
    assert (last.reason, last.guest, process.exit_code) == ("exit", None, 10)
    assert output.getvalue() == SAID
    with pytest.raises(ValueError, match="the process has ended, with exit code 10"):
        process.debugger.until()
    with pytest.raises(ValueError, match="there are no registers"):
        _ = last.registers


def test_every_call_that_a_filter_lets_through(process):
    seen = []
    while (stop := process.debugger.until(call="kernel32!*,-*CriticalSection,from:main")).reason == "call":
        seen.append(stop.call.function)
    wanted = [
        "CreateThread", "WaitForSingleObject", "GetExitCodeThread", "CloseHandle", "AddVectoredExceptionHandler",
        "RaiseException", "LoadLibraryW", "Sleep", "MulDiv",
    ]  # fmt: skip
    assert [name for name in seen if name in wanted and name != "Sleep"] == [n for n in wanted if n != "Sleep"]


def test_an_address_is_reached_each_time(process):
    debugger = process.debugger
    sums = []
    for _ in range(3):
        stop = debugger.until(address="add")
        assert (stop.reason, stop.address) == ("address", debugger.address_of("add"))
        sums.append((stop.registers["rcx"], stop.registers["rdx"]))
    assert sums == [(0, 0), (0, 1), (1, 2)]
    counter = debugger.address_of("counter")
    assert process.memory.u32(counter) == 2
    process.memory.put_u32(counter, 50)
    assert debugger.finish().registers["rax"] == 3
    assert process.memory.u32(counter) == 51


def test_breakpoints_stay(process):
    debugger = process.debugger
    debugger.breakpoints.add(debugger.address_of("add"))
    reasons = [debugger.until(call="Sleep").reason for _ in range(7)]
    assert reasons == ["breakpoint"] * 6 + ["call"]
    debugger.breakpoints.clear()
    assert debugger.until().reason == "exit"


def test_steps(process):
    debugger = process.debugger
    debugger.until(address="add")
    places = [debugger.step().address for _ in range(3)]
    assert len(set(places)) == 3
    assert all(0 < place - debugger.address_of("add") < 64 for place in places)
    stop = debugger.until(call="MulDiv")
    back = process.memory.u64(stop.registers["rsp"])
    for _ in range(30):
        if debugger.step().address == back:
            break
    assert debugger.registers()["rip"] == back
    assert debugger.registers()["rax"] == 15
    assert debugger.last.reason == "step"


def test_a_step_over_a_call_that_waits(process):
    debugger = process.debugger
    stop = debugger.until(call="Sleep,from:main")
    back = process.memory.u64(stop.registers["rsp"])
    while debugger.step().address != back:
        pass
    assert debugger.until().reason == "exit"


def test_a_step_onto_a_breakpoint_and_on(process):
    debugger = process.debugger
    start = debugger.until(address="add").address
    second = debugger.step().address
    debugger.breakpoints.add(second)
    stop = debugger.until(address=start)  # it stands at the breakpoint already: on to the next call
    assert stop.address == start
    assert debugger.until().address == second


def test_events(process):
    debugger = process.debugger
    start = debugger.until(event="thread_start")
    assert (start.reason, start.event) == ("event", "thread_start")
    stop = debugger.until(address="work")
    assert stop.guest.tid == start.details["tid"]
    assert debugger.until(event="thread_exit").details["code"] == 42
    raised = debugger.until(event="exception")
    assert raised.details["exception"].code == 0xE0001234
    assert debugger.until(event="module_load").details["module"].name.lower() == "version.dll"
    assert debugger.until(event="module_unload").reason == "exit"


def test_threads_have_registers_of_their_own(process):
    debugger = process.debugger
    worker = debugger.until(address="work").guest
    main = next(guest for guest in process.threads.values() if guest is not worker)
    assert debugger.registers()["rip"] == debugger.address_of("work")
    assert debugger.registers(main)["rip"] != debugger.registers(worker)["rip"]
    with pytest.raises(ValueError, match=f"thread {main.tid} cannot run now"):
        debugger.step(main)
    debugger.until(call="GetExitCodeThread")
    with pytest.raises(ValueError, match="has ended"):
        _ = debugger.registers(worker)["rip"]


def test_hooked_addresses(process, output):
    debugger = process.debugger
    seen = []

    def look(guest):
        registers = debugger.registers(guest)
        seen.append((registers["rcx"], registers["rdx"]))
        registers["rdx"] = 2 * registers["rdx"]

    debugger.hook("add", look)
    assert process.run() == 20
    assert seen == [(0, 0), (0, 1), (2, 2), (6, 3), (12, 4), (41, 1)]
    assert output.getvalue() == b"20 43 106\r\n"


def test_a_hook_that_goes_elsewhere_and_one_that_is_taken_away(process, output):
    debugger = process.debugger

    def skip(guest):  # the function returns 7 at once
        registers = debugger.registers(guest)
        registers["rax"] = 7
        registers["rip"] = process.memory.u64(registers["rsp"])
        registers["rsp"] += 8

    debugger.hook("add", skip)
    debugger.until(call="CreateThread")
    debugger.unhook("add")
    with pytest.raises(KeyError):
        debugger.unhook("add")
    assert process.run() == 7
    assert output.getvalue() == b"7 42 101\r\n"


def test_a_hook_is_called_once_for_each_time(process):
    debugger = process.debugger
    seen = []
    debugger.hook("add", lambda guest: seen.append(debugger.registers(guest)["rdx"]))
    debugger.until(address="add")
    assert seen == [0]
    debugger.step()
    debugger.until(address="add")
    assert seen == [0, 1]
    process.run()
    assert seen == [0, 1, 2, 3, 4, 1]


def test_a_hook_that_fails(process, output):
    def fail(guest):
        raise ZeroDivisionError("in the hook")

    process.debugger.hook("add", fail)
    for run in (process.debugger.until, process.run):
        with pytest.raises(ZeroDivisionError, match="in the hook"):
            run()
    process.debugger.unhook("add")
    assert process.run() == 10
    assert output.getvalue() == SAID


def test_guest_functions_are_called_in_between(process, output):
    debugger = process.debugger
    stop = debugger.until(address="add")
    before = dict(stop.registers), stop.registers["xmm1"]
    assert process.call(debugger.address_of("kernel32!MulDiv"), -6, 14, 2, ret=INT) == -42
    assert process.call(debugger.address_of("add"), 30, 12) == 42
    assert (dict(stop.registers), stop.registers["xmm1"]) == before
    assert process.run() == 10
    assert output.getvalue() == b"10 42 107\r\n"


def test_registers_are_a_mapping(process):
    registers = process.debugger.until(address="add").registers
    registers["xmm3"] = 1 << 100
    assert registers["xmm3"] == 1 << 100
    assert "rip=0x" in repr(registers)
    assert len(registers) == len(list(registers)) == 18
    for name in ("rfoo", "xmm16", "xmm"):
        with pytest.raises(KeyError):
            registers[name] = 1
        with pytest.raises(KeyError):
            _ = registers[name]
    with pytest.raises(TypeError):
        del registers["rax"]


def test_arguments_that_point_nowhere(process):
    debugger = process.debugger
    debugger.hook("kernel32!LoadLibraryW", lambda guest: debugger.registers(guest).update(rcx=0x12345))
    stop = debugger.until(call="LoadLibraryW")
    assert stop.call.values == (0x12345,)
    assert stop.call.arguments() == [("lpLibFileName", "0x12345")]
    with pytest.raises(Crash):
        debugger.until()


def test_arguments_as_text(process):
    stop = process.debugger.until(call="LoadLibraryW")
    assert stop.call.arguments() == [("lpLibFileName", '"version.dll"')]


@pytest.mark.parametrize("place", ["nothing", "kernel32!Nothing", "nodll!Sleep", "debugged.exe+x", "nodll+0x10"])
def test_places_that_are_not_there(process, place):
    with pytest.raises(ValueError, match=r"is not there|write module"):
        process.debugger.until(address=place)
    with pytest.raises(ValueError, match=r"event 'party': there are thread_start, "):
        process.debugger.until(event="party")
    with pytest.raises(ValueError, match="no category nothing"):
        process.debugger.until(call="@nothing")


def test_loading_what_cannot_be_loaded(tmp_path):
    (tmp_path / "text.exe").write_text("MZ, but no more")
    with pytest.raises(pe.ImageError):
        litebox_core.load(tmp_path / "text.exe")
    with pytest.raises(FileNotFoundError):
        litebox_core.load(tmp_path / "nothing.exe")
    with pytest.raises(PluginError, match="no plugin offers kernel33"):
        litebox_core.load(PROGRAM, plugins="kernel33")
    with pytest.raises(ValueError, match="No such option"):
        litebox_core.load(PROGRAM, options=["--nothing"])
    with pytest.raises(ValueError, match="must be positive"):
        litebox_core.load(PROGRAM, timeout=0)


def test_overrides_may_be_functions(output):
    from litebox_core.guest import Guest

    def muldiv(guest: Guest, nNumber: INT, nNumerator: INT, nDenominator: INT) -> INT:
        return 99

    with litebox_core.load(PROGRAM, stdout=output, override={"kernel32.MulDiv": muldiv}) as process:
        stop = process.debugger.until(call="MulDiv")
        assert stop.call.kind == "overlay"
        assert process.debugger.finish().registers["rax"] == 99


def test_an_engine_without_breakpoints(process, monkeypatch):
    for name in ("stop_at", "step"):
        monkeypatch.setattr(type(process.engine), name, getattr(Engine, name))
    with pytest.raises(EngineError, match="no breakpoints"):
        process.debugger.until(address="add")


def test_the_program_is_what_its_source_says(tmp_path):
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        pytest.skip("MinGW is not installed")
    built = tmp_path / "debugged.exe"
    source = os.path.splitext(PROGRAM)[0] + ".c"
    subprocess.run(["x86_64-w64-mingw32-gcc", "-O1", "-o", built, source], check=True)
    assert litebox_core.run(built, cwd=tmp_path).stdout == SAID

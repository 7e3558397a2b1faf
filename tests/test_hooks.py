"""Every hook is called when its specification says so."""

import os

import pytest

from litebox_core import pe
from litebox_core.abi import DWORD
from litebox_core.crash import Crash
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.hookspecs import hookimpl
from litebox_core.process import Process
from litebox_core.testing import make_options

HELLO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "samples", "hello.exe")


class Recorder:
    """Writes down the hooks of a process's life."""

    def __init__(self):
        self.seen = []

    @hookimpl
    def litebox_process_start(self, process):
        self.seen.append("start")

    @hookimpl
    def litebox_process_exit(self, process, code):
        self.seen.append(f"exit {code}")

    @hookimpl
    def litebox_thread_start(self, guest):
        self.seen.append("thread")

    @hookimpl
    def litebox_thread_exit(self, guest, code):
        self.seen.append(f"thread exit {code}")

    @hookimpl
    def litebox_module_load(self, process, module):
        self.seen.append(module.name.lower())

    @hookimpl
    def litebox_module_unload(self, process, module):
        self.seen.append("-" + module.name.lower())

    @hookimpl
    def litebox_fault(self, guest, stop):
        self.seen.append(f"fault {stop.addr:#x}")


def test_life_of_a_program(tmp_path):
    recorder = Recorder()
    options = make_options(str(tmp_path))
    options.extra_plugins, options.program = [recorder], HELLO
    with open(tmp_path / "out", "wb") as out, open(HELLO, "rb") as program:
        options.stdout = out.fileno()
        with Process(options) as process:
            process.start(pe.parse(program.read(), "hello.exe"), HELLO, "hello")
            assert process.run() == 0
    modules, life = recorder.seen[: recorder.seen.index("start")], recorder.seen[recorder.seen.index("start") :]
    assert modules[:3] == ["ntdll.dll", "kernel32.dll", "kernelbase.dll"]
    assert {"hello.exe", "msvcrt.dll"} <= set(modules)
    assert life == ["start", "thread", "thread exit 0", "exit 0"]


def test_threads(make_box, tmp_path):
    recorder = Recorder()
    box = boxed(make_box, tmp_path, recorder)
    exit_thread = box.address("kernel32", "ExitThread")
    thread = box.call.kernel32.CreateThread(0, 0, exit_thread, 7, 0, 0)
    assert box.call.kernel32.WaitForSingleObject(thread, 5000) == 0
    assert recorder.seen[-2:] == ["thread", "thread exit 7"]


def test_faults(make_box, tmp_path):
    recorder = Recorder()
    box = boxed(make_box, tmp_path, recorder)
    with pytest.raises(Crash):
        box.call.msvcrt.strlen(0)
    assert recorder.seen[-1] == "fault 0x0"


def boxed(make_box, folder, plugin):
    """A box with one more plugin."""
    options = make_options(str(folder))
    options.extra_plugins = [plugin]
    return make_box(options)


class Offer:
    """A plugin object that offers a DLL and answers an import."""

    def __init__(self):
        self.asked = []

    @hookimpl
    def litebox_dlls(self):
        dll = Dll("mylab")

        @dll.export
        def LabAnswer(guest: Guest, question: DWORD) -> DWORD:
            return question * 2

        return [dll]

    @hookimpl
    def litebox_resolve(self, process, dll, function):
        self.asked.append((dll, function))
        return 0x1234 if function == "NoSuchFunction" else None


def test_offered_dll(make_box, tmp_path):
    box = boxed(make_box, tmp_path, Offer())
    assert box.call.mylab.LabAnswer(21) == 42


def test_offered_dll_can_be_named(make_box, tmp_path):
    options = make_options(str(tmp_path))
    options.extra_plugins = [Offer()]
    options.plugins = {"mylab": "real", "kernel32": "real"}
    assert make_box(options).call.mylab.LabAnswer(1) == 2


def test_resolve(make_box, tmp_path):
    offer = Offer()
    box = boxed(make_box, tmp_path, offer)
    loader = box.process.loader
    kernel32 = loader.find("kernel32")
    assert loader.bind("kernel32.dll", kernel32, "NoSuchFunction") == 0x1234
    assert loader.bind("kernel32.dll", kernel32, "NorThisOne") == 0
    assert loader.bind("kernel32.dll", kernel32, "GetLastError") == kernel32.addresses["GetLastError"]
    assert offer.asked == [("kernel32.dll", "NoSuchFunction"), ("kernel32.dll", "NorThisOne")]

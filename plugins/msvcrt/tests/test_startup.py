"""How programs start and end, and invalid parameters."""

import pytest

from litebox_core.crash import Crash


@pytest.mark.guest("ending.c")
@pytest.mark.parametrize(
    ("how", "code", "text"),
    [
        ("return", 11, '[a][b c][d"e]second first '),
        ("exit", 12, '[a][b c][d"e]second first '),
        ("_exit", 13, '[a][b c][d"e]'),
        ("_cexit", 14, '[a][b c][d"e]second first after'),
        ("ExitProcess", 15, '[a][b c][d"e]'),
        ("abort", 3, ""),
    ],
)
def test_ending(guest_run, how, code, text):
    finished = guest_run.run(how, "a", "b c", 'd"e')
    assert (finished.exit_code, finished.text) == (code, text)
    assert (b"unusual way" in finished.stderr) == (how == "abort")


def test_main_arguments(box):
    crt = box.call.msvcrt
    box.process.command_line = 'prog.exe one "two three"'
    places = [box.alloc(8) for _ in range(3)]
    info = box.alloc(8)
    assert crt.__getmainargs(*places, 0, info) == 0
    memory = box.memory
    assert memory.i32(places[0]) == 3
    table = memory.u64(places[1])
    assert [memory.cstr(memory.u64(table + 8 * i)) for i in range(3)] == [b"prog.exe", b"one", b"two three"]
    assert memory.u64(table + 24) == 0
    entries = []
    at = memory.u64(places[2])
    while pointer := memory.u64(at):
        entries.append(memory.cstr(pointer))
        at += 8
    assert b"OS=Windows_NT" in entries


def test_onexit_tables(box):
    crt = box.call.ucrtbase
    table = box.alloc(24)
    assert crt._initialize_onexit_table(table) == 0
    function = box.address("ucrtbase", "_c_exit")
    for _ in range(40):
        assert crt._register_onexit_function(table, function) == 0
    assert (box.memory.u64(table + 8) - box.memory.u64(table)) == 40 * 8
    assert crt._execute_onexit_table(table) == 0
    assert box.memory.u64(table) == 0
    assert crt._register_onexit_function(0, function) == -1


def test_invalid_parameter_ends_a_ucrt_program(box):
    with pytest.raises(Crash) as crash:
        box.call.ucrtbase.fopen(0, b"r")
    assert crash.value.code == 0xC0000409


def test_invalid_parameter_handler(box):
    crt = box.call.ucrtbase
    handler = box.address("ucrtbase", "_c_exit")
    assert crt._set_invalid_parameter_handler(handler) == 0
    assert crt._get_invalid_parameter_handler() == handler
    assert crt.fopen(0, b"r") == 0
    assert box.memory.i32(crt._errno()) == 22
    assert crt._set_thread_local_invalid_parameter_handler(handler) == 0
    assert crt._close(77) == -1
    assert box.memory.i32(crt._errno()) == 9


def test_signals(box):
    crt = box.call.msvcrt
    handler = box.address("msvcrt", "_c_exit")
    assert crt.signal(2, handler) == 0
    assert crt.signal(2, 1) == handler
    assert crt.__getattr__("raise")(2) == 0
    assert crt.signal(99, handler) == 0xFFFFFFFFFFFFFFFF


def test_exception_filter(box):
    crt = box.call.ucrtbase
    handler = box.address("ucrtbase", "_c_exit")
    assert crt._seh_filter_exe(0xC0000005, 0) == 0
    crt.signal(11, handler)
    assert crt._seh_filter_exe(0xC0000005, 0) == -1
    assert crt._seh_filter_exe(0xC0000005, 0) == 0
    crt.signal(8, 1)
    assert crt._seh_filter_exe(0xC000008E, 0) == -1
    assert crt._seh_filter_exe(0xE06D7363, 0) == 0


def test_objects_of_the_last_thread_are_destroyed_at_exit(box):
    crt = box.call.ucrtbase
    crt._register_thread_local_exe_atexit_callback(box.address("kernel32", "SetLastError"))
    crt._cexit()
    assert box.last_error == 0  # SetLastError(NULL, DLL_PROCESS_DETACH, NULL)
    crt._cexit()
    assert box.last_error != 0  # once

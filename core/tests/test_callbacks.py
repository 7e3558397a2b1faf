"""Functions that pause: calls into the guest, nested, with doubles, with many arguments; and what ends them early."""

import struct
from typing import Annotated

import pytest

from litebox_core.abi import BYTE, DOUBLE, DWORD, FLOAT, INT, PVOID, SHORT, ULONGLONG, Callback, CallbackMeta, In
from litebox_core.crash import Crash
from litebox_core.dll import NATIVE, Dll
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Float32, Guest, GuestCall, Steps
from litebox_core.ntstatus import STATUS_INVALID_HANDLE
from litebox_core.process import ProcessExit

Sum6 = Annotated[Callback, CallbackMeta([ULONGLONG] * 6, ULONGLONG)]
Doubles = Annotated[Callback, CallbackMeta([DOUBLE] * 6, DOUBLE)]
Single = Annotated[Callback, CallbackMeta([FLOAT], FLOAT)]
Any8 = Annotated[Callback, CallbackMeta([ULONGLONG], BYTE)]
Int16 = Annotated[Callback, CallbackMeta([ULONGLONG], SHORT)]
Int = Annotated[Callback, CallbackMeta([ULONGLONG], INT)]
Plain = Annotated[Callback, CallbackMeta([], ULONGLONG)]

SUM6 = (
    b"\x48\x89\xc8\x48\x01\xd0\x4c\x01\xc0\x4c\x01\xc8"  # mov rax, rcx; add rax, rdx; add rax, r8; add rax, r9
    b"\x48\x03\x44\x24\x28\x48\x03\x44\x24\x30\xc3"  # add rax, [rsp + 0x28]; add rax, [rsp + 0x30]; ret
)
SUM_DOUBLES = (
    b"\xf2\x0f\x58\xc1\xf2\x0f\x58\xc2\xf2\x0f\x58\xc3"  # addsd xmm0, xmm1; addsd xmm0, xmm2; addsd xmm0, xmm3
    b"\xf2\x0f\x58\x44\x24\x28\xf2\x0f\x58\x44\x24\x30\xc3"  # addsd xmm0, [rsp + 0x28]; addsd xmm0, [rsp + 0x30]; ret
)
TWICE_SINGLE = b"\xf3\x0f\x58\xc0\xc3"  # addss xmm0, xmm0; ret
RETURN_FIRST = b"\x48\x89\xc8\xc3"  # mov rax, rcx; ret


def jump_to(address):
    return b"\x48\xb8" + struct.pack("<Q", address) + b"\xff\xe0"  # mov rax, address; jmp rax


@pytest.fixture
def dll():
    return Dll("pauses")


def test_six_integers(make_lab, dll):
    @dll.export
    def f(guest: Guest, callback: Sum6) -> Steps[ULONGLONG]:
        first = yield callback(1, 20, 300, 4000, 50000, 600000)
        second = yield callback(-1, 1, 0, 0, 0, 0)
        return first * 10 + second

    lab = make_lab(dll)
    assert lab.process.call(lab.address("pauses", "f"), lab.code(SUM6)) == 6543210


def test_doubles_and_floats(make_lab, dll):
    @dll.export
    def f(guest: Guest, six: Doubles, one: Single) -> Steps[DOUBLE]:
        total = yield six(1.0, 0.5, 0.25, 0.125, 1000.0, -1e-3)
        return total + (yield one(Float32(0.1)))

    lab = make_lab(dll)
    single = struct.unpack("<f", struct.pack("<f", 0.2))[0]
    result = lab.process.call(lab.address("pauses", "f"), lab.code(SUM_DOUBLES), lab.code(TWICE_SINGLE), ret=DOUBLE)
    assert result == 1.0 + 0.5 + 0.25 + 0.125 + 1000.0 - 1e-3 + single


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [(Any8, 0x1FF, 0xFF), (Int16, 0xABCD_8000, -32768), (Int, 0xDEAD_0000_FFFF_FFFF, -1), (Plain, 1 << 63, 1 << 63)],
)
def test_results_are_cut_to_their_width(make_lab, dll, kind, raw, expected):
    seen = []

    @dll.export
    def f(guest: Guest, callback: kind) -> Steps[DWORD]:
        seen.append((yield callback(raw)))
        return 0

    lab = make_lab(dll)
    lab.process.call(lab.address("pauses", "f"), lab.code(RETURN_FIRST))
    assert seen == [expected]


def test_the_stack_is_aligned_and_nonvolatile_registers_survive(make_lab, dll):
    alignments = []

    @dll.export
    def f(guest: Guest, callback: Plain, a: DWORD, b: DWORD, c: DWORD, d: DWORD) -> Steps[DWORD]:
        alignments.append((yield callback()))
        alignments.append((yield callback(1, 2, 3, 4, 5)))
        return 7

    lab = make_lab(dll)
    probe = lab.code(
        b"\x31\xdb\x31\xf6\x31\xff\x45\x31\xe4",  # xor ebx, ebx; xor esi, esi; xor edi, edi; xor r12d, r12d
        b"\x48\x89\xe0\x83\xe0\x0f\xc3",  # mov rax, rsp; and eax, 15; ret
    )
    saving = lab.code(b"\x53\x56\x57\x41\x54", b"\x48\x83\xec\x28\x48\xb8", struct.pack("<Q", probe),
                      b"\xff\xd0\x48\x83\xc4\x28\x41\x5c\x5f\x5e\x5b\x48\x89\xc0\xc3")  # fmt: skip
    address = lab.address("pauses", "f")
    caller = [
        b"\x53\x48\x83\xec\x30",  # push rbx; sub rsp, 0x30
        b"\xbb\x78\x56\x34\x12",  # mov ebx, 0x12345678
        b"\x48\xb8" + struct.pack("<Q", address) + b"\xff\xd0",  # mov rax, address; call rax
        b"\x48\x01\xd8\x48\x83\xc4\x30\x5b\xc3",  # add rax, rbx; add rsp, 0x30; pop rbx; ret
    ]
    assert lab.run(*caller, args=(saving, 0, 0, 0)) == 0x12345678 + 7
    # `saving` calls on with the stack moved by 4 pushes and 0x28: aligned as it was when it was entered
    assert alignments == [8, 8]


def test_nested_callbacks(make_lab, dll):
    @dll.export
    def down(guest: Guest, n: DWORD, callback: Sum6) -> Steps[DWORD]:
        if n == 0:
            return 0
        return (yield callback(n - 1, callback.addr, 0, 0, 0, 0)) + n

    lab = make_lab(dll)
    address = lab.address("pauses", "down")
    assert lab.process.call(address, 50, lab.code(jump_to(address))) == 50 * 51 // 2
    assert lab.guest.frames == []


def test_endless_recursion_overflows_the_guest_stack_and_not_the_host(make_lab, dll):
    @dll.export
    def again(guest: Guest, callback: Sum6) -> Steps[DWORD]:
        return (yield callback(callback.addr, 0, 0, 0, 0, 0))

    lab = make_lab(dll)
    address = lab.address("pauses", "again")
    with pytest.raises(Crash) as crash:
        lab.process.call(address, lab.code(jump_to(address)))
    assert crash.value.code in (0xC00000FD, 0xC0000005)


def test_a_function_that_may_pause_and_does_not(make_lab, dll):
    @dll.export
    def f(guest: Guest, x: INT) -> Steps[INT]:
        if x < 0:
            yield GuestCall(0)
        return -x

    @dll.export
    def g(guest: Guest) -> Steps[None]:
        return
        yield

    lab = make_lab(dll)
    assert lab.process.call(lab.address("pauses", "f"), 5, ret=INT) == -5
    assert lab.process.call(lab.address("pauses", "g")) == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_errors_of_functions_that_pause(make_lab, dll, when):
    @dll.export(fails=-1)
    def f(guest: Guest, callback: Plain) -> Steps[INT]:
        if when == "after":
            yield callback()
        raise NtError(STATUS_INVALID_HANDLE)

    lab = make_lab(dll)
    lab.guest.last_error = 0
    assert lab.process.call(lab.address("pauses", "f"), lab.code(RETURN_FIRST), ret=INT) == -1
    assert lab.last_error == 6


@pytest.mark.parametrize("pauses", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_probing_functions_report_bad_pointers(make_lab, pauses, late):
    dll = Dll("natives", dialect=NATIVE)

    def plain(guest: Guest, x: In[DWORD], callback: Plain) -> DWORD:
        return x.value

    def pausing(guest: Guest, x: In[DWORD], callback: Plain) -> Steps[DWORD]:
        if late:
            yield callback()
        return x.value

    dll.export(pausing if pauses else plain, name="f", probes=True)
    lab = make_lab(dll)
    assert lab.process.call(lab.address("natives", "f"), 0x10, lab.code(RETURN_FIRST)) == 0xC0000005


@pytest.mark.parametrize("target", [0, 0x10, 1 << 40, 0xFFFF_8000_0000_0000])
def test_a_callback_that_is_no_function(make_lab, dll, target):
    @dll.export
    def f(guest: Guest, callback: Plain) -> Steps[DWORD]:
        return (yield callback())

    lab = make_lab(dll)
    with pytest.raises(Crash) as crash:
        lab.process.call(lab.address("pauses", "f"), target)
    assert crash.value.code == 0xC0000005


def test_a_callback_that_ends_the_process(make_lab, dll):
    closed = []

    @dll.export
    def f(guest: Guest, callback: Plain) -> Steps[DWORD]:
        try:
            return (yield callback())
        finally:
            closed.append(True)

    @dll.export
    def leave(guest: Guest) -> DWORD:
        raise ProcessExit(0x1_0000_0007)

    lab = make_lab(dll)
    with pytest.raises(ProcessExit) as exit:
        lab.process.call(lab.address("pauses", "f"), lab.address("pauses", "leave"))
    assert exit.value.code == 7
    lab.close()
    assert closed == [True]


def test_a_jump_over_a_paused_function_closes_it(make_lab, dll):
    closed = []

    @dll.export
    def outer(guest: Guest, callback: Sum6) -> Steps[DWORD]:
        return (yield callback(0, 0, 0, 0, 0, 0)) + 1

    @dll.export
    def inner(guest: Guest, callback: Plain) -> Steps[DWORD]:
        try:
            return (yield callback())
        finally:
            closed.append("inner")

    @dll.export
    def jump(guest: Guest, to: PVOID, sp: PVOID) -> DWORD:
        guest.go({"rip": to, "rsp": sp, "rax": 41})

    lab = make_lab(dll)
    stack = lab.alloc(8)
    # the callback of inner: jump(rest, [stack])
    leave = lab.code(
        b"\x48\xb9" + struct.pack("<Q", 0) + b"\x48\xba" + struct.pack("<Q", stack) + b"\x48\x8b\x12",
        jump_to(lab.address("pauses", "jump")),
    )
    # the callback of outer: remembers the stack pointer, calls inner(leave); the jump comes back behind that call
    head = (b"\x48\xb8" + struct.pack("<Q", stack) + b"\x48\x83\xec\x28\x48\x89\x20"
            + b"\x48\xb9" + struct.pack("<Q", leave) + b"\x48\xb8" + struct.pack("<Q", lab.address("pauses", "inner"))
            + b"\xff\xd0")  # fmt: skip
    body = lab.code(head, b"\x0f\x0b", b"\x48\x83\xc4\x28\xc3")  # ud2; add rsp, 0x28; ret
    lab.memory.write(leave + 2, struct.pack("<Q", body + len(head) + 2))
    assert lab.process.call(lab.address("pauses", "outer"), body) == 42
    assert closed == ["inner"]
    assert lab.guest.frames == []


def test_an_error_in_python_is_a_bug_and_leaves_no_frame(make_lab, dll):
    @dll.export
    def f(guest: Guest, callback: Plain) -> Steps[DWORD]:
        yield callback()
        raise ZeroDivisionError("a bug in a plugin")

    lab = make_lab(dll)
    with pytest.raises(ZeroDivisionError):
        lab.process.call(lab.address("pauses", "f"), lab.code(RETURN_FIRST))


def test_an_error_raised_by_a_wrong_dialect_is_a_bug(make_lab):
    dll = Dll("natives", dialect=NATIVE)

    @dll.export
    def f(guest: Guest) -> DWORD:
        raise WinError(5)

    lab = make_lab(dll)
    with pytest.raises(TypeError, match="natives!f"):
        lab.process.call(lab.address("natives", "f"))

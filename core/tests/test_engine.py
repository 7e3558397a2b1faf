"""The engine: precise faults, preemption between two instructions, and code that changes."""

import os
import struct
import time

import pytest

from litebox_core.abi import ULONGLONG
from litebox_core.crash import STACK_OVERFLOW, Crash
from litebox_core.dll import Dll
from litebox_core.engine.base import Exit
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory.regions import (
    PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE,
    PAGE_NOACCESS,
    PAGE_READONLY,
    PAGE_READWRITE,
    READ,
    WRITE,
)
from litebox_core.services import Exceptions

EXECUTE = 4
RET = b"\xc3"
SPIN = b"\xeb\xfe"


class Stopped(Exception):
    """What the engine said."""

    def __init__(self, stop) -> None:
        super().__init__(repr(stop))
        self.stop = stop


class Recorder(Exceptions):
    def dispatch(self, guest, stop):
        raise Stopped(stop)


@pytest.fixture
def machine(lab):
    lab.process.replace_service(Exceptions, Recorder(lab.process))
    return lab


def stop_of(machine, *parts, args=()):
    """The stop of a piece of code, with the program counter relative to it."""
    code = machine.code(*parts)
    with pytest.raises(Stopped) as stopped:
        machine.process.call(code, *args)
    stop = stopped.value.stop
    return stop, stop.pc - code


@pytest.mark.parametrize("address", [1 << 47, 0x5678_0000_0000_0000, 0xFFFF_7FFF_FFFF_FFF0])
def test_an_address_that_cannot_be_is_not_told(machine, address):
    stop, _ = stop_of(machine, b"\x48\x8b\x01\xc3", args=(address,))  # mov rax, [rcx]
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, 0xFFFF_FFFF_FFFF_FFFF, READ)
    stop, _ = stop_of(machine, b"\x48\x89\x01\xc3", args=(address,))  # mov [rcx], rax
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, 0xFFFF_FFFF_FFFF_FFFF, READ)


@pytest.mark.parametrize("address", [0x7FFF_FFFF_0000, 0xFFFF_8000_0000_0000, 0xFFFF_FFFF_FFFF_FFF0])
def test_an_address_that_is_the_system_s_is_told(machine, address):
    stop, _ = stop_of(machine, b"\x48\x89\x01\xc3", args=(address,))  # mov [rcx], rax
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, address, WRITE)


NOPS = b"\x90" * 5
UNICORN = os.environ.get("LITEBOX_ENGINE", "unicorn") == "unicorn"


@pytest.mark.parametrize(
    ("instruction", "why", "after"),
    [
        (b"\x31\xd2\x31\xc9\xf7\xf1", Exit.DIVIDE, 4),  # xor edx, edx; xor ecx, ecx; div ecx
        (b"\x31\xd2\xff\xca\xb9\x01\x00\x00\x00\xf7\xf1", Exit.DIVIDE, 9),  # the quotient does not fit
        (b"\xb8\x00\x00\x00\x80\x99\x83\xc9\xff\xf7\xf9", Exit.DIVIDE, 9),  # idiv of the smallest number by -1
        (b"\x0f\x0b", Exit.ILLEGAL, 0),  # ud2
        (b"\x06", Exit.ILLEGAL, 0),  # push es, which x64 does not have
        (b"\xf4", Exit.PRIVILEGED, 0),  # hlt
        (b"\xfa", Exit.PRIVILEGED, 0),  # cli
        (b"\xec", Exit.PRIVILEGED, 0),  # in al, dx
        (b"\x0f\x22\xc0", Exit.PRIVILEGED, 0),  # mov cr0, rax
        (b"\x0f\x30", Exit.PRIVILEGED, 0),  # wrmsr
        (b"\xcc", Exit.BREAKPOINT, 1),  # int3: after it
        (b"\xcd\x29", Exit.INT, 2),
        (b"\xcd\x2e", Exit.INT, 2),
        (b"\x0f\x05", Exit.SYSCALL, 0),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else None,
)
def test_exceptions_are_precise(machine, instruction, why, after):
    stop, pc = stop_of(machine, NOPS, instruction, RET)
    assert stop.why is why
    assert pc == 5 + after
    if why is Exit.INT:
        assert stop.access == instruction[1]


def test_a_halt_inside_a_callback_is_no_call(make_lab):
    dll = Dll("pauses")

    @dll.export
    def f(guest: Guest, callback: ULONGLONG) -> Steps[ULONGLONG]:
        return (yield GuestCall(callback))

    lab = make_lab(dll)
    lab.process.replace_service(Exceptions, Recorder(lab.process))
    callback = lab.code(NOPS, b"\xf4", RET)
    with pytest.raises(Stopped) as stopped:
        lab.process.call(lab.address("pauses", "f"), callback)
    assert (stopped.value.stop.why, stopped.value.stop.pc) == (Exit.PRIVILEGED, callback + 5)


READ_RCX, WRITE_RCX, CALL_RCX = b"\x48\x8b\x01", b"\x48\x89\x01", b"\xff\xe1"


@pytest.mark.parametrize("addr", [0, 8, 0xFFFF, 0x7FFF_FFFF_0000])
@pytest.mark.parametrize(("code", "access"), [(READ_RCX, READ), (WRITE_RCX, WRITE), (CALL_RCX, EXECUTE)])
def test_unmapped_memory(machine, addr, code, access):
    stop, pc = stop_of(machine, NOPS, code, RET, args=(addr,))
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, addr, access)
    if access == EXECUTE:
        assert stop.pc == addr
    else:
        assert pc == 5


@pytest.mark.parametrize(("code", "access"), [(READ_RCX, READ), (WRITE_RCX, WRITE), (CALL_RCX, EXECUTE)])
@pytest.mark.parametrize("addr", [1 << 63, 0x8000_0000_0000, 0xFFFF_FFFF_FFFF_FFF0])
def test_addresses_that_no_program_has(machine, addr, code, access):
    stop, _ = stop_of(machine, NOPS, code, RET, args=(addr,))
    assert stop.why is Exit.FAULT


@pytest.mark.parametrize(
    ("protect", "code", "access"),
    [
        (PAGE_READONLY, WRITE_RCX, WRITE), (PAGE_EXECUTE_READ, WRITE_RCX, WRITE), (PAGE_NOACCESS, READ_RCX, READ),
        (PAGE_NOACCESS, WRITE_RCX, WRITE), (PAGE_READWRITE, CALL_RCX, EXECUTE), (PAGE_NOACCESS, CALL_RCX, EXECUTE),
    ],
)  # fmt: skip
def test_page_rights(machine, protect, code, access):
    addr = machine.memory.allocate(0x3000)
    machine.memory.write(addr + 0x1000, RET * 16)
    machine.memory.protect(addr + 0x1000, 0x1000, protect)
    stop, pc = stop_of(machine, NOPS, code, RET, args=(addr + 0x1008,))
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, addr + 0x1008, access)
    assert stop.pc == addr + 0x1008 if access == EXECUTE else pc == 5


def test_a_faulting_instruction_has_changed_nothing(machine):
    addr = machine.memory.allocate(0x1000)
    stop, pc = stop_of(
        machine,
        b"\x48\x89\xcf\xb8\x41\x00\x00\x00\xb9\x00\x20\x00\x00",  # mov rdi, rcx; mov eax, 0x41; mov ecx, 0x2000
        b"\xf3\xaa\xc3",  # rep stosb
        args=(addr,),
    )
    registers = machine.process.engine.regs(machine.guest.thread)
    assert (stop.addr, pc) == (addr + 0x1000, 13)
    assert (registers["rdi"], registers["rcx"]) == (addr + 0x1000, 0x1000)
    assert machine.memory.read(addr, 0x1000) == b"A" * 0x1000


def test_an_access_across_the_end_of_memory_writes_nothing(machine):
    addr = machine.memory.allocate(0x1000)
    stop, pc = stop_of(machine, NOPS, WRITE_RCX, RET, args=(addr + 0xFFC,))
    assert (stop.why, pc, stop.access) == (Exit.FAULT, 5, WRITE)
    assert machine.memory.read(addr + 0xFFC, 4) == bytes(4)


@pytest.mark.xfail(UNICORN, strict=True, reason="unicorn reports the last byte of an access that crosses pages")
def test_an_access_across_the_end_of_memory_faults_at_the_end(machine):
    addr = machine.memory.allocate(0x1000)
    stop, _ = stop_of(machine, NOPS, WRITE_RCX, RET, args=(addr + 0xFFC,))
    assert stop.addr == addr + 0x1000


def test_a_guest_rewrites_its_own_code(machine):
    # A loop that changes the constant it returns: mov byte [rip + immediate], dl
    code = machine.code(
        b"\x31\xc0\xba\x05\x00\x00\x00",  # xor eax, eax; mov edx, 5
        b"\x88\x15\x01\x00\x00\x00",  # loop: mov [rip + 1], dl: the constant below
        b"\x05\x00\x00\x00\x00",  # add eax, constant
        b"\xff\xca\x75\xf1\xc3",  # dec edx; jnz loop; ret
    )
    assert machine.process.call(code) == 5 + 4 + 3 + 2 + 1


def test_the_host_rewrites_code(machine):
    code = machine.code(b"\xb8\x01\x00\x00\x00\xc3")
    assert machine.process.call(code) == 1
    machine.memory.put_u32(code + 1, 2)
    assert machine.process.call(code) == 2
    machine.memory.protect(code, 0x1000, PAGE_READWRITE)
    machine.memory.put_u32(code + 1, 3)
    machine.memory.protect(code, 0x1000, PAGE_EXECUTE_READ)
    assert machine.process.call(code) == 3


def test_freed_code_is_gone_and_new_code_in_its_place_runs(machine):
    memory = machine.memory
    code = machine.code(b"\xb8\x01\x00\x00\x00\xc3")
    assert machine.process.call(code) == 1
    memory.free(code, 0, release=True)
    with pytest.raises(Stopped):
        machine.process.call(code)
    assert memory.allocate(0x1000, PAGE_EXECUTE_READWRITE, base=code) == code
    memory.write(code, b"\xb8\x02\x00\x00\x00\xc3")
    assert machine.process.call(code) == 2


def test_code_becomes_data(machine):
    code = machine.code(b"\xb8\x01\x00\x00\x00\xc3")
    assert machine.process.call(code) == 1
    machine.memory.protect(code, 0x1000, PAGE_READWRITE)
    with pytest.raises(Stopped) as stopped:
        machine.process.call(code)
    assert (stopped.value.stop.why, stopped.value.stop.access) == (Exit.FAULT, EXECUTE)


def run_threads(lab, code, *arguments):
    """Runs code once for each argument, all at the same time; their results."""
    process, results = lab.process, [None] * len(arguments)

    def life(number, argument) -> Steps[int]:
        results[number] = yield GuestCall(code, (argument,))
        return 0

    def main() -> Steps[int]:
        return 0
        yield

    for number, argument in enumerate(arguments):
        guest = process.new_guest(0, 0)
        process.scheduler.start(guest, life(number, argument), guest.stack_end + 0x200 - 0x1000)
    process.scheduler.start(lab.guest, main(), lab.guest.stack_end - 0x1000)
    assert process.scheduler.run() == 0
    return results


def test_locked_additions_of_several_threads(lab):
    """No addition is lost or done twice, wherever the threads are interrupted."""
    counter = lab.alloc(8)
    code = lab.code(
        b"\x48\xb8" + struct.pack("<Q", counter),  # mov rax, counter
        b"\xba\x01\x00\x00\x00",  # loop: mov edx, 1
        b"\xf0\x48\x0f\xc1\x10",  # lock xadd [rax], rdx
        b"\xff\xc9\x75\xf2",  # dec ecx; jnz loop
        b"\x31\xc0\xc3",
    )
    start = time.monotonic()
    assert run_threads(lab, code, 600_000, 500_000, 400_000) == [0, 0, 0]
    assert lab.memory.u64(counter) == 1_500_000
    assert time.monotonic() - start < 20


def test_preempted_threads_keep_their_registers(lab):
    # A checksum over all registers that a thread has, vector registers and flags included
    code = lab.code(
        b"\x53\x56\x57\x66\x48\x0f\x6e\xc9",  # push rbx; push rsi; push rdi; movq xmm1, rcx
        b"\x48\x89\xcb\x48\x89\xce\x49\x89\xc8\xbf\x40\x0d\x03\x00",  # mov rbx, rcx and so on; mov edi, 200000
        b"\x48\x01\xf3\x48\xc1\xc6\x07\x49\x11\xd8\x4c\x31\xc6",  # loop: add rbx, rsi; rol rsi, 7; adc r8, rbx; ...
        b"\x66\x0f\xd4\xc9\x66\x48\x0f\x7e\xc8\x48\x31\xc3",  # paddq xmm1, xmm1; movq rax, xmm1; xor rbx, rax
        b"\x66\x48\x0f\x6e\xcb\xff\xcf\x75\xde",  # movq xmm1, rbx; dec edi; jnz loop
        b"\x48\x89\xf0\x5f\x5e\x5b\xc3",  # mov rax, rsi; pop rdi; pop rsi; pop rbx; ret
    )
    arguments = (1, 2, 0xDEADBEEF_12345678)
    alone = [lab.process.call(code, argument) for argument in arguments]
    assert len(set(alone)) == 3
    assert run_threads(lab, code, *arguments) == alone


def test_interruptions_are_not_taken_for_calls(make_lab):
    """A block behind a byte that looks like the trap of a stub, in a callback, where a call is still open."""
    dll = Dll("pauses")

    @dll.export
    def f(guest: Guest, callback: ULONGLONG, n: ULONGLONG) -> Steps[ULONGLONG]:
        return (yield GuestCall(callback, (n,)))

    lab = make_lab(dll)
    spin = lab.code(
        b"\xba\x01\x00\x00\x00\x90",  # outer: mov edx, 1; nop
        b"\x48\x8d\x40\x00\x48\x8d\x40\x00\xff\xca\x75\xf4",  # inner: lea rax, [rax] twice; dec edx; jnz inner (..F4)
        b"\xff\xc9\x75\xea\xc3",  # dec ecx; jnz outer; ret
    )
    address = lab.address("pauses", "f")
    caller = lab.code(
        b"\x48\x83\xec\x28\x48\x89\xca\x48\xb9" + struct.pack("<Q", spin),  # f(spin, n)
        b"\x48\xb8" + struct.pack("<Q", address) + b"\xff\xd0\x48\x83\xc4\x28\x31\xc0\xc3",
    )
    assert run_threads(lab, caller, 3_000_000, 3_000_000) == [0, 0]


def test_interrupt_from_another_host_thread(lab):
    import threading

    from litebox_core.scheduler import TimeLimit

    lab.process.scheduler.deadline = time.monotonic() + 0.2
    threading.Timer(0.05, lab.process.engine.interrupt).start()
    start = time.monotonic()
    with pytest.raises(TimeLimit):
        lab.run(SPIN)
    assert 0.15 < time.monotonic() - start < 2


def test_running_out_of_stack_has_its_own_code(make_lab):
    """Endless recursion ends in STATUS_STACK_OVERFLOW, not in an access violation."""
    lab = make_lab()
    recurse = lab.code(b"\xe8\xfb\xff\xff\xff")  # call itself
    with pytest.raises(Crash) as caught:
        lab.process.call(recurse)
    assert caught.value.code == STACK_OVERFLOW

"""Structured exception handling: virtual unwinding by hand-made unwind information, and whole programs."""

import os
import re
import struct

import pytest

from litebox_core.memory import GuestFault
from litebox_core.testing import program
from litebox_ntdll.executive.context import RBP, RBX, RSP, Context
from litebox_ntdll.executive.unwind import UNW_FLAG_EHANDLER, Function, virtual_unwind

PROLOG = 0x10
PUSH, SMALL, LARGE, SET, SAVE, XMM, MACHINE = 0, 2, 1, 3, 4, 8, 10


def code(offset, operation, info=0):
    return offset | operation << 8 | info << 12


class Code:
    """A function with unwind information, and a stack whose words are 1, 2, 3, ..."""

    def __init__(self, box, codes, *, body=b"\x90" * 64, frame=0, flags=0, tail=b"", version=1):
        self.memory = box.memory
        self.base = box.alloc(bytes(0x200))
        self.stack = box.alloc(b"".join(struct.pack("<Q", n) for n in range(1, 65)))
        self.memory.write(self.base, body)
        words = struct.pack(f"<{len(codes)}H", *codes) + bytes(2 * (len(codes) & 1))
        info = bytes([version | flags << 3, PROLOG, len(codes), frame]) + words + tail
        self.memory.write(self.base + 0x100, info)
        self.function = Function(0, self.base, 0, len(body), 0x100)

    def unwind(self, offset, **registers):
        context = Context()
        context.rip, context.rsp = self.base + offset, self.stack
        for name, value in registers.items():
            context.regs[{"rbp": RBP, "rbx": RBX}[name]] = value
        return context, virtual_unwind(self.memory, UNW_FLAG_EHANDLER, self.function, context)


PUSHED = [code(8, SMALL, 3), code(4, PUSH, RBX)]  # sub rsp, 32 after push rbx


@pytest.mark.parametrize(
    ("offset", "rbx", "rip", "words"), [(0x20, 5, 6, 6), (8, 5, 6, 6), (4, 1, 2, 2), (6, 1, 2, 2), (0, 0, 1, 1)]
)
def test_prologue(box, offset, rbx, rip, words):
    lab = Code(box, PUSHED)
    context, found = lab.unwind(offset)
    assert (context.regs[RBX], context.rip, context.rsp - lab.stack) == (rbx, rip, 8 * words)
    assert found == (lab.stack, 0, 0)


@pytest.mark.parametrize(
    ("rest", "rbx", "words"),
    [
        (b"\x48\x83\xc4\x20\x5b\xc3", 5, 6),
        (b"\x48\x81\xc4\x20\0\0\0\x5b\xc3", 5, 6),
        (b"\x5b\xc3", 1, 2),
        (b"\xc3", 0, 1),
        (b"\xe9\0\1\0\0", 0, 1),  # a tail call
        (b"\x5b\xeb\x02", 5, 6),  # a jump inside: not an epilogue
        (b"\x90\x5b\xc3", 5, 6),
    ],
)
def test_epilogue(box, rest, rbx, words):
    lab = Code(box, PUSHED, body=(b"\x90" * 0x20 + rest).ljust(64, b"\x90"))
    context, _ = lab.unwind(0x20)
    assert (context.regs[RBX], context.rsp - lab.stack) == (rbx, 8 * words)


def test_frame_register(box):
    """push rbp; sub rsp, 64; lea rbp, [rsp + 32]; the stack pointer then moves on."""
    lab = Code(box, [code(8, SET), code(6, SMALL, 7), code(1, PUSH, RBP)], frame=RBP | 2 << 4)
    context, found = lab.unwind(0x20, rbp=lab.stack + 64 + 32)
    assert found.establisher == lab.stack + 64
    assert (context.regs[RBP], context.rip, context.rsp - lab.stack) == (17, 18, 144)
    assert lab.unwind(6, rbp=0)[1].establisher == lab.stack


def test_saved_registers(box):
    codes = [code(9, XMM, 6), 2, code(8, SAVE, RBX), 3, code(7, LARGE, 0), 16, code(6, LARGE, 1), 8, 0]
    lab = Code(box, codes)
    context, _ = lab.unwind(0x20)
    assert context.xmm[6] == struct.pack("<QQ", 5, 6)
    assert (context.regs[RBX], context.rip) == (4, 18)


def test_machine_frame(box):
    lab = Code(box, [code(0, MACHINE, 1)])
    context, _ = lab.unwind(0x20)
    assert (context.rip, context.regs[RSP]) == (2, 5)


def test_handler(box):
    lab = Code(box, [], flags=UNW_FLAG_EHANDLER, tail=struct.pack("<I", 0x55))
    assert lab.unwind(0x20)[1] == (lab.stack, lab.base + 0x55, lab.base + 0x108)
    assert lab.unwind(4)[1].handler == 0  # the prologue has no handler


def test_chained(box):
    lab = Code(box, [code(4, PUSH, RBX)], flags=4, tail=struct.pack("<III", 0, 64, 0x180))
    lab.memory.write(lab.base + 0x180, bytes([1, 0, 1, 0]) + struct.pack("<H", code(4, SMALL, 0)))
    context, _ = lab.unwind(0x20)
    assert (context.regs[RBX], context.rip) == (1, 3)


def test_chain_without_end(box):
    lab = Code(box, [], flags=4, tail=struct.pack("<III", 0, 64, 0x100))
    assert lab.unwind(0x20)[0].rip == 1


def test_epilog_codes_of_version_2(box):
    lab = Code(box, [code(2, 6), code(0, 6), *PUSHED], version=2)
    assert lab.unwind(0x20)[0].rip == 6


def test_unreadable_information(box):
    lab = Code(box, PUSHED)
    lab.function = lab.function._replace(unwind=0x7FFFFFF0)
    with pytest.raises(GuestFault):
        lab.unwind(0x20)


def test_context_in_memory(box):
    context = Context()
    context.regs, context.rip = list(range(100, 116)), 0x1234
    context.xmm = [bytes([n]) * 16 for n in range(16)]
    addr = box.alloc(0x4D0)
    context.write(box.memory, addr)
    assert box.memory.u64(addr + 0x98) == 104
    assert box.memory.u64(addr + 0xF8) == 0x1234
    assert box.memory.read(addr + 0x1A0 + 16 * 7, 16) == b"\7" * 16
    again = Context.read(box.memory, addr)
    assert (again.regs, again.rip, again.xmm, again.flags) == (context.regs, 0x1234, context.xmm, context.flags)


def test_capture(box):
    context = box.alloc(0x4D0)
    box.call.ntdll.RtlCaptureContext(context)
    assert box.memory.u64(context + 0xF8) == box.process.return_stub
    assert box.memory.u64(context + 0x80) == context


def test_dynamic_tables(box):
    call = box.call.ntdll
    base = box.alloc(0x100)
    table = box.alloc(struct.pack("<6I", 0, 0x10, 0x80, 0x20, 0x30, 0x90))
    image = box.alloc(8)
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == 0
    assert call.RtlAddFunctionTable(table, 2, base) == 1
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == table + 12
    assert box.memory.u64(image) == base
    assert call.RtlLookupFunctionEntry(base + 0x18, image, 0) == 0
    assert call.RtlDeleteFunctionTable(table) == 1
    assert call.RtlDeleteFunctionTable(table) == 0
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == 0


def test_growable_tables(box):
    call = box.call.ntdll
    base = box.alloc(0x100)
    table = box.alloc(struct.pack("<9I", 0, 0x10, 0x80, 0x20, 0x30, 0x90, 0x40, 0x50, 0xA0))
    image, name = box.alloc(8), box.alloc(8)
    assert call.RtlAddGrowableFunctionTable(name, table, 1, 2, base, base + 0x48) == 0
    grown = box.memory.u64(name)
    assert grown != 0
    assert call.RtlLookupFunctionEntry(base + 8, image, 0) == table
    assert box.memory.u64(image) == base
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == 0
    call.RtlGrowFunctionTable(grown, 2)
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == table + 12
    call.RtlGrowFunctionTable(grown, 3)  # more than the maximum
    assert call.RtlLookupFunctionEntry(base + 0x44, image, 0) == 0
    call.RtlGrowFunctionTable(grown, 1)
    assert call.RtlLookupFunctionEntry(base + 0x28, image, 0) == table + 12
    call.RtlDeleteGrowableFunctionTable(grown)
    assert call.RtlLookupFunctionEntry(base + 8, image, 0) == 0
    call.RtlDeleteGrowableFunctionTable(grown)


def test_growable_tables_end_with_their_range(box):
    call = box.call.ntdll
    base = box.alloc(0x100)
    table = box.alloc(struct.pack("<3I", 0, 0x40, 0x80))
    image, name = box.alloc(8), box.alloc(8)
    assert call.RtlAddGrowableFunctionTable(name, table, 1, 1, base, base + 0x20) == 0
    assert call.RtlLookupFunctionEntry(base + 0x1F, image, 0) == table
    assert call.RtlLookupFunctionEntry(base + 0x20, image, 0) == 0


def test_functions_of_plugin_dlls_that_have_frames_can_be_looked_up(box):
    call, loader = box.call.ntdll, box.process.loader
    box.call.msvcrt.strlen(box.alloc(b"\0"))
    module, image = loader.find("msvcrt"), box.alloc(8)
    sort, length = (loader.procedure(module, name) for name in ("qsort", "strlen"))
    entry = call.RtlLookupFunctionEntry(sort + 20, image, 0)
    assert box.memory.u64(image) == module.base
    assert module.base + box.memory.u32(entry) == sort
    assert call.RtlLookupFunctionEntry(length + 4, image, 0) == 0


def exe(source):
    return program(os.path.dirname(__file__), source)


def test_cpp_exceptions(run_exe):
    finished = run_exe(exe("unwinding.cpp"))
    assert finished.text == (
        "~first [one] ~second [two] ~nested outer one\n"
        + "~compare ~sort from qsort: comparison\n" * 3
        + "~inner swallowed 9\n~inner swallowed nested int 5\n"
    )
    assert b"terminate called after throwing an instance of 'int'" in finished.stderr
    assert finished.exit_code == 3


def test_filters_and_termination_handlers(run_exe):
    finished = run_exe(exe("seh.c"))
    one, other = (f"filter {code} 1 finally 1 1 {code}\n" for code in ("e0000009", "c0000005"))
    assert finished.text == one + other + one
    assert finished.exit_code == 0


def test_vectored_handlers_and_the_filter(run_exe):
    finished = run_exe(exe("vectored.c"))
    assert finished.text == (
        "handler c0000005 0 2\naccess 0 at 10\n99\nhandler 80000003 0 1\nhandler e0000001 0 2\n"
        "handler e0000002 0 0\nfilter e0000002\ncontinued\nfilter c0000005\n"
    )
    assert finished.exit_code == 126
    assert b"unhandled exception 0xc0000005 (access violation): write of 0x20" in finished.stderr


def test_call_stack_of_a_crash(run_exe):
    """Through frames of all kinds and the litebox function that called back."""
    finished = run_exe(exe("callstack.c"))
    assert b"access violation): write of 0x20" in finished.stderr
    stack = finished.stderr.decode().partition("  call stack:\n")[2].partition("  last API calls")[0].splitlines()
    names = [re.findall(r"\((\S+)\+0x", line) for line in stack]
    expected = ["leaf", "large", "moving", "compare", "qsort", "sort", "main"]
    assert names[:7] == [[name] for name in expected]

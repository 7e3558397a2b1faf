"""DbgPrint and its kin, heard by a vectored handler."""

import struct

import pytest

FIRST = 0x40010006
ALWAYS, ERRORS, WARNINGS, MASK = 0xFFFFFFFF, 0, 1, 0x80000000


def heard(box, call):
    """What a handler that keeps text (it copies record and text to a place of the test's) was told by a call."""
    n, place = box.call.ntdll, box.alloc(0x400)
    # mov rax, [rcx]; mov r8, place; mov edx, [rax]; mov [r8], edx; mov rdx, [rax+20h]; mov [r8+8], rdx;
    # mov r9, [rax+28h]; xor ecx, ecx; next: mov al, [r9+rcx]; mov [r8+rcx+10h], al; inc rcx; test al, al; jne next;
    # mov eax, -1 (go on); ret
    head, tail = "488b0149b8", "8b10418910488b5020498950084c8b482831c9418a04094188440810"
    code = bytes.fromhex(head) + struct.pack("<Q", place) + bytes.fromhex(tail + "48ffc184c075f0b8ffffffffc3")
    handler = n.RtlAddVectoredExceptionHandler(1, box.process.code(code))
    try:
        assert call(n) == 0
    finally:
        assert n.RtlRemoveVectoredExceptionHandler(handler)
    number, length = struct.unpack("<I4xQ", box.memory.read(place, 16))
    return (number, length, box.memory.cstr(place + 16)) if number else None


def arguments(box, value):
    place = box.alloc(8)
    box.memory.put_u64(place, value)
    return place


@pytest.fixture
def debugged(box):
    box.memory.write(box.process.blocks.peb + 2, b"\1")
    return box


def test_nobody_listens(box):
    assert heard(box, lambda n: n.DbgPrint(b"%s", b"text")) is None


def test_text(debugged):
    assert heard(debugged, lambda n: n.DbgPrint(b"a %s %d", b"text", 7)) == (FIRST, 9, b"a text 7")


@pytest.mark.parametrize(
    ("level", "shown"), [(ERRORS, True), (WARNINGS, False), (MASK | 1, True), (MASK | 2, False), (ALWAYS, True)]
)
def test_levels(debugged, level, shown):
    for call in (
        lambda n: n.DbgPrintEx(0, level, b"text"),
        lambda n: n.vDbgPrintEx(0, level, b"te%cft", arguments(debugged, ord("x"))),
    ):
        told = heard(debugged, call)
        assert (told is not None) == shown


def test_prefix(debugged):
    values = arguments(debugged, 5)
    assert heard(debugged, lambda n: n.vDbgPrintExWithPrefix(b"to: ", 0, ALWAYS, b"%d", values)) == (FIRST, 6, b"to: 5")

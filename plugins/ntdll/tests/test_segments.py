"""Programs that load segment registers, and what the system makes of it."""

import pytest

from litebox_core.testing import Box

TEB_SELF = 0x30
LOAD_GS = b"\x8e\xe8"  # mov gs, eax
READ_TEB = b"\x65\x48\x8b\x04\x25\x30\x00\x00\x00"  # mov rax, gs:[30h]
SELECTORS = ("cs", "ds", "es", "fs", "gs", "ss")
CONTEXT_SEGMENTS = 0x100004
_NUMBERS = {"es": 0, "cs": 1, "ss": 2, "ds": 3, "fs": 4, "gs": 5}


def _stores() -> bytes:
    """Code that stores all selectors at RDX, in the order of CONTEXT: ``mov eax, segment; mov [rdx + n], ax``."""
    return b"".join(
        bytes((0x8C, 0xC0 | _NUMBERS[name] << 3, 0x66, 0x89, 0x42, 2 * at)) for at, name in enumerate(SELECTORS)
    )


@pytest.mark.parametrize("selector", [0, 0x2B])
def test_teb_after_loading_gs(box: Box, selector: int) -> None:
    """An instruction that does not find the TEB is repeated when the thread has it again."""
    code = box.process.code(b"\xb8" + selector.to_bytes(4, "little") + LOAD_GS + READ_TEB + b"\xc3")
    assert box.process.call(code) == box.guest.teb


def test_api_call_after_loading_gs(box: Box) -> None:
    module = box.call.kernel32.GetModuleHandleW("kernel32.dll")
    address = box.call.kernel32.GetProcAddress(module, b"GetCurrentThreadId")
    call = b"\x48\xb8" + address.to_bytes(8, "little") + b"\x48\x83\xec\x28\xff\xd0\x48\x83\xc4\x28\xc3"
    assert box.process.call(box.process.code(b"\x31\xc0" + LOAD_GS + call)) == box.guest.tid


def test_other_segments_do_not_hide_bad_memory(box: Box) -> None:
    """A fault at an address that has nothing to do with GS is one, whatever is in it; a handler counts it."""
    counter = box.alloc(4)
    handler = box.process.code(
        b"\x48\xba" + counter.to_bytes(8, "little") + b"\xff\x02"  # mov rdx, counter; inc dword [rdx]
        b"\x48\x8b\x41\x08\x48\x83\x80\xf8\x00\x00\x00\x03"  # mov rax, [rcx + 8]; add qword [rax + 0f8h], 3: RIP
        b"\xb8\xff\xff\xff\xff\xc3"  # mov eax, -1; ret
    )
    assert box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
    code = box.process.code(b"\x31\xc0" + LOAD_GS + b"\x48\x8b\x00" + b"\xb8\x07\x00\x00\x00\xc3")  # mov rax, [rax]
    assert box.process.call(code) == 7
    assert box.memory.u32(counter) == 1


def test_context_has_the_selectors_of_the_processor(box: Box) -> None:
    out = box.alloc(12)
    code = box.process.code(b"\x48\xba" + out.to_bytes(8, "little") + _stores() + b"\xc3")
    box.process.call(code)
    context = box.alloc(0x4D0 + 16) + 15 & ~15
    box.memory.put_u32(context + 0x30, CONTEXT_SEGMENTS | 1)
    assert box.call.ntdll.NtGetContextThread(-2, context) == 0
    assert box.memory.read(context + 0x38, 12) == box.memory.read(out, 12)

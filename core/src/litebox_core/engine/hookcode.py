"""Machine code for hooks of the emulator that are called all the time, on x86-64 hosts."""

import mmap
import platform
import struct


def preempt_code(flag: int, emu_stop: int) -> mmap.mmap | None:
    """Machine code for the block hook: stop the emulator when the flag is set.

    Stopping from another thread corrupts the guest; a Python callback for each block is far too slow.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    try:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return None
    page.write(stopping_code(flag, emu_stop))
    return page


def stopping_code(flag: int, emu_stop: int) -> bytes:
    """Machine code for a hook: stop the emulator when the byte at ``flag`` is set."""
    return (
        b"\x48\xb8" + struct.pack("<Q", flag)  # mov rax, flag
        + b"\x80\x38\x00"  # cmp byte [rax], 0
        + b"\x75\x01\xc3"  # jne +1; ret
        + b"\x48\xb8" + struct.pack("<Q", emu_stop)  # mov rax, uc_emu_stop
        + b"\xff\xe0"  # jmp rax: the handle is the first argument of both
    )  # fmt: skip


def counting_code(counters: int, emu_stop: int) -> bytes:
    """Machine code for the block hook of a deterministic run: counts, and stops the emulator at the limit."""
    return (
        b"\x48\xb8" + struct.pack("<Q", counters)  # mov rax, counters
        + b"\x48\xff\x00"  # inc qword [rax]: count
        + b"\x48\x8b\x08"  # mov rcx, [rax]
        + b"\x48\x3b\x48\x08"  # cmp rcx, [rax + 8]: limit
        + b"\x72\x04"  # jb +4
        + b"\xc6\x40\x10\x01"  # mov byte [rax + 16], 1: flag
        + b"\x80\x78\x10\x00"  # cmp byte [rax + 16], 0
        + b"\x75\x01\xc3"  # jne +1; ret
        + b"\x48\xb8" + struct.pack("<Q", emu_stop)  # mov rax, uc_emu_stop
        + b"\xff\xe0"  # jmp rax
    )  # fmt: skip

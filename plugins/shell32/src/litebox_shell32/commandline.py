"""Splitting command lines."""

import struct

from litebox_core.abi import INT, PCWSTR, PVOID, Out
from litebox_core.cmdline import Rules, split
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY

from .base import dll


@dll.export
def CommandLineToArgvW(guest: Guest, lpCmdLine: PCWSTR, pNumArgs: Out[INT], *, heaps: Heaps) -> PVOID:
    """One block from LocalAlloc: the pointers, a NULL, and the strings they point to.

    Of an empty command line it makes the program's own path.
    """
    if not pNumArgs:
        raise WinError(ERROR_INVALID_PARAMETER)
    process = guest.process
    program = process.loader.program
    words = split(lpCmdLine, Rules.SHELL) if lpCmdLine else [program.path if program is not None else ""]
    texts = [word.encode("utf-16-le", "surrogatepass") + b"\0\0" for word in words]
    width = guest.bits // 8
    table = width * (len(texts) + 1)
    block = heaps.allocate(process.process_heap, 0, table + sum(map(len, texts)))
    if not block:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    pointers, at = [], block + table
    for text in texts:
        pointers.append(at)
        at += len(text)
    code = "Q" if guest.bits == 64 else "I"
    guest.memory.write(block, struct.pack(f"<{len(pointers) + 1}{code}", *pointers, 0) + b"".join(texts))
    pNumArgs.value = len(words)
    return block

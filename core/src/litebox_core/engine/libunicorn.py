"""Raw ctypes access to the unicorn library: six times faster per call than its Python binding, and no import of it."""

import ctypes
import importlib.util
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .base import EngineError

ARCH_X86, MODE_32, MODE_64 = 4, 4, 8

HOOK_INTR, HOOK_INSN, HOOK_CODE, HOOK_BLOCK = 1, 2, 4, 8
HOOK_MEM_READ, HOOK_MEM_WRITE = 1024, 2048
HOOK_MEM_INVALID = 16 | 32 | 64 | 128 | 256 | 512
INS_SYSCALL, INS_SYSENTER, INS_RDTSC, INS_RDTSCP = 699, 700, 608, 609

INS_IN, INS_OUT, INS_CPUID = 218, 500, 113

ERR_OK = 0
ERR_READ_UNMAPPED, ERR_WRITE_UNMAPPED, ERR_FETCH_UNMAPPED = 6, 7, 8
ERR_INSN_INVALID = 10
ERR_WRITE_PROT, ERR_READ_PROT, ERR_FETCH_PROT = 12, 13, 14
ERR_EXCEPTION = 21

MEM_WRITE = 17
MEM_READ_UNMAPPED, MEM_WRITE_UNMAPPED, MEM_FETCH_UNMAPPED = 19, 20, 21
MEM_WRITE_PROT, MEM_READ_PROT, MEM_FETCH_PROT = 22, 23, 24

CTL_TB_FLUSH = 10 | 1 << 30
CTL_TB_REMOVE_CACHE = 9 | 2 << 26 | 1 << 30

REGISTERS_64 = {
    "rax": 35, "rbx": 37, "rcx": 38, "rdx": 40, "rsi": 43, "rdi": 39, "rbp": 36, "rsp": 44,
    "r8": 106, "r9": 107, "r10": 108, "r11": 109, "r12": 110, "r13": 111, "r14": 112, "r15": 113,
    "rip": 41, "eflags": 25,
}  # fmt: skip
REG_RAX, REG_RBX, REG_RCX, REG_RDX = 35, 37, 38, 40
REG_RIP, REG_RSP, REG_GS_BASE, REG_FPCW, REG_MXCSR, REG_XMM0 = 41, 44, 251, 246, 249, 122
REG_FPSW, REG_FPTAG, REG_FP0 = 31, 247, 82
REG_FIP, REG_FDP, REG_FOP = 254, 256, 258
REG_GDTR, REG_DS, REG_ES, REG_FS, REG_GS = 243, 17, 28, 32, 33
FPU_CONTROL = (REG_FPCW, REG_FPSW, REG_FPTAG, REG_FOP, REG_FIP, REG_FDP, REG_MXCSR)

MEM_HOOK = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
)
INTR_HOOK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
IN_HOOK = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p)
OUT_HOOK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)
VALUE_HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
CODE_HOOK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)
INSN_HOOK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


def _path() -> str:
    spec = importlib.util.find_spec("unicorn")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError("the unicorn package is not installed: pip install unicorn")
    folder = os.path.join(spec.submodule_search_locations[0], "lib")
    for name in ("libunicorn.so.2", "libunicorn.2.dylib", "libunicorn.so"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    raise EngineError(f"no unicorn library in {folder}: reinstall the unicorn package")


class Library:
    """The functions in use. All keep Python's lock but ``emu_start``, which gives it up while the guest runs."""

    def __init__(self, path: str) -> None:
        held, free = ctypes.PyDLL(path), ctypes.CDLL(path)
        ptr, u64, i32 = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int

        def function(lib: Any, name: str, *types: Any) -> Any:
            made = lib[name]
            made.argtypes, made.restype = types, ctypes.c_int
            return made

        self.open = function(held, "uc_open", i32, i32, ptr)
        self.close = function(held, "uc_close", ptr)
        self.mem_map_ptr = function(held, "uc_mem_map_ptr", ptr, u64, u64, ctypes.c_uint32, ptr)
        self.mem_unmap = function(held, "uc_mem_unmap", ptr, u64, u64)
        self.mem_protect = function(held, "uc_mem_protect", ptr, u64, u64, ctypes.c_uint32)
        self.mem_read = function(held, "uc_mem_read", ptr, u64, ptr, u64)
        self.reg_read = function(held, "uc_reg_read", ptr, i32, ptr)
        self.reg_write = function(held, "uc_reg_write", ptr, i32, ptr)
        self.reg_read_batch = function(held, "uc_reg_read_batch", ptr, ptr, ptr, i32)
        self.reg_write_batch = function(held, "uc_reg_write_batch", ptr, ptr, ptr, i32)
        self.emu_start = free["uc_emu_start"]  # without argument types: its caller passes ready ctypes objects
        self.emu_start.restype = i32
        self.emu_stop = function(held, "uc_emu_stop", ptr)
        self.context_alloc = function(held, "uc_context_alloc", ptr, ptr)
        self.context_save = function(held, "uc_context_save", ptr, ptr)
        self.context_restore = function(held, "uc_context_restore", ptr, ptr)
        self.context_free = function(held, "uc_context_free", ptr)
        self.ctl = held["uc_ctl"]
        self.ctl.restype = ctypes.c_int
        self.hook_add = held["uc_hook_add"]
        self.hook_add.restype = ctypes.c_int
        self.hook_del = function(held, "uc_hook_del", ptr, ctypes.c_size_t)
        strerror = held["uc_strerror"]
        strerror.restype, strerror.argtypes = ctypes.c_char_p, (i32,)
        self.strerror = strerror
        self.emu_stop_address = ctypes.cast(held["uc_emu_stop"], ctypes.c_void_p).value or 0

    def message(self, code: int) -> str:
        return str(self.strerror(code).decode())


class TableRegister(ctypes.Structure):
    """GDTR, as registers of that kind are written."""

    _fields_ = (
        ("selector", ctypes.c_uint16), ("base", ctypes.c_uint64), ("limit", ctypes.c_uint32), ("flags", ctypes.c_uint32)
    )  # fmt: skip


class Batch:
    """Registers that are read or written together, each in its own ``size`` bytes of one buffer."""

    def __init__(self, library: Library, registers: Sequence[int], size: int) -> None:
        count = len(registers)
        self._read, self._write, self._count = library.reg_read_batch, library.reg_write_batch, count
        self._ids = (ctypes.c_int * count)(*registers)
        self.buffer = ctypes.create_string_buffer(count * size)
        start = ctypes.addressof(self.buffer)
        self._places = (ctypes.c_void_p * count)(*(start + size * index for index in range(count)))

    def read(self, handle: ctypes.c_void_p) -> bytes:
        self._read(handle, self._ids, self._places, self._count)
        return self.buffer.raw

    def write(self, handle: ctypes.c_void_p, data: bytes) -> None:
        self.buffer.raw = data
        self._write(handle, self._ids, self._places, self._count)


@lru_cache(maxsize=1)
def library() -> Library:
    """The library, loaded on first use. Raises EngineError when it is not installed."""
    return Library(_path())

"""Functions that nobody implements: they trace their arguments by type, answer with an error, and are counted."""

from typing import TYPE_CHECKING, Any

from .abi.marshal import Marshaller
from .dll import NATIVE
from .engine.base import SPILL_ARGUMENTS, SPILL_FLOAT_RESULT
from .memory import GuestFault

if TYPE_CHECKING:
    from .abi.marshal import TraceHooks
    from .abi.signature import Param
    from .dispatch import Entry
    from .guest import Guest
    from .memory import Memory
    from .process import Process


_LANGUAGE_HANDLERS = ("__C_specific_handler", "__CxxFrameHandler", "__GSHandlerCheck", "_except_handler")
_ERROR_CODES = {
    "iphlpapi": ("Add", "Allocate", "Convert", "Create", "Delete", "Flush", "Get", "Notify", "Set"),
    "netapi32": ("Ds", "Net"), "pdh": ("Pdh",), "rpcrt4": ("Rpc", "Uuid"), "tdh": ("Tdh",), "wlanapi": ("Wlan",),
}  # fmt: skip
"""Functions whose result is an error code, though the signature data calls it a number: 0 would mean success."""
_SYSTEM_CALLS = ("Nt", "Zw")
"""Each of them returns a status, and most have no prototype in the signature data: 0 would mean success."""
_CONTINUE_SEARCH = 1
"""ExceptionContinueSearch: 0 would say that the exception is dealt with, and it would come again for ever."""


def stub_marshaller(entry: "Entry", process: "Process", trace: "TraceHooks | None") -> Marshaller:
    """The marshaller of a stub; its answer is the dialect's for the function's return type."""
    dialect = entry.export.dll.dialect
    data = entry.data
    returns = data.ret if data is not None else ""
    signature = entry.export.signature
    if returns == "win32":
        signature = None  # declarations have no word for an error code as the result
    if signature is not None and signature.ret is not None and not isinstance(signature.ret, type):
        returns = signature.ret.name.lower()

    name = entry.export.name
    if returns in ("u32", "enum:RPC_STATUS") and name.startswith(_ERROR_CODES.get(entry.export.dll.name, ("\0",))):
        returns = "win32"
    if not returns and dialect is NATIVE and name.startswith(_SYSTEM_CALLS) and name[2:3].isupper():
        returns = "ntstatus"

    floats = entry.floats
    handles = name.startswith(_LANGUAGE_HANDLERS)

    def stubbed(guest: "Guest") -> int:
        return _CONTINUE_SEARCH if handles else dialect.stubbed(guest, returns)

    def call(guest: "Guest", sp: int) -> int:
        entry.calls += 1
        if floats:
            guest.spill[SPILL_FLOAT_RESULT : SPILL_FLOAT_RESULT + 8] = bytes(8)
        if trace is None:
            return stubbed(guest)
        values = stub_arguments(entry, guest, sp)
        record = trace.enter(guest, entry, values, sp)
        answer = stubbed(guest)
        trace.leave(guest, record, answer, None)
        return answer

    return call


def stub_arguments(entry: "Entry", guest: "Guest", sp: int) -> tuple[Any, ...]:
    """The arguments of a call, as many as the prototype has (four where it is not known).

    Those of a declared function are numbers of their types, and texts where there are any; all others are raw slots.
    """
    data, signature = entry.data, entry.export.signature
    if signature is not None:
        count = len(signature.params)
    elif data is not None and data.params is not None:
        count = len(data.params)
    else:
        count = (data.x86_bytes or 16) // 4 if data is not None else 4
    slots = argument_slots(entry, guest, sp, count)
    if signature is None:
        return slots
    return tuple(_typed(guest.memory, param, slot) for param, slot in zip(signature.params, slots, strict=True))


def spilled(guest: "Guest") -> bytes:
    """The register arguments of a system call that begins."""
    return bytes(guest.spill[SPILL_ARGUMENTS : SPILL_ARGUMENTS + 32])


def argument_slots(
    entry: "Entry", guest: "Guest", sp: int, count: int, registers: bytes | None = None
) -> tuple[int, ...]:
    """The raw arguments of a call that begins, as its stub has put them. Raises GuestFault.

    For a system call that began earlier, ``registers`` is what :func:`spilled` gave then.
    """
    width = guest.bits // 8
    raw = b""
    if entry.system:
        raw = (spilled(guest) if registers is None else registers)[: 8 * count]
    if len(raw) < width * count:
        raw += guest.memory.read(sp + width + 4 * width * entry.system, width * count - len(raw))
    return tuple(int.from_bytes(raw[i : i + width], "little") for i in range(0, len(raw), width))


def _typed(memory: "Memory", param: "Param", slot: int) -> Any:
    """What a real function would get, but for pointers to data, which stay numbers: a stub leaves them alone."""
    try:
        if param.kind == "wide" and slot > 0xFFFF:
            return memory.wstr(slot)
        if param.kind in ("narrow", "ansi") and slot > 0xFFFF:
            return memory.cstr(slot) if param.kind == "narrow" else memory.ansi_decode(memory.cstr(slot))
    except GuestFault:
        return slot
    if param.kind == "scalar" and param.scalar.kind in "iu":
        bits = 8 * param.scalar.width(memory.bits)
        slot &= (1 << bits) - 1
        return slot - (1 << bits) if param.scalar.kind == "i" and slot >> (bits - 1) else slot
    return slot


def stub_report(process: "Process") -> list[str]:
    """One line for each stub that was called, most often called first."""
    called = [e for e in process.dispatcher.wanted_entries() if e.calls]
    called.sort(key=lambda e: -e.calls)
    return [f"{e.name} ({e.calls} call{'s' if e.calls > 1 else ''}): {e.export.partial}" for e in called]


def typed_text(memory: "Memory", kind: str, value: int) -> str:
    """The trace text of a raw argument by its word of the signature data's type vocabulary."""
    from . import signatures

    if kind in ("wstr", "astr") and value >= 0x10000:
        try:
            from .trace.values import string

            return string(memory.wstr(value, 256) if kind == "wstr" else memory.cstr(value, 256))
        except GuestFault:
            return f"{value:#x}:?"
    if kind.startswith("enum"):
        members = signatures.enum_members(kind.partition(":")[2]) or {}
        value &= 0xFFFFFFFF
        return next((name for name, number in members.items() if number == value), hex(value))
    if kind.startswith(("ptr", "fn", "wstr", "astr", "wbuf", "abuf", "handle", "bstr")):
        return hex(value) if value else "NULL"
    digits = "".join(c for c in kind if c.isdigit())
    width = int(digits) if digits and kind[0] in "iub" else 64
    value &= (1 << width) - 1
    if kind[0] == "i" and value >> (width - 1):
        value -= 1 << width
    if kind.startswith("bool"):
        return {0: "FALSE", 1: "TRUE"}.get(value, str(value))
    return str(value) if -1024 < value < 1024 else hex(value)

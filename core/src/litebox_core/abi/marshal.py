"""Marshallers: from a stub's spilled arguments to a Python call and back.

For each shape of prototype a function is generated once; each export then closes over its own constants. What the
generated code does, for ``HANDLE CreateThing(DWORD count, PCWSTR name, Out[DWORD] id)`` on x64::

    def call(guest, sp):
        a0, a1, a2 = unpack(guest.stack, sp - guest.stack_bias + 8)
        memory = guest.memory
        try:
            r = fn(guest, a0, memory.wstr(a1), k2(memory, a2))
        except errors as error:
            return fail(guest, error)
        return r & 0xFFFFFFFFFFFFFFFF

A marshaller returns the value for the result register, or None when the call goes on elsewhere: a function that
pauses, or a guest that was switched away.
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..engine.base import SPILL_ARGUMENTS, SPILL_FLOAT_RESULT, SPILL_XMM0
from ..errors import CrtError, NtError, WinError
from ..guest import Postponed
from ..memory import GuestFault
from .pointers import ArgCursor, Callback
from .scalars import Scalar
from .signature import Param, Signature
from .structs import Struct

if TYPE_CHECKING:
    from ..guest import Guest

ERRORS = (WinError, NtError, CrtError)

Marshaller = Callable[["Guest", int], "int | None"]
Fail = Callable[["Guest", Exception], "int | None"]

_factories: dict[str, Any] = {}
_IN_REGISTERS = 4
"""How many arguments come in registers on x64."""
_MASKS = {1: "0xFF", 2: "0xFFFF", 4: "0xFFFFFFFF", 8: "0xFFFFFFFFFFFFFFFF"}


class TraceHooks:
    """What a traced marshaller calls: ``enter`` before the function, ``leave`` after it."""

    def enter(self, guest: "Guest", export: Any, values: tuple[Any, ...], sp: int) -> Any:
        raise NotImplementedError

    def leave(self, guest: "Guest", call: Any, result: Any, error: BaseException | None) -> None:
        raise NotImplementedError


def in_register(size: int) -> bool:
    """Whether a structure of this size is passed and returned in a register on x64."""
    return size in (1, 2, 4, 8)


def marshaller(
    fn: Callable[..., Any],
    signature: Signature,
    fail: Fail,
    injected: dict[str, Any],
    bits: int,
    export: Any,
    trace: TraceHooks | None,
    probes: bool = False,
    system: bool = False,
) -> Marshaller:
    """The marshaller of one export.

    ``injected`` are the keyword-only arguments. With ``probes`` a bad pointer is a failure of the function, as
    Windows' system calls have it, and not an access violation of its caller. With ``system`` the register arguments
    are in the spill area, and not in their home space.
    """
    plan = _Plan(signature, bits, system)
    source = plan.source(signature, sorted(injected), trace is not None)
    factory = _factories.get(source)
    if factory is None:
        scope = {"GuestFault": GuestFault, "Postponed": Postponed, "ArgCursor": ArgCursor, "Callback": Callback}
        exec(compile(source, "<marshaller>", "exec"), scope)
        factory = _factories[source] = scope["make"]
    encode = _encoder(signature.ret, bits)
    errors = (*ERRORS, GuestFault) if probes else ERRORS
    made: Marshaller = factory(
        fn, plan.unpack, plan.more, fail, encode, plan.constants, injected, export, trace, errors
    )
    return made


class _Decoded(Exception):
    """Carries decoded arguments out of a marshaller."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        super().__init__()
        self.values = values


def decoder(signature: Signature, bits: int, system: bool = False) -> "Callable[[Guest, int], tuple[Any, ...]]":
    """What decodes the arguments of a call that begins: ``decode(guest, sp)``, with register arguments where the stub
    puts them.

    ``decode`` raises GuestFault where an argument points nowhere.
    """

    def keep(guest: "Guest", *values: Any) -> None:
        raise _Decoded(values)

    plain = Signature(signature.params, signature.ret, False, {})
    call = marshaller(keep, plain, _never, {}, bits, None, None, system=system)

    def decode(guest: "Guest", sp: int) -> tuple[Any, ...]:
        try:
            call(guest, sp)
        except _Decoded as decoded:
            return decoded.values
        raise AssertionError(f"{signature} was not decoded")

    return decode


def _never(guest: "Guest", error: Exception) -> int:
    raise error


def _encoder(ret: Scalar | type[Struct] | None, bits: int) -> Callable[["Guest", Any], int]:
    """Turns a Python result into the value of the result register; for results outside the generated fast path."""
    if ret is None:
        return lambda guest, result: 0
    if isinstance(ret, type):
        size = ret.sizeof(bits)
        if in_register(size):
            return lambda guest, result: int.from_bytes(result.pack(bits), "little")

        def through_pointer(guest: "Guest", result: tuple[int, Struct]) -> int:
            guest.memory.write(result[0], result[1].pack(bits))
            return result[0]

        return through_pointer
    if ret.kind == "f":
        codec = struct.Struct("<d" if ret.size == 8 else "<fxxxx")

        def through_xmm(guest: "Guest", result: float) -> int:
            try:
                data = codec.pack(result)
            except OverflowError:
                data = codec.pack(float("inf") if result > 0 else float("-inf"))
            guest.spill[SPILL_FLOAT_RESULT : SPILL_FLOAT_RESULT + 8] = data
            return 0

        return through_xmm
    mask = (1 << 8 * ret.width(bits)) - 1
    return lambda guest, result: int(result) & mask


class _Plan:
    """Where each argument of a prototype lies and which expression decodes it."""

    def __init__(self, signature: Signature, bits: int, system: bool = False) -> None:
        self.bits, self.system = bits, system
        self.constants: list[Any] = []
        self.names: list[str] = []
        self.expressions: list[str] = []
        self.raw: list[str] = []
        self.xmm: list[tuple[str, int, str]] = []
        fmt, slot, offset = "<", 0, 0
        registers = -1
        hidden = isinstance(signature.ret, type) and not in_register(signature.ret.sizeof(bits))
        self.hidden = hidden
        if hidden:
            fmt, slot, offset = fmt + ("Q" if bits == 64 else "I"), 1, bits // 8
            self.names.append("hidden")
        position = {param.name: f"a{i}" for i, param in enumerate(signature.params)}
        for i, param in enumerate(signature.params):
            name = f"a{i}"
            if param.kind == "varargs":
                self.expressions.append(f"ArgCursor(memory, sp + {bits // 8 + offset})")
                self.raw.append("0")
                continue
            code, size = self._slot(param, bits)
            if system and slot == _IN_REGISTERS:
                registers, fmt = len(fmt), fmt + "<"
            if code in ("d", "f") and bits == 64 and slot < 4:
                self.xmm.append((name, SPILL_XMM0 + 8 * slot, code))
                fmt += "8x"
            else:
                fmt += code
                gap = (8 if bits == 64 else 4) - size
                fmt += f"{gap}x" if gap > 0 else ""
                self.names.append(name)
            slot += 1
            offset += 8 if bits == 64 else max(4, (size + 3) & ~3)
            self.expressions.append(self._expression(param, name, position))
            self.raw.append(name)
        self.unpack = struct.Struct(fmt if registers < 0 else fmt[:registers]).unpack_from
        """For all arguments, or for those of a system call that come in registers."""
        self.more = None if registers < 0 else struct.Struct(fmt[registers:]).unpack_from

    def _slot(self, param: Param, bits: int) -> tuple[str, int]:
        if param.kind == "structval":
            size = param.extra.sizeof(bits)
            if bits == 64 and not in_register(size):
                return "Q", 8
            padding = -size % 4 if bits == 32 else 0
            return f"{size}s" + (f"{padding}x" if padding else ""), size + padding
        return param.scalar.code(bits), param.scalar.width(bits)

    def _constant(self, value: Any) -> str:
        self.constants.append(value)
        return f"k{len(self.constants) - 1}"

    def _expression(self, param: Param, name: str, position: dict[str, str]) -> str:
        kind = param.kind
        if kind == "scalar":
            return name
        if kind in ("wide", "narrow", "ansi"):
            text = {
                "wide": f"memory.wstr({name})",
                "narrow": f"memory.cstr({name})",
                "ansi": f"memory.ansi_decode(memory.cstr({name}))",
            }[kind]
            if param.extra:
                return f"({text} if {name} > 0xFFFF else {name})"
            return f"({text} if {name} else None)" if param.optional else text
        if kind == "pointer":
            made = f"{self._constant(param.extra)}(memory, {name})"
            return f"({made} if {name} else None)" if param.optional else made
        if kind == "callback":
            return f"Callback(guest, {name}, {self._constant(param.extra)})"
        if kind == "va_list":
            return f"ArgCursor(memory, {name})"
        if kind == "bytes":
            made = f"memory.read({name}, {position[param.extra.name]} * {param.extra.unit})"
            return f"({made} if {name} else None)" if param.optional else made
        if kind == "buffer":
            cls, length = param.extra
            unit = f" * {length.unit}" if length.unit != 1 else ""
            return f"{self._constant(cls)}(memory, {name}, {position[length.name]}{unit})"
        assert kind == "structval"
        constant = self._constant(param.extra)
        if self.bits == 64 and not in_register(param.extra.sizeof(64)):
            return f"{constant}.unpack(memory.read({name}, {param.extra.sizeof(64)}), 64)"
        return f"{constant}.unpack({name}, {self.bits})"

    def source(self, signature: Signature, injected: list[str], traced: bool) -> str:
        lines = ["def make(fn, unpack, more, fail, encode, constants, injected, export, trace, errors):"]
        if self.constants:
            lines.append(f"    {', '.join(f'k{i}' for i in range(len(self.constants)))}, = constants")
        lines += [f"    i_{name} = injected[{name!r}]" for name in injected]
        lines += [f"    xmm_{code} = __import__('struct').Struct('<{code}').unpack_from"
                  for code in sorted({code for _, _, code in self.xmm})]  # fmt: skip
        lines.append("    def call(guest, sp):")
        body: list[str] = []
        if self.system:
            first, rest = self.names[:_IN_REGISTERS], self.names[_IN_REGISTERS:]
            if first:
                body.append(f"{', '.join(first)}, = unpack(guest.spill, {SPILL_ARGUMENTS})")
            if rest:
                at = 8 * (1 + _IN_REGISTERS)
                body.append(f"{', '.join(rest)}, = more(guest.stack, sp - guest.stack_bias + {at})")
        elif self.names:
            body.append(f"{', '.join(self.names)}, = unpack(guest.stack, sp - guest.stack_bias + {self.bits // 8})")
        body += [f"{name}, = xmm_{code}(guest.spill, {at})" for name, at, code in self.xmm]
        if any("memory" in e for e in self.expressions):
            body.append("memory = guest.memory")
        keywords = "".join(f", {name}=i_{name}" for name in injected)
        if traced:
            body += self._traced(signature, keywords)
        else:
            call = f"fn({', '.join(['guest', *self.expressions])}{keywords})"
            body += self._plain(signature, call)
        lines += ["        " + line for line in body]
        lines.append("    return call")
        return "\n".join(lines)

    def _plain(self, signature: Signature, call: str) -> list[str]:
        result = "(hidden, r)" if self.hidden else "r"
        if signature.pauses:
            hidden = "hidden" if self.hidden else "0"
            return ["try:", f"    r = {call}", "except errors as error:", "    return fail(guest, error)",
                    f"return guest.begin(r, sp, encode, fail, {hidden}, errors=errors)"]  # fmt: skip
        ret = signature.ret
        lines = ["try:", f"    r = {call}", "except errors as error:", "    return fail(guest, error)"]
        if signature.waits:
            lines += self._later(self.expressions, "errors=errors")
        if ret is None:
            lines.append("return 0")
        elif isinstance(ret, type) or ret.kind == "f":
            lines.append(f"return encode(guest, {result})")
        else:
            lines.append(f"return r & {_MASKS[ret.width(self.bits)]}")
        return lines

    def _later(self, values: list[str], more: str) -> list[str]:
        """For a plain function that asks to be called again: from here on it is one that pauses."""
        hidden = "hidden" if self.hidden else "0"
        return ["except Postponed as later:", f"    r = later.again(fn, ({', '.join(['guest', *values])},), injected)",
                f"    return guest.begin(r, sp, encode, fail, {hidden}, {more})"]  # fmt: skip

    def _traced(self, signature: Signature, keywords: str) -> list[str]:
        values = [f"v{i}" for i in range(len(self.expressions))]
        lines = ["try:"]
        lines += [f"    {value} = {expression}" for value, expression in zip(values, self.expressions, strict=True)]
        lines += ["    pass"] if not values else []
        lines += [
            "except GuestFault as error:",
            f"    t = trace.enter(guest, export, ({''.join(r + ', ' for r in self.raw)}), sp)",
            "    raw = fail(guest, error) if isinstance(error, errors) else None",
            "    trace.leave(guest, t, raw, error)",
            "    if raw is None:",
            "        raise",
            "    return raw",
            f"t = trace.enter(guest, export, ({''.join(v + ', ' for v in values)}), sp)",
            "try:",
            f"    r = fn({', '.join(['guest', *values])}{keywords})",
            "except errors as error:",
            "    raw = fail(guest, error)",
            "    trace.leave(guest, t, raw, error)",
            "    return raw",
            *(self._later(values, "trace, t, errors") if signature.waits else ()),
            "except BaseException as error:",
            "    trace.leave(guest, t, None, error)",
            "    raise",
        ]
        if signature.pauses:
            hidden = "hidden" if self.hidden else "0"
            lines.append(f"return guest.begin(r, sp, encode, fail, {hidden}, trace, t, errors)")
        else:
            lines += [
                "raw = encode(guest, " + ("(hidden, r)" if self.hidden else "r") + ")",
                "trace.leave(guest, t, r, None)",
                "return raw",
            ]
        return lines

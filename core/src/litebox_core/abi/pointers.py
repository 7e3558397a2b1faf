"""Parameters that point into guest memory: typed pointers, buffers, strings, callbacks, variable arguments."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

from .scalars import Scalar
from .structs import Struct

if TYPE_CHECKING:
    from ..guest import Guest, GuestCall
    from ..memory import Memory

__all__ = [
    "NAME_OR_ID",
    "NAME_OR_ORDINAL",
    "PCSTR",
    "PCWSTR",
    "AnsiBuffer",
    "Buffer",
    "Callback",
    "CallbackMeta",
    "In",
    "InOut",
    "Len",
    "Out",
    "Ptr",
    "Text",
    "TextBuffer",
    "VaList",
    "VarArgs",
    "VarMeta",
    "WideBuffer",
    "pointer_class",
]  # fmt: skip

T = TypeVar("T")


class Ptr(Generic[T]):
    """A typed pointer. It is true when it is not NULL; reading or writing through a bad one is a guest fault.

    ``p.value`` is the pointed-to value, ``p[i]`` the i-th element of an array.
    """

    __slots__ = ("addr", "memory")
    codec: ClassVar[Any]
    direction: ClassVar[str] = "inout"

    def __init__(self, memory: "Memory", addr: int) -> None:
        self.memory, self.addr = memory, addr

    def __bool__(self) -> bool:
        return self.addr != 0

    @property
    def value(self) -> T:
        return self[0]

    @value.setter
    def value(self, new: T) -> None:
        self[0] = new

    def __getitem__(self, index: int) -> T:
        codec, memory = self.codec, self.memory
        size = codec.sizeof(memory.bits)
        data = memory.read(self.addr + index * size, size)
        return codec.unpack(data, memory.bits)  # type: ignore[no-any-return]

    def __setitem__(self, index: int, new: T) -> None:
        codec, memory = self.codec, self.memory
        data = codec.pack_value(new, memory.bits)
        memory.write(self.addr + index * len(data), data)

    def __repr__(self) -> str:
        return hex(self.addr) if self.addr else "NULL"


class Out(Ptr[T]):
    """A pointer through which the function answers."""

    __slots__ = ()
    direction = "out"


class In(Ptr[T]):
    """A pointer to a value that the function only reads."""

    __slots__ = ()
    direction = "in"


class InOut(Ptr[T]):
    """A pointer to a value that the function reads and changes."""

    __slots__ = ()


def _packer(scalar: Scalar, bits: int) -> Callable[[Any], bytes]:
    if scalar.kind == "f":
        return struct.Struct("<" + scalar.code(bits)).pack
    pack = struct.Struct("<" + scalar.code(bits).upper()).pack
    mask = (1 << 8 * scalar.width(bits)) - 1
    return lambda value: pack(value & mask)


class _ScalarCodec:
    __slots__ = ("_codecs", "_packers", "scalar")

    def __init__(self, scalar: Scalar) -> None:
        self.scalar = scalar
        self._codecs = {bits: struct.Struct("<" + scalar.code(bits)) for bits in (32, 64)}
        self._packers = {bits: _packer(scalar, bits) for bits in (32, 64)}

    def sizeof(self, bits: int) -> int:
        return self.scalar.width(bits)

    def unpack(self, data: bytes, bits: int) -> Any:
        return self._codecs[bits].unpack(data)[0]

    def pack_value(self, value: Any, bits: int) -> bytes:
        return self._packers[bits](value)


class _StructCodec:
    __slots__ = ("cls",)

    def __init__(self, cls: type[Struct]) -> None:
        self.cls = cls

    def sizeof(self, bits: int) -> int:
        return self.cls.layout(bits).size

    def unpack(self, data: bytes, bits: int) -> Any:
        return self.cls.layout(bits).unpack(self.cls, data, 0)

    def pack_value(self, value: Any, bits: int) -> bytes:
        return self.cls.layout(bits).pack(value)


_classes: dict[tuple[type, Any], type[Ptr[Any]]] = {}


def pointer_class(kind: type[Ptr[Any]], target: Any) -> type[Ptr[Any]]:
    """The concrete class of ``Out[target]``. Raises TypeError for a target that is no guest type."""
    made = _classes.get((kind, target))
    if made is None:
        codec: Any = None
        if isinstance(target, type) and issubclass(target, Struct):
            codec = _StructCodec(target)
        else:
            for meta in getattr(target, "__metadata__", ()):
                if isinstance(meta, Scalar):
                    codec = _ScalarCodec(meta)
                elif isinstance(meta, Text):
                    codec = _ScalarCodec(PVOID_SCALAR)
        if codec is None and getattr(target, "__origin__", None) in (Out, In, InOut, Ptr):
            codec = _ScalarCodec(PVOID_SCALAR)
        if codec is None:
            raise TypeError(f"{kind.__name__}[...] of {target!r}: not a scalar, pointer or Struct")
        made = _classes[(kind, target)] = type(kind.__name__, (kind,), {"codec": codec, "__slots__": ()})
    return made


PVOID_SCALAR = Scalar("PVOID", 0, "u")


class Len:
    """Says which parameter holds a buffer's length: ``Annotated[Buffer, Len("nSize")]``.

    ``unit`` is the number of bytes one count stands for.
    """

    __slots__ = ("name", "unit")

    def __init__(self, name: str, unit: int = 1) -> None:
        self.name, self.unit = name, unit


class Buffer:
    """Guest memory of a given length in bytes."""

    __slots__ = ("addr", "memory", "size")

    def __init__(self, memory: "Memory", addr: int, size: int) -> None:
        self.memory, self.addr, self.size = memory, addr, size

    def __bool__(self) -> bool:
        return self.addr != 0

    def __len__(self) -> int:
        return self.size

    def read(self) -> bytes:
        return self.memory.read(self.addr, self.size)

    def write(self, data: bytes) -> int:
        """Writes data at the start and returns its length. Raises ValueError when it is longer than the buffer."""
        if len(data) > self.size:
            raise ValueError(f"{len(data)} bytes do not fit into a buffer of {self.size}")
        self.memory.write(self.addr, data)
        return len(data)

    def __repr__(self) -> str:
        return hex(self.addr) if self.addr else "NULL"


class TextBuffer(Buffer):
    """A caller's buffer for text, ``size`` in characters: of two bytes in the W form, one in the A form."""

    __slots__ = ()
    unit: ClassVar[int]

    def encode(self, text: str) -> bytes:
        raise NotImplementedError

    def units(self, text: str) -> int:
        """How many characters of the buffer the text takes, without its NUL."""
        return len(self.encode(text)) // self.unit

    def fit(self, text: str) -> int:
        """The protocol of most Win32 functions: writes text and NUL and returns the length without the NUL or,
        where they do not fit, writes nothing and returns the size that is needed, NUL included.
        """
        data = self.encode(text)
        count = len(data) // self.unit
        if count >= self.size or not self.addr:
            return count + 1
        self.memory.write(self.addr, data + b"\0" * self.unit)
        return count

    def put(self, text: str) -> None:
        """Writes text and NUL without looking at ``size``."""
        self.memory.write(self.addr, self.encode(text) + b"\0" * self.unit)

    def cut(self, text: str) -> int:
        """Writes as much of the text as fits, always with NUL; returns the characters written without it."""
        if not self.size:
            return 0
        data = self.encode(text)[: (self.size - 1) * self.unit]
        self.memory.write(self.addr, data + b"\0" * self.unit)
        return len(data) // self.unit


class WideBuffer(TextBuffer):
    """A buffer of UTF-16 units. ``dll.ansi`` turns it into an :class:`AnsiBuffer` for the A form."""

    __slots__ = ()
    unit = 2

    def encode(self, text: str) -> bytes:
        return text.encode("utf-16-le", "surrogatepass")

    def text(self) -> str:
        """The NUL-terminated text that the buffer holds now."""
        return self.memory.wstr(self.addr)


class AnsiBuffer(WideBuffer):
    """The same in the process's ANSI code page."""

    __slots__ = ()
    unit = 1

    def encode(self, text: str) -> bytes:
        return self.memory.ansi_encode(text)

    def text(self) -> str:
        return self.memory.ansi_decode(self.memory.cstr(self.addr))


class Text:
    """Metadata of a NUL-terminated string parameter: ``kind`` is ``"wide"``, ``"narrow"`` (bytes) or ``"ansi"``.

    With ``ids`` values below 64 K are no pointers but numbers (MAKEINTRESOURCE, MAKEINTATOM, ordinals) and stay ints.
    """

    __slots__ = ("ids", "kind")

    def __init__(self, kind: str, ids: bool = False) -> None:
        self.kind, self.ids = kind, ids


PCWSTR = Annotated[str, Text("wide")]
"""A NUL-terminated UTF-16 string, decoded. NULL is a guest fault; ``PCWSTR | None`` takes it as None."""

PCSTR = Annotated[bytes, Text("narrow")]
"""A NUL-terminated narrow string, as bytes. NULL is a guest fault; ``PCSTR | None`` takes it as None."""

NAME_OR_ID = Annotated[str | int, Text("wide", True)]
"""A PCWSTR that may be a number below 64 K instead: a resource, an atom."""

NAME_OR_ORDINAL = Annotated[bytes | int, Text("narrow", True)]
"""A PCSTR that may be a number below 64 K instead: an export."""


class CallbackMeta:
    """Metadata of a function pointer: ``Compare = Annotated[Callback, CallbackMeta([PVOID, PVOID], INT)]``."""

    __slots__ = ("convention", "params", "ret")

    def __init__(self, params: list[Any], ret: Any, convention: str = "stdcall") -> None:
        self.params, self.ret, self.convention = params, ret, convention


class Callback:
    """A guest function. ``(yield callback(a, b))`` calls it and gives what it returned."""

    __slots__ = ("addr", "meta")

    def __init__(self, guest: "Guest", addr: int, meta: CallbackMeta) -> None:
        self.addr, self.meta = addr, meta

    def __bool__(self) -> bool:
        return self.addr != 0

    def __call__(self, *args: int | float) -> "GuestCall":
        from ..guest import GuestCall

        return GuestCall(self.addr, args, self.meta.ret, self.meta.convention)

    def __repr__(self) -> str:
        return hex(self.addr) if self.addr else "NULL"


class VarMeta:
    """Metadata that tells ``...`` from a ``va_list`` parameter."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


_U = {1: struct.Struct("<B"), 2: struct.Struct("<H"), 4: struct.Struct("<I"), 8: struct.Struct("<Q")}
_D = struct.Struct("<d")


class ArgCursor:
    """Walks variable arguments, of ``...`` or of a ``va_list`` (on Windows both are memory, one slot after another)."""

    __slots__ = ("addr", "memory")

    def __init__(self, memory: "Memory", addr: int) -> None:
        self.memory, self.addr = memory, addr

    @property
    def pointer_bits(self) -> int:
        return self.memory.bits

    def integer(self, bits: int, signed: bool) -> int:
        """The next argument as an integer of ``bits``."""
        slot = 8 if self.memory.bits == 64 or bits > 32 else 4
        data = self.memory.read(self.addr, slot)
        self.addr += slot
        return int.from_bytes(data[: bits // 8], "little", signed=signed)

    def double(self) -> float:
        data = self.memory.read(self.addr, 8)
        self.addr += 8
        return float(_D.unpack(data)[0])

    def pointer(self) -> int:
        return self.integer(self.memory.bits, False)

    def read_bytes(self, addr: int, size: int) -> bytes:
        return self.memory.read(addr, size)

    def read_cstr(self, addr: int, limit: int | None = None) -> bytes:
        return self.memory.cstr(addr, limit)

    def read_wstr(self, addr: int, limit: int | None = None) -> str:
        """Wide text with one character for each UTF-16 unit, as precisions count."""
        data = self.memory.wstr_bytes(addr, limit)
        text = data.decode("utf-16-le", "surrogatepass")
        if 2 * len(text) == len(data):
            return text
        return "".join(chr(int.from_bytes(data[i : i + 2], "little")) for i in range(0, len(data), 2))

    def write_int(self, addr: int, bits: int, value: int) -> None:
        self.memory.write(addr, (value & ((1 << bits) - 1)).to_bytes(bits // 8, "little"))


VarArgs = Annotated[ArgCursor, VarMeta("...")]
"""The ``...`` of a prototype; the last parameter."""

VaList = Annotated[ArgCursor, VarMeta("va_list")]
"""A ``va_list`` parameter."""

"""Calling single exports, without a program."""

from collections.abc import Callable
from typing import Any

from ..abi.pointers import Buffer, Ptr, TextBuffer, pointer_class
from ..abi.scalars import Scalar
from ..abi.structs import Struct
from ..config import Options
from ..dll import Dll
from ..guest import Float32
from ..leaks import OpenHandles, WatchedHandles
from ..plugins import Plugins
from ..process import Process

POISON = 0xDEADBEEF
"""The last-error code before each call: a function that does not set it leaves it."""


class Box:
    """A process without a program. Strings passed to its functions become guest strings, ``str`` wide ones.

    ``dlls`` are declarations that stand before the installed ones. Close it, or use it as a context manager.
    """

    def __init__(self, options: Options, plugins: "Plugins | None" = None, *, dlls: "tuple[Dll, ...]" = ()) -> None:
        plugins = plugins or Plugins(options)
        for dll in dlls:
            plugins.add(dll)
        self.process = Process(options, plugins)
        self._handles = WatchedHandles(self.process)
        self.guest = self.process.start(None)
        self.memory = self.process.memory
        self.call = Dlls(self)
        self._opened = OpenHandles(self.process)
        self._handles.seen.clear()  # the standard handles

    @property
    def last_error(self) -> int:
        """The last-error code of the thread: :data:`POISON` where the function that was called set none."""
        return self.guest.last_error

    def alloc(self, content: "int | bytes | str | Struct") -> int:
        """Guest memory: of so many zero bytes, or holding bytes and a NUL, wide text and a NUL, or a structure."""
        if isinstance(content, int):
            return self.process.heaps_allocate(max(content, 1))
        if isinstance(content, str):
            data = content.encode("utf-16-le", "surrogatepass") + b"\0\0"
        elif isinstance(content, Struct):
            data = content.pack(self.process.bits)
        else:
            data = content + b"\0"
        addr = self.process.heaps_allocate(len(data))
        self.memory.write(addr, data)
        return addr

    def new(self, kind: Any, value: Any = None) -> Ptr[Any]:
        """A guest variable of a type from :mod:`litebox_core.abi`; pass it as a pointer, read its ``value``."""
        cls = pointer_class(Ptr, kind)
        made = cls(self.memory, self.process.heaps_allocate(cls.codec.sizeof(self.process.bits)))
        if value is not None:
            made.value = value
        return made

    def wide(self, count: int) -> "Wide":
        """A buffer for ``count`` UTF-16 units, filled with a pattern; ``text`` is what a function wrote."""
        return Wide(self, count, 2)

    def narrow(self, count: int) -> "Wide":
        """The same for bytes."""
        return Wide(self, count, 1)

    def address(self, dll: str, function: str) -> int:
        """Address of an export. Raises LookupError when the DLL does not have it."""
        loader = self.process.loader
        module = loader.load_now(dll, None)
        address = loader.procedure(module, function) or loader.auto_stub(module, function)
        if not address:
            raise LookupError(f"{dll} has no {function}")
        return address

    def invoke(self, address: int, args: tuple[Any, ...], ret: "Scalar | None", floats: "list[int]") -> Any:
        """Calls a guest address."""
        self.guest.last_error = POISON
        values = [self._argument(arg, floats[i] if i < len(floats) else 0) for i, arg in enumerate(args)]
        return self.process.call(address, *values, ret=ret)

    def _argument(self, value: Any, float_size: int) -> "int | float":
        if float_size:
            return Float32(value) if float_size == 4 else float(value)
        if isinstance(value, (str, bytes, Struct)):
            return self.alloc(value)
        if isinstance(value, (Ptr, Buffer)):
            return value.addr
        return 0 if value is None else value if isinstance(value, float) else int(value)

    def leaks(self) -> list[str]:
        """What the calls so far left open: ``0x44 Event 'ready'``; and objects that live on without a handle."""
        return [*self._opened.since(), *self._handles.kept()]

    def close(self) -> None:
        self.process.close()

    def __enter__(self) -> "Box":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Wide(TextBuffer):
    """A text buffer of a test."""

    __slots__ = ("unit_size",)

    def __init__(self, box: Box, count: int, unit: int) -> None:
        super().__init__(box.memory, box.process.heaps_allocate(count * unit + 16), count)
        self.unit_size = unit
        self.memory.write(self.addr, b"\xa5" * (count * unit + 16))

    @property
    def text(self) -> "str | bytes":
        return self.memory.wstr(self.addr) if self.unit_size == 2 else self.memory.cstr(self.addr)

    @property
    def untouched(self) -> bool:
        """Whether nothing was written."""
        return self.memory.read(self.addr, self.size * self.unit_size) == b"\xa5" * (self.size * self.unit_size)


class Dlls:
    """``box.call``: its attributes are DLLs."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def __getattr__(self, name: str) -> "Functions":
        return Functions(self._box, name)


class Functions:
    """The exports of one DLL, as attributes or by name in brackets."""

    def __init__(self, box: Box, dll: str) -> None:
        self._box, self._dll = box, dll

    def __getattr__(self, name: str) -> Callable[..., Any]:
        box = self._box
        address = box.address(self._dll, name)
        choice = box.process.plugins.choose(self._dll.lower() + ".dll")
        export = choice.dll.exports.get(name) if choice is not None else None
        signature = export.signature if export is not None else None
        ret = signature.ret if signature is not None and not isinstance(signature.ret, type) else None
        floats = [p.scalar.size if p.kind == "scalar" and p.scalar.kind == "f" else 0 for p in signature.params] \
            if signature is not None else []  # fmt: skip

        def call(*args: Any) -> Any:
            return box.invoke(address, args, ret, floats)

        return call

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self.__getattr__(name)

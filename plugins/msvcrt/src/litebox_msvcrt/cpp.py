"""The C++ classes that MSVCRT exports: exception, bad_cast, bad_typeid, __non_rtti_object and type_info; terminate.

An exception holds its vtable, the text and whether the text is its own copy. A type_info holds its vtable, the
undecorated name once it was asked for, and the decorated name after the ``.``.
"""

import struct

from litebox_core.abi import INT, PVOID, UINT
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.threads import Threads

from .base import msvcrt, shared, ucrtbase
from .exits import abort_steps
from .lconv import Strings
from .string_copy import duplicate

VTABLES = {
    "exception": b"Unknown exception",
    "bad_cast": b"bad cast",
    "bad_typeid": b"bad typeid",
    "__non_rtti_object": b"",
}
TEXT, OWNED = 8, 16


class CppState(DllState):
    """Where the vtables lie, and the handlers of each thread."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.tables: dict[str, int] = {}
        self.terminate: dict[int, int] = {}
        self.unexpected: dict[int, int] = {}
        self._filled = False

    @property
    def vtables(self) -> dict[str, int]:
        """The vtables by class, filled when the first object needs one: before that no export has an address."""
        if not self._filled:
            self._filled = True
            module = self.process.loader.find("msvcrt.dll")
            assert module is not None
            procedure = self.process.loader.procedure
            for name, addr in self.tables.items():
                entries = (procedure(module, _deleting(name)), procedure(module, "?what@exception@@UEBAPEBDXZ"))
                self.process.memory.write(addr, struct.pack("<2Q", *entries))
        return self.tables


def _put(guest: Guest, this: int, vtable: int, text: int, owned: int) -> int:
    guest.memory.write(this, struct.pack("<2QI", vtable, text, owned))
    return this


def _copied(guest: Guest, heaps: Heaps, text: int) -> int:
    return duplicate(guest, heaps, guest.memory.cstr(text) + b"\0") if text else 0


def _release(guest: Guest, heaps: Heaps, this: int) -> None:
    text, owned = struct.unpack("<QI", guest.memory.read(this + TEXT, 12))
    if owned and text:
        heaps.free(guest.process.process_heap, 0, text)


def _copy(guest: Guest, heaps: Heaps, this: int, other: int, vtable: int) -> int:
    text, owned = struct.unpack("<QI", guest.memory.read(other + TEXT, 12))
    return _put(guest, this, vtable, _copied(guest, heaps, text) if owned else text, owned)


def _deleting(name: str) -> str:
    """The decorated name of a class's scalar deleting destructor."""
    return f"??_G{name}@@UEAAPEAXI@Z"


def _declare_class(name: str) -> None:
    """The members that the four exception classes have alike."""

    def copy(guest: Guest, this: PVOID, rhs: PVOID, *, heaps: Heaps, cpp: CppState) -> PVOID:
        return _copy(guest, heaps, this, rhs, cpp.vtables[name])

    def assign(guest: Guest, this: PVOID, rhs: PVOID, *, heaps: Heaps, cpp: CppState) -> PVOID:
        if this != rhs:
            _release(guest, heaps, this)
            _copy(guest, heaps, this, rhs, cpp.vtables[name])
        return this

    def destroy(guest: Guest, this: PVOID, *, heaps: Heaps, cpp: CppState) -> None:
        guest.memory.put_pointer(this, cpp.vtables[name])
        _release(guest, heaps, this)

    def delete(guest: Guest, this: PVOID, flags: UINT, *, heaps: Heaps, cpp: CppState) -> PVOID:
        destroy(guest, this, heaps=heaps, cpp=cpp)
        if flags & 1:
            heaps.free(guest.process.process_heap, 0, this)
        return this

    def place(process: Process, addr: int) -> None:
        process.state(CppState, "msvcrt").tables[name] = addr

    msvcrt.data(f"??_7{name}@@6B@", 16, place)
    msvcrt.export(name=f"??1{name}@@UEAA@XZ")(destroy)
    msvcrt.export(name=_deleting(name))(delete)
    msvcrt.export(name=f"??0{name}@@QEAA@AEBV0@@Z")(copy)
    msvcrt.export(name=f"??4{name}@@QEAAAEAV0@AEBV0@@Z")(assign)


for _name in VTABLES:
    _declare_class(_name)


@msvcrt.export(name="??0exception@@QEAA@XZ")
def new_exception(guest: Guest, this: PVOID, *, cpp: CppState) -> PVOID:
    return _put(guest, this, cpp.vtables["exception"], 0, 0)


@msvcrt.export(name="??0exception@@QEAA@AEBQEBDH@Z")
def new_exception_borrowed(guest: Guest, this: PVOID, text: PVOID, unused: INT, *, cpp: CppState) -> PVOID:
    return _put(guest, this, cpp.vtables["exception"], guest.memory.pointer(text), 0)


def _declare_with_text(decorated: str, name: str, reference: bool) -> None:
    """A constructor from a text, given as a pointer or as a reference to one."""

    def construct(guest: Guest, this: PVOID, text: PVOID, *, heaps: Heaps, cpp: CppState) -> PVOID:
        if reference:
            text = guest.memory.pointer(text)
        return _put(guest, this, cpp.vtables[name], _copied(guest, heaps, text), 1 if text else 0)

    msvcrt.export(name=decorated)(construct)


_declare_with_text("??0exception@@QEAA@AEBQEBD@Z", "exception", True)
_declare_with_text("??0bad_cast@@QEAA@AEBQEBD@Z", "bad_cast", True)
for _name in ("bad_cast", "bad_typeid", "__non_rtti_object"):
    _declare_with_text(f"??0{_name}@@QEAA@PEBD@Z", _name, False)


def _declare_default(name: str) -> None:
    def construct(guest: Guest, this: PVOID, *, heaps: Heaps, cpp: CppState) -> None:
        _put(guest, this, cpp.vtables[name], duplicate(guest, heaps, VTABLES[name] + b"\0"), 1)

    msvcrt.export(name=f"??_F{name}@@QEAAXXZ")(construct)


_declare_default("bad_cast")
_declare_default("bad_typeid")


@msvcrt.export(name="?what@exception@@UEBAPEBDXZ")
def what(guest: Guest, this: PVOID, *, strings: Strings) -> PVOID:
    return guest.memory.pointer(this + TEXT) or strings.place(VTABLES["exception"] + b"\0")


# -- type_info ---------------------------------------------------------------------------------------------------


def _type_name(guest: Guest, this: int) -> bytes:
    return guest.memory.cstr(this + 16)


@msvcrt.export(name="??8type_info@@QEBAHAEBV0@@Z")
def type_info_equal(guest: Guest, this: PVOID, rhs: PVOID) -> INT:
    return int(_type_name(guest, this + 1) == _type_name(guest, rhs + 1))


@msvcrt.export(name="??9type_info@@QEBAHAEBV0@@Z")
def type_info_differs(guest: Guest, this: PVOID, rhs: PVOID) -> INT:
    return int(_type_name(guest, this + 1) != _type_name(guest, rhs + 1))


@msvcrt.export(name="?before@type_info@@QEBAHAEBV1@@Z")
def type_info_before(guest: Guest, this: PVOID, rhs: PVOID) -> INT:
    return int(_type_name(guest, this + 1) < _type_name(guest, rhs + 1))


@msvcrt.export(name="?raw_name@type_info@@QEBAPEBDXZ")
def type_info_raw_name(guest: Guest, this: PVOID) -> PVOID:
    return this + 16


@ucrtbase.export
def __std_type_info_compare(guest: Guest, lhs: PVOID, rhs: PVOID) -> INT:
    left, right = guest.memory.cstr(lhs + 9), guest.memory.cstr(rhs + 9)
    return (left > right) - (left < right)


# -- the end -----------------------------------------------------------------------------------------------------


def _set_terminate(guest: Guest, ptFunction: PVOID, *, cpp: CppState) -> PVOID:
    before = cpp.terminate.get(guest.tid, 0)
    cpp.terminate[guest.tid] = ptFunction
    return before


def _set_unexpected(guest: Guest, unexpFunction: PVOID, *, cpp: CppState) -> PVOID:
    before = cpp.unexpected.get(guest.tid, 0)
    cpp.unexpected[guest.tid] = unexpFunction
    return before


def terminate_steps(guest: Guest, cpp: CppState) -> Steps[None]:
    """Calls the thread's terminate handler; where there is none, or when it returns, the program aborts."""
    runtime = "msvcrt" if cpp.dll == "msvcrt" else "ucrtbase"
    handler = guest.process.state(CppState, runtime).terminate.get(guest.tid, 0)
    if handler:
        yield GuestCall(handler, ())
    yield from abort_steps(guest, runtime)


def _terminate(guest: Guest, *, cpp: CppState) -> Steps[None]:
    return terminate_steps(guest, cpp)


def _unexpected(guest: Guest, *, cpp: CppState) -> Steps[None]:
    runtime = "msvcrt" if cpp.dll == "msvcrt" else "ucrtbase"
    handler = guest.process.state(CppState, runtime).unexpected.get(guest.tid, 0)
    if handler:
        yield GuestCall(handler, ())
    yield from terminate_steps(guest, cpp)


@shared.export
def _purecall(guest: Guest, *, threads: Threads) -> Steps[None]:
    yield from threads.exit_process(guest, 3)


msvcrt.export(name="?set_terminate@@YAP6AXXZP6AXXZ@Z")(_set_terminate)
msvcrt.export(name="?set_unexpected@@YAP6AXXZP6AXXZ@Z")(_set_unexpected)
msvcrt.export(name="?terminate@@YAXXZ")(_terminate)
msvcrt.export(name="?unexpected@@YAXXZ")(_unexpected)
ucrtbase.export(name="set_terminate")(_set_terminate)
ucrtbase.export(name="set_unexpected")(_set_unexpected)
ucrtbase.export(name="terminate")(_terminate)
ucrtbase.export(name="unexpected")(_unexpected)
ucrtbase.export(name="__std_terminate")(_terminate)


@ucrtbase.export
def _get_terminate(guest: Guest, *, cpp: CppState) -> PVOID:
    return cpp.terminate.get(guest.tid, 0)


@ucrtbase.export
def _get_unexpected(guest: Guest, *, cpp: CppState) -> PVOID:
    return cpp.unexpected.get(guest.tid, 0)

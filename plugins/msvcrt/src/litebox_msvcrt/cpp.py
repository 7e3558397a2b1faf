"""The C++ classes that MSVCRT exports: exception, bad_cast, bad_typeid, __non_rtti_object and type_info; terminate.

An exception holds its vtable, the text and whether the text is its own copy. A type_info holds its vtable, the
undecorated name once it was asked for, and the decorated name after the ``.``.
"""

import struct
from collections.abc import Mapping

from litebox_core.abi import INT, PVOID, UINT
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.loader.modules import Module
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.threads import Threads

from .base import msvcrt, shared, ucrtbase
from .cxxclasses import OBJECT_SIZE, Made, Plan, lay_out
from .exits import abort_steps
from .lconv import Strings
from .string_copy import duplicate

VTABLES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "exception": (b"Unknown exception", ()),
    "bad_cast": (b"bad cast", ("exception",)),
    "bad_typeid": (b"bad typeid", ("exception",)),
    "__non_rtti_object": (b"", ("bad_typeid", "exception")),
}
"""The classes, in this order: each one's text, and its bases."""
_WHAT = "?what@exception@@UEBAPEBDXZ"
TEXT, OWNED = 8, 16
_LONGEST_ARRAY = 1 << 20


class CppState(DllState):
    """Where the vtables lie, and the handlers of each thread."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.tables: dict[str, int] = {}
        self.terminate: dict[int, int] = {}
        self.unexpected: dict[int, int] = {}
        """The exported tables by class."""
        self.exit_pointer = 0
        """Address of ``_aexit_rtn``, which holds that of ``_exit``."""
        self.addresses: Mapping[str, int] = {}
        """Of the exports of the image."""
        self._classes: dict[str, Made] = {}

    @property
    def vtables(self) -> dict[str, int]:
        """The exported vtables, by class."""
        return self.tables if self.classes else {}

    @property
    def classes(self) -> dict[str, Made]:
        """The classes by plain name."""
        if not self._classes:
            self.fill()
        return self._classes

    def fill(self) -> None:
        """Lays the classes out, with their functions in the image that has just been mapped."""
        addresses = self.addresses
        plans = []
        for name, (_, bases) in VTABLES.items():
            functions = [addresses[n] for n in (_deleting(name), _WHAT, f"??0{name}@@QEAA@AEBV0@@Z")]
            plans.append(Plan(f".?AV{name}@@", tuple(f".?AV{base}@@" for base in bases), *functions))
        made = lay_out(self.process, plans)
        self._classes = {name: made[f".?AV{name}@@"] for name in VTABLES}
        for name, addr in self.tables.items():
            # the word before it is free: data that is exported is aligned to 16 bytes
            table = self._classes[name].locator, addresses[_deleting(name)], addresses[_WHAT]
            self.process.memory.write(addr - 8, struct.pack("<3Q", *table))
        self.process.memory.put_pointer(self.exit_pointer, addresses["_exit"])


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
        if flags & 2:  # an array, with the number of its elements before it
            count = guest.memory.u64(this - 8)
            for index in range(min(count, _LONGEST_ARRAY) - 1, -1, -1):
                destroy(guest, this + index * OBJECT_SIZE, heaps=heaps, cpp=cpp)
            this -= 8
        else:
            destroy(guest, this, heaps=heaps, cpp=cpp)
        if flags & 1:
            heaps.free(guest.process.process_heap, 0, this)
        return this

    def place(process: Process, addr: int) -> None:
        process.state(CppState, "msvcrt").tables[name] = addr

    msvcrt.data(f"??_7{name}@@6B@", 24, place)
    msvcrt.export(name=f"??1{name}@@UEAA@XZ")(destroy)
    msvcrt.export(name=_deleting(name))(delete)
    msvcrt.export(name=f"??0{name}@@QEAA@AEBV0@@Z")(copy)
    msvcrt.export(name=f"??4{name}@@QEAAAEAV0@AEBV0@@Z")(assign)


def _place_exit_pointer(process: Process, addr: int) -> None:
    process.state(CppState, "msvcrt").exit_pointer = addr


msvcrt.data("_aexit_rtn", 8, _place_exit_pointer)  # before the vtables, which need a word in front of them
for _name in VTABLES:
    _declare_class(_name)


@msvcrt.on_load
def _lay_out_classes(process: Process, base: int) -> None:
    allocation = process.memory.allocation_at(base)
    if allocation is not None and isinstance(allocation.owner, Module):
        cpp = process.state(CppState, "msvcrt")
        cpp.addresses = allocation.owner.addresses
        cpp.fill()


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
        _put(guest, this, cpp.vtables[name], duplicate(guest, heaps, VTABLES[name][0] + b"\0"), 1)

    msvcrt.export(name=f"??_F{name}@@QEAAXXZ")(construct)


_declare_default("bad_cast")
_declare_default("bad_typeid")


@msvcrt.export(name="?what@exception@@UEBAPEBDXZ")
def what(guest: Guest, this: PVOID, *, strings: Strings) -> PVOID:
    return guest.memory.pointer(this + TEXT) or strings.place(VTABLES["exception"][0] + b"\0")


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
    handler = cpp.unexpected.get(guest.tid, 0)
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

"""What Python objects hold at one moment, brought back in place: the objects stay who they are.

A :class:`Memento` follows everything that can be reached from some objects and remembers the content of each list,
dictionary, set and instance. Generators, closures and tables of functions that refer to an object refer to the same one
afterwards. What cannot be brought back so (a socket, a thread of the host, an iterator) raises SnapshotError, with
words for people.
"""

import ctypes
import enum
import functools
import io
import random
import re
import struct
import types
import weakref
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .engine.base import Backing
from .guest import Frame
from .kept import KeptSteps, variables
from .objects import Object, Waitable

__all__ = ["Memento", "SnapshotError"]


class SnapshotError(Exception):
    """A snapshot cannot be taken or restored; the text says why, in one line."""


CONSTANT = (
    "litebox_core.abi.", "litebox_core.cli.", "litebox_core.config", "litebox_core.debugger", "litebox_core.dispatch",
    "litebox_core.dll", "litebox_core.engine.", "litebox_core.entrypoints", "litebox_core.hookmanager",
    "litebox_core.nls.", "litebox_core.overlays", "litebox_core.pe.", "litebox_core.plugins", "litebox_core.selection",
    "litebox_core.serviceoffers", "litebox_core.signatures", "litebox_core.snapshots", "litebox_core.trace.",
    "litebox_engine_", "logging.", "pluggy.",
)  # fmt: skip
"""Modules whose objects do not change while a process runs, or are no part of it."""
_CHANGING = ("litebox_core.abi.structs",)
_ATOMS = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type, type(Ellipsis), types.BuiltinFunctionType,
    types.ModuleType, types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType,
    types.MethodWrapperType, types.ClassMethodDescriptorType, types.MethodDescriptorType, types.CodeType,
    types.MappingProxyType, types.GenericAlias, types.NotImplementedType, struct.Struct, re.Pattern, memoryview,
    weakref.ref, ctypes.CDLL, staticmethod, classmethod, property,
)  # fmt: skip
_ATOM_NAMES = frozenset({"mmap.mmap", "_thread.lock", "_thread.RLock", "_contextvars.Context", "builtins.object"}) | {
    "_hashlib.HASH", "_hashlib.HMAC",  # never changed in place: see hashing.grown
}


class Memento:
    """What all that can be reached from ``roots`` holds now. ``owner`` names them for people.

    ``backings`` is guest memory that was come across, ``objects`` what handles can refer to.
    """

    def __init__(self, roots: Iterable[tuple[object, str]]) -> None:
        self.backings: set[Backing] = set()
        self.objects: list[Object] = []
        self.paused: list[KeptSteps] = []
        """The functions of frames."""
        self._seen: dict[int, object] = {}
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self._instances: list[tuple[dict[str, Any], dict[str, Any], frozenset[str]]] = []
        self._slots: list[tuple[Any, object, Any]] = []
        self._unset: list[tuple[Any, object]] = []
        self._lists: list[tuple[Any, list[Any]]] = []
        self._bags: list[tuple[Any, Callable[[Any], None], Any]] = []
        self._arrays: list[tuple[Any, Any]] = []
        self._calls: list[Callable[[], object]] = []
        self._todo: deque[tuple[object, str]] = deque(roots)
        while self._todo:
            self._visit(*self._todo.popleft())

    # -- bringing back -------------------------------------------------------------------------------------------

    def bring_back(self) -> None:
        """Gives every object the content that it had."""
        for mapping, content in self._dicts:
            mapping.clear()
            mapping.update(content)
        for attributes, content, kept in self._instances:
            attributes.update(content)
            if len(attributes) > len(content):
                for name in attributes.keys() - content.keys() - kept:
                    del attributes[name]
        for setter, instance, value in self._slots:
            setter(instance, value)
        for slot, instance in self._unset:
            if _slot_value(slot, instance) is not _UNSET:
                slot.__delete__(instance)
        for sequence, items in self._lists:
            sequence[:] = items
        for bag, add, items in self._bags:
            bag.clear()
            add(items)
        for numbers, items in self._arrays:
            numbers[:] = items
        for call in self._calls:
            call()

    # -- following -----------------------------------------------------------------------------------------------

    def _visit(self, found: object, where: str) -> None:
        kind = type(found)
        how = _known[kind] if kind in _known else _known.setdefault(kind, _strategy(kind))
        if how is None or id(found) in self._seen:
            return
        self._seen[id(found)] = found
        how(self, found, where)

    def _follow(self, values: Iterable[object], where: str) -> None:
        self._todo.extend((value, where) for value in values if type(value) not in _SKIPPED)

    def _dictionary(self, found: Any, where: str) -> None:
        content = dict(found)
        self._dicts.append((found, content))
        self._follow(content, where)
        self._follow(content.values(), where)
        if type(found) is not dict:
            self._attributes(found, where)

    def _list(self, found: Any, where: str) -> None:
        content = list(found)
        self._lists.append((found, content))
        self._follow(content, where)
        if type(found) is not list:
            self._attributes(found, where)

    def _bag(self, found: Any, where: str) -> None:
        content = list(found)
        self._bags.append((found, found.extend if isinstance(found, deque) else found.update, content))
        self._follow(content, where)
        if type(found) not in (set, deque):
            self._attributes(found, where)

    def _immutable(self, found: Any, where: str) -> None:
        self._follow(found, where)
        if type(found) not in (tuple, frozenset):
            self._attributes(found, where)

    def _array(self, found: Any, where: str) -> None:
        self._arrays.append((found, found[:]))
        if type(found) not in (array, bytearray):
            self._attributes(found, where)

    def _ctypes(self, found: Any, where: str) -> None:
        size = ctypes.sizeof(found)
        self._calls.append(functools.partial(ctypes.memmove, ctypes.addressof(found), bytes(found), size))
        self._attributes(found, where)

    def _method(self, found: Any, where: str) -> None:
        self._follow((found.__self__,), where)

    def _partial(self, found: Any, where: str) -> None:
        self._follow((found.func, *found.args, *found.keywords.values()), where)

    def _function(self, found: Any, where: str) -> None:
        self._follow(found.__closure__ or (), where)
        self._follow(found.__defaults__ or (), where)
        self._follow((found.__kwdefaults__ or {}).values(), where)

    def _cell(self, found: Any, where: str) -> None:
        try:
            content = found.cell_contents
        except ValueError:  # nothing in it yet
            return
        self._slots.append((_set_cell, found, content))
        self._follow((content,), where)

    def _random(self, found: Any, where: str) -> None:
        state = found.getstate()
        self._calls.append(lambda: found.setstate(state))

    def _backing(self, found: Any, where: str) -> None:
        self.backings.add(found)
        self._slots.append((_set_users, found, found.users))

    def _steps(self, found: "Any", where: str) -> None:
        self.paused.append(found)
        self._slots.append((_set_closed, found, found.closed))
        self._generator(found.steps)

    def _generator(self, steps: Any) -> None:
        """What a paused function refers to; an iterator of its own stands still as long as the function does."""
        while isinstance(steps, types.GeneratorType) and steps.gi_frame is not None:
            self._follow((v for v in variables(steps) if not hasattr(v, "__next__")), f"{steps.__qualname__}()")
            steps = steps.gi_yieldfrom

    def _refuse(self, found: object, where: str) -> None:
        kind = type(found)
        raise SnapshotError(f"{where} holds {_article(kind)}, which a snapshot cannot bring back")

    def _instance(self, found: Any, where: str) -> None:
        kind = type(found)
        outside = getattr(kind, "snapshot_outside", None)
        if outside is not None:
            back = outside(found)
            if back is not None:
                self._calls.append(back)
        elif isinstance(found, Waitable) and found.descriptor is not None:
            raise SnapshotError(f"{_article(kind)} is open, which has a descriptor of the host")
        if isinstance(found, Object):
            self.objects.append(found)
        elif isinstance(found, Frame) and not isinstance(found.steps, KeptSteps):
            found.steps = KeptSteps(found.steps)  # type: ignore[assignment]
        self._attributes(found, f"{kind.__module__}.{kind.__qualname__}")

    def _attributes(self, found: Any, where: str) -> None:
        """What an instance has besides what its built-in type holds."""
        but, slots = _members_of(type(found))
        attributes = getattr(found, "__dict__", None)
        if type(attributes) is dict:
            content = dict(attributes)
            for name in but:
                content.pop(name, None)
            self._instances.append((attributes, content, but))
            for name, value in content.items():
                if type(value) not in _SKIPPED:
                    self._todo.append((value, f"{where}.{name}"))
        for slot in slots:
            value = _slot_value(slot, found)
            if value is _UNSET:
                self._unset.append((slot, found))
                continue
            self._slots.append((slot.__set__, found, value))
            if type(value) not in _SKIPPED:
                self._todo.append((value, f"{where}.{slot.__name__}"))


_UNSET = object()
_WRITTEN_IN_PYTHON = 1 << 9
"""Py_TPFLAGS_HEAPTYPE; classes of extension modules may have it too."""
_Function: type = type(ctypes.PyDLL(None).memcpy).__mro__[1]
_SKIPPED = frozenset({type(None), bool, int, float, str, bytes, type, types.BuiltinFunctionType})


def _slot_value(slot: Any, found: object) -> Any:
    try:
        return slot.__get__(found)
    except AttributeError:
        return _UNSET


def _set_cell(cell: Any, value: Any) -> None:
    cell.cell_contents = value


def _set_users(backing: Backing, value: int) -> None:
    backing.users = value


def _set_closed(steps: "KeptSteps", value: bool) -> None:
    steps.closed = value


def _article(kind: type) -> str:
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


_members: dict[type, tuple[frozenset[str], tuple[Any, ...]]] = {}


def _members_of(kind: type) -> tuple[frozenset[str], tuple[Any, ...]]:
    """The attributes that are to be left alone, and the slots, of which those are none."""
    if kind not in _members:
        but: frozenset[str] = frozenset()
        for base in kind.__mro__:
            but |= base.__dict__.get("not_in_snapshots", frozenset())
        _members[kind] = but, tuple(
            member
            for base in kind.__mro__
            if base.__flags__ & _WRITTEN_IN_PYTHON
            for name, member in base.__dict__.items()
            if isinstance(member, types.MemberDescriptorType) and not name.startswith("__") and name not in but
        )
    return _members[kind]


_Strategy = Callable[[Memento, Any, str], None]
_CONTAINERS: tuple[tuple[type | tuple[type, ...], _Strategy], ...] = (
    (dict, Memento._dictionary), (list, Memento._list), ((set, deque), Memento._bag),
    ((tuple, frozenset), Memento._immutable), ((array, bytearray), Memento._array), (types.MethodType, Memento._method),
    (functools.partial, Memento._partial), (types.FunctionType, Memento._function), (types.CellType, Memento._cell),
    (random.Random, Memento._random), (types.SimpleNamespace, Memento._attributes),
    ((ctypes.Structure, ctypes.Union, ctypes.Array, ctypes._SimpleCData), Memento._ctypes),
)  # fmt: skip


_known: dict[type, "_Strategy | None"] = {}


def _strategy(kind: type) -> _Strategy | None:
    """How objects of a type are brought back; None: there is nothing to bring back."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind in _ATOMS or name in _ATOM_NAMES or issubclass(kind, (enum.Enum, type, _Function)):
        return None
    if kind is KeptSteps:
        return Memento._steps
    if issubclass(kind, Backing):
        return Memento._backing
    modules = [f"{base.__module__}." for base in kind.__mro__]
    if any(module.startswith(CONSTANT) and not module.startswith(_CHANGING) for module in modules):
        return None
    for types_, how in _CONTAINERS:
        if issubclass(kind, types_):
            return how
    if name.startswith(("socket.", "subprocess.", "threading.", "select", "_io.", "tempfile.", "concurrent.")):
        return Memento._refuse
    if issubclass(kind, (io.IOBase, BaseException)) and kind.__module__ != "builtins":
        return Memento._refuse if issubclass(kind, io.IOBase) else Memento._instance
    if kind.__flags__ & _WRITTEN_IN_PYTHON:
        if kind.__module__ in ("datetime", "decimal", "fractions", "uuid", "zoneinfo", "pathlib", "ipaddress"):
            return None
        if not hasattr(kind, "__next__"):
            return Memento._instance
    if issubclass(kind, _ATOMS) or name.startswith(("datetime.", "zoneinfo.", "functools._lru")):
        return None
    return Memento._refuse

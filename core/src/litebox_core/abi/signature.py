"""A Python function's annotations, read as a Windows prototype."""

from collections.abc import Callable, Generator
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from .pointers import (
    AnsiBuffer,
    Buffer,
    CallbackMeta,
    In,
    InOut,
    Len,
    Out,
    Ptr,
    Text,
    VarMeta,
    WideBuffer,
    pointer_class,
)
from .scalars import PVOID, Scalar
from .structs import Struct

try:
    from types import UnionType as _UnionType
except ImportError:  # pragma: no cover
    _UnionType = Union  # type: ignore[assignment,misc]

__all__ = ["MayWait", "Param", "Signature", "prototype", "uses_floats"]

_PTR = PVOID.__metadata__[0]  # type: ignore[attr-defined]
_MAY_WAIT = object()
T = TypeVar("T")
MayWait = Annotated[T, _MAY_WAIT]
"""The return annotation of a plain function that may raise :class:`~litebox_core.guest.Postponed`."""


class Param:
    """One parameter: ``kind`` says how it is decoded, ``scalar`` what lies in its slot."""

    __slots__ = ("extra", "kind", "name", "optional", "scalar")

    def __init__(self, name: str, kind: str, scalar: Scalar, extra: Any = None, optional: bool = False) -> None:
        self.name, self.kind, self.scalar, self.extra, self.optional = name, kind, scalar, extra, optional


class Signature:
    """The prototype of an export. ``ret`` is None for ``void``; ``pauses`` for a function that may yield, ``waits``
    for a plain one that may raise Postponed."""

    __slots__ = ("injected", "params", "pauses", "ret", "waits")

    def __init__(
        self,
        params: tuple[Param, ...],
        ret: Scalar | type[Struct] | None,
        pauses: bool,
        injected: dict[str, Any],
        waits: bool = False,
    ) -> None:
        self.params, self.ret, self.pauses, self.injected, self.waits = params, ret, pauses, injected, waits

    @property
    def varargs(self) -> bool:
        return any(p.kind == "varargs" for p in self.params)

    def stack_bytes(self, bits: int = 32) -> int:
        """Bytes of arguments on an x86 stack: what a stdcall function removes."""
        total = 0
        for param in self.params:
            if param.kind == "structval":
                total += (param.extra.sizeof(bits) + 3) & ~3
            elif param.kind != "varargs":
                total += max(4, param.scalar.width(bits))
        return total

    def __str__(self) -> str:
        ret = "VOID" if self.ret is None else getattr(self.ret, "name", None) or self.ret.__name__  # type: ignore[union-attr]
        return f"({', '.join(f'{_type_text(p)} {p.name}' for p in self.params)}) -> {ret}"


def _type_text(param: Param) -> str:
    if param.kind in ("scalar",):
        return param.scalar.name
    if param.kind == "pointer":
        target = param.extra.codec
        name = target.cls.__name__ if hasattr(target, "cls") else target.scalar.name
        return f"{name}*"
    return {"wide": "PCWSTR", "narrow": "PCSTR", "ansi": "PCSTR", "varargs": "..."}.get(param.kind, param.kind)


def prototype(fn: Callable[..., Any], ansi: bool = False) -> Signature:
    """Reads ``fn(guest, <Windows parameters>, *, <injected>)``.

    With ``ansi``, wide strings and buffers are taken in the ANSI code page: the A form of a W function.
    Raises TypeError naming the function and the parameter for an annotation that is no guest type.
    """
    code = fn.__code__
    notes = fn.__annotations__
    names = code.co_varnames[1 : code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if code.co_flags & 0x0C:
        raise TypeError(f"{fn.__qualname__}: *args and **kwargs have no place in a Windows prototype")
    params = []
    for name in names:
        try:
            params.append(_param(name, notes[name], ansi, names))
        except (KeyError, TypeError) as error:
            what = "no annotation" if isinstance(error, KeyError) else str(error)
            raise TypeError(f"{fn.__module__}.{fn.__qualname__}, parameter {name}: {what}") from None
    returned = notes.get("return", KeyError)
    if returned is KeyError:
        raise TypeError(f"{fn.__module__}.{fn.__qualname__}: no return annotation")
    origin: Any = get_origin(returned)
    pauses = origin is Generator
    if pauses:
        returned = get_args(returned)[2]
    waits = any(meta is _MAY_WAIT for meta in getattr(returned, "__metadata__", ()))
    if waits and len(returned.__metadata__) == 1:  # nothing, or a structure
        returned = returned.__origin__
    try:
        ret = _return(returned)
    except TypeError as error:
        raise TypeError(f"{fn.__module__}.{fn.__qualname__}, return type: {error}") from None
    return Signature(tuple(params), ret, pauses, {name: notes.get(name) for name in keyword_only}, waits)


def uses_floats(fn: Callable[..., Any]) -> bool:
    """Whether a function takes or returns floating-point numbers by value; reads no more of the prototype than that."""
    for annotation in fn.__annotations__.values():
        origin = getattr(annotation, "__origin__", None)
        if origin is Generator:  # Steps[...]
            origin = getattr(annotation.__args__[2], "__origin__", None)
        if origin is float:
            return True
    return False


def _return(annotation: Any) -> Scalar | type[Struct] | None:
    if annotation is None or annotation is type(None):
        return None
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, Scalar):
            return meta
    raise TypeError(f"{annotation!r} is not a guest type")


def _param(name: str, annotation: Any, ansi: bool, names: tuple[str, ...]) -> Param:
    optional = False
    if get_origin(annotation) in (Union, _UnionType):
        some = [arg for arg in get_args(annotation) if arg is not type(None)]
        if len(some) != 1:
            raise TypeError(f"{annotation!r} is not a guest type")
        annotation, optional = some[0], True
    origin = get_origin(annotation)
    if origin in (Out, In, InOut, Ptr):
        return Param(name, "pointer", _PTR, pointer_class(origin, get_args(annotation)[0]), optional)
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return Param(name, "structval", _PTR, annotation)
    metadata = getattr(annotation, "__metadata__", ())
    base = getattr(annotation, "__origin__", None)
    for meta in metadata:
        if isinstance(meta, Scalar):
            return Param(name, "scalar", meta)
        if isinstance(meta, Text):
            kind = "ansi" if ansi and meta.kind == "wide" else meta.kind
            return Param(name, kind, _PTR, meta.ids, optional)
        if isinstance(meta, VarMeta):
            return Param(name, "varargs" if meta.kind == "..." else "va_list", _PTR)
        if isinstance(meta, CallbackMeta):
            return Param(name, "callback", _PTR, meta)
        if isinstance(meta, Len):
            if meta.name not in names:
                raise TypeError(f"Len({meta.name!r}) names no parameter")
            if base is bytes:
                return Param(name, "bytes", _PTR, meta, optional)
            if isinstance(base, type) and issubclass(base, Buffer):
                if base is WideBuffer and ansi:
                    base = AnsiBuffer
                return Param(name, "buffer", _PTR, (base, meta), optional)
    raise TypeError(f"{annotation!r} is not a guest type")

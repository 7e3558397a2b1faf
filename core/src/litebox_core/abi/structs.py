"""Structures in guest memory, laid out for either pointer size from one declaration."""

import struct
import sys
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .scalars import Scalar

if TYPE_CHECKING:
    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda cls: cls


__all__ = ["Array", "Bytes", "Layout", "Struct", "WideChars"]

_Leaf = Any


class Array:
    """Metadata of a fixed array field: ``Annotated[list[int], Array(DWORD, 4)]``."""

    __slots__ = ("count", "item")

    def __init__(self, item: Any, count: int) -> None:
        self.item, self.count = item, count


class Bytes:
    """Metadata of a fixed ``BYTE[count]`` or ``CHAR[count]`` field, held as :class:`bytes`."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


class WideChars:
    """Metadata of a fixed ``WCHAR[count]`` field, held as :class:`str`; cut to ``count - 1`` units on packing."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


class Layout:
    """Where the fields of a structure lie, for one pointer size. Sizes and offsets are in bytes."""

    __slots__ = ("_codec", "_leaves", "align", "offsets", "size")

    def __init__(self, cls: "type[Struct]", bits: int) -> None:
        fmt, position, self.align = "<", 0, 1
        self.offsets: dict[str, int] = {}
        self._leaves: list[tuple[str, _Leaf, int]] = []  # name, how to convert, how many format values
        for name, annotation in cls.fields().items():
            code, size, align, leaf, count = _field(annotation, bits)
            align = min(align, cls.pack_to or align)
            gap = -position % align
            fmt += f"{gap}x" if gap else ""
            position += gap
            self.offsets[name] = position
            self._leaves.append((name, leaf, count))
            fmt += code
            position += size
            self.align = max(self.align, align)
        gap = -position % self.align
        self._codec = struct.Struct(fmt + (f"{gap}x" if gap else ""))
        self.size = position + gap

    def flatten(self, value: "Struct") -> list[Any]:
        flat: list[Any] = []
        for name, leaf, count in self._leaves:
            item = getattr(value, name)
            if leaf is None:
                flat.append(item)
            else:
                flat.extend(leaf.flatten(item, count))
        return flat

    def build(self, cls: "type[Struct]", flat: tuple[Any, ...]) -> "Struct":
        made, index = cls.__new__(cls), 0
        for name, leaf, count in self._leaves:
            setattr(made, name, flat[index] if leaf is None else leaf.build(flat[index : index + count]))
            index += count
        return made

    def pack(self, value: "Struct") -> bytes:
        return self._codec.pack(*self.flatten(value))

    def unpack(self, cls: "type[Struct]", data: Any, offset: int) -> "Struct":
        return self.build(cls, self._codec.unpack_from(data, offset))

    @property
    def format(self) -> str:
        """The format without byte order, for nesting."""
        return self._codec.format[1:]

    @property
    def values(self) -> int:
        return sum(count for _, _, count in self._leaves)


class _NestedLeaf:
    __slots__ = ("cls", "layout")

    def __init__(self, cls: "type[Struct]", layout: Layout) -> None:
        self.cls, self.layout = cls, layout

    def flatten(self, value: "Struct", _: int) -> list[Any]:
        return self.layout.flatten(value)

    def build(self, flat: tuple[Any, ...]) -> "Struct":
        return self.layout.build(self.cls, flat)


class _ArrayLeaf:
    __slots__ = ("item", "per")

    def __init__(self, item: _Leaf, per: int) -> None:
        self.item, self.per = item, per

    def flatten(self, value: Any, count: int) -> list[Any]:
        flat = list(value) if self.item is None else [x for item in value for x in self.item.flatten(item, self.per)]
        if len(flat) != count:
            raise ValueError(f"array field wants {count} values, not {len(flat)}")
        return flat

    def build(self, flat: tuple[Any, ...]) -> list[Any]:
        if self.item is None:
            return list(flat)
        return [self.item.build(flat[i : i + self.per]) for i in range(0, len(flat), self.per)]


class _WideLeaf:
    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    def flatten(self, value: str, _: int) -> list[bytes]:
        return [value.encode("utf-16-le", "surrogatepass")[: 2 * self.count - 2]]

    def build(self, flat: tuple[bytes, ...]) -> str:
        text = flat[0].decode("utf-16-le", "surrogatepass")
        return text.partition("\0")[0]


def _field(annotation: Any, bits: int) -> tuple[str, int, int, _Leaf, int]:
    """Format, size, alignment, leaf and number of format values of one field."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        layout = annotation.layout(bits)
        return layout.format, layout.size, layout.align, _NestedLeaf(annotation, layout), layout.values
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, Scalar):
            size = meta.width(bits)
            return meta.code(bits), size, size, None, 1
        if isinstance(meta, Bytes):
            return f"{meta.count}s", meta.count, 1, None, 1
        if isinstance(meta, WideChars):
            return f"{meta.count * 2}s", meta.count * 2, 2, _WideLeaf(meta.count), 1
        if isinstance(meta, Array):
            code, size, align, leaf, per = _field(meta.item, bits)
            return code * meta.count, size * meta.count, align, _ArrayLeaf(leaf, per), per * meta.count
    raise TypeError(f"not a structure field type: {annotation!r}")


def _zero(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation()
    meta = annotation.__metadata__[0]
    if isinstance(meta, Array):
        return [_zero(meta.item) for _ in range(meta.count)]
    return b"" if isinstance(meta, Bytes) else "" if isinstance(meta, WideChars) else 0


_S = TypeVar("_S", bound="Struct")


@dataclass_transform(kw_only_default=True)
class Struct:
    """A C structure. Fields are declared as annotations, in order; missing ones are zero.

    >>> class POINT(Struct):
    ...     x: LONG = 0
    ...     y: LONG = 0
    """

    pack_to: ClassVar[int] = 0
    """``#pragma pack``: the highest alignment of a field in bytes, 0 for natural."""

    _fields: ClassVar[dict[str, Any]]
    _layouts: ClassVar[dict[int, Layout]]

    def __init_subclass__(cls, pack_to: int = 0) -> None:
        cls.pack_to = pack_to
        cls._layouts = {}
        cls._fields = {**getattr(cls, "_fields", {}), **_own_annotations(cls)}

    def __init__(self, **values: Any) -> None:
        for name, annotation in self._fields.items():
            setattr(self, name, values.pop(name) if name in values else _zero(annotation))
        if values:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(values)}")

    @classmethod
    def fields(cls) -> dict[str, Any]:
        return cls._fields

    @classmethod
    def layout(cls, bits: int) -> Layout:
        """The layout in a process of ``bits`` (32 or 64)."""
        layout = cls._layouts.get(bits)
        if layout is None:
            layout = cls._layouts[bits] = Layout(cls, bits)
        return layout

    @classmethod
    def sizeof(cls, bits: int = 64) -> int:
        """Size in bytes, padding included."""
        return cls.layout(bits).size

    def pack(self, bits: int = 64) -> bytes:
        """The structure's bytes. Raises :class:`struct.error` for a value that does not fit its field."""
        return self.layout(bits).pack(self)

    @classmethod
    def unpack(cls, data: Any, bits: int = 64, offset: int = 0) -> "Self":
        """Reads the structure out of a buffer. Raises :class:`struct.error` when the buffer is too short."""
        return cls.layout(bits).unpack(cls, data, offset)  # type: ignore[return-value]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(getattr(self, n) == getattr(other, n) for n in self._fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name}={_text(getattr(self, name))}" for name in self._fields) + "}"


def _own_annotations(cls: type) -> dict[str, Any]:
    """The annotations a class declares itself; from Python 3.14 on they are computed on demand."""
    if sys.version_info >= (3, 14):
        return dict(cls.__annotations__)
    return dict(vars(cls).get("__annotations__", {}))


def _text(value: Any) -> str:
    return hex(value) if isinstance(value, int) and abs(value) >= 1024 else repr(value)

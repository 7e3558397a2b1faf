"""Arguments and results of calls, as text for people and as JSON for programs.

Nothing here fails, whatever the guest passed.
"""

from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from ..abi.pointers import ArgCursor, Buffer, Ptr, TextBuffer
from ..abi.scalars import Scalar, decimal_or_hex
from ..abi.structs import Struct
from ..escapes import quoted as in_quotes
from ..memory import GuestFault

if TYPE_CHECKING:
    from ..abi.signature import Param, Signature

SHOWN_BYTES = 64
"""How much of a buffer that a function filled is shown."""
SHOWN_TEXT = 4096
"""How long a text in a JSON trace may be, in characters."""


def plain(value: str | bytes, limit: int = SHOWN_TEXT) -> str:
    """A guest string as a Python string, cut to ``limit`` with a note of how much is missing."""
    rest = len(value) - limit
    value = value[:limit] if rest > 0 else value
    text = value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
    return f"{text}...(+{rest})" if rest > 0 else text


def shorten(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f'{text[: limit - 12]}..."+{len(text) - limit + 12}'


def string(value: str | bytes) -> str:
    """A guest string in double quotes, with C's escapes and readable letters; what does not print is escaped."""
    return shorten(in_quotes(plain(value, 400)))


def text(param: "Param", value: Any) -> str:
    """The trace text of one decoded argument."""
    try:
        if isinstance(value, (str, bytes)):
            return string(value)
        if isinstance(value, Ptr):
            if not value:
                return "NULL"
            if value.direction == "out":
                return repr(value)
            pointee = value.value
            return f"{value!r}:{shorten(_pointee_text(value, pointee))}"
        if isinstance(value, ArgCursor):
            return "..."
        if value is None:
            return "NULL"
        return param.scalar.show(value) if param.kind == "scalar" or isinstance(value, int) else repr(value)
    except GuestFault:
        return f"{value!r}:?"


def _pointee_text(pointer: Ptr[Any], value: Any) -> str:
    scalar = getattr(pointer.codec, "scalar", None)
    return str(scalar.show(value)) if scalar is not None else str(value)


class Word(str):
    """A pointer, a flag, a status by name: in JSON a string like a text, for people without quotes."""

    __slots__ = ()


def out_text(value: Any) -> str:
    """The text of an out-value as :func:`pointed` gives it."""
    if value is None:
        return "NULL"
    return string(value) if isinstance(value, str) and not isinstance(value, Word) else shorten(str(value))


def result_text(signature: "Signature | None", result: Any) -> str:
    """The text of a result; empty for none."""
    if result is None or (signature is not None and signature.ret is None):
        return ""
    if signature is not None and isinstance(signature.ret, Scalar) and isinstance(result, (int, float)):
        return signature.ret.show(result)  # type: ignore[arg-type]
    return hex(result) if isinstance(result, int) else shorten(str(result))


# -- what pointers point to --------------------------------------------------------------------------------------

_COUNTS = ("numberofbytes", "returnlength", "bytesreturned", "transferred")


def pointed(
    params: "tuple[Param, ...]", values: tuple[Any, ...], result: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What pointers that are only read hold now, and what all others and buffers do; without what cannot be read."""
    ins: dict[str, Any] = {}
    outs: dict[str, Any] = {}
    buffers: list[tuple[str, Buffer]] = []
    for param, value in zip(params, values, strict=False):
        try:
            if isinstance(value, Ptr):
                if value:
                    found = ins if value.direction == "in" else outs
                    found[param.name] = _plain_value(getattr(value.codec, "scalar", None), value.value)
            elif isinstance(value, Buffer) and value:
                buffers.append((param.name, value))
        except (GuestFault, ValueError):
            continue
    count = next(
        (n for name, n in outs.items() if isinstance(n, int) and any(c in name.lower() for c in _COUNTS)), None
    )
    for name, buffer in buffers:
        try:
            outs[name] = _buffer(buffer, count if count is not None else result)
        except (GuestFault, ValueError):
            continue
    return ins, outs


def _buffer(buffer: Buffer, count: Any) -> str:
    size = buffer.size
    if isinstance(buffer, TextBuffer) and hasattr(type(buffer), "unit"):
        unit = buffer.unit
        data = buffer.memory.read(buffer.addr, min(size, 4 * SHOWN_BYTES) * unit)
        if unit == 2:
            return plain(data.decode("utf-16-le", "surrogatepass").partition("\0")[0])
        return plain(buffer.memory.ansi_decode(data.partition(b"\0")[0]))
    if isinstance(count, int) and 0 <= count <= size:
        size = count
    shown = buffer.memory.read(buffer.addr, min(size, SHOWN_BYTES))
    more = f"...(+{size - SHOWN_BYTES})" if size > SHOWN_BYTES else ""
    return shown.decode("utf-8", "backslashreplace") + more


def _plain_value(scalar: Scalar | None, value: Any) -> Any:
    """A value as JSON has it: numbers, texts, lists and dicts."""
    if scalar is not None:
        return _scalar_value(scalar, value)
    if isinstance(value, Struct):
        fields = value.fields()
        return {name: _plain_value(_scalar_of(kind), getattr(value, name)) for name, kind in fields.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_value(None, item) for item in value[:SHOWN_BYTES]]
    if isinstance(value, (str, bytes)):
        return plain(value)
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)


def _scalar_of(annotation: Any) -> Scalar | None:
    return next((m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, Scalar)), None)


def _scalar_value(scalar: Scalar, value: Any) -> Any:
    if scalar.kind == "f" or scalar.show is decimal_or_hex:
        return value
    shown = scalar.show(value)
    return None if shown == "NULL" else Word(shown)


# -- JSON --------------------------------------------------------------------------------------------------------

Encoder = Callable[[Any], str]


def encoder(param: "Param") -> Encoder:
    """How values of this parameter are written into a JSON trace: a function to JSON text."""
    return _scalar_encoder(param.scalar) if param.kind == "scalar" else _encode


def result_encoder(signature: "Signature | None") -> Encoder:
    """The same for results."""
    if signature is not None and isinstance(signature.ret, Scalar):
        scalar = _scalar_encoder(signature.ret)
        return lambda value: "null" if value is None else scalar(value)
    if signature is not None and signature.ret is None:
        return lambda value: "null"
    return _encode


def _scalar_encoder(scalar: Scalar) -> Encoder:
    if scalar.kind == "f":
        return _float
    if scalar.show is decimal_or_hex:
        return int.__repr__  # functions may answer True
    known: dict[int, str] = {}
    show = scalar.show

    def named(value: int) -> str:
        made = known.get(value)
        if made is None:
            shown = show(value)
            made = "null" if shown == "NULL" else quoted(shown)
            if len(known) < 256:
                known[value] = made
        return made

    return named


def _float(value: float) -> str:
    return repr(value) if value - value == 0 else quoted(repr(value))  # JSON has no inf and nan


def _encode(value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return quoted(plain(value))
    if value is None:
        return "null"
    if isinstance(value, (Ptr, Buffer)):
        return f'"{value.addr:#x}"' if value.addr else "null"
    if isinstance(value, ArgCursor):
        return '"..."'
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return f'"{value:#x}"' if value else "null"
    return quoted(shorten(repr(value)))

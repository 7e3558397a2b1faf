"""ntdll's printf functions, over the C run-time's formatting."""

from typing import TYPE_CHECKING, Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, ArgCursor, VaList, VarArgs
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER

from .base import dll

if TYPE_CHECKING:
    from litebox_msvcrt.engines.format import FormatOptions

NEEDS = "formats as msvcrt.dll does; needs the litebox-msvcrt package"
WITHOUT_LIMIT = 0x7FFFFFFF
TRUNCATE = 0xFFFFFFFFFFFFFFFF

_options: "list[FormatOptions]" = []


def text_of(format: Any, args: ArgCursor, limit: int, wide: bool) -> tuple[bytes, int]:
    """The first ``limit`` characters as they lie in memory, and the length of all. Raises NtError."""
    from litebox_msvcrt.engines import format as engine

    source: Any = args
    if not _options:
        _options.append(engine.FormatOptions())
    try:
        if wide:
            text, length = engine.format_wide_bounded(format, source, _options[0], limit)
            return text.encode("utf-16-le", "surrogatepass"), length
        return engine.format_narrow_bounded(format, source, _options[0], limit)
    except (engine.InvalidFormat, engine.EncodingError, engine.OutputTooLong):
        raise NtError(STATUS_INVALID_PARAMETER) from None


def _bounded(guest: Guest, buffer: int, count: int, format: Any, args: ArgCursor, wide: bool) -> int:
    """_snprintf: no NUL where the text fills the buffer; -1 where it does not fit."""
    data, length = text_of(format, args, min(count, WITHOUT_LIMIT), wide)
    if not buffer:
        return length
    unit = 2 if wide else 1
    guest.memory.write(buffer, data + b"\0" * unit if length < count else data[: count * unit])
    return length if length <= count else -1


def _secure(guest: Guest, buffer: int, size: int, count: int, format: Any, args: ArgCursor, wide: bool) -> int:
    """_snprintf_s: always a NUL; an empty text and -1 where the text does not fit."""
    if not buffer or not size:
        raise NtError(STATUS_INVALID_PARAMETER)
    unit = 2 if wide else 1
    truncate = count == TRUNCATE >> (64 - guest.bits)
    limit = min(size - 1, count)
    data, length = text_of(format, args, min(limit, WITHOUT_LIMIT), wide)
    if length <= limit:
        guest.memory.write(buffer, data + b"\0" * unit)
        return length
    keep = data[: limit * unit] if truncate or count < size else b""
    guest.memory.write(buffer, keep + b"\0" * unit)
    return -1


def _declare(kind: Any, format_kind: Any, wide: bool, names: tuple[str, ...]) -> None:
    """The functions for one width with ``...`` or with a va_list: plain, bounded, and the two with sizes."""

    def plain(guest: Guest, buffer: PVOID, format: format_kind, args: kind) -> INT:
        data, length = text_of(format, args, WITHOUT_LIMIT, wide)
        guest.memory.write(buffer, data + (b"\0\0" if wide else b"\0"))
        return length

    def bounded(guest: Guest, buffer: PVOID, count: SIZE_T, format: format_kind, args: kind) -> INT:
        return _bounded(guest, buffer, count, format, args, wide)

    def secure(guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, format: format_kind, args: kind) -> INT:
        return _secure(guest, buffer, sizeOfBuffer, sizeOfBuffer, format, args, wide)

    def bounded_secure(
        guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, count: SIZE_T, format: format_kind, args: kind
    ) -> INT:
        return _secure(guest, buffer, sizeOfBuffer, count, format, args, wide)

    for name, function in zip(names, (plain, bounded, secure, bounded_secure), strict=True):
        declare: Any = dll.export(name=name, fails=-1, partial=NEEDS)
        declare(function)


_declare(VarArgs, PCSTR, False, ("sprintf", "_snprintf", "sprintf_s", "_snprintf_s"))
_declare(VaList, PCSTR, False, ("vsprintf", "_vsnprintf", "vsprintf_s", "_vsnprintf_s"))
_declare(VarArgs, PCWSTR, True, ("swprintf", "_snwprintf", "swprintf_s", "_snwprintf_s"))
_declare(VaList, PCWSTR, True, ("_vswprintf", "_vsnwprintf", "vswprintf_s", "_vsnwprintf_s"))
dll.alias("_swprintf", "swprintf")


@dll.export(fails=-1, partial=NEEDS)
def _vscprintf(guest: Guest, format: PCSTR, args: VaList) -> INT:
    return text_of(format, args, 0, False)[1]


@dll.export(fails=-1, partial=NEEDS)
def _vscwprintf(guest: Guest, format: PCWSTR, args: VaList) -> INT:
    return text_of(format, args, 0, True)[1]

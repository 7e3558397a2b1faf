"""pathcch.h: paths as text, exported by KERNELBASE alone. Results are HRESULTs; last-error is left alone."""

from litebox_core.abi import HRESULT, PCWSTR, PVOID, SIZE_T, ULONG, Annotated, Len, Out, WideBuffer
from litebox_core.guest import Guest
from litebox_core.services import Heaps

from .base import kernelbase
from .pathtext import (
    ALLOW_LONG_PATHS,
    ENSURE_IS_EXTENDED_LENGTH_PATH,
    MAX_PATH,
    PATHCCH_MAX_CCH,
    bad_flags,
    canonical,
    joined,
    without_file,
)

S_OK, S_FALSE = 0, 1
E_INVALIDARG, E_OUTOFMEMORY = 0x80070057, 0x8007000E
FILENAME_EXCED_RANGE, INSUFFICIENT_BUFFER = 0x800700CE, 0x8007007A


def _too_long(path: str, flags: int) -> bool:
    long = flags & (ALLOW_LONG_PATHS | ENSURE_IS_EXTENDED_LENGTH_PATH)
    return len(path) >= (PATHCCH_MAX_CCH if long else MAX_PATH)


def _put(out: WideBuffer, path: str, flags: int) -> int:
    """Writes a result where it fits; the HRESULT."""
    if _too_long(path, flags):
        return FILENAME_EXCED_RANGE
    if not out.addr or out.units(path) >= out.size:
        return INSUFFICIENT_BUFFER
    out.put(path)
    return S_OK


def _canonicalize(out: WideBuffer, path: str | None, flags: int) -> int:
    if not 0 < out.size <= PATHCCH_MAX_CCH or path is None or bad_flags(flags):
        return E_INVALIDARG
    return _put(out, canonical(path, flags), flags)


@kernelbase.export
def PathCchCanonicalize(
    guest: Guest, pszPathOut: Annotated[WideBuffer, Len("cchPathOut")], cchPathOut: SIZE_T, pszPathIn: PCWSTR | None
) -> HRESULT:
    return _canonicalize(pszPathOut, pszPathIn, 0)


@kernelbase.export
def PathCchCanonicalizeEx(
    guest: Guest, pszPathOut: Annotated[WideBuffer, Len("cchPathOut")], cchPathOut: SIZE_T, pszPathIn: PCWSTR | None,
    dwFlags: ULONG,
) -> HRESULT:  # fmt: skip
    return _canonicalize(pszPathOut, pszPathIn, dwFlags)


@kernelbase.export
def PathAllocCanonicalize(
    guest: Guest, pszPathIn: PCWSTR | None, dwFlags: ULONG, ppszPathOut: Out[PVOID], *, heaps: Heaps
) -> HRESULT:
    if not ppszPathOut:
        return E_INVALIDARG
    ppszPathOut.value = 0
    if pszPathIn is None or bad_flags(dwFlags):
        return E_INVALIDARG
    return _allocated(guest, heaps, canonical(pszPathIn, dwFlags), dwFlags, ppszPathOut)


def _allocated(guest: Guest, heaps: Heaps, path: str, flags: int, out: Out[int]) -> int:
    """Puts the path into a block for LocalFree; the HRESULT."""
    if _too_long(path, flags):
        return FILENAME_EXCED_RANGE
    text = path.encode("utf-16-le", "surrogatepass") + b"\0\0"
    block = heaps.allocate(guest.process.process_heap, 0, len(text))
    if not block:
        return E_OUTOFMEMORY
    guest.memory.write(block, text)
    out.value = block
    return S_OK


def _combine(out: WideBuffer, path: str | None, more: str | None, flags: int) -> int:
    if not out.addr or not 0 < out.size <= PATHCCH_MAX_CCH:
        return E_INVALIDARG
    result = E_INVALIDARG
    if (path is not None or more is not None) and not bad_flags(flags):
        result = _put(out, canonical(joined(path or "", more or ""), flags), flags)
    if result != S_OK:
        out.put("")
    return result


@kernelbase.export
def PathCchCombine(
    guest: Guest, pszPathOut: Annotated[WideBuffer, Len("cchPathOut")], cchPathOut: SIZE_T, pszPathIn: PCWSTR | None,
    pszMore: PCWSTR | None,
) -> HRESULT:  # fmt: skip
    return _combine(pszPathOut, pszPathIn, pszMore, 0)


@kernelbase.export
def PathCchCombineEx(
    guest: Guest, pszPathOut: Annotated[WideBuffer, Len("cchPathOut")], cchPathOut: SIZE_T, pszPathIn: PCWSTR | None,
    pszMore: PCWSTR | None, dwFlags: ULONG,
) -> HRESULT:  # fmt: skip
    return _combine(pszPathOut, pszPathIn, pszMore, dwFlags)


@kernelbase.export
def PathAllocCombine(
    guest: Guest, pszPathIn: PCWSTR | None, pszMore: PCWSTR | None, dwFlags: ULONG, ppszPathOut: Out[PVOID], *,
    heaps: Heaps,
) -> HRESULT:  # fmt: skip
    if not ppszPathOut:
        return E_INVALIDARG
    ppszPathOut.value = 0
    if (pszPathIn is None and pszMore is None) or bad_flags(dwFlags):
        return E_INVALIDARG
    path = canonical(joined(pszPathIn or "", pszMore or ""), dwFlags)
    return _allocated(guest, heaps, path, dwFlags, ppszPathOut)


@kernelbase.export
def PathCchRemoveFileSpec(
    guest: Guest, pszPath: Annotated[WideBuffer, Len("cchPath")], cchPath: SIZE_T
) -> HRESULT:  # fmt: skip
    if not pszPath.addr or not 0 < cchPath <= PATHCCH_MAX_CCH:
        return E_INVALIDARG
    path = pszPath.text()
    if pszPath.units(path) >= cchPath:
        return E_INVALIDARG
    shorter = without_file(path)
    if shorter == path:
        return S_FALSE
    guest.memory.write(pszPath.addr + 2 * pszPath.units(shorter), b"\0\0")
    return S_OK

"""winbase.h: contexts of variable length."""

from litebox_core import xstate
from litebox_core.abi import BOOL, DWORD, PVOID, ULONGLONG, InOut, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER

from .base import dll

_PARTIAL = "x87 and SSE only: AVX is no part of contexts"


@dll.export(partial=_PARTIAL)
def GetEnabledXStateFeatures(guest: Guest) -> ULONGLONG:
    return xstate.ENABLED


@dll.export
def InitializeContext(
    guest: Guest, Buffer: PVOID, ContextFlags: DWORD, Context: Out[PVOID] | None, ContextLength: InOut[DWORD]
) -> BOOL:
    return _initialize(guest, Buffer, ContextFlags, Context, ContextLength, xstate.ALL_FEATURES)


@dll.export
def InitializeContext2(
    guest: Guest, Buffer: PVOID, ContextFlags: DWORD, Context: Out[PVOID] | None, ContextLength: InOut[DWORD],
    XStateCompactionMask: ULONGLONG,
) -> BOOL:  # fmt: skip
    return _initialize(guest, Buffer, ContextFlags, Context, ContextLength, XStateCompactionMask)


def _initialize(
    guest: Guest, buffer: int, flags: int, context: Out[int] | None, length: InOut[int], features: int
) -> bool:
    if not xstate.ENABLED:
        flags &= ~xstate.XSTATE
    needed = xstate.length(flags, features)
    given, length.value = length.value, needed
    if not buffer or given < needed:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    made = xstate.initialize(guest.memory, buffer, flags, features)[0]
    if context is not None:
        context.value = made
    return True


@dll.export
def CopyContext(guest: Guest, Destination: PVOID, ContextFlags: DWORD, Source: PVOID) -> BOOL:
    xstate.copy(guest.memory, Destination, ContextFlags, Source)
    return True


@dll.export(partial=_PARTIAL)
def LocateXStateFeature(guest: Guest, Context: PVOID, FeatureId: DWORD, Length: Out[DWORD] | None) -> PVOID:
    addr, size = xstate.part_of(guest.memory, Context, FeatureId)
    if addr and Length is not None:
        Length.value = size
    return addr


@dll.export
def GetXStateFeaturesMask(guest: Guest, Context: PVOID, FeatureMask: Out[ULONGLONG]) -> BOOL:
    found = xstate.get_features(guest.memory, Context)
    if found is None:
        return False
    FeatureMask.value = found
    return True


@dll.export
def SetXStateFeaturesMask(guest: Guest, Context: PVOID, FeatureMask: ULONGLONG) -> BOOL:
    return xstate.set_features(guest.memory, Context, FeatureMask)

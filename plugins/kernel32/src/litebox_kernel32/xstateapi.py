"""winbase.h: contexts of variable length."""

from litebox_core import extendedcontext as contexts
from litebox_core.abi import BOOL, DWORD, PVOID, ULONGLONG, InOut, Out
from litebox_core.engine.xstate import ExtendedState
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER

from .base import dll


def _state(guest: Guest) -> ExtendedState:
    return guest.process.engine.xstate


@dll.export
def GetEnabledXStateFeatures(guest: Guest) -> ULONGLONG:
    return _state(guest).enabled


@dll.export
def InitializeContext(
    guest: Guest, Buffer: PVOID, ContextFlags: DWORD, Context: Out[PVOID] | None, ContextLength: InOut[DWORD]
) -> BOOL:
    return _initialize(guest, Buffer, ContextFlags, Context, ContextLength, contexts.ALL_FEATURES)


@dll.export
def InitializeContext2(
    guest: Guest, Buffer: PVOID, ContextFlags: DWORD, Context: Out[PVOID] | None, ContextLength: InOut[DWORD],
    XStateCompactionMask: ULONGLONG,
) -> BOOL:  # fmt: skip
    return _initialize(guest, Buffer, ContextFlags, Context, ContextLength, XStateCompactionMask)


def _initialize(
    guest: Guest, buffer: int, flags: int, context: Out[int] | None, length: InOut[int], features: int
) -> bool:
    needed = contexts.length(_state(guest), flags, features)
    given, length.value = length.value, needed
    if not buffer or given < needed:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    made = contexts.initialize(guest.memory, _state(guest), buffer, flags, features)[0]
    if context is not None:
        context.value = made
    return True


@dll.export
def CopyContext(guest: Guest, Destination: PVOID, ContextFlags: DWORD, Source: PVOID) -> BOOL:
    contexts.copy(guest.memory, _state(guest), Destination, ContextFlags, Source)
    return True


@dll.export
def LocateXStateFeature(guest: Guest, Context: PVOID, FeatureId: DWORD, Length: Out[DWORD] | None) -> PVOID:
    addr, size = contexts.part_of(guest.memory, _state(guest), Context, FeatureId)
    if size and Length is not None:
        Length.value = size
    return addr


@dll.export
def GetXStateFeaturesMask(guest: Guest, Context: PVOID, FeatureMask: Out[ULONGLONG]) -> BOOL:
    found = contexts.get_features(guest.memory, Context)
    if found is None:
        return False
    FeatureMask.value = found
    return True


@dll.export
def SetXStateFeaturesMask(guest: Guest, Context: PVOID, FeatureMask: ULONGLONG) -> BOOL:
    return contexts.set_features(guest.memory, _state(guest), Context, FeatureMask)

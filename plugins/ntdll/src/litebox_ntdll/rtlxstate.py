"""Contexts of variable length."""

from litebox_core import extendedcontext as contexts
from litebox_core.abi import NTSTATUS, PVOID, ULONG, ULONGLONG, Out
from litebox_core.engine.xstate import ExtendedState
from litebox_core.guest import Guest

from .base import dll


def _state(guest: Guest) -> ExtendedState:
    return guest.process.engine.xstate


@dll.export
def RtlGetEnabledExtendedFeatures(guest: Guest, FeatureMask: ULONGLONG) -> ULONGLONG:
    return _state(guest).enabled & FeatureMask


@dll.export
def RtlGetExtendedContextLength(guest: Guest, ContextFlags: ULONG, ContextLength: Out[ULONG]) -> NTSTATUS:
    ContextLength.value = contexts.length(_state(guest), ContextFlags)
    return 0


@dll.export
def RtlGetExtendedContextLength2(
    guest: Guest, ContextFlags: ULONG, ContextLength: Out[ULONG], XStateCompactionMask: ULONGLONG
) -> NTSTATUS:
    ContextLength.value = contexts.length(_state(guest), ContextFlags, XStateCompactionMask)
    return 0


@dll.export
def RtlInitializeExtendedContext(
    guest: Guest, Context: PVOID, ContextFlags: ULONG, ContextEx: Out[PVOID]
) -> NTSTATUS:
    ContextEx.value = contexts.initialize(guest.memory, _state(guest), Context, ContextFlags)[1]
    return 0


@dll.export
def RtlInitializeExtendedContext2(
    guest: Guest, Context: PVOID, ContextFlags: ULONG, ContextEx: Out[PVOID], XStateCompactionMask: ULONGLONG
) -> NTSTATUS:
    ContextEx.value = contexts.initialize(guest.memory, _state(guest), Context, ContextFlags, XStateCompactionMask)[1]
    return 0


@dll.export
def RtlLocateLegacyContext(guest: Guest, ContextEx: PVOID, Length: Out[ULONG] | None) -> PVOID:
    context, size = contexts.legacy_part(guest.memory, ContextEx)
    if Length is not None:
        Length.value = size
    return context


@dll.export
def RtlLocateExtendedFeature(guest: Guest, ContextEx: PVOID, FeatureId: ULONG, Length: Out[ULONG] | None) -> PVOID:
    addr, size = contexts.extended_part(guest.memory, _state(guest), ContextEx, FeatureId)
    if size and Length is not None:
        Length.value = size
    return addr


@dll.export
def RtlGetExtendedFeaturesMask(guest: Guest, ContextEx: PVOID) -> ULONGLONG:
    return contexts.mask(guest.memory, ContextEx)


@dll.export
def RtlSetExtendedFeaturesMask(guest: Guest, ContextEx: PVOID, FeatureMask: ULONGLONG) -> None:
    contexts.set_mask(guest.memory, _state(guest), ContextEx, FeatureMask)


@dll.export
def RtlCopyExtendedContext(guest: Guest, Destination: PVOID, ContextFlags: ULONG, Source: PVOID) -> NTSTATUS:
    contexts.copy_extended(guest.memory, _state(guest), Destination, ContextFlags, Source)
    return 0


@dll.export
def RtlCopyContext(guest: Guest, Destination: PVOID, ContextFlags: ULONG, Source: PVOID) -> NTSTATUS:
    contexts.copy(guest.memory, _state(guest), Destination, ContextFlags, Source)
    return 0

"""Contexts of variable length."""

from litebox_core import xstate
from litebox_core.abi import NTSTATUS, PVOID, ULONG, ULONGLONG, Out
from litebox_core.guest import Guest

from .base import dll

_PARTIAL = "x87 and SSE only: AVX is no part of contexts"


@dll.export(partial=_PARTIAL)
def RtlGetEnabledExtendedFeatures(guest: Guest, FeatureMask: ULONGLONG) -> ULONGLONG:
    return xstate.ENABLED & FeatureMask


@dll.export
def RtlGetExtendedContextLength(guest: Guest, ContextFlags: ULONG, ContextLength: Out[ULONG]) -> NTSTATUS:
    ContextLength.value = xstate.length(ContextFlags)
    return 0


@dll.export
def RtlGetExtendedContextLength2(
    guest: Guest, ContextFlags: ULONG, ContextLength: Out[ULONG], XStateCompactionMask: ULONGLONG
) -> NTSTATUS:
    ContextLength.value = xstate.length(ContextFlags, XStateCompactionMask)
    return 0


@dll.export
def RtlInitializeExtendedContext(
    guest: Guest, Context: PVOID, ContextFlags: ULONG, ContextEx: Out[PVOID]
) -> NTSTATUS:
    ContextEx.value = xstate.initialize(guest.memory, Context, ContextFlags)[1]
    return 0


@dll.export
def RtlInitializeExtendedContext2(
    guest: Guest, Context: PVOID, ContextFlags: ULONG, ContextEx: Out[PVOID], XStateCompactionMask: ULONGLONG
) -> NTSTATUS:
    ContextEx.value = xstate.initialize(guest.memory, Context, ContextFlags, XStateCompactionMask)[1]
    return 0


@dll.export
def RtlLocateLegacyContext(guest: Guest, ContextEx: PVOID, Length: Out[ULONG] | None) -> PVOID:
    context, size = xstate.legacy_part(guest.memory, ContextEx)
    if Length is not None:
        Length.value = size
    return context


@dll.export(partial=_PARTIAL)
def RtlLocateExtendedFeature(guest: Guest, ContextEx: PVOID, FeatureId: ULONG, Length: Out[ULONG] | None) -> PVOID:
    return 0


@dll.export
def RtlGetExtendedFeaturesMask(guest: Guest, ContextEx: PVOID) -> ULONGLONG:
    return xstate.mask(guest.memory, ContextEx)


@dll.export
def RtlSetExtendedFeaturesMask(guest: Guest, ContextEx: PVOID, FeatureMask: ULONGLONG) -> None:
    xstate.set_mask(guest.memory, ContextEx, FeatureMask)


@dll.export
def RtlCopyExtendedContext(guest: Guest, Destination: PVOID, ContextFlags: ULONG, Source: PVOID) -> NTSTATUS:
    xstate.copy_extended(guest.memory, Destination, ContextFlags, Source)
    return 0


@dll.export
def RtlCopyContext(guest: Guest, Destination: PVOID, ContextFlags: ULONG, Source: PVOID) -> NTSTATUS:
    xstate.copy(guest.memory, Destination, ContextFlags, Source)
    return 0

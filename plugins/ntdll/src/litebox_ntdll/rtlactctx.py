"""Activation contexts."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PCWSTR, PVOID, SIZE_T, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from litebox_core.sxs import calls
from litebox_core.sxs.contexts import ActivationContexts

from .base import dll
from .ntdef import counted_text

_FINDS = "only FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX"
_QUERIES = "modules have the context of the process; no ActivationContextManifestResourceName"


@dll.export
def RtlAddRefActivationContext(guest: Guest, ActivationContext: PVOID, *, contexts: ActivationContexts) -> None:
    contexts.add_reference(ActivationContext)


@dll.export
def RtlReleaseActivationContext(guest: Guest, ActivationContext: PVOID, *, contexts: ActivationContexts) -> None:
    contexts.release(ActivationContext)


@dll.export
def RtlZombifyActivationContext(guest: Guest, ActivationContext: PVOID, *, contexts: ActivationContexts) -> NTSTATUS:
    return STATUS_INVALID_PARAMETER if contexts.get(ActivationContext) is None else STATUS_SUCCESS


@dll.export
def RtlActivateActivationContext(
    guest: Guest, Flags: ULONG, ActivationContext: PVOID, Cookie: Out[SIZE_T], *, contexts: ActivationContexts
) -> NTSTATUS:
    if Flags:
        raise NtError(STATUS_INVALID_PARAMETER)
    Cookie.value = 0
    Cookie.value = contexts.activate(guest, ActivationContext)
    return STATUS_SUCCESS


@dll.export(partial="for the calling thread's TEB")
def RtlActivateActivationContextEx(
    guest: Guest, Flags: ULONG, Teb: PVOID, ActivationContext: PVOID, Cookie: Out[SIZE_T], *,
    contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    if Flags & ~1 or Teb != guest.teb:  # 1: RTL_ACTIVATE_ACTIVATION_CONTEXT_EX_FLAG_RELEASE_ON_STACK_DEALLOCATION
        raise NtError(STATUS_INVALID_PARAMETER)
    Cookie.value = 0
    Cookie.value = contexts.activate(guest, ActivationContext)
    return STATUS_SUCCESS


@dll.export
def RtlDeactivateActivationContext(
    guest: Guest, Flags: ULONG, Cookie: SIZE_T, *, contexts: ActivationContexts
) -> NTSTATUS:
    calls.deactivate(guest, contexts, Flags, Cookie)
    return STATUS_SUCCESS


@dll.export
def RtlGetActiveActivationContext(
    guest: Guest, ActivationContext: Out[PVOID], *, contexts: ActivationContexts
) -> NTSTATUS:
    context = contexts.active(guest)
    handle = context.handle if context is not None else 0
    ActivationContext.value = handle
    contexts.add_reference(handle)
    return STATUS_SUCCESS


@dll.export
def RtlIsActivationContextActive(guest: Guest, ActivationContext: PVOID, *, contexts: ActivationContexts) -> BOOLEAN:
    """Whether the thread has activated the context, and be it below others."""
    return any(a.context is not None and a.context.handle == ActivationContext for a in guest.activations)


@dll.export
def RtlFreeThreadActivationContextStack(guest: Guest, *, contexts: ActivationContexts) -> None:
    contexts.deactivate(guest, len(guest.activations))


@dll.export(partial=_QUERIES)
def RtlQueryInformationActivationContext(
    guest: Guest, Flags: ULONG, ActivationContext: PVOID, SubInstanceIndex: PVOID,
    ActivationContextInformationClass: ULONG, ActivationContextInformation: PVOID,
    ActivationContextInformationLength: SIZE_T, ReturnLength: Out[SIZE_T] | None, *, contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    calls.query(
        guest, contexts, Flags, ActivationContext, SubInstanceIndex, ActivationContextInformationClass,
        ActivationContextInformation, ActivationContextInformationLength, ReturnLength,
    )  # fmt: skip
    return STATUS_SUCCESS


@dll.export(partial=_QUERIES)
def RtlQueryInformationActiveActivationContext(
    guest: Guest, ActivationContextInformationClass: ULONG, ActivationContextInformation: PVOID,
    ActivationContextInformationLength: SIZE_T, ReturnLength: Out[SIZE_T] | None, *, contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    calls.query(
        guest, contexts, calls.QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX, 0, 0, ActivationContextInformationClass,
        ActivationContextInformation, ActivationContextInformationLength, ReturnLength,
    )  # fmt: skip
    return STATUS_SUCCESS


@dll.export
def RtlQueryActivationContextApplicationSettings(
    guest: Guest, dwFlags: ULONG, ActivationContext: PVOID, settingsNameSpace: PCWSTR | None,
    settingName: PCWSTR | None, pvBuffer: PVOID, dwBuffer: SIZE_T, pdwWrittenOrRequired: Out[SIZE_T] | None, *,
    contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    calls.query_setting(
        guest, contexts, dwFlags, ActivationContext, settingsNameSpace, settingName, pvBuffer, dwBuffer,
        pdwWrittenOrRequired,
    )  # fmt: skip
    return STATUS_SUCCESS


@dll.export(partial=_FINDS)
def RtlFindActivationContextSectionString(
    guest: Guest, Flags: ULONG, ExtensionGuid: PVOID, SectionId: ULONG, StringToFind: PVOID, ReturnedData: PVOID, *,
    contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    """StringToFind is a UNICODE_STRING. Without ReturnedData it only tells whether there is such an entry."""
    if not StringToFind:
        raise NtError(STATUS_INVALID_PARAMETER)
    text = counted_text(guest.memory, StringToFind)
    calls.find(guest, contexts, Flags, ExtensionGuid, SectionId, text, ReturnedData)
    return STATUS_SUCCESS


@dll.export(partial=_FINDS)
def RtlFindActivationContextSectionGuid(
    guest: Guest, Flags: ULONG, ExtensionGuid: PVOID, SectionId: ULONG, GuidToFind: PVOID, ReturnedData: PVOID, *,
    contexts: ActivationContexts,
) -> NTSTATUS:  # fmt: skip
    calls.find(guest, contexts, Flags, ExtensionGuid, SectionId, calls.guid_at(guest, GuidToFind), ReturnedData)
    return STATUS_SUCCESS

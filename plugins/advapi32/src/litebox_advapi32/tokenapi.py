"""processthreadsapi.h, securitybaseapi.h: access tokens."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.ntstatus import STATUS_NO_IMPERSONATION_TOKEN
from litebox_core.security import identity, sids
from litebox_core.security.identity import Identity
from litebox_core.security.objectsecurity import created_with
from litebox_core.threads import Thread, thread_of
from litebox_core.tokens import IMPERSONATE, IMPERSONATION, QUERY
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_NOT_ALL_ASSIGNED, ERROR_SUCCESS

from .base import dll

THREAD_SET_THREAD_TOKEN = 0x80


@dll.export(probes=True)
def OpenProcessToken(guest: Guest, ProcessHandle: HANDLE, DesiredAccess: DWORD, TokenHandle: Out[HANDLE]) -> BOOL:
    guest.memory.check(TokenHandle.addr, guest.bits // 8, WRITE)
    TokenHandle.value = 0
    TokenHandle.value = identity.open_process(guest, ProcessHandle, DesiredAccess, False)
    return True


@dll.export(probes=True)
def OpenThreadToken(
    guest: Guest, ThreadHandle: HANDLE, DesiredAccess: DWORD, OpenAsSelf: BOOL, TokenHandle: Out[HANDLE]
) -> BOOL:
    guest.memory.check(TokenHandle.addr, guest.bits // 8, WRITE)
    TokenHandle.value = 0
    TokenHandle.value = identity.open_thread(guest, ThreadHandle, DesiredAccess, False)
    return True


@dll.export(probes=True)
def SetThreadToken(guest: Guest, Thread_: PVOID, Token: HANDLE) -> BOOL:
    """Of the calling thread for NULL, else of the thread whose handle is pointed to."""
    thread = thread_of(guest)
    if Thread_:
        handle = guest.memory.pointer(Thread_)
        access = 0 if handle in guest.process.handles.pseudo else THREAD_SET_THREAD_TOKEN
        thread = guest.process.handles.get(handle, Thread, access, guest)
    identity.set_thread_token(guest, thread, Token)
    return True


@dll.export(probes=True)
def GetTokenInformation(
    guest: Guest, TokenHandle: HANDLE, TokenInformationClass: DWORD, TokenInformation: PVOID,
    TokenInformationLength: DWORD, ReturnLength: Out[DWORD],
) -> BOOL:  # fmt: skip
    guest.memory.check(ReturnLength.addr, 4, WRITE)
    size, fits = identity.query(guest, TokenHandle, TokenInformationClass, TokenInformation, TokenInformationLength)
    ReturnLength.value = size
    if not fits:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return True


@dll.export(probes=True, partial="owner, primary group, default DACL and integrity level")
def SetTokenInformation(
    guest: Guest, TokenHandle: HANDLE, TokenInformationClass: DWORD, TokenInformation: PVOID,
    TokenInformationLength: DWORD,
) -> BOOL:  # fmt: skip
    identity.set_information(guest, TokenHandle, TokenInformationClass, TokenInformation, TokenInformationLength)
    return True


@dll.export(probes=True)
def DuplicateToken(
    guest: Guest, ExistingTokenHandle: HANDLE, ImpersonationLevel: DWORD, DuplicateTokenHandle: Out[HANDLE]
) -> BOOL:
    guest.memory.check(DuplicateTokenHandle.addr, guest.bits // 8, WRITE)
    access = QUERY | IMPERSONATE
    DuplicateTokenHandle.value = identity.duplicate(
        guest, ExistingTokenHandle, access, IMPERSONATION, ImpersonationLevel, False, False
    )
    return True


@dll.export(probes=True)
def DuplicateTokenEx(
    guest: Guest, hExistingToken: HANDLE, dwDesiredAccess: DWORD, lpTokenAttributes: PVOID, ImpersonationLevel: DWORD,
    TokenType: DWORD, phNewToken: Out[HANDLE],
) -> BOOL:  # fmt: skip
    guest.memory.check(phNewToken.addr, guest.bits // 8, WRITE)
    inherit = bool(lpTokenAttributes and guest.memory.u32(lpTokenAttributes + guest.bits // 4))
    handle = identity.duplicate(guest, hExistingToken, dwDesiredAccess, TokenType, ImpersonationLevel, inherit, False)
    if lpTokenAttributes:
        descriptor = guest.memory.pointer(lpTokenAttributes + guest.bits // 8)
        created_with(guest, identity.token_of(guest, handle), descriptor)
    phNewToken.value = handle
    return True


@dll.export(probes=True)
def CheckTokenMembership(guest: Guest, TokenHandle: HANDLE, SidToCheck: PVOID, IsMember: Out[BOOL]) -> BOOL:
    """NULL stands for the thread's token, or that of its process."""
    IsMember.value = False
    token = guest.process.state(Identity).effective(guest.tid)
    if TokenHandle:
        token = identity.token_of(guest, TokenHandle, QUERY)
        if token.kind != IMPERSONATION:
            raise NtError(STATUS_NO_IMPERSONATION_TOKEN)
    IsMember.value = sids.read(guest.memory, SidToCheck) in token.members()
    return True


@dll.export(probes=True)
def IsTokenRestricted(guest: Guest, TokenHandle: HANDLE) -> BOOL:
    restricted = bool(identity.token_of(guest, TokenHandle, QUERY).restrictions)
    guest.last_error = ERROR_SUCCESS
    return restricted


@dll.export(probes=True, partial="restricting SIDs are kept, and refuse nothing")
def CreateRestrictedToken(
    guest: Guest, ExistingTokenHandle: HANDLE, Flags: DWORD, DisableSidCount: DWORD, SidsToDisable: PVOID,
    DeletePrivilegeCount: DWORD, PrivilegesToDelete: PVOID, RestrictedSidCount: DWORD, SidsToRestrict: PVOID,
    NewTokenHandle: Out[HANDLE],
) -> BOOL:  # fmt: skip
    guest.memory.check(NewTokenHandle.addr, guest.bits // 8, WRITE)
    lists = identity.arrays(
        guest, (DisableSidCount, SidsToDisable), (DeletePrivilegeCount, PrivilegesToDelete),
        (RestrictedSidCount, SidsToRestrict),
    )  # fmt: skip
    NewTokenHandle.value = identity.filtered(guest, ExistingTokenHandle, Flags, *lists)
    return True


# -- what a token has enabled ------------------------------------------------------------------------------------------


@dll.export(probes=True)
def AdjustTokenPrivileges(
    guest: Guest, TokenHandle: HANDLE, DisableAllPrivileges: BOOL, NewState: PVOID, BufferLength: DWORD,
    PreviousState: PVOID, ReturnLength: PVOID,
) -> BOOL:  # fmt: skip
    """Succeeds without privileges that the token lacks; last-error tells of them."""
    status = identity.adjust_privileges(
        guest, TokenHandle, bool(DisableAllPrivileges), NewState, BufferLength, PreviousState, ReturnLength
    )
    guest.last_error = ERROR_NOT_ALL_ASSIGNED if status else ERROR_SUCCESS
    return True


@dll.export(probes=True)
def AdjustTokenGroups(
    guest: Guest, TokenHandle: HANDLE, ResetToDefault: BOOL, NewState: PVOID, BufferLength: DWORD,
    PreviousState: PVOID, ReturnLength: PVOID,
) -> BOOL:  # fmt: skip
    status = identity.adjust_groups(
        guest, TokenHandle, bool(ResetToDefault), NewState, BufferLength, PreviousState, ReturnLength
    )
    guest.last_error = ERROR_NOT_ALL_ASSIGNED if status else ERROR_SUCCESS
    return True


@dll.export(probes=True)
def PrivilegeCheck(guest: Guest, ClientToken: HANDLE, RequiredPrivileges: PVOID, pfResult: Out[BOOL]) -> BOOL:
    guest.memory.check(pfResult.addr, 4, WRITE)
    pfResult.value = identity.privilege_check(guest, ClientToken, RequiredPrivileges)
    return True


@dll.export(probes=True)
def AllocateLocallyUniqueId(guest: Guest, Luid: PVOID) -> BOOL:
    guest.memory.put_u64(Luid, guest.process.state(Identity).new_id())
    return True


# -- acting for somebody else ------------------------------------------------------------------------------------------


@dll.export(probes=True)
def ImpersonateSelf(guest: Guest, ImpersonationLevel: DWORD) -> BOOL:
    identity.own_impersonation(guest, thread_of(guest), ImpersonationLevel)
    return True


@dll.export(probes=True)
def ImpersonateLoggedOnUser(guest: Guest, hToken: HANDLE) -> BOOL:
    identity.log_on(guest, thread_of(guest), hToken)
    return True

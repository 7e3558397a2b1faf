"""Access tokens."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.ntstatus import STATUS_BUFFER_TOO_SMALL, STATUS_NO_TOKEN, STATUS_PRIVILEGE_NOT_HELD
from litebox_core.security import identity
from litebox_core.threads import thread_of
from litebox_core.tokens import QUERY

from .base import dll
from .ntattributes import also_zw, attributes_of, writable
from .ntio import probe
from .objattr import OBJ_INHERIT

SE_PRIVILEGE_ENABLED = 2


@dll.export(probes=True)
def NtOpenProcessTokenEx(
    guest: Guest, ProcessHandle: HANDLE, DesiredAccess: ACCESS_MASK, HandleAttributes: ULONG, TokenHandle: Out[HANDLE]
) -> NTSTATUS:
    writable(guest, TokenHandle)
    TokenHandle.value = identity.open_process(
        guest, ProcessHandle, DesiredAccess, bool(HandleAttributes & OBJ_INHERIT)
    )
    return 0


@dll.export(probes=True)
def NtOpenProcessToken(
    guest: Guest, ProcessHandle: HANDLE, DesiredAccess: ACCESS_MASK, TokenHandle: Out[HANDLE]
) -> NTSTATUS:
    return NtOpenProcessTokenEx(guest, ProcessHandle, DesiredAccess, 0, TokenHandle)


@dll.export(probes=True)
def NtOpenThreadTokenEx(
    guest: Guest, ThreadHandle: HANDLE, DesiredAccess: ACCESS_MASK, OpenAsSelf: BOOLEAN, HandleAttributes: ULONG,
    TokenHandle: Out[HANDLE],
) -> NTSTATUS:  # fmt: skip
    writable(guest, TokenHandle)
    TokenHandle.value = identity.open_thread(guest, ThreadHandle, DesiredAccess, bool(HandleAttributes & OBJ_INHERIT))
    return 0


@dll.export(probes=True)
def NtOpenThreadToken(
    guest: Guest, ThreadHandle: HANDLE, DesiredAccess: ACCESS_MASK, OpenAsSelf: BOOLEAN, TokenHandle: Out[HANDLE]
) -> NTSTATUS:
    return NtOpenThreadTokenEx(guest, ThreadHandle, DesiredAccess, OpenAsSelf, 0, TokenHandle)


def _level(guest: Guest, quality: int) -> int:
    """The impersonation level of a SECURITY_QUALITY_OF_SERVICE."""
    return guest.memory.u32(quality + 4) if quality else 0


@dll.export(probes=True)
def NtDuplicateToken(
    guest: Guest, ExistingTokenHandle: HANDLE, DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID,
    EffectiveOnly: BOOLEAN, TokenType: ULONG, NewTokenHandle: Out[HANDLE],
) -> NTSTATUS:  # fmt: skip
    """No access asked for: that of the existing handle."""
    writable(guest, NewTokenHandle)
    attributes = attributes_of(guest, ObjectAttributes)
    level, inherit = _level(guest, attributes.SecurityQualityOfService), bool(attributes.Attributes & OBJ_INHERIT)
    NewTokenHandle.value = identity.duplicate(
        guest, ExistingTokenHandle, DesiredAccess, TokenType, level, inherit, bool(EffectiveOnly)
    )
    return 0


@dll.export(probes=True, partial="not TokenAuditPolicy, TokenSessionReference and the attributes of claims")
def NtQueryInformationToken(
    guest: Guest, TokenHandle: HANDLE, TokenInformationClass: ULONG, TokenInformation: PVOID,
    TokenInformationLength: ULONG, ReturnLength: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    probe(guest, ReturnLength.addr, 4, write=True)
    size, fits = identity.query(guest, TokenHandle, TokenInformationClass, TokenInformation, TokenInformationLength)
    ReturnLength.value = size
    if not fits:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return 0


@dll.export(probes=True, partial="owner, primary group, default DACL and integrity level")
def NtSetInformationToken(
    guest: Guest, TokenHandle: HANDLE, TokenInformationClass: ULONG, TokenInformation: PVOID,
    TokenInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    identity.set_information(guest, TokenHandle, TokenInformationClass, TokenInformation, TokenInformationLength)
    return 0


@dll.export(probes=True)
def NtAdjustPrivilegesToken(
    guest: Guest, TokenHandle: HANDLE, DisableAllPrivileges: BOOLEAN, NewState: PVOID, BufferLength: ULONG,
    PreviousState: PVOID, ReturnLength: PVOID,
) -> NTSTATUS:  # fmt: skip
    return identity.adjust_privileges(
        guest, TokenHandle, bool(DisableAllPrivileges), NewState, BufferLength, PreviousState, ReturnLength
    )


@dll.export(probes=True)
def NtAdjustGroupsToken(
    guest: Guest, TokenHandle: HANDLE, ResetToDefault: BOOLEAN, NewState: PVOID, BufferLength: ULONG,
    PreviousState: PVOID, ReturnLength: PVOID,
) -> NTSTATUS:  # fmt: skip
    return identity.adjust_groups(
        guest, TokenHandle, bool(ResetToDefault), NewState, BufferLength, PreviousState, ReturnLength
    )


@dll.export(probes=True, partial="restricting SIDs are kept, and refuse nothing")
def NtFilterToken(
    guest: Guest, ExistingTokenHandle: HANDLE, Flags: ULONG, SidsToDisable: PVOID, PrivilegesToDelete: PVOID,
    RestrictedSids: PVOID, NewTokenHandle: Out[HANDLE],
) -> NTSTATUS:  # fmt: skip
    writable(guest, NewTokenHandle)
    lists = identity.listed(guest, SidsToDisable, PrivilegesToDelete, RestrictedSids)
    NewTokenHandle.value = identity.filtered(guest, ExistingTokenHandle, Flags, *lists)
    return 0


@dll.export(probes=True)
def NtPrivilegeCheck(guest: Guest, ClientToken: HANDLE, RequiredPrivileges: PVOID, Result: Out[BOOLEAN]) -> NTSTATUS:
    guest.memory.check(Result.addr, 1, WRITE)
    Result.value = identity.privilege_check(guest, ClientToken, RequiredPrivileges)
    return 0


@dll.export(probes=True)
def NtCompareTokens(
    guest: Guest, FirstTokenHandle: HANDLE, SecondTokenHandle: HANDLE, Equal: Out[BOOLEAN]
) -> NTSTATUS:
    """Equal for access checks: the same members, privileges and restrictions."""
    guest.memory.check(Equal.addr, 1, WRITE)
    first, second = (identity.token_of(guest, handle, QUERY) for handle in (FirstTokenHandle, SecondTokenHandle))
    Equal.value = first is second or (
        first.groups == second.groups
        and first.user_attributes == second.user_attributes
        and first.privileges == second.privileges
        and first.restrictions == second.restrictions
    )
    return 0


@dll.export(probes=True)
def NtAllocateLocallyUniqueId(guest: Guest, Luid: PVOID) -> NTSTATUS:
    probe(guest, Luid, 8, write=True)
    guest.memory.put_u64(Luid, guest.process.state(identity.Identity).new_id())
    return 0


@dll.export(probes=True)
def RtlImpersonateSelf(guest: Guest, ImpersonationLevel: ULONG) -> NTSTATUS:
    identity.own_impersonation(guest, thread_of(guest), ImpersonationLevel)
    return 0


@dll.export(probes=True)
def RtlAdjustPrivilege(
    guest: Guest, Privilege: ULONG, Enable: BOOLEAN, CurrentThread: BOOLEAN, Enabled: Out[BOOLEAN]
) -> NTSTATUS:
    """A privilege that the token lacks is an error here: STATUS_PRIVILEGE_NOT_HELD."""
    guest.memory.check(Enabled.addr, 1, WRITE)
    own = guest.process.state(identity.Identity)
    if CurrentThread and guest.tid not in own.of_threads:
        raise NtError(STATUS_NO_TOKEN)
    token = own.of_threads[guest.tid] if CurrentThread else own.token
    after, former, complete = token.adjusted_privileges({Privilege: SE_PRIVILEGE_ENABLED if Enable else 0})
    if not complete:
        raise NtError(STATUS_PRIVILEGE_NOT_HELD)
    Enabled.value = bool(token.privileges[Privilege] & SE_PRIVILEGE_ENABLED)
    if former:
        token.privileges, token.modified = after, own.new_id()
    return 0


dll.stub("nobody is anonymous here", "NtImpersonateAnonymousToken")

also_zw(__name__)

"""Access tokens. Threads act for nobody else: they have none of their own."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_BUFFER_TOO_SMALL, STATUS_NO_TOKEN
from litebox_core.process import DllState, Process
from litebox_core.tokens import DUPLICATE, QUERY, Token

from .base import dll
from .ntattributes import also_zw, attributes_of, granted, writable
from .ntio import add_handle, probe
from .ntobject import entry_of
from .ntprocess import other_process
from .ntthread import thread_by
from .objattr import OBJ_INHERIT

PROCESS_QUERY = 0x400 | 0x1000
"""PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION: either will do."""
THREAD_QUERY = 0x40 | 0x800


class OwnToken(DllState):
    """The token that the process, and every other one of the run, began with."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.token = Token()
        self.token.retain()


@dll.export(probes=True)
def NtOpenProcessTokenEx(
    guest: Guest, ProcessHandle: HANDLE, DesiredAccess: ACCESS_MASK, HandleAttributes: ULONG, TokenHandle: Out[HANDLE]
) -> NTSTATUS:
    writable(guest, TokenHandle)
    other_process(guest, ProcessHandle)
    if not entry_of(guest, ProcessHandle).access & PROCESS_QUERY:
        raise NtError(STATUS_ACCESS_DENIED)
    token = guest.state(OwnToken).token
    TokenHandle.value = add_handle(guest, token, granted(DesiredAccess, token), bool(HandleAttributes & OBJ_INHERIT))
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
    thread_by(guest, ThreadHandle)
    if not entry_of(guest, ThreadHandle).access & THREAD_QUERY:
        raise NtError(STATUS_ACCESS_DENIED)
    raise NtError(STATUS_NO_TOKEN)


@dll.export(probes=True)
def NtOpenThreadToken(
    guest: Guest, ThreadHandle: HANDLE, DesiredAccess: ACCESS_MASK, OpenAsSelf: BOOLEAN, TokenHandle: Out[HANDLE]
) -> NTSTATUS:
    return NtOpenThreadTokenEx(guest, ThreadHandle, DesiredAccess, OpenAsSelf, 0, TokenHandle)


def _level(guest: Guest, quality: int) -> int:
    """The impersonation level of a SECURITY_QUALITY_OF_SERVICE."""
    return guest.memory.u32(quality + 4) if quality else 0


@dll.export(probes=True, partial="EffectiveOnly is ignored: every group and privilege is enabled")
def NtDuplicateToken(
    guest: Guest, ExistingTokenHandle: HANDLE, DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID,
    EffectiveOnly: BOOLEAN, TokenType: ULONG, NewTokenHandle: Out[HANDLE],
) -> NTSTATUS:  # fmt: skip
    """No access asked for: that of the existing handle."""
    writable(guest, NewTokenHandle)
    existing = guest.process.handles.get(ExistingTokenHandle, Token, DUPLICATE, guest)
    attributes = attributes_of(guest, ObjectAttributes)
    made = existing.duplicate(TokenType, _level(guest, attributes.SecurityQualityOfService))
    access = DesiredAccess or entry_of(guest, ExistingTokenHandle).access
    inherit = bool(attributes.Attributes & OBJ_INHERIT)
    NewTokenHandle.value = add_handle(guest, made, granted(access, made), inherit)
    return 0


@dll.export(probes=True, partial="the classes that tell of user, groups, privileges, session and elevation")
def NtQueryInformationToken(
    guest: Guest, TokenHandle: HANDLE, TokenInformationClass: ULONG, TokenInformation: PVOID,
    TokenInformationLength: ULONG, ReturnLength: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    probe(guest, ReturnLength.addr, 4, write=True)
    token = guest.process.handles.get(TokenHandle, Token, QUERY, guest)
    data = token.query(TokenInformationClass, TokenInformation, guest.bits)
    ReturnLength.value = len(data)
    if TokenInformationLength < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(TokenInformation, data)
    return 0


dll.stub(
    "tokens do not change", "NtAdjustGroupsToken", "NtAdjustPrivilegesToken", "NtFilterToken", "NtSetInformationToken",
    "NtImpersonateAnonymousToken",
)  # fmt: skip

also_zw(__name__)

"""memoryapi.h and psapi.h: which pages are in memory, how many may be, and the machine's memory and drivers."""

from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    INT,
    PVOID,
    SIZE_T,
    ULONG_PTR,
    Annotated,
    Callback,
    CallbackMeta,
    Out,
    Ptr,
    Struct,
)
from litebox_core.children import Children
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.winerror import ERROR_BAD_LENGTH, ERROR_INVALID_PARAMETER

from .base import dll
from .memoryapi import own_process

PAGE = 0x1000
MEM_COMMIT, MEM_PRIVATE = 0x1000, 0x20000
PAGE_NOACCESS, PAGE_GUARD = 1, 0x100
MIN_ENABLE, MIN_DISABLE, MAX_ENABLE, MAX_DISABLE = 1, 2, 4, 8
_VALID, _SHARED = 1, 1 << 15


class Quota(DllState):
    """How large the working set may be, in bytes, and whether that is a hard limit: remembered, not enforced."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.minimum, self.maximum = 50 * PAGE, 345 * PAGE
        self.flags = MIN_DISABLE | MAX_DISABLE


class PERFORMANCE_INFORMATION(Struct):
    cb: DWORD = 0
    CommitTotal: SIZE_T = 0
    CommitLimit: SIZE_T = 0
    CommitPeak: SIZE_T = 0
    PhysicalTotal: SIZE_T = 0
    PhysicalAvailable: SIZE_T = 0
    SystemCache: SIZE_T = 0
    KernelTotal: SIZE_T = 0
    KernelPaged: SIZE_T = 0
    KernelNonpaged: SIZE_T = 0
    PageSize: SIZE_T = 0
    HandleCount: DWORD = 0
    ProcessCount: DWORD = 0
    ThreadCount: DWORD = 0


class PSAPI_WORKING_SET_EX_INFORMATION(Struct):
    VirtualAddress: PVOID = 0
    VirtualAttributes: ULONG_PTR = 0


# -- sizes -----------------------------------------------------------------------------------------------------------


def _set(guest: Guest, quota: Quota, process: int, minimum: int, maximum: int, flags: int) -> int:
    own_process(guest, process)
    everything = (1 << guest.bits) - 1
    if minimum == maximum == everything:
        return True  # the working set is emptied: the host decides what stays in memory
    bad = flags & ~(MIN_ENABLE | MIN_DISABLE | MAX_ENABLE | MAX_DISABLE)
    bad |= flags & (MIN_ENABLE | MIN_DISABLE) == MIN_ENABLE | MIN_DISABLE
    bad |= flags & (MAX_ENABLE | MAX_DISABLE) == MAX_ENABLE | MAX_DISABLE
    if bad or not minimum or minimum > maximum:
        raise WinError(ERROR_INVALID_PARAMETER)
    quota.minimum, quota.maximum = -(-minimum // PAGE) * PAGE, -(-maximum // PAGE) * PAGE
    for either, other in ((MIN_ENABLE, MIN_DISABLE), (MAX_ENABLE, MAX_DISABLE)):
        if flags & (either | other):
            quota.flags = quota.flags & ~(either | other) | flags & (either | other)
    return True


@dll.export(partial="limits are remembered, not enforced")
def SetProcessWorkingSetSize(
    guest: Guest, hProcess: HANDLE, dwMinimumWorkingSetSize: SIZE_T, dwMaximumWorkingSetSize: SIZE_T, *, quota: Quota
) -> BOOL:
    return _set(guest, quota, hProcess, dwMinimumWorkingSetSize, dwMaximumWorkingSetSize, 0)


@dll.export(partial="limits are remembered, not enforced")
def SetProcessWorkingSetSizeEx(
    guest: Guest, hProcess: HANDLE, dwMinimumWorkingSetSize: SIZE_T, dwMaximumWorkingSetSize: SIZE_T, Flags: DWORD, *,
    quota: Quota,
) -> BOOL:  # fmt: skip
    return _set(guest, quota, hProcess, dwMinimumWorkingSetSize, dwMaximumWorkingSetSize, Flags)


@dll.export
def GetProcessWorkingSetSize(
    guest: Guest, hProcess: HANDLE, lpMinimumWorkingSetSize: Out[SIZE_T], lpMaximumWorkingSetSize: Out[SIZE_T], *,
    quota: Quota,
) -> BOOL:  # fmt: skip
    own_process(guest, hProcess)
    lpMinimumWorkingSetSize.value, lpMaximumWorkingSetSize.value = quota.minimum, quota.maximum
    return True


@dll.export
def GetProcessWorkingSetSizeEx(
    guest: Guest, hProcess: HANDLE, lpMinimumWorkingSetSize: Out[SIZE_T], lpMaximumWorkingSetSize: Out[SIZE_T],
    Flags: Out[DWORD], *, quota: Quota,
) -> BOOL:  # fmt: skip
    own_process(guest, hProcess)
    lpMinimumWorkingSetSize.value, lpMaximumWorkingSetSize.value = quota.minimum, quota.maximum
    Flags.value = quota.flags
    return True


# -- pages -----------------------------------------------------------------------------------------------------------


def _attributes(guest: Guest, address: int) -> int:
    """The bits of PSAPI_WORKING_SET_EX_BLOCK: committed pages that can be accessed are in memory."""
    if address > guest.memory.highest:
        return 0
    info = guest.memory.query(address)
    if info.state != MEM_COMMIT or info.protect & (PAGE_NOACCESS | PAGE_GUARD):
        return 0
    shared = info.kind != MEM_PRIVATE
    return _VALID | (shared and 1 << 1 | _SHARED) | (info.protect & 0x7FF) << 4


@dll.export
def K32QueryWorkingSetEx(
    guest: Guest, hProcess: HANDLE, pv: Ptr[PSAPI_WORKING_SET_EX_INFORMATION], cb: DWORD
) -> BOOL:  # fmt: skip
    own_process(guest, hProcess)
    size = PSAPI_WORKING_SET_EX_INFORMATION.sizeof(guest.bits)
    if cb < size:
        raise WinError(ERROR_BAD_LENGTH)
    for index in range(cb // size):
        address = pv[index].VirtualAddress
        pv[index] = PSAPI_WORKING_SET_EX_INFORMATION(
            VirtualAddress=address, VirtualAttributes=_attributes(guest, address)
        )
    return True


# -- the machine -----------------------------------------------------------------------------------------------------


@dll.export(partial="of this process alone: the run's other processes are counted, but not their memory")
def K32GetPerformanceInfo(
    guest: Guest, pPerformanceInformation: Out[PERFORMANCE_INFORMATION], cb: DWORD, *, children: Children
) -> BOOL:
    size = PERFORMANCE_INFORMATION.sizeof(guest.bits)
    if cb < size:
        raise WinError(ERROR_BAD_LENGTH)
    used, limit = guest.memory.committed // PAGE, guest.memory.limit // PAGE
    pPerformanceInformation.value = PERFORMANCE_INFORMATION(
        cb=size, CommitTotal=used, CommitLimit=limit, CommitPeak=used, PhysicalTotal=limit,
        PhysicalAvailable=max(limit - used, 0), PageSize=PAGE, HandleCount=len(guest.process.handles),
        ProcessCount=len(children.processes()), ThreadCount=len(guest.process.threads),
    )  # fmt: skip
    return True


@dll.export(partial="there are no drivers")
def K32EnumDeviceDrivers(guest: Guest, lpImageBase: PVOID, cb: DWORD, lpcbNeeded: Out[DWORD]) -> BOOL:
    lpcbNeeded.value = 0
    return True


PageFileCallback = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], INT)]


@dll.export(partial="there are no page files")
def K32EnumPageFilesW(guest: Guest, pCallBackRoutine: PageFileCallback, pContext: PVOID) -> BOOL:
    return True


@dll.export(partial="there are no page files")
def K32EnumPageFilesA(guest: Guest, pCallBackRoutine: PageFileCallback, pContext: PVOID) -> BOOL:
    return True

"""processthreadsapi.h, winbase.h and werapi.h: what a process says of itself and of how it wants to be treated."""

import struct

from litebox_core.abi import BOOL, DWORD, HANDLE, HRESULT, INT, PCWSTR, PVOID, UINT, USHORT, InOut, Out, Ptr
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.winerror import (
    ERROR_BAD_LENGTH,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,
)

from .base import dll
from .memoryapi import own_process
from .targets import target

S_OK, E_INVALIDARG = 0, 0x80070057
NOT_FOUND = 0x80070490
"""HRESULT_FROM_WIN32(ERROR_NOT_FOUND)."""
RESTART_MAX_CMD_LINE, RESTART_FLAGS = 1024, 0xF
WER_FAULT_REPORTING_FLAGS = 0x3F
PROCESS_MEMORY_PRIORITY, PROCESS_POWER_THROTTLING, PROCESS_PROTECTION_LEVEL = 0, 4, 7
MEMORY_PRIORITY_NORMAL, PROTECTION_LEVEL_NONE = 5, 0xFFFFFFFE
DEP_POLICY, DEP_POLICY_SIZE, LAST_POLICY = 0, 8, 15
DEP_ENABLED, DEP_OPT_IN = 1, 2
_POWER_STATES = 5
"""PROCESS_POWER_THROTTLING_EXECUTION_SPEED and _IGNORE_TIMER_RESOLUTION."""


class Wishes(DllState):
    """What the process has asked for; nothing comes of it but the answers to its questions."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.memory_priority = MEMORY_PRIORITY_NORMAL
        self.throttling = (0, 0)
        self.policies: dict[int, int] = {}
        self.boost_disabled = False
        self.shutdown = (0x280, 0)
        self.reporting = 0
        self.restart = False


# -- information -----------------------------------------------------------------------------------------------------


@dll.export(partial="memory priority, power throttling and protection level only")
def GetProcessInformation(
    guest: Guest, hProcess: HANDLE, ProcessInformationClass: INT, ProcessInformation: PVOID,
    ProcessInformationSize: DWORD, *, wishes: Wishes,
) -> BOOL:  # fmt: skip
    own_process(guest, hProcess)
    if ProcessInformationClass == PROCESS_MEMORY_PRIORITY:
        data = struct.pack("<I", wishes.memory_priority)
    elif ProcessInformationClass == PROCESS_POWER_THROTTLING:
        data = struct.pack("<3I", 1, *wishes.throttling)
    elif ProcessInformationClass == PROCESS_PROTECTION_LEVEL:
        data = struct.pack("<I", PROTECTION_LEVEL_NONE)
    else:
        raise WinError(ERROR_INVALID_PARAMETER)
    if ProcessInformationSize != len(data):
        raise WinError(ERROR_BAD_LENGTH)
    guest.memory.write(ProcessInformation, data)
    return True


@dll.export(partial="memory priority and power throttling only: remembered, without effect")
def SetProcessInformation(
    guest: Guest, hProcess: HANDLE, ProcessInformationClass: INT, ProcessInformation: PVOID,
    ProcessInformationSize: DWORD, *, wishes: Wishes,
) -> BOOL:  # fmt: skip
    own_process(guest, hProcess)
    sizes = {PROCESS_MEMORY_PRIORITY: 4, PROCESS_POWER_THROTTLING: 12}
    if ProcessInformationClass not in sizes:
        raise WinError(ERROR_INVALID_PARAMETER)
    if ProcessInformationSize != sizes[ProcessInformationClass]:
        raise WinError(ERROR_BAD_LENGTH)
    data = guest.memory.read(ProcessInformation, ProcessInformationSize)
    if ProcessInformationClass == PROCESS_MEMORY_PRIORITY:
        (priority,) = struct.unpack("<I", data)
        if not 1 <= priority <= MEMORY_PRIORITY_NORMAL:
            raise WinError(ERROR_INVALID_PARAMETER)
        wishes.memory_priority = priority
    else:
        version, control, state = struct.unpack("<3I", data)
        if version != 1 or control & ~_POWER_STATES or state & ~control:
            raise WinError(ERROR_INVALID_PARAMETER)
        wishes.throttling = control, state
    return True


@dll.export
def GetProcessPriorityBoost(
    guest: Guest, hProcess: HANDLE, pDisablePriorityBoost: Out[BOOL], *, wishes: Wishes
) -> BOOL:
    own_process(guest, hProcess)
    pDisablePriorityBoost.value = wishes.boost_disabled
    return True


@dll.export
def SetProcessPriorityBoost(guest: Guest, hProcess: HANDLE, bDisablePriorityBoost: BOOL, *, wishes: Wishes) -> BOOL:
    own_process(guest, hProcess)
    wishes.boost_disabled = bool(bDisablePriorityBoost)
    return True


@dll.export
def SetProcessShutdownParameters(guest: Guest, dwLevel: DWORD, dwFlags: DWORD, *, wishes: Wishes) -> BOOL:
    if dwFlags & ~1 or dwLevel > 0x4FF:
        raise WinError(ERROR_INVALID_PARAMETER)
    wishes.shutdown = dwLevel, dwFlags
    return True


@dll.export
def GetProcessShutdownParameters(
    guest: Guest, lpdwLevel: Out[DWORD], lpdwFlags: Out[DWORD], *, wishes: Wishes
) -> BOOL:  # fmt: skip
    lpdwLevel.value, lpdwFlags.value = wishes.shutdown
    return True


@dll.export
def GetProcessGroupAffinity(
    guest: Guest, hProcess: HANDLE, GroupCount: InOut[USHORT], GroupArray: Ptr[USHORT]
) -> BOOL:  # fmt: skip
    target(guest, hProcess)
    room, GroupCount.value = GroupCount.value, 1
    if not room:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    GroupArray[0] = 0
    return True


@dll.export
def IsProcessCritical(guest: Guest, hProcess: HANDLE, Critical: Out[BOOL]) -> BOOL:
    target(guest, hProcess)
    Critical.value = False
    return True


@dll.export
def SetHandleCount(guest: Guest, uNumber: UINT) -> UINT:
    return uNumber


# -- data execution prevention and its kin ---------------------------------------------------------------------------


@dll.export
def GetProcessDEPPolicy(
    guest: Guest, hProcess: HANDLE, lpFlags: Out[DWORD], lpPermanent: Out[BOOL]
) -> BOOL:  # fmt: skip
    """For 32-bit processes alone: all others are always protected."""
    own_process(guest, hProcess)
    if guest.bits == 64:
        raise WinError(ERROR_NOT_SUPPORTED)
    lpFlags.value, lpPermanent.value = DEP_ENABLED, True
    return True


@dll.export
def SetProcessDEPPolicy(guest: Guest, dwFlags: DWORD) -> BOOL:
    raise WinError(ERROR_NOT_SUPPORTED)


@dll.export
def GetSystemDEPPolicy(guest: Guest) -> INT:
    return DEP_OPT_IN


@dll.export
def GetProcessMitigationPolicy(
    guest: Guest, hProcess: HANDLE, MitigationPolicy: INT, lpBuffer: PVOID, dwLength: DWORD, *, wishes: Wishes
) -> BOOL:
    own_process(guest, hProcess)
    if not 0 <= MitigationPolicy <= LAST_POLICY:
        raise WinError(ERROR_INVALID_PARAMETER)
    if MitigationPolicy == DEP_POLICY:
        data = struct.pack("<II", DEP_ENABLED, True)
    else:
        data = struct.pack("<I", wishes.policies.get(MitigationPolicy, 0))
    if dwLength != len(data):
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.write(lpBuffer, data)
    return True


@dll.export(partial="policies are remembered, not enforced")
def SetProcessMitigationPolicy(
    guest: Guest, MitigationPolicy: INT, lpBuffer: PVOID, dwLength: DWORD, *, wishes: Wishes
) -> BOOL:
    if not DEP_POLICY < MitigationPolicy <= LAST_POLICY or dwLength != 4:
        raise WinError(ERROR_INVALID_PARAMETER)
    wishes.policies[MitigationPolicy] = guest.memory.u32(lpBuffer)
    return True


# -- after a crash ---------------------------------------------------------------------------------------------------


@dll.export(partial="nothing is started again")
def RegisterApplicationRestart(
    guest: Guest, pwzCommandline: PCWSTR | None, dwFlags: DWORD, *, wishes: Wishes
) -> HRESULT:
    if dwFlags & ~RESTART_FLAGS or len(pwzCommandline or "") > RESTART_MAX_CMD_LINE:
        return E_INVALIDARG
    wishes.restart = True
    return S_OK


@dll.export
def UnregisterApplicationRestart(guest: Guest, *, wishes: Wishes) -> HRESULT:
    was, wishes.restart = wishes.restart, False
    return S_OK if was else NOT_FOUND


@dll.export
def WerSetFlags(guest: Guest, dwFlags: DWORD, *, wishes: Wishes) -> HRESULT:
    if dwFlags & ~WER_FAULT_REPORTING_FLAGS:
        return E_INVALIDARG
    wishes.reporting = dwFlags
    return S_OK


@dll.export
def WerGetFlags(guest: Guest, hProcess: HANDLE, pdwFlags: Out[DWORD], *, wishes: Wishes) -> HRESULT:
    own_process(guest, hProcess)
    pdwFlags.value = wishes.reporting
    return S_OK

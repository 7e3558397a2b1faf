"""sysinfoapi.h: the clock, the machine and the version of the system."""

from litebox_core.abi import BOOL, DWORD, LONGLONG, PVOID, ULONGLONG, WORD, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory.regions import GRANULARITY, PAGE
from litebox_core.services import Clock
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll, kernelbase
from .processthreadsapi import FILETIME, filetime

PROCESSOR_ARCHITECTURE_AMD64, PROCESSOR_AMD_X8664 = 9, 8664
LOWEST_APPLICATION_ADDRESS, HIGHEST_APPLICATION_ADDRESS = 0x10000, 0x7FFFFFFEFFFF
PROCESSOR_LEVEL, PROCESSOR_REVISION = 6, 0x0F0B


class SYSTEM_INFO(Struct):
    wProcessorArchitecture: WORD = 0
    wReserved: WORD = 0
    dwPageSize: DWORD = 0
    lpMinimumApplicationAddress: PVOID = 0
    lpMaximumApplicationAddress: PVOID = 0
    dwActiveProcessorMask: PVOID = 0
    dwNumberOfProcessors: DWORD = 0
    dwProcessorType: DWORD = 0
    dwAllocationGranularity: DWORD = 0
    wProcessorLevel: WORD = 0
    wProcessorRevision: WORD = 0


def system_info(guest: Guest) -> SYSTEM_INFO:
    count = guest.process.options.processors
    return SYSTEM_INFO(
        wProcessorArchitecture=PROCESSOR_ARCHITECTURE_AMD64, dwPageSize=PAGE,
        lpMinimumApplicationAddress=LOWEST_APPLICATION_ADDRESS,
        lpMaximumApplicationAddress=HIGHEST_APPLICATION_ADDRESS, dwActiveProcessorMask=(1 << count) - 1,
        dwNumberOfProcessors=count, dwProcessorType=PROCESSOR_AMD_X8664, dwAllocationGranularity=GRANULARITY,
        wProcessorLevel=PROCESSOR_LEVEL, wProcessorRevision=PROCESSOR_REVISION,
    )  # fmt: skip


@dll.export
def GetSystemInfo(guest: Guest, lpSystemInfo: Out[SYSTEM_INFO]) -> None:
    lpSystemInfo.value = system_info(guest)


@dll.export
def GetNativeSystemInfo(guest: Guest, lpSystemInfo: Out[SYSTEM_INFO]) -> None:
    lpSystemInfo.value = system_info(guest)


@dll.export
def GetSystemTimeAsFileTime(guest: Guest, lpSystemTimeAsFileTime: Out[FILETIME], *, clock: Clock) -> None:
    lpSystemTimeAsFileTime.value = filetime(clock.system_time())


@dll.export
def GetSystemTimePreciseAsFileTime(guest: Guest, lpSystemTimeAsFileTime: Out[FILETIME], *, clock: Clock) -> None:
    lpSystemTimeAsFileTime.value = filetime(clock.system_time())


@dll.export
def GetTickCount(guest: Guest, *, clock: Clock) -> DWORD:
    return clock.uptime_ms() & 0xFFFFFFFF


@dll.export
def GetTickCount64(guest: Guest, *, clock: Clock) -> ULONGLONG:
    return clock.uptime_ms()


@kernelbase.export
def QueryInterruptTime(guest: Guest, lpInterruptTime: Out[ULONGLONG], *, clock: Clock) -> None:
    lpInterruptTime.value = clock.uptime_ms() * 10_000


@kernelbase.export
def QueryInterruptTimePrecise(guest: Guest, lpInterruptTimePrecise: Out[ULONGLONG], *, clock: Clock) -> None:
    lpInterruptTimePrecise.value = clock.uptime()


@kernelbase.export
def QueryUnbiasedInterruptTimePrecise(
    guest: Guest, lpUnbiasedInterruptTimePrecise: Out[ULONGLONG], *, clock: Clock
) -> None:
    lpUnbiasedInterruptTimePrecise.value = clock.uptime()


@dll.export
def GetSystemTimes(
    guest: Guest, lpIdleTime: Out[FILETIME] | None, lpKernelTime: Out[FILETIME] | None,
    lpUserTime: Out[FILETIME] | None, *, clock: Clock,
) -> BOOL:  # fmt: skip
    """The program's own times; the rest of the uptime of its processors is idle, and idle time is kernel time."""
    kernel, user = clock.cpu_time()
    idle = max(clock.uptime_ms() * 10_000 * guest.process.options.processors - kernel - user, 0)
    for out, value in ((lpIdleTime, idle), (lpKernelTime, idle + kernel), (lpUserTime, user)):
        if out is not None:
            out.value = filetime(value)
    return True


@dll.export
def QueryUnbiasedInterruptTime(guest: Guest, UnbiasedTime: Out[LONGLONG], *, clock: Clock) -> BOOL:
    if not UnbiasedTime:
        raise WinError(ERROR_INVALID_PARAMETER)
    UnbiasedTime.value = clock.uptime_ms() * 10_000
    return True

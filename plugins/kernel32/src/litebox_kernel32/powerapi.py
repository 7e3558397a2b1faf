"""winbase.h: power. A guest's machine runs on mains and has no battery."""

from litebox_core.abi import BOOL, BYTE, DWORD, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll

AC_LINE_ONLINE, BATTERY_FLAG_NO_BATTERY, BATTERY_PERCENTAGE_UNKNOWN = 1, 128, 255
BATTERY_LIFE_UNKNOWN = 0xFFFFFFFF
ES_SYSTEM_REQUIRED, ES_DISPLAY_REQUIRED, ES_AWAYMODE_REQUIRED, ES_CONTINUOUS = 1, 2, 0x40, 0x80000000
_STATES = ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED | ES_AWAYMODE_REQUIRED | ES_CONTINUOUS


class SYSTEM_POWER_STATUS(Struct):
    ACLineStatus: BYTE = 0
    BatteryFlag: BYTE = 0
    BatteryLifePercent: BYTE = 0
    SystemStatusFlag: BYTE = 0
    BatteryLifeTime: DWORD = 0
    BatteryFullLifeTime: DWORD = 0


class ExecutionStates(DllState):
    """What threads have asked the machine to stay awake for, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.of: dict[int, int] = {}


@dll.export
def GetSystemPowerStatus(guest: Guest, lpSystemPowerStatus: Out[SYSTEM_POWER_STATUS]) -> BOOL:
    lpSystemPowerStatus.value = SYSTEM_POWER_STATUS(
        ACLineStatus=AC_LINE_ONLINE, BatteryFlag=BATTERY_FLAG_NO_BATTERY,
        BatteryLifePercent=BATTERY_PERCENTAGE_UNKNOWN, BatteryLifeTime=BATTERY_LIFE_UNKNOWN,
        BatteryFullLifeTime=BATTERY_LIFE_UNKNOWN,
    )  # fmt: skip
    return True


@dll.export
def SetThreadExecutionState(guest: Guest, esFlags: DWORD, *, states: ExecutionStates) -> DWORD:
    """The host's sleep is not prevented: what was asked for is remembered."""
    if esFlags & ~_STATES or (esFlags & ES_AWAYMODE_REQUIRED and not esFlags & ES_CONTINUOUS):
        raise WinError(ERROR_INVALID_PARAMETER)
    before = states.of.get(guest.tid, ES_CONTINUOUS)
    if esFlags & ES_CONTINUOUS:
        states.of[guest.tid] = esFlags
    return before


@dll.export
def IsSystemResumeAutomatic(guest: Guest) -> BOOL:
    return False

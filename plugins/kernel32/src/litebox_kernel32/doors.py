"""PSAPI and NORMALIZ: names under which other DLLs' functions were first known. Nothing is in them but forwards."""

from litebox_core.dll import Dll

psapi = Dll("psapi")
normaliz = Dll("normaliz")

_PSAPI = """
    EmptyWorkingSet EnumDeviceDrivers EnumPageFilesA EnumPageFilesW EnumProcessModules EnumProcessModulesEx
    EnumProcesses GetMappedFileNameA GetMappedFileNameW GetModuleBaseNameA GetModuleBaseNameW
    GetModuleFileNameExA GetModuleFileNameExW GetModuleInformation GetPerformanceInfo GetProcessImageFileNameA
    GetProcessImageFileNameW GetProcessMemoryInfo QueryWorkingSetEx
"""
_NORMALIZ = "IdnToAscii IdnToNameprepUnicode IdnToUnicode IsNormalizedString NormalizeString"

for _name in _PSAPI.split():
    psapi.forward(_name, f"kernel32.K32{_name}")
for _name in _NORMALIZ.split():
    normaliz.forward(_name, f"kernel32.{_name}")

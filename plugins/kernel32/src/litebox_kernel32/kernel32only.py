"""What rooms export into ``dll`` and KERNELBASE of Windows does not have: most of what has a successor."""

_NAMES = """
    CloseConsoleHandle DuplicateConsoleHandle GetConsoleInputWaitHandle OpenConsoleW VerifyConsoleIoHandle
    BeginUpdateResourceA BeginUpdateResourceW BindIoCompletionCallback CancelTimerQueueTimer
    CheckNameLegalDOS8Dot3A CheckNameLegalDOS8Dot3W CopyFileA CreateActCtxA CreateFileMappingA CreateJobObjectA
    CreateNamedPipeA DeleteTimerQueue DosDateTimeToFileTime EndUpdateResourceA EndUpdateResourceW EnumResourceLanguagesA
    EnumResourceLanguagesW EnumResourceNamesA EnumResourceTypesA EnumResourceTypesW FileTimeToDosDateTime
    FindActCtxSectionStringA FindResourceA FindResourceExA GetBinaryTypeA GetBinaryTypeW GetComputerNameA
    GetComputerNameW GetDllDirectoryA GetDllDirectoryW GetEnvironmentStringsA GetFirmwareType GetMaximumProcessorCount
    GetMaximumProcessorGroupCount GetNamedPipeClientProcessId GetNamedPipeClientSessionId GetNamedPipeServerProcessId
    GetNamedPipeServerSessionId GetNumaNodeProcessorMask GetNumaProcessorNode GetNumaProcessorNodeEx
    GetPrivateProfileSectionNamesA GetPrivateProfileSectionNamesW GetPrivateProfileStructA GetPrivateProfileStructW
    GetShortPathNameA GetStartupInfoA GetSystemRegistryQuota GetTempPath2A GetTempPath2W GlobalCompact GlobalFix
    GlobalMemoryStatus GlobalUnWire GlobalUnfix GlobalWire InterlockedPushListSList IsBadCodePtr IsBadHugeReadPtr
    IsBadHugeWritePtr IsBadReadPtr IsBadStringPtrA IsBadStringPtrW IsBadWritePtr LocalCompact LocalHandle LocalShrink
    Module32First Module32Next MoveFileA MoveFileExA MoveFileW OpenFile OpenFileMappingA OpenJobObjectA
    PackageIdFromFullName Process32First Process32Next PulseEvent QueueUserAPC2 RegisterWaitForSingleObject
    RtlCompareMemory RtlCopyMemory RtlFillMemory RtlMoveMemory RtlZeroMemory SetDllDirectoryA SetDllDirectoryW
    SetFileCompletionNotificationModes SetProcessWorkingSetSize SetSearchPathMode SetTimerQueueTimer
    Toolhelp32ReadProcessMemory UnregisterWait UpdateResourceA UpdateResourceW VerifyVersionInfoA VerifyVersionInfoW
    WTSGetActiveConsoleSessionId WritePrivateProfileStructA WritePrivateProfileStructW WriteProfileSectionA
    WriteProfileSectionW WriteProfileStringA WriteProfileStringW _hread _hwrite _lclose _lcreat _llseek _lopen _lread
    _lwrite lstrcat lstrcmp lstrcmpi lstrcpy lstrcpyn lstrlen
"""

KERNEL32_ONLY = frozenset(_NAMES.split())

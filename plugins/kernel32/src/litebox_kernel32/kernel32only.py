"""What rooms export into ``dll`` and KERNELBASE of Windows does not have: most of what has a successor."""

_NAMES = """
    CloseConsoleHandle DuplicateConsoleHandle GetConsoleInputWaitHandle OpenConsoleW VerifyConsoleIoHandle
    BeginUpdateResourceA BeginUpdateResourceW BindIoCompletionCallback CancelTimerQueueTimer
    CheckNameLegalDOS8Dot3A CheckNameLegalDOS8Dot3W CopyFileA CreateActCtxA CreateFileMappingA CreateJobObjectA
    CreateMailslotA CreateMailslotW CreateNamedPipeA DeleteTimerQueue DosDateTimeToFileTime EndUpdateResourceA
    EndUpdateResourceW EnumResourceLanguagesA EnumResourceLanguagesW EnumResourceNamesA EnumResourceTypesA
    EnumResourceTypesW FileTimeToDosDateTime FindActCtxSectionStringA FindResourceA FindResourceExA GetBinaryTypeA
    GetBinaryTypeW GetComputerNameA GetComputerNameW GetDllDirectoryA GetDllDirectoryW GetEnvironmentStringsA
    GetFirmwareType GetMaximumProcessorCount GetMaximumProcessorGroupCount GetNamedPipeClientProcessId
    GetNamedPipeClientSessionId GetNamedPipeServerProcessId GetNamedPipeServerSessionId GetNumaAvailableMemoryNode
    GetNumaAvailableMemoryNodeEx GetNumaNodeProcessorMask GetNumaProcessorNode GetNumaProcessorNodeEx
    GetPrivateProfileSectionNamesA GetPrivateProfileSectionNamesW GetPrivateProfileStructA GetPrivateProfileStructW
    GetProcessDEPPolicy GetProcessWorkingSetSize GetShortPathNameA GetStartupInfoA GetSystemDEPPolicy
    GetSystemPowerStatus GetSystemRegistryQuota GetTempPath2A GetTempPath2W GlobalCompact GlobalFix
    GlobalMemoryStatus GlobalUnWire GlobalUnfix GlobalWire InterlockedPushListSList IsBadCodePtr IsBadHugeReadPtr
    IsBadHugeWritePtr IsBadReadPtr IsBadStringPtrA IsBadStringPtrW IsBadWritePtr IsSystemResumeAutomatic
    LocalCompact LocalHandle LocalShrink Module32First Module32Next MoveFileA MoveFileExA MoveFileW OpenFile
    OpenFileMappingA OpenJobObjectA PackageIdFromFullName Process32First Process32Next PulseEvent QueueUserAPC2
    RegisterWaitForSingleObject RtlCompareMemory RtlCopyMemory RtlFillMemory RtlMoveMemory RtlZeroMemory
    SetDllDirectoryA SetDllDirectoryW SetFileCompletionNotificationModes SetHandleCount SetProcessDEPPolicy
    SetProcessWorkingSetSize SetSearchPathMode SetThreadExecutionState SetTimerQueueTimer SetVolumeLabelA
    SetVolumeLabelW Toolhelp32ReadProcessMemory UnregisterWait UpdateResourceA UpdateResourceW VerifyVersionInfoA
    VerifyVersionInfoW WTSGetActiveConsoleSessionId Wow64EnableWow64FsRedirection WritePrivateProfileStructA
    WritePrivateProfileStructW WriteProfileSectionA WriteProfileSectionW WriteProfileStringA WriteProfileStringW
    __C_specific_handler _hread _hwrite _lclose _lcreat _llseek _lopen _lread _lwrite lstrcat lstrcmp lstrcmpi
    lstrcpy lstrcpyn lstrlen
"""

KERNEL32_ONLY = frozenset(_NAMES.split())

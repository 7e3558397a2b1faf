"""What rooms export into ``dll`` and KERNELBASE of Windows does not have: most of what has a successor."""

_NAMES = """
    CheckNameLegalDOS8Dot3A CheckNameLegalDOS8Dot3W CopyFileA CreateFileMappingA CreateNamedPipeA
    DeleteTimerQueue DosDateTimeToFileTime EnumResourceLanguagesA EnumResourceLanguagesW EnumResourceNamesA
    EnumResourceTypesA EnumResourceTypesW FileTimeToDosDateTime FindResourceA FindResourceExA GetBinaryTypeA
    GetBinaryTypeW GetComputerNameA GetComputerNameW GetDllDirectoryA GetDllDirectoryW GetFirmwareType
    GetMaximumProcessorCount GetMaximumProcessorGroupCount GetNamedPipeClientProcessId
    GetNamedPipeClientSessionId GetNamedPipeServerProcessId GetNamedPipeServerSessionId GetNumaNodeProcessorMask
    GetPrivateProfileSectionNamesA GetPrivateProfileSectionNamesW GetShortPathNameA GetStartupInfoA
    GlobalCompact GlobalFix GlobalMemoryStatus GlobalUnWire GlobalUnfix GlobalWire IsBadCodePtr IsBadHugeReadPtr
    IsBadHugeWritePtr IsBadReadPtr IsBadStringPtrA IsBadStringPtrW IsBadWritePtr LocalCompact LocalHandle
    LocalShrink MoveFileA MoveFileExA MoveFileW OpenFile OpenFileMappingA RegisterWaitForSingleObject
    SetDllDirectoryA SetDllDirectoryW SetFileCompletionNotificationModes SetProcessWorkingSetSize
    SetSearchPathMode UnregisterWait VerifyVersionInfoA VerifyVersionInfoW _hread _hwrite _lclose _lcreat
    _llseek _lopen _lread _lwrite lstrcat lstrcpy
"""

KERNEL32_ONLY = frozenset(_NAMES.split())

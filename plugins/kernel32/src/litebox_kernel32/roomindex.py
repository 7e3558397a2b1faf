"""What the rooms export that are imported when they are needed. Made by tools/gen_rooms.py; do not edit."""

from litebox_core.rooms import Index

INDEX: Index = {
    "actctx": (7734, {
        "kernel32": (
            "CreateActCtxW CreateActCtxA AddRefActCtx ReleaseActCtx ZombifyActCtx ActivateActCtx DeactivateActCtx "
            "GetCurrentActCtx QueryActCtxW QueryActCtxSettingsW FindActCtxSectionStringW FindActCtxSectionStringA "
            "FindActCtxSectionGuid "
        ),
    }),
    "appmemory": (3946, {
        "kernelbase": (
            "VirtualAlloc2 VirtualAlloc2FromApp VirtualAllocFromApp CreateFileMappingFromApp OpenFileMappingFromApp "
            "MapViewOfFileFromApp "
        ),
    }),
    "appmodel": (2789, {
        "kernel32": "PackageIdFromFullName",
    }),
    "atom": (3189, {
        "kernel32": (
            "AddAtomW FindAtomW DeleteAtom GetAtomNameW GlobalAddAtomW GlobalAddAtomExW GlobalFindAtomW "
            "GlobalDeleteAtom GlobalGetAtomNameW AddAtomA FindAtomA GetAtomNameA GlobalAddAtomA GlobalAddAtomExA "
            "GlobalFindAtomA GlobalGetAtomNameA InitAtomTable "
        ),
    }),
    "calendarinfo": (8688, {
        "kernel32": (
            "GetCalendarInfoW GetCalendarInfoA GetCalendarInfoEx SetCalendarInfoW SetCalendarInfoA "
            "EnumCalendarInfoW EnumCalendarInfoA EnumCalendarInfoExW EnumCalendarInfoExA EnumCalendarInfoExEx "
        ),
    }),
    "changes": (3109, {
        "kernel32": (
            "ReadDirectoryChangesW FindFirstChangeNotificationW FindFirstChangeNotificationA "
            "FindNextChangeNotification FindCloseChangeNotification "
        ),
    }),
    "codepages": (3744, {
        "kernel32": (
            "GetACP GetOEMCP IsValidCodePage GetCPInfo GetCPInfoExW GetCPInfoExA IsDBCSLeadByteEx IsDBCSLeadByte "
            "EnumSystemCodePagesW EnumSystemCodePagesA "
        ),
    }),
    "consoleapi": (7246, {
        "kernel32": (
            "GetConsoleMode SetConsoleMode GetConsoleCP GetConsoleOutputCP SetConsoleCP SetConsoleOutputCP "
            "WriteConsoleW WriteConsoleA ReadConsoleW ReadConsoleA "
        ),
    }),
    "consoleapi2": (11133, {
        "kernel32": (
            "GetConsoleScreenBufferInfo GetConsoleScreenBufferInfoEx SetConsoleScreenBufferInfoEx "
            "SetConsoleScreenBufferSize SetConsoleWindowInfo GetLargestConsoleWindowSize SetConsoleTextAttribute "
            "SetConsoleCursorPosition GetConsoleCursorInfo SetConsoleCursorInfo CreateConsoleScreenBuffer "
            "SetConsoleActiveScreenBuffer GetConsoleTitleW GetConsoleTitleA GetConsoleOriginalTitleW "
            "GetConsoleOriginalTitleA SetConsoleTitleW SetConsoleTitleA "
        ),
    }),
    "consoleapi3": (5907, {
        "kernel32": (
            "GetConsoleProcessList GetConsoleHistoryInfo SetConsoleHistoryInfo GetConsoleDisplayMode "
            "GetConsoleSelectionInfo GetCurrentConsoleFont GetCurrentConsoleFontEx SetCurrentConsoleFontEx "
            "GetConsoleFontSize "
        ),
    }),
    "consolecells": (11984, {
        "kernel32": (
            "ReadConsoleOutputCharacterW ReadConsoleOutputCharacterA ReadConsoleOutputAttribute "
            "WriteConsoleOutputCharacterW WriteConsoleOutputCharacterA WriteConsoleOutputAttribute "
            "FillConsoleOutputCharacterW FillConsoleOutputCharacterA FillConsoleOutputAttribute WriteConsoleOutputW "
            "WriteConsoleOutputA ReadConsoleOutputW ReadConsoleOutputA ScrollConsoleScreenBufferW "
            "ScrollConsoleScreenBufferA "
        ),
    }),
    "consolehandles": (3503, {
        "kernel32": (
            "OpenConsoleW VerifyConsoleIoHandle DuplicateConsoleHandle CloseConsoleHandle GetConsoleInputWaitHandle "
            "GetConsoleInputExeNameW GetConsoleInputExeNameA SetConsoleInputExeNameW SetConsoleInputExeNameA "
        ),
    }),
    "consoleinput": (7073, {
        "kernel32": (
            "GetNumberOfConsoleInputEvents PeekConsoleInputW PeekConsoleInputA ReadConsoleInputW ReadConsoleInputA "
            "ReadConsoleInputExW ReadConsoleInputExA WriteConsoleInputW WriteConsoleInputA FlushConsoleInputBuffer "
            "GetNumberOfConsoleMouseButtons "
        ),
    }),
    "createprocess": (16060, {
        "kernel32": "CreateProcessW CreateProcessA",
    }),
    "datetimeformat": (11154, {
        "kernel32": (
            "GetDateFormatW GetDateFormatA GetDateFormatEx GetTimeFormatW GetTimeFormatA GetTimeFormatEx "
        ),
    }),
    "debugapi": (9341, {
        "kernel32": (
            "IsDebuggerPresent CheckRemoteDebuggerPresent WaitForDebugEvent ContinueDebugEvent OutputDebugStringA "
            "OutputDebugStringW DebugActiveProcess DebugActiveProcessStop "
        ),
    }),
    "directories": (8195, {
        "kernel32": (
            "FindFirstFileW FindFirstFileExW FindNextFileW FindNextFileA FindFirstFileA FindFirstFileExA FindClose "
            "CreateDirectoryW CreateDirectoryA CreateDirectoryExW CreateDirectoryExA RemoveDirectoryW "
            "RemoveDirectoryA "
        ),
    }),
    "errhandlingapi": (3267, {
        "kernel32": (
            "GetLastError^GetLastError SetLastError^SetLastError RestoreLastError^SetLastError SetErrorMode "
            "GetErrorMode SetThreadErrorMode GetThreadErrorMode SetUnhandledExceptionFilter "
            "UnhandledExceptionFilter RaiseException "
        ),
    }),
    "fibersapi": (3733, {
        "kernel32": (
            "FlsAlloc FlsFree FlsGetValue^FlsGetValue FlsGetValue2 FlsSetValue ConvertThreadToFiber "
            "ConvertThreadToFiberEx CreateFiber CreateFiberEx SwitchToFiber DeleteFiber ConvertFiberToThread "
            "IsThreadAFiber "
        ),
    }),
    "fileapi": (12484, {
        "kernel32": (
            "CreateFileW CreateFileA CreateFile2 ReadFile WriteFile FlushFileBuffers GetFileType SetFilePointer "
            "SetFilePointerEx SetEndOfFile "
        ),
    }),
    "fileinfo": (8808, {
        "kernel32": (
            "GetFileAttributesW GetFileAttributesA GetFileAttributesExW GetFileAttributesExA SetFileAttributesW "
            "SetFileAttributesA DeleteFileW DeleteFileA GetFileInformationByHandle GetFileSize GetFileSizeEx "
            "GetCompressedFileSizeW GetCompressedFileSizeA GetFileTime SetFileTime CompareFileTime AreFileApisANSI "
            "LockFile LockFileEx UnlockFile UnlockFileEx "
        ),
    }),
    "fileinfoex": (8805, {
        "kernel32": "GetFileInformationByHandleEx SetFileInformationByHandle",
    }),
    "fileioex": (3344, {
        "kernel32": "ReadFileEx WriteFileEx",
    }),
    "filemapping": (6187, {
        "kernel32": (
            "CreateFileMappingW CreateFileMappingA OpenFileMappingW OpenFileMappingA MapViewOfFile MapViewOfFileEx "
            "UnmapViewOfFile FlushViewOfFile "
        ),
        "kernelbase": "MapViewOfFile3 UnmapViewOfFile2",
    }),
    "filesagain": (6694, {
        "kernel32": (
            "ReOpenFile FindFirstStreamW FindNextStreamW CopyFile2 CreateSymbolicLinkW CreateSymbolicLinkA "
            "SetFileValidData SetVolumeLabelW SetVolumeLabelA CreateMailslotW CreateMailslotA OpenFileById "
            "Wow64DisableWow64FsRedirection Wow64RevertWow64FsRedirection Wow64EnableWow64FsRedirection "
        ),
    }),
    "formatenum": (5506, {
        "kernel32": (
            "EnumDateFormatsW EnumDateFormatsA EnumDateFormatsExW EnumDateFormatsExA EnumDateFormatsExEx "
            "EnumTimeFormatsW EnumTimeFormatsA EnumTimeFormatsEx "
        ),
    }),
    "formatmessage": (4896, {
        "kernel32": "FormatMessageW FormatMessageA",
    }),
    "geoinfo": (5621, {
        "kernel32": (
            "GetGeoInfoW GetGeoInfoA GetGeoInfoEx EnumSystemGeoID GetUserGeoID SetUserGeoID GetUserDefaultGeoName "
            "SetUserGeoName "
        ),
    }),
    "handleapi": (5174, {
        "kernel32": "CloseHandle GetHandleInformation SetHandleInformation DuplicateHandle",
        "kernelbase": "CompareObjectHandles",
    }),
    "heapapi": (6920, {
        "kernel32": (
            "GetProcessHeap^GetProcessHeap GetProcessHeaps HeapCreate HeapDestroy HeapAlloc^HeapAlloc HeapReAlloc "
            "HeapFree^HeapFree HeapSize HeapValidate HeapCompact HeapLock HeapUnlock HeapSetInformation "
            "HeapQueryInformation HeapWalk "
        ),
    }),
    "inifiles": (13021, {
        "kernel32": (
            "GetPrivateProfileStringW GetPrivateProfileStringA GetProfileStringW GetProfileStringA "
            "GetPrivateProfileIntW GetPrivateProfileIntA GetProfileIntW GetProfileIntA GetPrivateProfileSectionW "
            "GetPrivateProfileSectionA GetProfileSectionW GetProfileSectionA GetPrivateProfileSectionNamesW "
            "GetPrivateProfileSectionNamesA WritePrivateProfileStringW WritePrivateProfileStringA "
            "WriteProfileStringW WriteProfileStringA WritePrivateProfileSectionW WritePrivateProfileSectionA "
            "WriteProfileSectionW WriteProfileSectionA GetPrivateProfileStructW GetPrivateProfileStructA "
            "WritePrivateProfileStructW WritePrivateProfileStructA "
        ),
    }),
    "interlockedapi": (1155, {
        "kernel32": (
            "InitializeSListHead InterlockedPushEntrySList InterlockedPushListSListEx InterlockedPushListSList "
            "InterlockedPopEntrySList InterlockedFlushSList QueryDepthSList "
        ),
    }),
    "ioapiset": (8542, {
        "kernel32": (
            "GetOverlappedResult GetOverlappedResultEx CancelIo CancelIoEx CancelSynchronousIo "
            "CreateIoCompletionPort PostQueuedCompletionStatus GetQueuedCompletionStatus "
            "GetQueuedCompletionStatusEx SetFileCompletionNotificationModes DeviceIoControl "
        ),
    }),
    "jobapi": (3158, {
        "kernel32": (
            "CreateJobObjectW CreateJobObjectA OpenJobObjectW OpenJobObjectA AssignProcessToJobObject "
            "IsProcessInJob TerminateJobObject QueryInformationJobObject SetInformationJobObject "
        ),
    }),
    "libloaderapi": (9430, {
        "kernel32": (
            "GetModuleHandleW GetModuleHandleA GetModuleHandleExW GetModuleHandleExA GetModuleFileNameW "
            "GetModuleFileNameA GetProcAddress LoadLibraryW LoadLibraryA LoadLibraryExW LoadLibraryExA FreeLibrary "
            "FreeLibraryAndExitThread DisableThreadLibraryCalls LoadPackagedLibrary ResolveDelayLoadedAPI "
            "SetDllDirectoryW SetDllDirectoryA GetDllDirectoryW GetDllDirectoryA AddDllDirectory RemoveDllDirectory "
            "SetDefaultDllDirectories "
        ),
        "kernelbase": "IsApiSetImplemented",
    }),
    "localeenum": (8647, {
        "kernel32": (
            "EnumSystemLocalesW EnumSystemLocalesA EnumSystemLocalesEx EnumUILanguagesW EnumUILanguagesA "
            "IsValidLanguageGroup EnumSystemLanguageGroupsW EnumSystemLanguageGroupsA EnumLanguageGroupLocalesW "
            "EnumLanguageGroupLocalesA "
        ),
    }),
    "machine": (5707, {
        "kernel32": (
            "GetWindowsDirectoryW GetSystemWindowsDirectoryW GetSystemDirectoryW GetSystemWow64DirectoryW "
            "GetWindowsDirectoryA GetSystemWindowsDirectoryA GetSystemDirectoryA GetSystemWow64DirectoryA "
            "GetComputerNameW GetComputerNameExW GetComputerNameA GetComputerNameExA SetComputerNameW "
            "SetComputerNameA GetFirmwareType GetLogicalProcessorInformation GetLogicalProcessorInformationEx "
            "GetActiveProcessorCount GetMaximumProcessorCount GetActiveProcessorGroupCount "
            "GetMaximumProcessorGroupCount GetNumaHighestNodeNumber GetNumaNodeProcessorMask GetLargePageMinimum "
        ),
        "kernelbase": "GetSystemWow64Directory2W GetSystemWow64Directory2A",
    }),
    "mapping": (13321, {
        "kernel32": (
            "LCMapStringEx LCMapStringW LCMapStringA FoldStringW FoldStringA NormalizeString IsNormalizedString "
            "IdnToAscii IdnToUnicode "
        ),
    }),
    "memoryapi": (6931, {
        "kernel32": (
            "VirtualAlloc VirtualAllocEx VirtualFree VirtualFreeEx VirtualProtect VirtualProtectEx VirtualQuery "
            "VirtualQueryEx VirtualLock VirtualUnlock PrefetchVirtualMemory "
        ),
    }),
    "namedpipeapi": (13221, {
        "kernel32": (
            "CreatePipe CreateNamedPipeW CreateNamedPipeA ConnectNamedPipe DisconnectNamedPipe WaitNamedPipeW "
            "WaitNamedPipeA TransactNamedPipe CallNamedPipeW CallNamedPipeA PeekNamedPipe GetNamedPipeInfo "
            "GetNamedPipeHandleStateW GetNamedPipeHandleStateA SetNamedPipeHandleState GetNamedPipeClientProcessId "
            "GetNamedPipeServerProcessId GetNamedPipeClientSessionId GetNamedPipeServerSessionId "
            "GetNamedPipeClientComputerNameW GetNamedPipeClientComputerNameA "
        ),
    }),
    "nlssearch": (9044, {
        "kernel32": (
            "FindNLSStringEx FindNLSString FindStringOrdinal GetNLSVersion GetNLSVersionEx IsValidNLSVersion "
            "IsNLSDefinedString IdnToNameprepUnicode "
        ),
    }),
    "numaapi": (2542, {
        "kernel32": (
            "GetNumaProcessorNode GetNumaProcessorNodeEx GetNumaNodeProcessorMaskEx GetNumaAvailableMemoryNode "
            "GetNumaAvailableMemoryNodeEx VirtualAllocExNuma "
        ),
    }),
    "numberformat": (10829, {
        "kernel32": (
            "GetNumberFormatW GetNumberFormatA GetNumberFormatEx GetCurrencyFormatW GetCurrencyFormatA "
            "GetCurrencyFormatEx "
        ),
    }),
    "oldfiles": (5650, {
        "kernel32": "_lopen _lcreat _lclose _llseek _lread _lwrite _hread _hwrite OpenFile",
    }),
    "pagehints": (1579, {
        "kernel32": "OfferVirtualMemory ReclaimVirtualMemory DiscardVirtualMemory",
    }),
    "pathcch": (4741, {
        "kernelbase": (
            "PathCchCanonicalize PathCchCanonicalizeEx PathAllocCanonicalize PathCchCombine PathCchCombineEx "
            "PathAllocCombine PathCchRemoveFileSpec "
        ),
    }),
    "paths": (11125, {
        "kernel32": (
            "GetFullPathNameW GetFullPathNameA GetLongPathNameW GetLongPathNameA GetShortPathNameW "
            "GetShortPathNameA GetFinalPathNameByHandleW GetFinalPathNameByHandleA GetTempPathW GetTempPathA "
            "GetTempPath2W GetTempPath2A GetTempFileNameW GetTempFileNameA SearchPathW SearchPathA "
            "SetSearchPathMode NeedCurrentDirectoryForExePathW NeedCurrentDirectoryForExePathA "
        ),
    }),
    "powerapi": (2097, {
        "kernel32": "GetSystemPowerStatus SetThreadExecutionState IsSystemResumeAutomatic",
    }),
    "processenv": (7900, {
        "kernel32": (
            "GetStdHandle SetStdHandle SetStdHandleEx GetCommandLineW GetCommandLineA GetEnvironmentStringsW "
            "GetEnvironmentStringsA GetEnvironmentStrings FreeEnvironmentStringsW FreeEnvironmentStringsA "
            "SetEnvironmentStringsW GetEnvironmentVariableW GetEnvironmentVariableA SetEnvironmentVariableW "
            "SetEnvironmentVariableA ExpandEnvironmentStringsW ExpandEnvironmentStringsA GetCurrentDirectoryW "
            "GetCurrentDirectoryA SetCurrentDirectoryW SetCurrentDirectoryA "
        ),
    }),
    "processinfo": (12496, {
        "kernel32": (
            "QueryFullProcessImageNameW QueryFullProcessImageNameA IsWow64Process IsWow64Process2 GetPriorityClass "
            "SetPriorityClass GetProcessAffinityMask SetProcessAffinityMask GetProcessHandleCount "
            "GetProcessIoCounters K32EnumProcessModules K32EnumProcessModulesEx K32GetModuleInformation "
            "K32GetModuleFileNameExW K32GetModuleBaseNameW K32GetProcessImageFileNameW K32GetMappedFileNameW "
            "K32GetModuleFileNameExA K32GetModuleBaseNameA K32GetProcessImageFileNameA K32GetMappedFileNameA "
            "K32EnumProcesses K32GetProcessMemoryInfo K32EmptyWorkingSet ReadProcessMemory WriteProcessMemory "
        ),
    }),
    "processpolicy": (8101, {
        "kernel32": (
            "GetProcessInformation SetProcessInformation GetProcessPriorityBoost SetProcessPriorityBoost "
            "SetProcessShutdownParameters GetProcessShutdownParameters GetProcessGroupAffinity IsProcessCritical "
            "SetHandleCount GetProcessDEPPolicy SetProcessDEPPolicy GetSystemDEPPolicy GetProcessMitigationPolicy "
            "SetProcessMitigationPolicy RegisterApplicationRestart UnregisterApplicationRestart WerSetFlags "
            "WerGetFlags "
        ),
    }),
    "processthreadsapi": (6326, {
        "kernel32": (
            "GetCurrentProcess^GetCurrentProcess GetCurrentThread^GetCurrentThread "
            "GetCurrentProcessId^GetCurrentProcessId GetCurrentThreadId^GetCurrentThreadId GetProcessId OpenProcess "
            "ExitProcess TerminateProcess GetExitCodeProcess GetProcessVersion GetProcessTimes "
            "QueryProcessCycleTime IsProcessorFeaturePresent FlushInstructionCache FlushProcessWriteBuffers "
            "ProcessIdToSessionId WTSGetActiveConsoleSessionId "
        ),
    }),
    "procthreadattr": (3427, {
        "kernel32": "InitializeProcThreadAttributeList UpdateProcThreadAttribute DeleteProcThreadAttributeList",
    }),
    "profileapi": (551, {
        "kernel32": "QueryPerformanceCounter QueryPerformanceFrequency",
    }),
    "resources": (11076, {
        "kernel32": (
            "FindResourceExW FindResourceW FindResourceExA FindResourceA LoadResource SizeofResource LockResource "
            "FreeResource EnumResourceTypesW EnumResourceTypesA EnumResourceNamesW EnumResourceNamesA "
            "EnumResourceLanguagesW EnumResourceLanguagesA "
        ),
    }),
    "resourceupdate": (6408, {
        "kernel32": (
            "BeginUpdateResourceW BeginUpdateResourceA UpdateResourceW UpdateResourceA EndUpdateResourceW "
            "EndUpdateResourceA "
        ),
    }),
    "scatter": (3002, {
        "kernel32": "ReadFileScatter WriteFileGather",
    }),
    "startup": (2890, {
        "kernel32": "GetStartupInfoW GetStartupInfoA",
    }),
    "stringapiset": (8665, {
        "kernel32": (
            "MultiByteToWideChar^MultiByteToWideChar WideCharToMultiByte^WideCharToMultiByte CompareStringEx "
            "CompareStringW CompareStringA CompareStringOrdinal^CompareStringOrdinal GetStringTypeW "
            "GetStringTypeExW GetStringTypeA GetStringTypeExA "
        ),
    }),
    "synchapi": (4567, {
        "kernel32": (
            "WaitForSingleObject WaitForSingleObjectEx WaitForMultipleObjects WaitForMultipleObjectsEx "
            "SignalObjectAndWait Sleep SleepEx SwitchToThread "
        ),
    }),
    "synclocks": (8715, {
        "kernel32": (
            "InitializeCriticalSection InitializeCriticalSectionAndSpinCount InitializeCriticalSectionEx "
            "EnterCriticalSection^EnterCriticalSection TryEnterCriticalSection^TryEnterCriticalSection "
            "LeaveCriticalSection^LeaveCriticalSection DeleteCriticalSection SetCriticalSectionSpinCount "
            "InitializeSRWLock AcquireSRWLockExclusive^AcquireSRWLockExclusive AcquireSRWLockShared "
            "TryAcquireSRWLockExclusive TryAcquireSRWLockShared ReleaseSRWLockExclusive^ReleaseSRWLockExclusive "
            "ReleaseSRWLockShared InitializeConditionVariable SleepConditionVariableCS SleepConditionVariableSRW "
            "WakeConditionVariable WakeAllConditionVariable InitializeSynchronizationBarrier "
            "EnterSynchronizationBarrier DeleteSynchronizationBarrier InitOnceInitialize InitOnceBeginInitialize "
            "InitOnceComplete InitOnceExecuteOnce "
        ),
        "kernelbase": "WaitOnAddress WakeByAddressSingle WakeByAddressAll",
    }),
    "syncobjects": (7704, {
        "kernel32": (
            "CreateEventW CreateEventA CreateEventExW CreateEventExA OpenEventW OpenEventA SetEvent ResetEvent "
            "PulseEvent CreateMutexW CreateMutexA CreateMutexExW CreateMutexExA OpenMutexW OpenMutexA ReleaseMutex "
            "CreateSemaphoreW CreateSemaphoreA CreateSemaphoreExW CreateSemaphoreExA OpenSemaphoreW OpenSemaphoreA "
            "ReleaseSemaphore CreateWaitableTimerW CreateWaitableTimerA CreateWaitableTimerExW "
            "CreateWaitableTimerExA OpenWaitableTimerW OpenWaitableTimerA SetWaitableTimer SetWaitableTimerEx "
            "CancelWaitableTimer "
        ),
    }),
    "sysinfoapi": (3969, {
        "kernel32": (
            "GetSystemInfo GetNativeSystemInfo GetSystemTimeAsFileTime GetSystemTimePreciseAsFileTime GetTickCount "
            "GetTickCount64 GetSystemTimes QueryUnbiasedInterruptTime "
        ),
        "kernelbase": "QueryInterruptTime QueryInterruptTimePrecise QueryUnbiasedInterruptTimePrecise",
    }),
    "systemtopology": (2796, {
        "kernel32": (
            "GetSystemCpuSetInformation GetSystemRegistryQuota GetSystemFirmwareTable EnumSystemFirmwareTables "
        ),
    }),
    "threadapi": (12228, {
        "kernel32": (
            "CreateThread CreateRemoteThread OpenThread ExitThread TerminateThread GetExitCodeThread GetThreadId "
            "GetProcessIdOfThread SuspendThread ResumeThread GetThreadContext SetThreadContext QueueUserAPC "
            "GetThreadPriority SetThreadPriority GetThreadPriorityBoost SetThreadPriorityBoost "
            "SetThreadAffinityMask SetThreadIdealProcessor GetCurrentProcessorNumber GetThreadTimes "
            "SetThreadDescription GetThreadDescription GetThreadIOPendingFlag GetCurrentThreadStackLimits "
            "SetThreadStackGuarantee "
        ),
    }),
    "threadinfo": (5560, {
        "kernel32": (
            "CreateRemoteThreadEx QueueUserAPC2 SetThreadInformation GetThreadInformation QueryThreadCycleTime "
            "GetThreadGroupAffinity SetThreadGroupAffinity GetCurrentProcessorNumberEx GetThreadIdealProcessorEx "
            "SetThreadIdealProcessorEx "
        ),
    }),
    "threadpoolapi": (8800, {
        "kernel32": (
            "CreateThreadpool CloseThreadpool SetThreadpoolThreadMaximum SetThreadpoolThreadMinimum "
            "SetThreadpoolStackInformation QueryThreadpoolStackInformation CreateThreadpoolCleanupGroup "
            "CloseThreadpoolCleanupGroup CloseThreadpoolCleanupGroupMembers TrySubmitThreadpoolCallback "
            "CreateThreadpoolWork SubmitThreadpoolWork WaitForThreadpoolWorkCallbacks CloseThreadpoolWork "
            "CreateThreadpoolTimer SetThreadpoolTimer SetThreadpoolTimerEx IsThreadpoolTimerSet "
            "WaitForThreadpoolTimerCallbacks CloseThreadpoolTimer CreateThreadpoolWait SetThreadpoolWait "
            "SetThreadpoolWaitEx WaitForThreadpoolWaitCallbacks CloseThreadpoolWait CreateThreadpoolIo "
            "StartThreadpoolIo CancelThreadpoolIo WaitForThreadpoolIoCallbacks CloseThreadpoolIo "
            "BindIoCompletionCallback CallbackMayRunLong DisassociateCurrentThreadFromCallback "
            "SetEventWhenCallbackReturns ReleaseSemaphoreWhenCallbackReturns ReleaseMutexWhenCallbackReturns "
            "LeaveCriticalSectionWhenCallbackReturns FreeLibraryWhenCallbackReturns "
        ),
    }),
    "threadpoollegacy": (5080, {
        "kernel32": (
            "QueueUserWorkItem CreateTimerQueue CreateTimerQueueTimer ChangeTimerQueueTimer DeleteTimerQueueTimer "
            "DeleteTimerQueueEx DeleteTimerQueue SetTimerQueueTimer CancelTimerQueueTimer "
            "RegisterWaitForSingleObject UnregisterWait UnregisterWaitEx RegisterWaitForSingleObjectEx "
        ),
    }),
    "timezoneapi": (12980, {
        "kernel32": (
            "GetSystemTime GetLocalTime SetSystemTime SetLocalTime GetSystemTimeAdjustment FileTimeToSystemTime "
            "SystemTimeToFileTime FileTimeToLocalFileTime LocalFileTimeToFileTime DosDateTimeToFileTime "
            "FileTimeToDosDateTime GetTimeZoneInformation GetDynamicTimeZoneInformation "
            "GetTimeZoneInformationForYear SetTimeZoneInformation SetDynamicTimeZoneInformation "
            "SystemTimeToTzSpecificLocalTime TzSpecificLocalTimeToSystemTime SystemTimeToTzSpecificLocalTimeEx "
            "TzSpecificLocalTimeToSystemTimeEx "
        ),
        "kernelbase": "EnumDynamicTimeZoneInformation",
    }),
    "tlhelp32": (10105, {
        "kernel32": (
            "CreateToolhelp32Snapshot Process32FirstW Process32NextW Process32First Process32Next Thread32First "
            "Thread32Next Module32FirstW Module32NextW Module32First Module32Next Heap32ListFirst Heap32ListNext "
            "Heap32First Heap32Next Toolhelp32ReadProcessMemory "
        ),
    }),
    "tlsapi": (1548, {
        "kernel32": "TlsAlloc TlsFree TlsGetValue^TlsGetValue TlsGetValue2 TlsSetValue^TlsSetValue",
    }),
    "utilapiset": (921, {
        "kernel32": "EncodePointer EncodeSystemPointer DecodePointer DecodeSystemPointer Beep",
    }),
    "vectors": (905, {
        "kernel32": (
            "AddVectoredExceptionHandler RemoveVectoredExceptionHandler AddVectoredContinueHandler "
            "RemoveVectoredContinueHandler "
        ),
    }),
    "versionapi": (4485, {
        "kernel32": (
            "GetVersion GetVersionExW GetVersionExA VerSetConditionMask VerifyVersionInfoW VerifyVersionInfoA "
            "GetProductInfo "
        ),
    }),
    "volumes": (12035, {
        "kernel32": (
            "GetLogicalDrives GetLogicalDriveStringsW GetLogicalDriveStringsA GetDriveTypeW GetDriveTypeA "
            "GetDiskFreeSpaceW GetDiskFreeSpaceA GetDiskFreeSpaceExW GetDiskFreeSpaceExA GetVolumeInformationW "
            "GetVolumeInformationA GetVolumeInformationByHandleW GetVolumePathNameW GetVolumePathNameA "
            "GetVolumeNameForVolumeMountPointW GetVolumeNameForVolumeMountPointA GetVolumePathNamesForVolumeNameW "
            "GetVolumePathNamesForVolumeNameA FindFirstVolumeW FindFirstVolumeA FindNextVolumeW FindNextVolumeA "
            "FindVolumeClose QueryDosDeviceW QueryDosDeviceA "
        ),
    }),
    "winbase_files": (13017, {
        "kernel32": (
            "CopyFileW CopyFileA CopyFileExW CopyFileExA MoveFileW MoveFileA MoveFileExW MoveFileExA "
            "MoveFileWithProgressW MoveFileWithProgressA ReplaceFileW ReplaceFileA CreateHardLinkW CreateHardLinkA "
            "GetBinaryTypeW GetBinaryTypeA CheckNameLegalDOS8Dot3W CheckNameLegalDOS8Dot3A "
        ),
    }),
    "winbase_memory": (12936, {
        "kernel32": (
            "GlobalAlloc LocalAlloc GlobalFree LocalFree GlobalLock LocalLock GlobalUnlock LocalUnlock GlobalHandle "
            "LocalHandle GlobalSize LocalSize GlobalFlags LocalFlags GlobalReAlloc LocalReAlloc GlobalCompact "
            "LocalCompact LocalShrink GlobalFix GlobalUnfix GlobalWire GlobalUnWire GlobalMemoryStatusEx "
            "GlobalMemoryStatus GetPhysicallyInstalledSystemMemory "
        ),
    }),
    "winbase_strings": (5411, {
        "kernel32": (
            "lstrlenW lstrlenA lstrlen lstrcpyW lstrcpyA lstrcpy lstrcatW lstrcatA lstrcat lstrcpynW lstrcpynA "
            "lstrcpyn lstrcmpW lstrcmpiW lstrcmpA lstrcmp lstrcmpiA lstrcmpi MulDiv IsBadReadPtr IsBadHugeReadPtr "
            "IsBadWritePtr IsBadHugeWritePtr IsBadCodePtr IsBadStringPtrA IsBadStringPtrW "
        ),
    }),
    "wincon": (4022, {
        "kernel32": (
            "AllocConsole AttachConsole FreeConsole GetConsoleWindow SetConsoleCtrlHandler GenerateConsoleCtrlEvent "
        ),
    }),
    "winnls": (10416, {
        "kernel32": (
            "GetUserDefaultLCID GetSystemDefaultLCID GetUserDefaultLangID GetSystemDefaultLangID "
            "GetUserDefaultUILanguage GetSystemDefaultUILanguage GetUserDefaultLocaleName "
            "GetSystemDefaultLocaleName GetThreadLocale SetThreadLocale GetThreadUILanguage SetThreadUILanguage "
            "GetUserPreferredUILanguages GetSystemPreferredUILanguages GetThreadPreferredUILanguages IsValidLocale "
            "IsValidLocaleName ConvertDefaultLocale LCIDToLocaleName LocaleNameToLCID ResolveLocaleName "
            "GetLocaleInfoW GetLocaleInfoA GetLocaleInfoEx SetLocaleInfoW SetLocaleInfoA "
        ),
    }),
    "workingset": (6818, {
        "kernel32": (
            "SetProcessWorkingSetSize SetProcessWorkingSetSizeEx GetProcessWorkingSetSize "
            "GetProcessWorkingSetSizeEx K32QueryWorkingSetEx K32GetPerformanceInfo K32EnumDeviceDrivers "
            "K32EnumPageFilesW K32EnumPageFilesA "
        ),
    }),
    "writewatch": (1581, {
        "kernel32": "GetWriteWatch ResetWriteWatch",
    }),
    "xstateapi": (2561, {
        "kernel32": (
            "GetEnabledXStateFeatures InitializeContext InitializeContext2 CopyContext LocateXStateFeature "
            "GetXStateFeaturesMask SetXStateFeaturesMask "
        ),
    }),
}  # fmt: skip

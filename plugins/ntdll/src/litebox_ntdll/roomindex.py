"""What the rooms export that are imported when they are needed. Made by tools/gen_rooms.py; do not edit."""

from litebox_core.rooms import Index

INDEX: Index = {
    "apisets": (1469, {
        "ntdll": "ApiSetQueryApiSetPresence ApiSetQueryApiSetPresenceEx",
    }),
    "crtconv": (11736, {
        "ntdll": (
            "_itoa _itoa_s _ltoa _ltoa_s _ultoa _ultoa_s _i64toa _i64toa_s _ui64toa _ui64toa_s _itow _itow_s _ltow "
            "_ltow_s _ultow _ultow_s _i64tow _i64tow_s _ui64tow _ui64tow_s atoi atol _atoi64 _wtoi _wtol _wtoi64 "
            "strtol strtoul wcstol wcstoul _wcstoi64 _wcstoui64 isalnum iswalnum isalpha iswalpha iscntrl isdigit "
            "iswdigit isgraph iswgraph islower iswlower isprint iswprint ispunct isspace iswspace isupper isxdigit "
            "iswxdigit iswctype __isascii iswascii __toascii __iscsym __iscsymf toupper tolower _toupper _tolower "
            "towupper towlower abs labs atan~ ceil~ cos~ fabs~ floor~ log~ sin~ sqrt~ tan~ atan2~ pow~ "
        ),
    }),
    "crtmem": (7002, {
        "ntdll": (
            "memcpy memmove memset memcmp memchr _memccpy _memicmp memcpy_s memmove_s qsort qsort_s bsearch "
            "bsearch_s _lfind "
        ),
    }),
    "crtprintf": (4446, {
        "ntdll": (
            "sprintf _snprintf sprintf_s _snprintf_s vsprintf _vsnprintf vsprintf_s _vsnprintf_s swprintf "
            "_snwprintf swprintf_s _snwprintf_s _vswprintf _vsnwprintf vswprintf_s _vsnwprintf_s _swprintf "
            "_vscprintf _vscwprintf "
        ),
    }),
    "crtscanf": (564, {
        "ntdll": "sscanf",
    }),
    "crtstr": (8852, {
        "ntdll": (
            "strlen strnlen strcmp strncmp _stricmp _strcmpi _strnicmp strcpy strcat strncpy strncat strchr strrchr "
            "strstr strspn strcspn strpbrk _strlwr _strupr _strlwr_s _strupr_s strcpy_s strcat_s strncpy_s "
            "strncat_s strtok_s _strset_s _strnset_s "
        ),
    }),
    "crtwcs": (7397, {
        "ntdll": (
            "wcslen wcsnlen wcscmp wcsncmp _wcsicmp _wcsnicmp wcscpy wcscat wcsncpy wcsncat wcschr wcsrchr wcsstr "
            "wcsspn wcscspn wcspbrk _wcslwr _wcsupr _wcslwr_s _wcsupr_s wcscpy_s wcscat_s wcsncpy_s wcsncat_s "
            "wcstok_s _wcsset_s _wcsnset_s wcstombs "
        ),
    }),
    "dbgprint": (2573, {
        "ntdll": "DbgPrint DbgPrintEx vDbgPrintEx vDbgPrintExWithPrefix",
    }),
    "env": (10431, {
        "ntdll": (
            "RtlCreateEnvironment RtlDestroyEnvironment RtlSetCurrentEnvironment RtlSetEnvironmentStrings "
            "RtlQueryEnvironmentVariable_U RtlQueryEnvironmentVariable RtlSetEnvironmentVariable "
            "RtlSetEnvironmentVar RtlExpandEnvironmentStrings RtlExpandEnvironmentStrings_U "
        ),
    }),
    "error": (3550, {
        "ntdll": (
            "RtlNtStatusToDosErrorNoTeb RtlNtStatusToDosError RtlGetLastNtStatus RtlGetLastWin32Error "
            "RtlSetLastWin32Error RtlRestoreLastWin32Error RtlSetLastWin32ErrorAndNtStatusFromNtStatus "
            "RtlMapSecurityErrorToNtStatus RtlGetThreadErrorMode RtlSetThreadErrorMode "
        ),
    }),
    "exceptions": (5564, {
        "ntdll": (
            "RtlLookupFunctionEntry RtlVirtualUnwind RtlUnwindEx RtlUnwind RtlCaptureStackBackTrace "
            "__C_specific_handler "
        ),
    }),
    "functiontables": (2812, {
        "ntdll": (
            "RtlAddFunctionTable RtlDeleteFunctionTable RtlAddGrowableFunctionTable RtlGrowFunctionTable "
            "RtlDeleteGrowableFunctionTable RtlInstallFunctionTableCallback "
        ),
    }),
    "heapapi": (10320, {
        "ntdll": (
            "RtlCreateHeap RtlDestroyHeap RtlAllocateHeap^RtlAllocateHeap RtlReAllocateHeap RtlFreeHeap^RtlFreeHeap "
            "RtlSizeHeap RtlValidateHeap RtlValidateProcessHeaps RtlGetProcessHeaps RtlCompactHeap RtlWalkHeap "
            "RtlLockHeap RtlUnlockHeap RtlZeroHeap RtlQueryHeapInformation RtlSetHeapInformation RtlGetUserInfoHeap "
            "RtlSetUserValueHeap RtlSetUserFlagsHeap "
        ),
    }),
    "inaddr": (13419, {
        "ntdll": (
            "RtlIpv4AddressToStringA RtlIpv4AddressToStringExA RtlIpv6AddressToStringA RtlIpv6AddressToStringExA "
            "RtlIpv4AddressToStringW RtlIpv4AddressToStringExW RtlIpv6AddressToStringW RtlIpv6AddressToStringExW "
            "RtlIpv4StringToAddressA RtlIpv4StringToAddressExA RtlIpv6StringToAddressA RtlIpv6StringToAddressExA "
            "RtlIpv4StringToAddressW RtlIpv4StringToAddressExW RtlIpv6StringToAddressW RtlIpv6StringToAddressExW "
        ),
    }),
    "large_int": (3256, {
        "ntdll": (
            "RtlLargeIntegerAdd RtlLargeIntegerSubtract RtlLargeIntegerNegate RtlLargeIntegerShiftLeft "
            "RtlLargeIntegerShiftRight RtlLargeIntegerArithmeticShift RtlLargeIntegerDivide "
            "RtlConvertLongToLargeInteger RtlConvertUlongToLargeInteger RtlEnlargedIntegerMultiply "
            "RtlEnlargedUnsignedMultiply RtlEnlargedUnsignedDivide RtlExtendedIntegerMultiply "
            "RtlExtendedLargeIntegerDivide RtlExtendedMagicDivide "
        ),
    }),
    "ldr": (4993, {
        "ntdll": (
            "LdrGetDllFullName LdrEnumerateLoadedModules LdrGetDllDirectory LdrSetDllDirectory RtlImageRvaToSection "
            "RtlImageRvaToVa LdrProcessRelocationBlock "
        ),
    }),
    "lznt1": (7356, {
        "ntdll": (
            "RtlGetCompressionWorkSpaceSize RtlCompressBuffer RtlDecompressBuffer RtlDecompressFragment "
        ),
    }),
    "ntcompletion": (4775, {
        "ntdll": (
            "NtCreateIoCompletion NtOpenIoCompletion NtSetIoCompletion NtQueryIoCompletion NtRemoveIoCompletion "
            "NtRemoveIoCompletionEx ZwCreateIoCompletion ZwOpenIoCompletion ZwSetIoCompletion ZwQueryIoCompletion "
            "ZwRemoveIoCompletion ZwRemoveIoCompletionEx "
        ),
    }),
    "ntcontext": (7105, {
        "ntdll": (
            "RtlCaptureContext RtlRestoreContext NtContinue RtlRaiseException NtRaiseException "
            "KiUserExceptionDispatcher NtGetContextThread NtSetContextThread NtCallbackReturn "
            "RtlWow64GetThreadContext RtlWow64SetThreadContext RtlWow64GetCpuAreaInfo! ZwContinue ZwRaiseException "
            "ZwGetContextThread ZwSetContextThread ZwCallbackReturn "
        ),
    }),
    "ntcontrol": (8504, {
        "ntdll": (
            "NtFsControlFile ZwFsControlFile NtDeviceIoControlFile ZwDeviceIoControlFile NtCancelIoFile "
            "ZwCancelIoFile NtCancelIoFileEx ZwCancelIoFileEx NtCancelSynchronousIoFile ZwCancelSynchronousIoFile "
            "NtCreateMailslotFile ZwCreateMailslotFile NtNotifyChangeDirectoryFile ZwNotifyChangeDirectoryFile "
            "NtQueryEaFile ZwQueryEaFile "
        ),
    }),
    "ntdebug": (6843, {
        "ntdll": (
            "NtCreateDebugObject NtSetInformationDebugObject NtDebugActiveProcess NtRemoveProcessDebug "
            "NtWaitForDebugEvent NtDebugContinue DbgUiGetThreadDebugObject DbgUiSetThreadDebugObject "
            "DbgUiConvertStateChangeStructure ZwCreateDebugObject ZwSetInformationDebugObject ZwDebugActiveProcess "
            "ZwRemoveProcessDebug ZwWaitForDebugEvent ZwDebugContinue "
        ),
    }),
    "ntdirectory": (6577, {
        "ntdll": "NtQueryDirectoryFile ZwQueryDirectoryFile NtQueryDirectoryFileEx ZwQueryDirectoryFileEx",
    }),
    "ntfile": (7497, {
        "ntdll": (
            "NtCreateFile ZwCreateFile NtOpenFile ZwOpenFile NtReadFile ZwReadFile NtWriteFile ZwWriteFile "
            "NtFlushBuffersFile ZwFlushBuffersFile NtLockFile ZwLockFile NtUnlockFile ZwUnlockFile NtDeleteFile "
            "ZwDeleteFile "
        ),
    }),
    "ntfileinfo": (9430, {
        "ntdll": (
            "NtQueryInformationFile ZwQueryInformationFile NtQueryAttributesFile ZwQueryAttributesFile "
            "NtQueryFullAttributesFile ZwQueryFullAttributesFile "
        ),
    }),
    "ntjob": (3499, {
        "ntdll": (
            "NtCreateJobObject NtOpenJobObject NtAssignProcessToJobObject NtIsProcessInJob NtTerminateJobObject "
            "NtQueryInformationJobObject NtSetInformationJobObject ZwCreateJobObject ZwOpenJobObject "
            "ZwAssignProcessToJobObject ZwIsProcessInJob ZwTerminateJobObject ZwQueryInformationJobObject "
            "ZwSetInformationJobObject "
        ),
    }),
    "ntkey": (16578, {
        "ntdll": (
            "NtCreateKey NtOpenKeyEx NtOpenKey NtDeleteKey NtRenameKey NtFlushKey NtQueryKey NtEnumerateKey "
            "NtQueryValueKey NtEnumerateValueKey NtSetValueKey NtDeleteValueKey NtQueryMultipleValueKey "
            "NtSetInformationKey NtNotifyChangeKey NtNotifyChangeMultipleKeys NtCreateKeyTransacted! "
            "NtOpenKeyTransacted! NtOpenKeyTransactedEx! NtLoadKey! NtLoadKey2! NtLoadKeyEx! NtReplaceKey! "
            "NtRestoreKey! NtSaveKey! NtSaveKeyEx! NtSaveMergedKeys! NtUnloadKey! NtUnloadKey2! NtUnloadKeyEx! "
            "NtCompactKeys! NtCompressKey! NtLockRegistryKey! NtQueryOpenSubKeys! NtQueryOpenSubKeysEx! ZwCreateKey "
            "ZwOpenKeyEx ZwOpenKey ZwDeleteKey ZwRenameKey ZwFlushKey ZwQueryKey ZwEnumerateKey ZwQueryValueKey "
            "ZwEnumerateValueKey ZwSetValueKey ZwDeleteValueKey ZwQueryMultipleValueKey ZwSetInformationKey "
            "ZwNotifyChangeKey ZwNotifyChangeMultipleKeys "
        ),
    }),
    "ntkeyed": (4342, {
        "ntdll": (
            "NtCreateKeyedEvent NtOpenKeyedEvent NtWaitForKeyedEvent NtReleaseKeyedEvent NtAlertThreadByThreadId "
            "NtWaitForAlertByThreadId ZwCreateKeyedEvent ZwOpenKeyedEvent ZwWaitForKeyedEvent ZwReleaseKeyedEvent "
            "ZwAlertThreadByThreadId ZwWaitForAlertByThreadId "
        ),
    }),
    "ntlicense": (1488, {
        "ntdll": "NtQueryLicenseValue ZwQueryLicenseValue",
    }),
    "ntloader": (8982, {
        "ntdll": (
            "LdrGetDllHandleEx LdrGetDllHandle LdrLoadDll LdrUnloadDll LdrAddRefDll LdrGetProcedureAddress "
            "LdrDisableThreadCalloutsForDll LdrFindEntryForAddress LdrLockLoaderLock LdrUnlockLoaderLock "
            "LdrRegisterDllNotification LdrUnregisterDllNotification LdrShutdownProcess RtlDllShutdownInProgress "
            "LdrResolveDelayLoadedAPI RtlPcToFileHeader RtlImageNtHeader RtlImageDirectoryEntryToData "
        ),
    }),
    "ntlocks": (11319, {
        "ntdll": (
            "RtlInitializeCriticalSection RtlInitializeCriticalSectionAndSpinCount RtlInitializeCriticalSectionEx "
            "RtlEnterCriticalSection RtlTryEnterCriticalSection RtlLeaveCriticalSection RtlDeleteCriticalSection "
            "RtlSetCriticalSectionSpinCount RtlIsCriticalSectionLocked RtlIsCriticalSectionLockedByThread "
            "RtlAcquirePebLock RtlReleasePebLock RtlInitializeSRWLock RtlAcquireSRWLockExclusive "
            "RtlAcquireSRWLockShared RtlTryAcquireSRWLockExclusive RtlTryAcquireSRWLockShared "
            "RtlReleaseSRWLockExclusive RtlReleaseSRWLockShared RtlInitializeConditionVariable "
            "RtlSleepConditionVariableCS RtlSleepConditionVariableSRW RtlWakeConditionVariable "
            "RtlWakeAllConditionVariable RtlInitializeResource RtlDeleteResource RtlAcquireResourceExclusive "
            "RtlAcquireResourceShared RtlReleaseResource RtlConvertExclusiveToShared RtlConvertSharedToExclusive "
            "RtlInitBarrier RtlBarrier RtlDeleteBarrier RtlWaitOnAddress RtlWakeAddressSingle RtlWakeAddressAll "
            "RtlRunOnceInitialize RtlRunOnceBeginInitialize RtlRunOnceComplete RtlRunOnceExecuteOnce "
            "RtlInitializeSListHead RtlFirstEntrySList RtlInterlockedPushEntrySList RtlInterlockedPushListSListEx "
            "RtlInterlockedPushListSList RtlInterlockedPopEntrySList RtlInterlockedFlushSList RtlQueryDepthSList "
        ),
    }),
    "ntmemory": (14534, {
        "ntdll": (
            "NtAllocateVirtualMemory NtFreeVirtualMemory NtProtectVirtualMemory NtQueryVirtualMemory "
            "NtFlushInstructionCache NtGetWriteWatch NtResetWriteWatch NtReadVirtualMemory NtWriteVirtualMemory "
            "NtCreateSection NtOpenSection NtMapViewOfSection NtUnmapViewOfSection NtAreMappedFilesTheSame "
            "NtFlushVirtualMemory NtQuerySection ZwAllocateVirtualMemory ZwFreeVirtualMemory ZwProtectVirtualMemory "
            "ZwQueryVirtualMemory ZwFlushInstructionCache ZwGetWriteWatch ZwResetWriteWatch ZwReadVirtualMemory "
            "ZwWriteVirtualMemory ZwCreateSection ZwOpenSection ZwMapViewOfSection ZwUnmapViewOfSection "
            "ZwAreMappedFilesTheSame ZwFlushVirtualMemory ZwQuerySection "
        ),
    }),
    "ntnamespace": (6331, {
        "ntdll": (
            "NtCreateDirectoryObject NtCreateDirectoryObjectEx NtOpenDirectoryObject NtQueryDirectoryObject "
            "NtCreateSymbolicLinkObject NtOpenSymbolicLinkObject NtQuerySymbolicLinkObject NtMakeTemporaryObject "
            "NtMakePermanentObject ZwCreateDirectoryObject ZwCreateDirectoryObjectEx ZwOpenDirectoryObject "
            "ZwQueryDirectoryObject ZwCreateSymbolicLinkObject ZwOpenSymbolicLinkObject ZwQuerySymbolicLinkObject "
            "ZwMakeTemporaryObject ZwMakePermanentObject "
        ),
    }),
    "ntobject": (8253, {
        "ntdll": (
            "NtClose ZwClose NtDuplicateObject ZwDuplicateObject NtCompareObjects ZwCompareObjects NtQueryObject "
            "ZwQueryObject NtSetInformationObject ZwSetInformationObject "
        ),
    }),
    "ntpipe": (4804, {
        "ntdll": "NtCreateNamedPipeFile ZwCreateNamedPipeFile",
    }),
    "ntprocess": (7459, {
        "ntdll": (
            "NtQuerySystemTime NtQueryPerformanceCounter NtQueryTimerResolution NtSetTimerResolution NtGetTickCount "
            "RtlExitUserProcess NtTerminateProcess NtOpenProcess NtGetCurrentProcessorNumber "
            "NtFlushProcessWriteBuffers RtlFlsAlloc RtlFlsFree RtlProcessFlsData RtlFlsGetValue RtlFlsSetValue "
            "ZwQuerySystemTime ZwQueryPerformanceCounter ZwQueryTimerResolution ZwSetTimerResolution ZwGetTickCount "
            "ZwTerminateProcess ZwOpenProcess ZwGetCurrentProcessorNumber ZwFlushProcessWriteBuffers "
        ),
    }),
    "ntprocessinfo": (10945, {
        "ntdll": (
            "NtQueryInformationProcess NtSetInformationProcess ZwQueryInformationProcess ZwSetInformationProcess "
        ),
    }),
    "ntsecurity": (2093, {
        "ntdll": (
            "NtQuerySecurityObject NtSetSecurityObject NtAccessCheck ZwQuerySecurityObject ZwSetSecurityObject "
            "ZwAccessCheck "
        ),
    }),
    "ntsetfileinfo": (7899, {
        "ntdll": "NtSetInformationFile ZwSetInformationFile",
    }),
    "ntsync": (12843, {
        "ntdll": (
            "NtCreateEvent NtOpenEvent NtSetEvent NtResetEvent NtClearEvent NtPulseEvent NtQueryEvent "
            "NtCreateMutant NtOpenMutant NtReleaseMutant NtQueryMutant NtCreateSemaphore NtOpenSemaphore "
            "NtReleaseSemaphore NtQuerySemaphore NtCreateTimer NtOpenTimer NtSetTimer NtCancelTimer NtQueryTimer "
            "NtWaitForSingleObject NtWaitForMultipleObjects NtSignalAndWaitForSingleObject NtDelayExecution "
            "NtYieldExecution ZwCreateEvent ZwOpenEvent ZwSetEvent ZwResetEvent ZwClearEvent ZwPulseEvent "
            "ZwQueryEvent ZwCreateMutant ZwOpenMutant ZwReleaseMutant ZwQueryMutant ZwCreateSemaphore "
            "ZwOpenSemaphore ZwReleaseSemaphore ZwQuerySemaphore ZwCreateTimer ZwOpenTimer ZwSetTimer ZwCancelTimer "
            "ZwQueryTimer ZwWaitForSingleObject ZwWaitForMultipleObjects ZwSignalAndWaitForSingleObject "
            "ZwDelayExecution ZwYieldExecution "
        ),
    }),
    "ntsysteminfo": (9613, {
        "ntdll": (
            "NtQuerySystemInformation RtlGetNativeSystemInformation NtQuerySystemInformationEx "
            "NtSetSystemInformation NtPowerInformation ZwQuerySystemInformation ZwQuerySystemInformationEx "
            "ZwSetSystemInformation ZwPowerInformation "
        ),
    }),
    "ntthread": (11325, {
        "ntdll": (
            "NtCreateThreadEx RtlExitUserThread NtTerminateThread RtlCreateUserThread NtOpenThread NtSuspendThread "
            "NtResumeThread NtAlertResumeThread NtSuspendProcess NtResumeProcess NtQueueApcThread NtTestAlert "
            "NtQueueApcThreadEx NtQueueApcThreadEx2 NtAlertThread NtGetNextThread ZwCreateThreadEx "
            "ZwTerminateThread ZwOpenThread ZwSuspendThread ZwResumeThread ZwAlertResumeThread ZwSuspendProcess "
            "ZwResumeProcess ZwQueueApcThread ZwTestAlert ZwQueueApcThreadEx ZwQueueApcThreadEx2 ZwAlertThread "
            "ZwGetNextThread "
        ),
    }),
    "ntthreadinfo": (7725, {
        "ntdll": (
            "NtQueryInformationThread NtSetInformationThread ZwQueryInformationThread ZwSetInformationThread "
        ),
    }),
    "nttoken": (7359, {
        "ntdll": (
            "NtOpenProcessTokenEx NtOpenProcessToken NtOpenThreadTokenEx NtOpenThreadToken NtDuplicateToken "
            "NtQueryInformationToken NtSetInformationToken NtAdjustPrivilegesToken NtAdjustGroupsToken "
            "NtFilterToken NtPrivilegeCheck NtCompareTokens NtAllocateLocallyUniqueId RtlImpersonateSelf "
            "RtlAdjustPrivilege NtImpersonateAnonymousToken! ZwOpenProcessTokenEx ZwOpenProcessToken "
            "ZwOpenThreadTokenEx ZwOpenThreadToken ZwDuplicateToken ZwQueryInformationToken ZwSetInformationToken "
            "ZwAdjustPrivilegesToken ZwAdjustGroupsToken ZwFilterToken ZwPrivilegeCheck ZwCompareTokens "
            "ZwAllocateLocallyUniqueId "
        ),
    }),
    "ntvirtual": (5870, {
        "ntdll": (
            "NtAllocateVirtualMemoryEx NtSetInformationVirtualMemory RtlCreateUserStack RtlFreeUserStack "
            "ZwAllocateVirtualMemoryEx ZwSetInformationVirtualMemory "
        ),
    }),
    "ntvolume": (4098, {
        "ntdll": (
            "NtQueryVolumeInformationFile ZwQueryVolumeInformationFile NtSetVolumeInformationFile "
            "ZwSetVolumeInformationFile "
        ),
    }),
    "params": (5919, {
        "ntdll": (
            "RtlCreateProcessParameters RtlCreateProcessParametersEx RtlDestroyProcessParameters "
            "RtlNormalizeProcessParams RtlDeNormalizeProcessParams "
        ),
    }),
    "path": (8293, {
        "ntdll": (
            "RtlDetermineDosPathNameType_U RtlIsDosDeviceName_U RtlGetFullPathName_U "
            "RtlDosPathNameToNtPathName_U_WithStatus RtlDosPathNameToRelativeNtPathName_U_WithStatus "
            "RtlDosPathNameToNtPathName_U RtlDosPathNameToRelativeNtPathName_U RtlReleaseRelativeName "
            "RtlGetCurrentDirectory_U RtlSetCurrentDirectory_U RtlDoesFileExists_U RtlNtPathNameToDosPathName "
            "RtlDosSearchPath_U "
        ),
    }),
    "rtl": (11381, {
        "ntdll": (
            "RtlMoveMemory RtlCopyMemory RtlCopyMemoryNonTemporal RtlFillMemory RtlFillMemoryNonTemporal "
            "RtlZeroMemory RtlFillMemoryUlong RtlFillMemoryUlonglong RtlCompareMemory RtlCompareMemoryUlong "
            "RtlIsZeroMemory RtlUshortByteSwap RtlUlongByteSwap RtlUlonglongByteSwap RtlUniform RtlRandom "
            "RtlRandomEx RtlComputeCrc32 RtlCrc32 RtlCrc64 RtlEncodePointer RtlEncodeSystemPointer RtlDecodePointer "
            "RtlDecodeSystemPointer RtlGetCurrentPeb RtlGetNtGlobalFlags RtlInitializeHandleTable "
            "RtlDestroyHandleTable RtlAllocateHandle RtlFreeHandle RtlIsValidHandle RtlIsValidIndexHandle "
            "RtlAreAllAccessesGranted RtlAreAnyAccessesGranted RtlMapGenericMask "
        ),
    }),
    "rtlacl": (4448, {
        "ntdll": (
            "RtlCreateAcl RtlValidAcl RtlFirstFreeAce RtlAddAce RtlGetAce RtlDeleteAce RtlAddAccessAllowedAceEx "
            "RtlAddAccessAllowedAce RtlAddAccessDeniedAceEx RtlAddAccessDeniedAce RtlAddAuditAccessAceEx "
            "RtlAddAuditAccessAce RtlAddMandatoryAce RtlQueryInformationAcl RtlSetInformationAcl "
        ),
    }),
    "rtlactctx": (5782, {
        "ntdll": (
            "RtlAddRefActivationContext RtlReleaseActivationContext RtlZombifyActivationContext "
            "RtlActivateActivationContext RtlActivateActivationContextEx RtlDeactivateActivationContext "
            "RtlGetActiveActivationContext RtlIsActivationContextActive RtlFreeThreadActivationContextStack "
            "RtlQueryInformationActivationContext RtlQueryInformationActiveActivationContext "
            "RtlQueryActivationContextApplicationSettings RtlFindActivationContextSectionString "
            "RtlFindActivationContextSectionGuid "
        ),
    }),
    "rtlatom": (6100, {
        "ntdll": (
            "RtlCreateAtomTable RtlDestroyAtomTable RtlEmptyAtomTable RtlAddAtomToAtomTable "
            "RtlLookupAtomInAtomTable RtlDeleteAtomFromAtomTable RtlPinAtomInAtomTable RtlQueryAtomInAtomTable "
            "NtAddAtom NtFindAtom NtDeleteAtom NtQueryInformationAtom ZwAddAtom ZwFindAtom ZwDeleteAtom "
            "ZwQueryInformationAtom "
        ),
    }),
    "rtlbitmap": (10224, {
        "ntdll": (
            "RtlInitializeBitMap RtlSetAllBits RtlClearAllBits RtlSetBits RtlClearBits RtlSetBit RtlClearBit "
            "RtlTestBit RtlAreBitsSet RtlAreBitsClear RtlNumberOfSetBits RtlNumberOfClearBits "
            "RtlNumberOfSetBitsInRange RtlNumberOfClearBitsInRange RtlNumberOfSetBitsUlongPtr "
            "RtlFindMostSignificantBit RtlFindLeastSignificantBit RtlFindSetBits RtlFindClearBits "
            "RtlFindSetBitsAndClear RtlFindClearBitsAndSet RtlCopyBitMap RtlExtractBitMap "
        ),
    }),
    "rtlbitruns": (4858, {
        "ntdll": (
            "RtlFindLongestRunClear RtlFindLongestRunSet RtlFindNextForwardRunClear RtlFindNextForwardRunSet "
            "RtlFindLastBackwardRunClear RtlFindLastBackwardRunSet RtlFindClearRuns RtlFindSetRuns "
        ),
    }),
    "rtlconv": (15155, {
        "ntdll": (
            "RtlAnsiStringToUnicodeString RtlOemStringToUnicodeString RtlUTF8StringToUnicodeString "
            "RtlUnicodeStringToAnsiString RtlUnicodeStringToOemString RtlUnicodeStringToUTF8String "
            "RtlUnicodeStringToCountedOemString RtlUpcaseUnicodeStringToAnsiString "
            "RtlUpcaseUnicodeStringToOemString RtlUpcaseUnicodeStringToCountedOemString RtlAnsiStringToUnicodeSize "
            "RtlxAnsiStringToUnicodeSize RtlOemStringToUnicodeSize RtlxOemStringToUnicodeSize "
            "RtlUnicodeStringToAnsiSize RtlxUnicodeStringToAnsiSize RtlUnicodeStringToOemSize "
            "RtlxUnicodeStringToOemSize RtlMultiByteToUnicodeSize RtlUnicodeToMultiByteSize "
            "RtlConsoleMultiByteToUnicodeN RtlMultiByteToUnicodeN RtlOemToUnicodeN RtlUnicodeToMultiByteN "
            "RtlUnicodeToOemN RtlUpcaseUnicodeToMultiByteN RtlUpcaseUnicodeToOemN RtlUnicodeToUTF8N "
            "RtlUTF8ToUnicodeN RtlUpperChar RtlUpperString RtlUpcaseUnicodeChar^RtlUpcaseUnicodeChar "
            "RtlDowncaseUnicodeChar^RtlDowncaseUnicodeChar RtlUpcaseUnicodeString RtlDowncaseUnicodeString "
            "RtlAnsiCharToUnicodeChar "
        ),
    }),
    "rtllocale": (7254, {
        "ntdll": (
            "RtlIsValidLocaleName RtlLocaleNameToLcid RtlLcidToLocaleName RtlNormalizeString RtlIsNormalizedString "
            "RtlGetSystemPreferredUILanguages RtlGetUserPreferredUILanguages RtlGetThreadPreferredUILanguages "
        ),
    }),
    "rtlmessage": (1330, {
        "ntdll": "RtlFormatMessage",
    }),
    "rtlnum": (4335, {
        "ntdll": (
            "RtlUnicodeStringToInteger RtlCharToInteger RtlIntegerToChar RtlLargeIntegerToChar "
            "RtlIntegerToUnicodeString RtlInt64ToUnicodeString "
        ),
    }),
    "rtlpool": (3784, {
        "ntdll": (
            "RtlQueueWorkItem RtlRegisterWait RtlDeregisterWait RtlDeregisterWaitEx RtlCreateTimerQueue "
            "RtlDeleteTimerQueueEx RtlDeleteTimerQueue RtlCreateTimer RtlUpdateTimer RtlDeleteTimer "
        ),
    }),
    "rtlregistry": (13771, {
        "ntdll": (
            "RtlCheckRegistryKey RtlCreateRegistryKey RtlWriteRegistryValue RtlDeleteRegistryValue "
            "RtlFormatCurrentUserKeyPath RtlOpenCurrentUser RtlpNtOpenKey RtlpNtCreateKey RtlpNtMakeTemporaryKey "
            "RtlpNtSetValueKey RtlpNtQueryValueKey RtlpNtEnumerateSubKey RtlQueryRegistryValues "
            "RtlQueryRegistryValuesEx "
        ),
    }),
    "rtlsecurity": (6568, {
        "ntdll": (
            "RtlCreateSecurityDescriptor RtlValidSecurityDescriptor RtlValidRelativeSecurityDescriptor "
            "RtlLengthSecurityDescriptor RtlSetDaclSecurityDescriptor RtlSetSaclSecurityDescriptor "
            "RtlSetOwnerSecurityDescriptor RtlSetGroupSecurityDescriptor RtlSetControlSecurityDescriptor "
            "RtlGetDaclSecurityDescriptor RtlGetSaclSecurityDescriptor RtlGetOwnerSecurityDescriptor "
            "RtlGetGroupSecurityDescriptor RtlGetControlSecurityDescriptor RtlMakeSelfRelativeSD "
            "RtlAbsoluteToSelfRelativeSD RtlSelfRelativeToAbsoluteSD "
        ),
    }),
    "rtlsid": (4805, {
        "ntdll": (
            "RtlAllocateAndInitializeSid RtlFreeSid RtlInitializeSid RtlEqualSid RtlEqualPrefixSid RtlCopySid "
            "RtlValidSid RtlLengthSid RtlLengthRequiredSid RtlSubAuthoritySid RtlSubAuthorityCountSid "
            "RtlIdentifierAuthoritySid RtlConvertSidToUnicodeString RtlLengthSidAsUnicodeString "
        ),
    }),
    "rtlstr": (14153, {
        "ntdll": (
            "RtlInitAnsiString RtlInitString RtlInitAnsiStringEx RtlInitStringEx RtlInitUnicodeString "
            "RtlInitUnicodeStringEx RtlCreateUnicodeString RtlCreateUnicodeStringFromAsciiz RtlFreeUnicodeString "
            "RtlFreeAnsiString RtlFreeOemString RtlFreeUTF8String RtlEraseUnicodeString RtlDuplicateUnicodeString "
            "RtlValidateUnicodeString RtlCopyString RtlCopyUnicodeString RtlAppendAsciizToString "
            "RtlAppendStringToString RtlAppendUnicodeToString RtlAppendUnicodeStringToString "
            "RtlCompareUnicodeString RtlCompareUnicodeStrings RtlEqualUnicodeString RtlPrefixUnicodeString "
            "RtlCompareString RtlEqualString RtlPrefixString RtlEqualComputerName RtlEqualDomainName "
            "RtlFindCharInUnicodeString "
        ),
    }),
    "rtltext": (6894, {
        "ntdll": (
            "RtlStringFromGUID RtlGUIDFromString RtlHashUnicodeString RtlIsNameLegalDOS8Dot3 RtlIsTextUnicode "
        ),
    }),
    "rtlunload": (2338, {
        "ntdll": "RtlGetUnloadEventTrace RtlGetUnloadEventTraceEx",
    }),
    "rtlxstate": (2845, {
        "ntdll": (
            "RtlGetEnabledExtendedFeatures RtlGetExtendedContextLength RtlGetExtendedContextLength2 "
            "RtlInitializeExtendedContext RtlInitializeExtendedContext2 RtlLocateLegacyContext "
            "RtlLocateExtendedFeature RtlGetExtendedFeaturesMask RtlSetExtendedFeaturesMask RtlCopyExtendedContext "
            "RtlCopyContext "
        ),
    }),
    "searchpath": (1956, {
        "ntdll": (
            "RtlGetSearchPath RtlSetSearchPathMode RtlGetExePath RtlReleasePath LdrGetDllPath "
            "LdrSetDefaultDllDirectories "
        ),
    }),
    "time": (3796, {
        "ntdll": (
            "RtlTimeToTimeFields RtlTimeToElapsedTimeFields RtlTimeFieldsToTime RtlTimeToSecondsSince1970 "
            "RtlTimeToSecondsSince1980 RtlSecondsSince1970ToTime RtlSecondsSince1980ToTime RtlGetSystemTimePrecise "
            "RtlQueryPerformanceCounter RtlQueryPerformanceFrequency RtlQueryUnbiasedInterruptTime "
        ),
    }),
    "timezone": (2396, {
        "ntdll": (
            "RtlSystemTimeToLocalTime RtlLocalTimeToSystemTime RtlQueryTimeZoneInformation "
            "RtlQueryDynamicTimeZoneInformation "
        ),
    }),
    "tp": (8316, {
        "ntdll": (
            "TpAllocPool TpReleasePool TpSetPoolMaxThreads TpSetPoolMinThreads TpSetPoolStackInformation "
            "TpQueryPoolStackInformation TpAllocCleanupGroup TpReleaseCleanupGroup TpReleaseCleanupGroupMembers "
            "TpSimpleTryPost TpAllocWork TpPostWork TpWaitForWork TpWaitForTimer TpWaitForWait "
            "TpWaitForIoCompletion TpReleaseWork TpReleaseTimer TpReleaseWait TpReleaseIoCompletion TpAllocTimer "
            "TpSetTimer TpSetTimerEx TpIsTimerSet TpAllocWait TpSetWait TpSetWaitEx TpAllocIoCompletion "
            "TpStartAsyncIoOperation TpCancelAsyncIoOperation RtlSetIoCompletionCallback TpCallbackMayRunLong "
            "TpDisassociateCallback TpCallbackSetEventOnCompletion TpCallbackReleaseSemaphoreOnCompletion "
            "TpCallbackReleaseMutexOnCompletion TpCallbackLeaveCriticalSectionOnCompletion "
            "TpCallbackUnloadDllOnCompletion "
        ),
    }),
    "vectored": (1119, {
        "ntdll": (
            "RtlAddVectoredExceptionHandler RtlRemoveVectoredExceptionHandler RtlAddVectoredContinueHandler "
            "RtlRemoveVectoredContinueHandler RtlSetUnhandledExceptionFilter "
        ),
    }),
    "version": (1824, {
        "ntdll": (
            "RtlGetVersion RtlGetNtVersionNumbers RtlGetNtProductType VerSetConditionMask RtlVerifyVersionInfo "
        ),
    }),
}  # fmt: skip

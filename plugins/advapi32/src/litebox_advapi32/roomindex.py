"""What the rooms export that are imported when they are needed. Made by tools/gen_rooms.py; do not edit."""

from litebox_core.rooms import Index

INDEX: Index = {
    "accctrl": (9980, {
        "advapi32": (
            "SetEntriesInAclW SetEntriesInAclA GetExplicitEntriesFromAclW GetExplicitEntriesFromAclA "
            "BuildTrusteeWithSidW BuildTrusteeWithSidA BuildTrusteeWithNameW BuildTrusteeWithNameA "
            "BuildTrusteeWithObjectsAndSidW BuildTrusteeWithObjectsAndSidA BuildTrusteeWithObjectsAndNameW "
            "BuildTrusteeWithObjectsAndNameA BuildExplicitAccessWithNameW BuildExplicitAccessWithNameA "
            "GetTrusteeNameW GetTrusteeNameA GetTrusteeFormW GetTrusteeFormA GetTrusteeTypeW GetTrusteeTypeA "
        ),
    }),
    "accounts": (5471, {
        "advapi32": (
            "GetUserNameW GetUserNameA LookupAccountSidW LookupAccountSidA LookupAccountNameW LookupAccountNameA "
        ),
    }),
    "aclapi": (5177, {
        "advapi32": (
            "InitializeAcl IsValidAcl FindFirstFreeAce AddAce GetAce DeleteAce AddAccessAllowedAceEx "
            "AddAccessAllowedAce AddAccessDeniedAceEx AddAccessDeniedAce AddAuditAccessAceEx AddAuditAccessAce "
            "AddMandatoryAce GetAclInformation SetAclInformation MapGenericMask AreAllAccessesGranted "
            "AreAnyAccessesGranted "
        ),
    }),
    "descriptorapi": (9670, {
        "advapi32": (
            "InitializeSecurityDescriptor IsValidSecurityDescriptor GetSecurityDescriptorLength "
            "SetSecurityDescriptorDacl SetSecurityDescriptorSacl SetSecurityDescriptorOwner "
            "SetSecurityDescriptorGroup SetSecurityDescriptorControl GetSecurityDescriptorDacl "
            "GetSecurityDescriptorSacl GetSecurityDescriptorOwner GetSecurityDescriptorGroup "
            "GetSecurityDescriptorControl MakeSelfRelativeSD MakeAbsoluteSD "
            "ConvertStringSecurityDescriptorToSecurityDescriptorW "
            "ConvertStringSecurityDescriptorToSecurityDescriptorA "
            "ConvertSecurityDescriptorToStringSecurityDescriptorW "
            "ConvertSecurityDescriptorToStringSecurityDescriptorA AccessCheck "
        ),
    }),
    "eventlog": (2885, {
        "advapi32": (
            "RegisterEventSourceW RegisterEventSourceA DeregisterEventSource ReportEventW ReportEventA "
            "OpenEventLogW OpenEventLogA CloseEventLog "
        ),
    }),
    "hashcontexts": (5364, {
        "advapi32": (
            "MD4Init MD4Update MD4Final MD5Init MD5Update MD5Final A_SHAInit A_SHAUpdate A_SHAFinal "
            "SystemFunction007 SystemFunction010 SystemFunction011 "
        ),
    }),
    "impersonation": (919, {
        "advapi32": "ImpersonateNamedPipeClient RevertToSelf",
    }),
    "objectsecurityapi": (8645, {
        "advapi32": (
            "GetKernelObjectSecurity SetKernelObjectSecurity GetFileSecurityW SetFileSecurityW GetFileSecurityA "
            "SetFileSecurityA GetSecurityInfo SetSecurityInfo GetNamedSecurityInfoW SetNamedSecurityInfoW "
            "GetNamedSecurityInfoA SetNamedSecurityInfoA "
        ),
    }),
    "privilegeapi": (2134, {
        "advapi32": (
            "LookupPrivilegeValueW LookupPrivilegeNameW LookupPrivilegeDisplayNameW LookupPrivilegeValueA "
            "LookupPrivilegeNameA LookupPrivilegeDisplayNameA "
        ),
    }),
    "random": (660, {
        "advapi32": "SystemFunction036",
    }),
    "regcopy": (2348, {
        "advapi32": "RegDeleteTreeW RegCopyTreeW RegDeleteTreeA RegCopyTreeA",
    }),
    "regenum": (4287, {
        "advapi32": "RegEnumKeyExW RegEnumKeyW RegQueryInfoKeyW RegEnumKeyExA RegEnumKeyA RegQueryInfoKeyA",
    }),
    "regfiles": (2610, {
        "advapi32": (
            "RegSaveKeyExW RegSaveKeyW RegLoadKeyW RegUnLoadKeyW RegRestoreKeyW RegReplaceKeyW RegSaveKeyExA "
            "RegSaveKeyA RegLoadKeyA RegUnLoadKeyA RegRestoreKeyA RegReplaceKeyA RegGetKeySecurity! "
            "RegSetKeySecurity! RegCreateKeyTransactedA! RegCreateKeyTransactedW! RegDeleteKeyTransactedA! "
            "RegDeleteKeyTransactedW! RegOpenKeyTransactedA! RegOpenKeyTransactedW! RegLoadAppKeyA! RegLoadAppKeyW! "
        ),
    }),
    "regget": (4673, {
        "advapi32": "RegGetValueW RegGetValueA RegLoadMUIStringA! RegLoadMUIStringW!",
    }),
    "regkeys": (7924, {
        "advapi32": (
            "RegOpenKeyExW RegOpenKeyExA RegOpenKeyW RegCreateKeyExW RegCreateKeyW RegCloseKey RegFlushKey "
            "RegDeleteKeyExW RegDeleteKeyW RegRenameKey RegConnectRegistryW RegOpenCurrentUser "
            "RegOpenUserClassesRoot RegOverridePredefKey RegDisablePredefinedCache RegDisablePredefinedCacheEx "
            "RegDisableReflectionKey RegEnableReflectionKey RegQueryReflectionKey RegOpenKeyA RegCreateKeyExA "
            "RegCreateKeyA RegDeleteKeyExA RegDeleteKeyA RegConnectRegistryA "
        ),
    }),
    "reglegacy": (4657, {
        "advapi32": (
            "RegQueryValueW RegQueryValueA RegSetValueW RegSetValueA RegQueryMultipleValuesW "
            "RegQueryMultipleValuesA "
        ),
    }),
    "regvalues": (9294, {
        "advapi32": (
            "RegQueryValueExW RegQueryValueExA RegEnumValueW RegEnumValueA RegSetValueExW RegSetValueExA "
            "RegSetKeyValueW RegSetKeyValueA RegDeleteValueW RegDeleteKeyValueW RegDeleteValueA RegDeleteKeyValueA "
        ),
    }),
    "regwatch": (1759, {
        "advapi32": "RegNotifyChangeKeyValue",
    }),
    "services": (2061, {
        "advapi32": (
            "OpenSCManagerW OpenSCManagerA StartServiceCtrlDispatcherW StartServiceCtrlDispatcherA "
            "RegisterServiceCtrlHandlerW RegisterServiceCtrlHandlerExW RegisterServiceCtrlHandlerA "
            "RegisterServiceCtrlHandlerExA SetServiceStatus CloseServiceHandle "
        ),
    }),
    "sidapi": (7431, {
        "advapi32": (
            "AllocateAndInitializeSid FreeSid InitializeSid IsValidSid EqualSid EqualPrefixSid CopySid GetLengthSid "
            "GetSidLengthRequired GetSidSubAuthority GetSidSubAuthorityCount GetSidIdentifierAuthority "
            "CreateWellKnownSid IsWellKnownSid GetWindowsAccountDomainSid EqualDomainSid ConvertSidToStringSidW "
            "ConvertSidToStringSidA ConvertStringSidToSidW ConvertStringSidToSidA "
        ),
    }),
    "tokenapi": (7688, {
        "advapi32": (
            "OpenProcessToken OpenThreadToken SetThreadToken GetTokenInformation SetTokenInformation DuplicateToken "
            "DuplicateTokenEx CheckTokenMembership IsTokenRestricted CreateRestrictedToken AdjustTokenPrivileges "
            "AdjustTokenGroups PrivilegeCheck AllocateLocallyUniqueId ImpersonateSelf ImpersonateLoggedOnUser "
        ),
    }),
    "wincrypt": (11512, {
        "advapi32": (
            "CryptAcquireContextW CryptAcquireContextA CryptReleaseContext CryptContextAddRef CryptGetProvParam "
            "CryptGenRandom CryptImportKey CryptDestroyKey CryptDecrypt! CryptDeriveKey! CryptDuplicateKey! "
            "CryptEncrypt! CryptExportKey! CryptGenKey! CryptGetKeyParam! CryptGetUserKey! CryptHashSessionKey! "
            "CryptSetKeyParam! CryptSetProvParam! CryptSignHashA! CryptSignHashW! CryptVerifySignatureA! "
            "CryptVerifySignatureW! CryptCreateHash CryptHashData CryptGetHashParam CryptSetHashParam "
            "CryptDuplicateHash CryptDestroyHash "
        ),
    }),
}  # fmt: skip

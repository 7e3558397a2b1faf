"""securitybaseapi.h and its kin: security, which ADVAPI32 has, exported by KERNELBASE (some by KERNEL32) as well."""

from .base import dll, kernelbase

_NAMES = """
    AccessCheck AddAccessAllowedAce AddAccessAllowedAceEx AddAccessDeniedAce AddAccessDeniedAceEx AddAce
    AddAuditAccessAce AddAuditAccessAceEx AddMandatoryAce AdjustTokenGroups AdjustTokenPrivileges
    AllocateAndInitializeSid AllocateLocallyUniqueId AreAllAccessesGranted AreAnyAccessesGranted
    CheckTokenMembership CopySid CreateRestrictedToken CreateWellKnownSid DeleteAce DuplicateToken DuplicateTokenEx
    EqualDomainSid EqualPrefixSid EqualSid FindFirstFreeAce FreeSid GetAce GetAclInformation GetFileSecurityA
    GetFileSecurityW GetKernelObjectSecurity GetLengthSid GetSecurityDescriptorControl GetSecurityDescriptorDacl
    GetSecurityDescriptorGroup GetSecurityDescriptorLength GetSecurityDescriptorOwner GetSecurityDescriptorSacl
    GetSidIdentifierAuthority GetSidLengthRequired GetSidSubAuthority GetSidSubAuthorityCount GetTokenInformation
    GetWindowsAccountDomainSid ImpersonateLoggedOnUser ImpersonateNamedPipeClient ImpersonateSelf InitializeAcl
    InitializeSecurityDescriptor InitializeSid IsTokenRestricted IsValidAcl IsValidSecurityDescriptor IsValidSid
    IsWellKnownSid LookupAccountNameA LookupAccountNameW LookupAccountSidA LookupAccountSidW
    LookupPrivilegeDisplayNameA LookupPrivilegeDisplayNameW LookupPrivilegeNameA LookupPrivilegeNameW
    LookupPrivilegeValueA LookupPrivilegeValueW MakeAbsoluteSD MakeSelfRelativeSD MapGenericMask OpenProcessToken
    OpenSCManagerA PrivilegeCheck RevertToSelf SetAclInformation SetFileSecurityA SetFileSecurityW
    SetKernelObjectSecurity SetSecurityDescriptorControl SetSecurityDescriptorDacl SetSecurityDescriptorGroup
    SetSecurityDescriptorOwner SetSecurityDescriptorSacl SetTokenInformation StartServiceCtrlDispatcherA
"""

for _name in ("OpenThreadToken", "SetThreadToken"):
    dll.forward(_name, f"advapi32.{_name}")
for _name in _NAMES.split():
    kernelbase.forward(_name, f"advapi32.{_name}")

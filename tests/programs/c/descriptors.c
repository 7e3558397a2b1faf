/* Access control lists and security descriptors, as structures and as text, and whom they let in. */

#include <stdio.h>
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>

#define ALL (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION)

static BYTE world[SECURITY_MAX_SID_SIZE], admins[SECURITY_MAX_SID_SIZE];

static void lists(void)
{
    _Alignas(4) BYTE room[120];
    ACL *acl = (ACL *)room;
    ACL_SIZE_INFORMATION size;
    ACCESS_ALLOWED_ACE *ace;

    printf("initialize: %d %d", InitializeAcl(acl, 7, ACL_REVISION), InitializeAcl(acl, sizeof(room), 1));
    printf(" error %lu\n", GetLastError());
    printf("initialize: %d\n", InitializeAcl(acl, sizeof(room), ACL_REVISION));
    printf("add: %d", AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_READ, world));
    printf(" %d", AddAccessDeniedAce(acl, ACL_REVISION, GENERIC_WRITE, world));
    printf(" %d\n", AddAccessAllowedAceEx(acl, ACL_REVISION, CONTAINER_INHERIT_ACE, GENERIC_ALL, admins));
    GetAclInformation(acl, &size, sizeof(size), AclSizeInformation);
    printf("size: %lu entries, %lu used, %lu free\n", size.AceCount, size.AclBytesInUse, size.AclBytesFree);
    printf("get: %d", GetAce(acl, 1, (void **)&ace));
    printf(" type %d, mask %#lx\n", ace->Header.AceType, ace->Mask);
    printf("delete: %d\n", DeleteAce(acl, 0));
    GetAce(acl, 0, (void **)&ace);
    printf("first: type %d\n", ace->Header.AceType);
    printf("last: %d", GetAce(acl, 2, (void **)&ace));
    printf(" error %lu\n", GetLastError());
    BYTE copy[64];
    DWORD length = ace->Header.AceSize;
    memcpy(copy, ace, length);
    printf("append: %d\n", AddAce(acl, ACL_REVISION, MAXDWORD, copy, length));
    GetAce(acl, 2, (void **)&ace);
    printf("last: type %d, mask %#lx, flags %d\n", ace->Header.AceType, ace->Mask, ace->Header.AceFlags);
    int count = 0;
    while (AddAccessAllowedAce(acl, ACL_REVISION, 1, world))
        count++;
    printf("full after %d: error %lu\n", count, GetLastError());
}

static void text(const char *source)
{
    PSECURITY_DESCRIPTOR made = NULL;
    ULONG size = 0;
    char *back = NULL;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(source, SDDL_REVISION_1, &made, &size)) {
        printf("'%s': error %lu\n", source, GetLastError());
        return;
    }
    ConvertSecurityDescriptorToStringSecurityDescriptorA(made, SDDL_REVISION_1, ALL, &back, NULL);
    printf("'%s': %lu bytes, valid %d, '%s'\n", source, size, IsValidSecurityDescriptor(made), back);
    LocalFree(back);
    LocalFree(made);
}

static void structures(void)
{
    SECURITY_DESCRIPTOR sd;
    _Alignas(8) BYTE room[64], relative[300], parts[4][100];
    ACL *acl = (ACL *)room, *found;
    BOOL present, defaulted;
    PSID owner;
    DWORD size = 10, sizes[5] = {0}, revision;
    SECURITY_DESCRIPTOR_CONTROL control;

    printf("revision: %d", InitializeSecurityDescriptor(&sd, 2));
    printf(" error %lu\n", GetLastError());
    InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION);
    InitializeAcl(acl, sizeof(room), ACL_REVISION);
    AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, world);
    printf("set: %d %d %d\n", SetSecurityDescriptorOwner(&sd, admins, FALSE), SetSecurityDescriptorGroup(&sd, world, TRUE),
           SetSecurityDescriptorDacl(&sd, TRUE, acl, FALSE));
    printf("pack: %d", MakeSelfRelativeSD(&sd, relative, &size));
    printf(" error %lu, %lu\n", GetLastError(), size);
    printf("pack: %d\n", MakeSelfRelativeSD(&sd, relative, &size));
    printf("length: %lu\n", GetSecurityDescriptorLength(relative));
    GetSecurityDescriptorControl(relative, &control, &revision);
    printf("control: %#x %lu\n", control, revision);
    printf("owner: %d", GetSecurityDescriptorOwner(relative, &owner, &defaulted));
    printf(" %d %d\n", EqualSid(owner, admins), defaulted);
    printf("dacl: %d", GetSecurityDescriptorDacl(relative, &present, &found, &defaulted));
    printf(" %d, %d entries, %d\n", present, found->AceCount, defaulted);
    printf("sacl: %d", GetSecurityDescriptorSacl(relative, &present, &found, &defaulted));
    printf(" %d\n", present);
    printf("control: %d", SetSecurityDescriptorControl(&sd, SE_DACL_PRESENT, 0));
    printf(" error %lu\n", GetLastError());
    printf("control: %d\n", SetSecurityDescriptorControl(&sd, SE_DACL_PROTECTED, SE_DACL_PROTECTED));
    MakeAbsoluteSD(relative, NULL, &sizes[0], NULL, &sizes[1], NULL, &sizes[2], NULL, &sizes[3], NULL, &sizes[4]);
    printf("unpack: error %lu, %d, %lu %lu %lu %lu\n", GetLastError(), sizes[0] == sizeof(sd), sizes[1], sizes[2],
           sizes[3], sizes[4]);
    printf("unpack: %d\n", MakeAbsoluteSD(relative, &sd, &sizes[0], (ACL *)parts[0], &sizes[1], (ACL *)parts[1], &sizes[2],
           parts[2], &sizes[3], parts[3], &sizes[4]));
    printf("valid: %d\n", IsValidSecurityDescriptor(&sd));
}

static void check(const char *source, DWORD wanted)
{
    GENERIC_MAPPING mapping = {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS};
    PSECURITY_DESCRIPTOR sd = NULL;
    HANDLE process, client;
    PRIVILEGE_SET set;
    DWORD size = sizeof(set), granted = 0xdead;
    BOOL status = 9;

    OpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE, &process);
    DuplicateToken(process, SecurityImpersonation, &client);
    ConvertStringSecurityDescriptorToSecurityDescriptorA(source, SDDL_REVISION_1, &sd, NULL);
    SetLastError(0);
    BOOL done = AccessCheck(sd, client, wanted, &mapping, &set, &size, &granted, &status);
    printf("%s %#lx: %d %d %#lx error %lu\n", source, wanted, done, status, granted, GetLastError());
    LocalFree(sd);
    CloseHandle(client);
    CloseHandle(process);
}

static void entries(void)
{
    EXPLICIT_ACCESSA access = {KEY_WRITE, DENY_ACCESS, NO_INHERITANCE, {NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_SID,
        TRUSTEE_IS_UNKNOWN, (char *)world}};
    ACL *first = NULL, *second = NULL;
    ACCESS_ALLOWED_ACE *ace;

    access.grfAccessMode = GRANT_ACCESS;
    printf("grant: %lu\n", SetEntriesInAclA(1, &access, NULL, &first));
    access.grfAccessMode = DENY_ACCESS;
    access.Trustee.TrusteeForm = TRUSTEE_IS_NAME;
    access.Trustee.ptstrName = "Everyone";
    printf("deny: %lu", SetEntriesInAclA(1, &access, first, &second));
    GetAce(second, 0, (void **)&ace);
    printf(" %d entries, first type %d, mask %#lx\n", second->AceCount, ace->Header.AceType, ace->Mask);
    LocalFree(second);
    access.grfAccessMode = REVOKE_ACCESS;
    printf("revoke: %lu", SetEntriesInAclA(1, &access, first, &second));
    printf(" %d entries\n", second->AceCount);
    LocalFree(second);
    access.Trustee.TrusteeForm = TRUSTEE_BAD_FORM;
    printf("bad: %lu\n", SetEntriesInAclA(1, &access, first, &second));
    LocalFree(first);
}

int main(void)
{
    DWORD size = sizeof(world);
    CreateWellKnownSid(WinWorldSid, NULL, world, &size);
    size = sizeof(admins);
    CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, admins, &size);
    lists();
    structures();
    text("O:BAG:SYD:(A;;GA;;;WD)");
    text("D:P(D;OICI;GRGW;;;S-1-5-21-1-2-3-1000)(A;ID;0x1234;;;BU)");
    text("S:(AU;SAFA;CCDC;;;WD)");
    text("D:");
    text("");
    text("D:(A;;GA;;;WD");
    text("D:(A;;ZZ;;;WD)");
    text("D:(A;;GA;;;Nobody)");
    text("X:BA");
    check("O:BAG:BAD:(A;;KR;;;WD)", KEY_READ);
    check("O:BAG:BAD:(A;;KR;;;WD)", KEY_WRITE);
    check("O:BAG:BAD:(D;;KW;;;WD)(A;;KA;;;WD)", KEY_READ);
    check("O:BAG:BAD:(D;;CC;;;WD)(A;;KA;;;WD)", KEY_READ);
    check("O:SYG:SYD:", KEY_READ);
    check("O:SYG:SY", KEY_READ);
    check("O:SYG:SYD:(A;;KR;;;WD)", GENERIC_READ);
    entries();
    return 0;
}

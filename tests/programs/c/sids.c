/* Security identifiers: making, comparing and converting them, and the accounts that every system has. */

#include <stdio.h>
#include <windows.h>
#include <sddl.h>

static void show(const char *what, PSID sid)
{
    char *text = NULL;
    if (ConvertSidToStringSidA(sid, &text))
        printf("%s: %s, %lu bytes\n", what, text, GetLengthSid(sid));
    else
        printf("%s: error %lu\n", what, GetLastError());
    LocalFree(text);
}

static void parse(const char *text)
{
    PSID sid = NULL;
    if (ConvertStringSidToSidA(text, &sid)) {
        show(text, sid);
        LocalFree(sid);
    } else
        printf("%s: error %lu\n", text, GetLastError());
}

static void making(void)
{
    SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY}, large = {{1, 2, 3, 4, 5, 6}};
    PSID admins = NULL, users = NULL;
    BYTE room[SECURITY_MAX_SID_SIZE];

    printf("allocate: %d\n", AllocateAndInitializeSid(&nt, 2, 32, 544, 0, 0, 0, 0, 0, 0, &admins));
    AllocateAndInitializeSid(&nt, 2, 32, 545, 0, 0, 0, 0, 0, 0, &users);
    show("administrators", admins);
    printf("equal: %d %d, prefix %d\n", EqualSid(admins, admins), EqualSid(admins, users), EqualPrefixSid(admins, users));
    printf("parts: %d, last %lu, authority %d\n", *GetSidSubAuthorityCount(admins), *GetSidSubAuthority(admins, 1),
           GetSidIdentifierAuthority(admins)->Value[5]);
    printf("required: %lu %lu\n", GetSidLengthRequired(0), GetSidLengthRequired(15));
    printf("copy: %d\n", CopySid(15, room, admins));
    printf("copy: %d\n", CopySid(sizeof(room), room, admins));
    room[0] = 2;
    printf("valid: %d %d\n", IsValidSid(admins), IsValidSid(room));
    SetLastError(0);
    printf("nine parts: %d", AllocateAndInitializeSid(&nt, 9, 1, 2, 3, 4, 5, 6, 7, 8, &users));
    printf(" error %lu\n", GetLastError());
    printf("initialize: %d\n", InitializeSid(room, &large, 0));
    printf("sixteen parts: %d\n", InitializeSid(room, &large, 16));
    printf("free: %d\n", FreeSid(admins) == NULL);
}

static void well_known(void)
{
    static const WELL_KNOWN_SID_TYPE kinds[] = {WinNullSid, WinWorldSid, WinCreatorOwnerSid, WinInteractiveSid,
        WinAuthenticatedUserSid, WinLocalSystemSid, WinBuiltinAdministratorsSid, WinBuiltinUsersSid,
        WinHighLabelSid, WinMediumLabelSid};
    BYTE sid[SECURITY_MAX_SID_SIZE];
    PSID domain = NULL;
    DWORD size;

    ConvertStringSidToSidA("S-1-5-21-1-2-3", &domain);
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        size = sizeof(sid);
        if (CreateWellKnownSid(kinds[i], domain, sid, &size)) {
            show("well known", sid);
            printf("  is: %d %d\n", IsWellKnownSid(sid, kinds[i]), IsWellKnownSid(sid, WinWorldSid));
        } else
            printf("%d: error %lu\n", kinds[i], GetLastError());
    }
    size = 4;
    printf("small: %d", CreateWellKnownSid(WinWorldSid, NULL, sid, &size));
    printf(" error %lu, %lu\n", GetLastError(), size);
}

static void accounts(void)
{
    static const char *names[] = {"Everyone", "NT AUTHORITY\\SYSTEM", "LocalService", "network service", "No Such Name"};
    BYTE sid[SECURITY_MAX_SID_SIZE];
    char domain[100], name[100], user[257];
    DWORD size, length, length2;
    SID_NAME_USE use;

    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size = sizeof(sid), length = sizeof(domain);
        if (!LookupAccountNameA(NULL, names[i], sid, &size, domain, &length, &use)) {
            printf("%s: error %lu\n", names[i], GetLastError());
            continue;
        }
        printf("%s: use %d, domain '%s' %lu, %lu bytes\n", names[i], use, domain, length, size);
        show("  sid", sid);
        length = sizeof(name), length2 = sizeof(domain);
        if (LookupAccountSidA(NULL, sid, name, &length, domain, &length2, &use))
            printf("  back: '%s'\n", name);
        length = 2, length2 = 0;
        if (!LookupAccountSidA(NULL, sid, name, &length, NULL, &length2, &use))
            printf("  small: error %lu, %lu\n", GetLastError(), length);
    }
    size = sizeof(user);
    printf("user: %d", GetUserNameA(user, &size));
    printf(" %d\n", size == strlen(user) + 1);
    length = 1;
    printf("small: %d", GetUserNameA(name, &length));
    printf(" error %lu, %d\n", GetLastError(), length == size);
    size = sizeof(sid), length = sizeof(domain);
    printf("its sid: %d", LookupAccountNameA(NULL, user, sid, &size, domain, &length, &use));
    length = sizeof(name), length2 = sizeof(domain);
    LookupAccountSidA(NULL, sid, name, &length, domain, &length2, &use);
    printf(" use %d, same %d\n", use, !strcmp(name, user));
}

int main(void)
{
    static const char *texts[] = {"S-1-5-32-544", "s-1-0x5-0x20", "S-1-5", "BA", "wd", "SY", "ZZ", "S-2-5-1", "S-1-5-",
        "S-1-5-x", "S-1-5-21-1-2-3-4294967295", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15"};
    making();
    for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        parse(texts[i]);
    well_known();
    accounts();
    return 0;
}

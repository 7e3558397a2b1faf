/* Access tokens: what is the same for every user. */

#include <stdio.h>
#include <windows.h>

static HANDLE token;

static void *information(TOKEN_INFORMATION_CLASS kind, const char *what)
{
    static _Alignas(8) BYTE room[4][4096];
    static int next;
    void *data = room[next++ % 4];
    DWORD needed = 0, size;

    SetLastError(0);
    BOOL done = GetTokenInformation(token, kind, NULL, 0, &needed);
    printf("%s: %d error %lu, needed %d", what, done, GetLastError(), needed > 0);
    done = GetTokenInformation(token, kind, data, sizeof(room[0]), &size);
    printf(", then %d %d\n", done, size == needed);
    return data;
}

static void asking(void)
{
    TOKEN_USER *user = information(TokenUser, "user");
    TOKEN_OWNER *owner = information(TokenOwner, "owner");
    TOKEN_GROUPS *groups = information(TokenGroups, "groups");
    BYTE everyone[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(everyone);
    int found = 0;

    printf("valid: %d %d\n", IsValidSid(user->User.Sid), IsValidSid(owner->Owner));
    CreateWellKnownSid(WinWorldSid, NULL, everyone, &size);
    for (DWORD i = 0; i < groups->GroupCount; i++)
        if (EqualSid(groups->Groups[i].Sid, everyone))
            found = groups->Groups[i].Attributes & 7;
    printf("everyone: %d\n", found);
    printf("type: %d\n", *(TOKEN_TYPE *)information(TokenType, "type"));
    TOKEN_STATISTICS *statistics = information(TokenStatistics, "statistics");
    printf("statistics: type %d, groups %d\n", statistics->TokenType, statistics->GroupCount == groups->GroupCount);
    TOKEN_DEFAULT_DACL *dacl = information(TokenDefaultDacl, "dacl");
    printf("dacl: %d\n", IsValidAcl(dacl->DefaultDacl));
    SetLastError(0);
    printf("level of a primary token: %d", GetTokenInformation(token, TokenImpersonationLevel, everyone, 4, &size));
    printf(" error %lu\n", GetLastError());
}

static void enable(const char *name, DWORD attributes)
{
    TOKEN_PRIVILEGES change = {1}, before;
    DWORD size = 0;

    if (!LookupPrivilegeValueA(NULL, name, &change.Privileges[0].Luid)) {
        printf("%s: error %lu\n", name, GetLastError());
        return;
    }
    change.Privileges[0].Attributes = attributes;
    SetLastError(0xdead);
    BOOL done = AdjustTokenPrivileges(token, FALSE, &change, sizeof(before), &before, &size);
    printf("%s (%lu): %d error %lu, %lu before\n", name, change.Privileges[0].Luid.LowPart, done, GetLastError(),
           before.PrivilegeCount);
}

static void names(void)
{
    LUID luid = {23, 0};
    char name[40];
    DWORD size = sizeof(name);

    printf("name: %d", LookupPrivilegeNameA(NULL, &luid, name, &size));
    printf(" %s %lu\n", name, size);
    size = 0;
    printf("small: %d", LookupPrivilegeNameA(NULL, &luid, name, &size));
    printf(" error %lu, %lu\n", GetLastError(), size);
    luid.LowPart = 1000;
    printf("none: %d", LookupPrivilegeNameA(NULL, &luid, name, &size));
    printf(" error %lu\n", GetLastError());
    luid.LowPart = 23;
    PRIVILEGE_SET set = {1, PRIVILEGE_SET_ALL_NECESSARY, {{luid, 0}}};
    BOOL has = FALSE;
    printf("check: %d", PrivilegeCheck(token, &set, &has));
    printf(" %d\n", has);
}

static void copies(void)
{
    HANDLE copy = NULL, other = NULL, none = NULL;
    BYTE world[SECURITY_MAX_SID_SIZE], stranger[] = {1, 1, 0, 0, 0, 0, 0, 5, 99, 0, 0, 0};
    DWORD size = sizeof(world);
    BOOL member = 2;

    printf("duplicate: %d\n", DuplicateToken(token, SecurityIdentification, &copy));
    SetLastError(0);
    printf("to more: %d", DuplicateTokenEx(copy, 0, NULL, SecurityDelegation, TokenImpersonation, &other));
    printf(" error %lu\n", GetLastError());
    CreateWellKnownSid(WinWorldSid, NULL, world, &size);
    printf("member: %d", CheckTokenMembership(copy, world, &member));
    printf(" %d\n", member);
    printf("stranger: %d", CheckTokenMembership(NULL, stranger, &member));
    printf(" %d\n", member);
    printf("primary: %d", CheckTokenMembership(token, world, &member));
    printf(" error %lu\n", GetLastError());
    printf("thread's: %d", OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &none));
    printf(" error %lu\n", GetLastError());
    printf("impersonate: %d\n", ImpersonateSelf(SecurityImpersonation));
    printf("thread's: %d\n", OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &none));
    SECURITY_IMPERSONATION_LEVEL level = 9;
    printf("level: %d", GetTokenInformation(none, TokenImpersonationLevel, &level, sizeof(level), &size));
    printf(" %d\n", level);
    printf("revert: %d\n", RevertToSelf());
    CloseHandle(none);
    printf("thread's: %d", OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &none));
    printf(" error %lu\n", GetLastError());
    CloseHandle(copy);
    printf("closed: %d", DuplicateToken(copy, SecurityIdentification, &other));
    printf(" error %lu\n", GetLastError());
}

int main(void)
{
    HANDLE weak = NULL;
    DWORD type, size;

    printf("open: %d\n", OpenProcessToken(GetCurrentProcess(), MAXIMUM_ALLOWED, &token));
    asking();
    enable("seCHANGEnotifyPRIVILEGE", 0);
    enable("SeChangeNotifyPrivilege", SE_PRIVILEGE_ENABLED);
    enable("SeNoSuchPrivilege", SE_PRIVILEGE_ENABLED);
    names();
    copies();
    OpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE, &weak);
    printf("no right to ask: %d", GetTokenInformation(weak, TokenType, &type, sizeof(type), &size));
    printf(" error %lu\n", GetLastError());
    return 0;
}

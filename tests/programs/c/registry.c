/* The registry: keys and values in both forms, sizes, types, notifications, links, and what a child process sees. */
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE "Software\\litebox registry test"

static HKEY base;

static void bytes(const void *data, DWORD size)
{
    for (DWORD i = 0; i < size; i++)
        printf(" %02x", ((const unsigned char *)data)[i]);
    printf("\n");
}

static void query(const char *name, DWORD room)
{
    unsigned char data[64];
    DWORD type = 77, size = room;
    memset(data, 0xaa, sizeof data);
    LONG status = RegQueryValueExA(base, name, NULL, &type, data, &size);
    printf("A %s in %lu: %ld type %lu size %lu:", name, room, status, status == 2 ? 0 : type, size);
    bytes(data, status ? 4 : size + 1);
    size = room;
    type = 77;
    memset(data, 0xaa, sizeof data);
    WCHAR wide[64];
    MultiByteToWideChar(CP_ACP, 0, name, -1, wide, 64);
    status = RegQueryValueExW(base, wide, NULL, &type, data, &size);
    printf("W %s in %lu: %ld type %lu size %lu:", name, room, status, status == 2 ? 0 : type, size);
    bytes(data, status ? 4 : size + 2);
}

static void values(void)
{
    static const BYTE binary[] = {1, 2, 3};
    DWORD number = 0x12345678;
    printf("set %ld", RegSetValueExA(base, "text", 0, REG_SZ, (const BYTE *)"gr\xfc\xdf", 5));
    printf(" %ld", RegSetValueExA(base, "short", 0, REG_SZ, (const BYTE *)"abc", 2)); /* no NUL just behind */
    printf(" %ld", RegSetValueExA(base, "behind", 0, REG_SZ, (const BYTE *)"abc", 3)); /* one just behind */
    printf(" %ld", RegSetValueExW(base, L"list", 0, REG_MULTI_SZ, (const BYTE *)L"a\0bc\0", 12));
    printf(" %ld", RegSetValueExA(base, "binary", 0, REG_BINARY, binary, sizeof binary));
    printf(" %ld", RegSetValueExA(base, "number", 0, REG_DWORD, (const BYTE *)&number, 4));
    printf(" %ld", RegSetValueExA(base, "own", 0, 0x1234, binary, 1));
    printf(" %ld", RegSetValueExA(base, "empty", 0, REG_SZ, NULL, 0));
    printf(" %ld\n", RegSetValueExA(base, "wild", 0, REG_EXPAND_SZ, (const BYTE *)"%NAME%-%none%", 14));
    static const char *const names[] = {"text", "short", "behind", "list", "binary", "number", "own", "empty", "none"};
    for (int i = 0; i < 9; i++)
        for (DWORD room = 0; room <= 32; room += i == 8 ? 32 : 4)
            if (room < 20 || room == 32)
                query(names[i], room);
    DWORD size = 5, type = 9;
    printf("size only %ld", RegQueryValueExA(base, "text", NULL, &type, NULL, &size));
    printf(" %lu %lu", type, size);
    printf(" no size %ld", RegQueryValueExA(base, "text", NULL, NULL, (BYTE *)&type, NULL));
    printf(" nothing %ld", RegQueryValueExA(base, "text", NULL, NULL, NULL, NULL));
    printf(" reserved %ld\n", RegQueryValueExA(base, "text", (DWORD *)&type, NULL, NULL, NULL));
}

static void get(const char *name, DWORD flags, DWORD room)
{
    char data[64];
    DWORD type = 77, size = room;
    memset(data, 0xaa, sizeof data);
    LONG status = RegGetValueA(HKEY_CURRENT_USER, BASE, name, flags, &type, data, &size);
    printf("get %s %#lx in %lu: %ld type %lu size %lu:", name, flags, room, status, status == 2 ? 0 : type, size);
    bytes(data, 6);
}

static void typed(void)
{
    SetEnvironmentVariableA("NAME", "value");
    get("text", RRF_RT_REG_SZ, 64);
    get("text", RRF_RT_REG_DWORD, 64);
    get("text", RRF_RT_REG_DWORD | RRF_ZEROONFAILURE, 64);
    get("text", RRF_RT_ANY, 2);
    get("number", RRF_RT_DWORD, 64);
    get("binary", RRF_RT_DWORD, 64);
    get("binary", RRF_RT_QWORD, 64);
    get("wild", RRF_RT_REG_SZ, 64);
    get("wild", RRF_RT_REG_EXPAND_SZ, 64);
    get("wild", RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, 64);
    get("none", RRF_RT_ANY | RRF_ZEROONFAILURE, 64);
}

static int compare(const void *one, const void *other) { return strcmp(one, other); }

static void enumerate(void)
{
    char name[32], class[32], rows[20][64];
    DWORD count = 0;
    LONG status;
    for (;; count++) { /* Windows has them in order of creation, Wine by name */
        DWORD type, length = sizeof name, size = 0;
        status = RegEnumValueA(base, count, name, &length, NULL, &type, NULL, &size);
        if (status)
            break;
        sprintf(rows[count], "%s %lu %lu %lu", name, length, type, size);
    }
    qsort(rows, count, sizeof rows[0], compare);
    for (DWORD i = 0; i < count; i++)
        printf("value %s\n", rows[i]);
    DWORD length = 3, size = 3;
    printf("end %ld small %ld", status, RegEnumValueA(base, 0, name, &length, NULL, NULL, NULL, &size));
    printf(" %lu\n", length);
    HKEY key;
    DWORD how = 9;
    static const char *const below[] = {"beta", "Alpha", "gamma", "beta\\deep", "ALPHA"};
    for (int i = 0; i < 5; i++) {
        printf("create %ld", RegCreateKeyExA(base, below[i], 0, i ? NULL : "kind", 0, KEY_READ, NULL, &key, &how));
        printf(" %lu; ", how);
        RegCloseKey(key);
    }
    for (DWORD i = 0; i < 5; i++) {
        DWORD room = sizeof name, other = sizeof class;
        FILETIME time;
        status = RegEnumKeyExA(base, i, name, &room, NULL, class, &other, &time);
        printf("\nkey %lu: %ld", i, status);
        if (status)
            break;
        printf(" %s %lu '%s' %lu %d", name, room, class, other, time.dwHighDateTime > 0x1d00000);
    }
    length = 4;
    printf("\nsmall %ld %lu", RegEnumKeyExA(base, 0, name, &length, NULL, NULL, NULL, NULL), length);
    printf(" %ld", RegEnumKeyA(base, 0, name, 5));
    DWORD counts[6];
    printf("\ninfo %ld", RegQueryInfoKeyW(base, NULL, NULL, NULL, counts, counts + 1, counts + 2, counts + 3,
                                          counts + 4, counts + 5, NULL, NULL));
    printf(" keys %lu longest %lu class %lu values %lu longest %lu data %lu\n", counts[0], counts[1], counts[2],
           counts[3], counts[4], counts[5]);
}

static void wrong(void)
{
    HKEY key = (HKEY)77;
    printf("missing %ld", RegOpenKeyExA(base, "none", 0, KEY_READ, &key));
    printf(" %d", key == NULL);
    printf(" backslash %ld", RegOpenKeyExA(HKEY_CURRENT_USER, "\\Software", 0, KEY_READ, &key));
    printf(" behind %ld", RegOpenKeyExA(HKEY_CURRENT_USER, "Software\\", 0, KEY_READ, &key));
    RegCloseKey(key);
    printf(" root %ld", RegOpenKeyExA(HKEY_CURRENT_USER, NULL, 0, KEY_READ, &key));
    printf(" %d", key == HKEY_CURRENT_USER);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    printf(" an event %ld", RegOpenKeyExA((HKEY)event, "beta", 0, KEY_READ, &key));
    printf(" no handle %ld", RegCloseKey((HKEY)0x123450));
    printf(" zero %ld", RegCloseKey(NULL));
    printf(" predefined %ld\n", RegCloseKey(HKEY_LOCAL_MACHINE));
    RegOpenKeyExA(base, "beta", 0, KEY_READ, &key);
    printf("read only: set %ld", RegSetValueExA(key, "x", 0, REG_SZ, (const BYTE *)"", 1));
    printf(" delete value %ld\n", RegDeleteValueA(key, "x"));
    RegCloseKey(key);
    printf("delete: with keys %ld", RegDeleteKeyA(base, "beta"));
    printf(" none %ld", RegDeleteKeyA(base, "none"));
    printf(" value %ld", RegDeleteValueA(base, "own"));
    printf(" again %ld", RegDeleteValueA(base, "own"));
    RegOpenKeyExA(base, "gamma", 0, KEY_ALL_ACCESS, &key);
    printf(" gamma %ld", RegDeleteKeyA(base, "gamma"));
    DWORD size = 4;
    printf(" then set %ld", RegSetValueExA(key, "x", 0, REG_SZ, (const BYTE *)"", 1));
    printf(" ask %ld", RegQueryValueExA(key, "x", NULL, NULL, NULL, &size));
    printf(" close %ld\n", RegCloseKey(key));
    CloseHandle(event);
}

static void notified(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HKEY key, below;
    RegOpenKeyExA(base, "beta", 0, KEY_ALL_ACCESS, &key);
    DWORD filter = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
    printf("watch %ld", RegNotifyChangeKeyValue(key, FALSE, filter, event, TRUE));
    printf(" %lu", WaitForSingleObject(event, 0));
    RegOpenKeyExA(key, "deep", 0, KEY_ALL_ACCESS, &below);
    RegSetValueExA(below, "x", 0, REG_SZ, (const BYTE *)"", 1);
    printf(" below %lu", WaitForSingleObject(event, 0));
    RegSetValueExA(key, "x", 0, REG_SZ, (const BYTE *)"", 1);
    printf(" here %lu", WaitForSingleObject(event, 1000));
    printf(" again %ld", RegNotifyChangeKeyValue(key, FALSE, filter, event, TRUE));
    printf(" %lu", WaitForSingleObject(event, 0));
    RegCloseKey(key);
    printf(" closed %lu", WaitForSingleObject(event, 1000));
    RegOpenKeyExA(base, "beta", 0, KEY_ALL_ACCESS, &key);
    ResetEvent(event);
    printf(" tree %ld", RegNotifyChangeKeyValue(key, TRUE, filter, event, TRUE));
    RegDeleteValueA(below, "x");
    printf(" %lu\n", WaitForSingleObject(event, 1000));
    RegCloseKey(below);
    RegCloseKey(key);
    CloseHandle(event);
}

static void child(const char *program)
{
    char line[MAX_PATH + 20], answer[32] = "";
    STARTUPINFOA startup = {sizeof startup};
    PROCESS_INFORMATION info;
    DWORD size = sizeof answer;
    RegSetKeyValueA(base, "shared", "from parent", REG_SZ, "hello", 6);
    snprintf(line, sizeof line, "\"%s\" child", program);
    fflush(stdout);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info)) {
        printf("no child: %lu\n", GetLastError());
        return;
    }
    WaitForSingleObject(info.hProcess, INFINITE);
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
    LONG status = RegGetValueA(base, "shared", "from child", RRF_RT_REG_SZ, NULL, answer, &size);
    printf("the child said: %ld %s", status, answer);
    printf("; it deleted: %ld\n", RegGetValueA(base, "shared", "from parent", RRF_RT_ANY, NULL, NULL, NULL));
}

static int in_child(void)
{
    char text[32] = "";
    DWORD size = sizeof text;
    HKEY key;
    LONG status = RegOpenKeyExA(HKEY_CURRENT_USER, BASE "\\shared", 0, KEY_ALL_ACCESS, &key);
    printf("in the child: %ld", status);
    status = RegGetValueA(key, NULL, "from parent", RRF_RT_REG_SZ, NULL, text, &size);
    printf(" %ld %s", status, text);
    printf(" %ld", RegSetValueExA(key, "from child", 0, REG_SZ, (const BYTE *)"good day", 9));
    printf(" %ld\n", RegDeleteValueA(key, "from parent"));
    return 0;
}

static void links(void)
{
    static const WCHAR target[] = L"\\Registry\\Machine\\Software";
    HKEY key, through;
    DWORD type, size;
    printf("link %ld", RegCreateKeyExA(base, "link", 0, NULL, REG_OPTION_CREATE_LINK | REG_OPTION_VOLATILE,
                                       KEY_ALL_ACCESS, NULL, &key, NULL));
    printf(" target %ld", RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)target,
                                         sizeof target - sizeof(WCHAR)));
    printf(" through %ld", RegOpenKeyExA(base, "link\\Microsoft\\Windows NT\\CurrentVersion", 0, KEY_READ, &through));
    printf(" %ld", RegQueryValueExA(through, "CurrentBuildNumber", NULL, &type, NULL, &size));
    printf(" %lu", type);
    RegCloseKey(through);
    printf(" itself %ld", RegOpenKeyExA(base, "link", REG_OPTION_OPEN_LINK, KEY_READ, &through));
    printf(" %ld", RegQueryValueExA(through, "SymbolicLinkValue", NULL, &type, NULL, &size));
    printf(" %lu %lu\n", type, size);
    RegCloseKey(through);
    NTSTATUS (NTAPI *delete)(HANDLE) = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtDeleteKey");
    printf("gone %#lx\n", delete(key));
    RegCloseKey(key);
}

/* What the tests of the command line ask for: one value is set, got, or deleted with its key. */
static int one(int argc, char **argv)
{
    char text[64] = "";
    DWORD size = sizeof text;
    LONG status;
    if (!strcmp(argv[1], "set"))
        status = RegSetKeyValueA(HKEY_CURRENT_USER, argv[2], argv[3], REG_SZ, argv[4], strlen(argv[4]) + 1);
    else if (!strcmp(argv[1], "delete"))
        status = RegDeleteTreeA(HKEY_CURRENT_USER, argv[2]);
    else
        status = RegGetValueA(HKEY_CURRENT_USER, argv[2], argv[3], RRF_RT_REG_SZ, NULL, text, &size);
    printf("%ld %s\n", status, text);
    return status;
}

static int in_another(int argc, char **argv)
{
    char line[MAX_PATH + 200];
    STARTUPINFOA startup = {sizeof startup};
    PROCESS_INFORMATION info;
    DWORD code;
    sprintf(line, "\"%s\"", argv[0]);
    for (int i = 2; i < argc; i++)
        sprintf(line + strlen(line), " \"%s\"", argv[i]);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info))
        return 99;
    WaitForSingleObject(info.hProcess, INFINITE);
    GetExitCodeProcess(info.hProcess, &code);
    return code;
}

int main(int argc, char **argv)
{
    DWORD how;
    if (argc > 2)
        return strcmp(argv[1], "start") ? one(argc, argv) : in_another(argc, argv);
    if (argc > 1)
        return in_child();
    RegDeleteTreeA(HKEY_CURRENT_USER, BASE);
    printf("base %ld", RegCreateKeyExA(HKEY_CURRENT_USER, BASE, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &base, &how));
    printf(" %lu\n", how);
    values();
    typed();
    enumerate();
    wrong();
    notified();
    links();
    child(argv[0]);
    printf("copy %ld", RegCreateKeyExA(base, "copy", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &base, NULL));
    HKEY key;
    RegOpenKeyExA(HKEY_CURRENT_USER, BASE "\\beta", 0, KEY_READ, &key);
    printf(" %ld", RegCopyTreeA(key, NULL, base));
    RegCloseKey(key);
    printf(" %ld\n", RegOpenKeyExA(HKEY_CURRENT_USER, BASE "\\copy\\deep", 0, KEY_READ, &key));
    printf("all %ld", RegDeleteTreeA(HKEY_CURRENT_USER, BASE));
    printf(" %ld\n", RegOpenKeyExA(HKEY_CURRENT_USER, BASE, 0, KEY_READ, &key));
    return 0;
}

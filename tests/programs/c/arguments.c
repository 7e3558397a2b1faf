/* Arguments and environment, as C and as Windows see them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static void show_windows(const char *name)
{
    char value[64];
    SetLastError(0xDEAD);
    DWORD length = GetEnvironmentVariableA(name, value, sizeof value);
    if (length == 0)
        printf("%s: none, error %lu\n", name, GetLastError());
    else if (length >= sizeof value)
        printf("%s: %lu characters with the NUL\n", name, length);
    else
        printf("%s=%s (%lu)\n", name, value, length);
}

int main(int argc, char **argv)
{
    printf("%d arguments\n", argc);
    for (int i = 1; i < argc; i++) {
        printf("%d: [%s]", i, argv[i]);
        for (const unsigned char *c = (const unsigned char *)argv[i]; *c; c++)
            if (*c > 126)
                printf(" %02x", *c);
        puts("");
    }
    printf("argv[argc] is %s\n", argv[argc] ? "something" : "NULL");
    const char *line = GetCommandLineA();
    const wchar_t *wide = GetCommandLineW();
    printf("command line: %d\n", strlen(line) > 0 && wcslen(wide) > 0);

    const char *given = getenv("SAMPLE_VALUE");
    printf("SAMPLE_VALUE: %s\n", given ? given : "(not set)");
    printf("upper and lower case are one: %d\n", (getenv("sample_value") == NULL) == (given == NULL));
    show_windows("SAMPLE_VALUE");
    show_windows("NO_SUCH_VARIABLE_HERE");

    printf("putenv %d\n", _putenv("MADE=here"));
    printf("MADE in C: %s\n", getenv("MADE"));
    show_windows("MADE");
    printf("set %d\n", SetEnvironmentVariableA("MADE", "elsewhere"));
    show_windows("MADE");
    printf("remove %d\n", SetEnvironmentVariableA("MADE", NULL));
    show_windows("MADE");
    printf("putenv to nothing %d", _putenv("MADE="));
    printf(": %s\n", getenv("MADE") ? "still there" : "gone");

    char long_value[300];
    memset(long_value, 'x', 299);
    long_value[299] = 0;
    SetEnvironmentVariableA("LONG", long_value);
    show_windows("LONG");
    char expanded[64];
    SetEnvironmentVariableA("A", "one");
    DWORD size = ExpandEnvironmentStringsA("<%A%> <%NOT_THERE%> 100%", expanded, sizeof expanded);
    printf("expanded: %s (%lu)\n", expanded, size);
    size = ExpandEnvironmentStringsW(L"%A%%A%", NULL, 0);
    printf("expanded size: %lu\n", size);

    wchar_t *block = GetEnvironmentStringsW();
    int found = 0;
    for (wchar_t *entry = block; *entry; entry += wcslen(entry) + 1)
        if (!wcscmp(entry, L"A=one"))
            found++;
    printf("found in the block: %d, freed: %d\n", found, FreeEnvironmentStringsW(block));
    return argc;
}

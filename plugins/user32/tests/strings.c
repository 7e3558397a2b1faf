/* Loads strings of its own table. The exit code is the line of the first claim that is wrong, or 0.
   x86_64-w64-mingw32-windres strings.rc strings.o && x86_64-w64-mingw32-gcc -Os -s -o strings.exe strings.c strings.o -luser32 */
#include <windows.h>

#define CLAIM(what) do { if (!(what)) ExitProcess(__LINE__); } while (0)

int main(void)
{
    char narrow[16];
    WCHAR wide[16], *place = NULL;
    CLAIM(LoadStringA(NULL, 1, narrow, 16) == 3 && !lstrcmpA(narrow, "one"));
    CLAIM(LoadStringW(GetModuleHandleA(NULL), 17, wide, 16) == 4 && !lstrcmpW(wide, L"caf\xe9"));
    CLAIM(LoadStringA(NULL, 17, narrow, 16) == 4 && !lstrcmpA(narrow, "caf\xe9"));
    CLAIM(LoadStringA(NULL, 1, narrow, 3) == 2 && !lstrcmpA(narrow, "on"));
    CLAIM(LoadStringW(NULL, 1, (WCHAR *)&place, 0) == 3 && place[0] == 'o' && place[2] == 'e');
    CLAIM(LoadStringA(NULL, 2, narrow, 16) == 0);
    SetLastError(0);
    CLAIM(LoadStringA(NULL, 40, narrow, 16) == 0 && GetLastError() == ERROR_RESOURCE_NAME_NOT_FOUND);
    return 0;
}

/* What a console program asks of USER32: a string resource, casing, a question; and it waits for a minute. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    char text[64];
    WCHAR name[] = L"gr\u00fc\u00dfe";
    const WCHAR *inside;
    int length;
    if (!LoadStringA(NULL, 1, text, sizeof text)) {
        printf("no string: error %lu\n", GetLastError());
        return 1;
    }
    puts(text);
    printf("%d characters where they lie\n", LoadStringW(NULL, 1, (LPWSTR)&inside, 0));
    length = LoadStringA(NULL, 99, text, sizeof text);
    printf("string 99: %d, error %lu\n", length, GetLastError());
    CharUpperW(name);
    printf("%04x %04x\n", name[2], name[3]);
    Sleep(60000);
    return MessageBoxA(NULL, "Go on?", "greeting", MB_YESNO | MB_DEFBUTTON2) == IDYES ? 0 : 3;
}

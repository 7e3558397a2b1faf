/* Measures locale data of the running Windows.
   Build: x86_64-w64-mingw32-gcc -O1 -o probe_locales.exe probe_locales.c
   Run:   probe_locales.exe > OUTPUT      (read by gen_locales.py; UTF-8)

   locale NAME LCID                  every locale EnumSystemLocalesEx lists
   info NAME LCTYPE number N         GetLocaleInfoEx with LOCALE_RETURN_NUMBER
   info NAME LCTYPE text TEXT        without; tabs, CR, LF and backslashes in TEXT as \uXXXX */
#include <stdio.h>
#include <windows.h>

static void put(const WCHAR *s)
{
    for (; *s; s++)
    {
        char utf8[16] = { 0 };
        WCHAR pair[3] = { s[0], 0, 0 };
        if (*s < 0x20 || *s == '\\') { printf("\\u%04x", *s); continue; }
        if (*s >= 0xd800 && *s < 0xdc00) pair[1] = *++s;
        WideCharToMultiByte(CP_UTF8, 0, pair, -1, utf8, sizeof(utf8), NULL, NULL);
        fputs(utf8, stdout);
    }
}

static WCHAR names[1000][LOCALE_NAME_MAX_LENGTH];
static int count;

static BOOL CALLBACK list(WCHAR *name, DWORD flags, LPARAM param)
{
    if (count < 1000) wcscpy(names[count++], name);
    printf("locale\t");
    put(name);
    printf("\t%04lx\n", LocaleNameToLCID(name, LOCALE_ALLOW_NEUTRAL_NAMES));
    return TRUE;
}

int main(void)
{
    EnumSystemLocalesEx(list, LOCALE_ALL, 0, NULL);
    for (int n = 0; n < count; n++)
        for (DWORD type = 1; type < 0x1100; type++)
        {
            WCHAR buf[512];
            DWORD number;
            if (GetLocaleInfoEx(names[n], type | LOCALE_RETURN_NUMBER, (WCHAR *)&number, 2))
            {
                printf("info\t");
                put(names[n]);
                printf("\t%lx\tnumber\t%lx\n", type, number);
            }
            if (!GetLocaleInfoEx(names[n], type, buf, 512)) continue;
            if (type == 0x58) buf[0] = 0; /* LOCALE_FONTSIGNATURE is not text */
            printf("info\t");
            put(names[n]);
            printf("\t%lx\ttext\t", type);
            put(buf);
            putchar('\n');
        }
    return 0;
}

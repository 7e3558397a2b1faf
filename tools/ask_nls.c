/* Answers questions about text on the running Windows, one per line of the standard input; the referee for nls.
   Build: x86_64-w64-mingw32-gcc -O1 -o ask_nls.exe ask_nls.c -lnormaliz
   Flags and numbers are hexadecimal, text is hexadecimal digits ("-" is empty): four per UTF-16 unit, two per byte.
     mb PAGE FLAGS BYTES     MultiByteToWideChar: error, units
     wc PAGE FLAGS UNITS     WideCharToMultiByte: error, used default char, bytes
     cmp FLAGS UNITS UNITS   CompareStringEx for the invariant locale
     key FLAGS UNITS         LCMapStringEx LCMAP_SORTKEY
     map FLAGS UNITS         LCMapStringEx
     fold FLAGS UNITS        FoldStringW
     norm FORM UNITS         IsNormalizedString, error, NormalizeString
     toascii FLAGS UNITS     IdnToAscii: error, units
     tounicode FLAGS UNITS   IdnToUnicode: error, units */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winnls.h>

#define MAX 4096

static int units(const char *hex, WCHAR *out)
{
    int n = 0;
    if (hex[0] == '-') return 0;
    for (; hex[0] && n < MAX; hex += 4)
    {
        char four[5] = { hex[0], hex[1], hex[2], hex[3], 0 };
        out[n++] = (WCHAR)strtoul(four, NULL, 16);
    }
    return n;
}

static int bytes(const char *hex, BYTE *out)
{
    int n = 0;
    if (hex[0] == '-') return 0;
    for (; hex[0] && n < MAX; hex += 2)
    {
        char two[3] = { hex[0], hex[1], 0 };
        out[n++] = (BYTE)strtoul(two, NULL, 16);
    }
    return n;
}

static void put_units(const WCHAR *s, int n)
{
    if (n <= 0) putchar('-');
    for (int i = 0; i < n; i++) printf("%04x", s[i]);
    putchar('\n');
}

static void put_bytes(const BYTE *s, int n)
{
    if (n <= 0) putchar('-');
    for (int i = 0; i < n; i++) printf("%02x", s[i]);
    putchar('\n');
}

int main(void)
{
    static char line[65536], command[32], x[32768], y[32768], z[32768];
    static WCHAR a[MAX], b[MAX], out[MAX * 8];
    static BYTE raw[MAX * 8];
    while (fgets(line, sizeof(line), stdin))
    {
        int n, m;
        DWORD flags;
        BOOL used = FALSE;
        if (sscanf(line, "%31s %32767s %32767s %32767s", command, x, y, z) < 3) continue;
        flags = strtoul(x, NULL, 16);
        SetLastError(0);
        if (!strcmp(command, "mb"))
        {
            n = bytes(z, raw);
            n = MultiByteToWideChar(flags, strtoul(y, NULL, 16), (char *)raw, n, out, MAX * 8);
            printf("%lu ", n ? 0 : GetLastError());
            put_units(out, n);
        }
        else if (!strcmp(command, "wc"))
        {
            n = units(z, a);
            n = WideCharToMultiByte(flags, strtoul(y, NULL, 16), a, n, (char *)raw, MAX * 8, NULL,
                                    flags == CP_UTF7 || flags == CP_UTF8 ? NULL : &used);
            printf("%lu %d ", n ? 0 : GetLastError(), used);
            put_bytes(raw, n);
        }
        else if (!strcmp(command, "cmp"))
        {
            n = units(y, a);
            m = units(z, b);
            printf("%d\n", CompareStringEx(L"", flags, a, n, b, m, NULL, NULL, 0));
        }
        else if (!strcmp(command, "key"))
        {
            n = units(y, a);
            n = LCMapStringEx(L"", LCMAP_SORTKEY | flags, a, n, (WCHAR *)raw, sizeof(raw), NULL, NULL, 0);
            put_bytes(raw, n);
        }
        else if (!strcmp(command, "map"))
        {
            n = units(y, a);
            n = LCMapStringEx(L"en-US", flags, a, n, out, MAX * 8, NULL, NULL, 0);
            put_units(out, n);
        }
        else if (!strcmp(command, "fold"))
        {
            n = units(y, a);
            n = FoldStringW(flags, a, n, out, MAX * 8);
            put_units(out, n);
        }
        else if (!strcmp(command, "norm"))
        {
            BOOL is;
            n = units(y, a);
            is = IsNormalizedString(flags, a, n);
            SetLastError(0);
            n = NormalizeString(flags, a, n, out, MAX * 8);
            printf("%d %lu ", is, n > 0 ? 0 : GetLastError());
            put_units(out, n);
        }
        else if (!strcmp(command, "toascii") || !strcmp(command, "tounicode"))
        {
            n = units(y, a);
            n = (command[2] == 'a' ? IdnToAscii : IdnToUnicode)(flags, a, n, out, MAX * 8);
            printf("%lu ", n > 0 ? 0 : GetLastError());
            put_units(out, n);
        }
        fflush(stdout);
    }
    return 0;
}

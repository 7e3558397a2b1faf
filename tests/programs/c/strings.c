/* Strings of the C run-time and of Windows, code pages, character types. */
#define __USE_MINGW_ANSI_STDIO 0  /* the formats of msvcrt, not those of the compiler */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static int sign(int x) { return (x > 0) - (x < 0); }

static void bytes(const char *title, const void *data, int n)
{
    printf("%s:", title);
    for (int i = 0; i < n; i++)
        printf(" %02x", ((const unsigned char *)data)[i]);
    puts("");
}

static void c_strings(void)
{
    char buffer[64], *context;
    strcpy(buffer, "alpha,beta;gamma");
    strcat(buffer, "!");
    printf("%s %d\n", buffer, (int)strlen(buffer));
    printf("%d %d %d %d\n", sign(strcmp("a", "b")), sign(strcmp("b", "a")), sign(strncmp("abc", "abd", 2)),
           sign(strcmp("\xe9", "z")));
    printf("%d %d %d\n", sign(_stricmp("HeLLo", "hEllO")), sign(_strnicmp("abX", "ABy", 2)), sign(memcmp("a\0c", "a\0b", 3)));
    printf("%s %s %s %s\n", strchr("hello", 'l'), strrchr("hello", 'l'), strstr("hello", "ell"), strpbrk("hello", "xol"));
    printf("%d %d %s\n", (int)strspn("aabbc", "ab"), (int)strcspn("aabbc", "c"), strstr("hello", "z") ? "found" : "none");
    for (char *token = strtok(buffer, ",;"); token; token = strtok(NULL, ",;"))
        printf("[%s]", token);
    strcpy(buffer, "x--y-z");
    for (char *token = strtok_s(buffer, "-", &context); token; token = strtok_s(NULL, "-", &context))
        printf("(%s)", token);
    memset(buffer, '#', 10);
    strncpy(buffer, "abc", 6);
    puts("");
    bytes("strncpy", buffer, 8);
    memmove(buffer + 1, buffer, 3);
    bytes("memmove", buffer, 6);
    char *copy = _strdup("copied");
    printf("%s", _strupr(copy));
    printf(" %s", _strlwr(copy));
    printf(" %s", _strrev(copy));
    printf(" %s\n", (char *)memchr("abc", 'b', 3));
    free(copy);
    wchar_t wide[32];
    wcscpy(wide, L"wide");
    wcscat(wide, L" text");
    printf("%d %d %ls %ls\n", (int)wcslen(wide), sign(wcscmp(L"a", L"b")), wcschr(wide, L't'), wcsstr(wide, L"de"));
    printf("%d %d %d %d\n", isalpha('x') != 0, isdigit('x') != 0, toupper('q'), tolower('Q'));
    printf("%d %d %d %d\n", isspace('\t') != 0, ispunct('!') != 0, isxdigit('g') != 0, iscntrl(7) != 0);
    char *end;
    long number = strtol("  -42abc", &end, 10);
    printf("%ld %ld %ld %s\n", number, strtol("0x1f", NULL, 0), strtol("077", NULL, 0), end);
    errno = 0;
    number = strtol("99999999999", NULL, 10);
    printf("%ld %d\n", number, errno == ERANGE);
    printf("%lu %I64d %I64u\n", strtoul("4294967295", NULL, 10), _strtoi64("-9223372036854775808", NULL, 10),
           _strtoui64("ffffffffffffffff", NULL, 16));
    double real = strtod("1.5e3x", &end);
    printf("%g %g %s\n", real, atof("-0.25"), end);
    printf("%d %s", atoi("12z"), _itoa(-255, buffer, 16));
    printf(" %s", _itoa(255, buffer, 2));
    printf(" %s\n", _ultoa(42, buffer, 10));
}

static void convert(UINT page, DWORD flags, const char *text, int length)
{
    wchar_t wide[32] = {0};
    char back[64] = {0};
    BOOL used = -1;
    SetLastError(0);
    int n = MultiByteToWideChar(page, flags, text, length, wide, 32);
    printf("%u: %d, error %lu", page, n, GetLastError());
    bytes("", wide, n * 2);
    SetLastError(0);
    int m = WideCharToMultiByte(page, 0, wide, n, back, sizeof back, NULL, page == CP_UTF8 ? NULL : &used);
    printf("  back %d, error %lu, default used %d", m, GetLastError(), used);
    bytes("", back, m);
}

static void windows_strings(void)
{
    convert(CP_UTF8, 0, "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", -1);
    convert(CP_UTF8, 0, "\xff\xc3(", 3);
    convert(CP_UTF8, MB_ERR_INVALID_CHARS, "\xff", 1);
    convert(1252, 0, "\x80\xe9\x81", 3);
    convert(437, 0, "\x80\xe1\xff", 3);
    convert(932, 0, "\x82\xa0\x41", 3);
    convert(12345, 0, "abc", 3);
    char narrow[16];
    BOOL used = 0;
    int n = WideCharToMultiByte(1252, 0, L"a\x4e2d\x20ac", -1, narrow, sizeof narrow, "*", &used);
    bytes("default character", narrow, n);
    printf("used %d\n", used);
    SetLastError(0);
    n = WideCharToMultiByte(CP_UTF8, 0, L"abcdef", -1, narrow, 3, NULL, NULL);
    printf("too small: %d, error %lu\n", n, GetLastError());
    printf("needed: %d\n", WideCharToMultiByte(CP_UTF8, 0, L"\x20ac", -1, NULL, 0, NULL, NULL));
    printf("lstrlen %d %d, lstrcmpi %d\n", lstrlenA("four"), lstrlenW(L"seven77"), sign(lstrcmpiA("ABC", "abd")));
    wchar_t upper[] = L"stra\x00df" L"e \x00e9\x044f";
    printf("LCMap %d\n", LCMapStringW(LOCALE_INVARIANT, LCMAP_UPPERCASE, upper, -1, upper, 16));
    bytes("upper", upper, sizeof upper);
    printf("compare %d %d %d\n", CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, L"abc", -1, L"ABC", -1),
           CompareStringW(LOCALE_INVARIANT, 0, L"a", -1, L"B", -1), CompareStringOrdinal(L"a", -1, L"B", -1, FALSE));
    WORD types[3];
    GetStringTypeW(CT_CTYPE1, L"a1 ", 3, types);
    printf("types %x %x %x\n", types[0], types[1], types[2]);
    printf("valid page %d %d, lead byte %d\n", IsValidCodePage(1252), IsValidCodePage(9), IsDBCSLeadByteEx(932, 0x82));
}

int main(void)
{
    c_strings();
    windows_strings();
    return 0;
}

/* Strings, numbers, sorting, jumps and dates; exits with the number of failed checks. Passes on Windows and Wine. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <mbstring.h>
#include <process.h>
#include <search.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <windows.h>

static int failed;
#define CHECK(what) do { if (!(what)) { printf("%d: %s\n", __LINE__, #what); failed++; } } while (0)

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static jmp_buf place;
static void jump(int depth) { if (depth) jump(depth - 1); else longjmp(place, 7); }

static volatile LONG ran;
static unsigned __stdcall thread(void *argument) { ran = *(int *)argument; return 5; }

int main(void)
{
    char text[64], *end;
    wchar_t wide[64];
    int numbers[200], i, key = 77;
    volatile double minus = -1.0, zero = 0.0;

    strcpy(text, "one,two;;three");
    CHECK(!strcmp(strtok(text, ",;"), "one") && !strcmp(strtok(NULL, ",;"), "two"));
    CHECK(!strcmp(strtok(NULL, ",;"), "three") && !strtok(NULL, ",;"));
    CHECK(strcmp("a", "b") == -1 && _stricmp("ABC", "abc") == 0 && _strnicmp("abX", "ABy", 2) == 0);
    CHECK(wcscmp(L"\xffff", L"\xd83d\xde00") == 1);
    strcpy(text, "Hello");
    CHECK(!strcmp(_strrev(text), "olleH") && !strcmp(_strupr(text), "OLLEH"));
    CHECK(strspn("aab", "a") == 2 && strcspn("xyz", "z") == 2 && strpbrk("abc", "cb")[0] == 'b');

    errno = 0;
    CHECK(strtol("-0x1Fz", &end, 0) == -31 && *end == 'z' && !errno);
    CHECK(strtol("99999999999", NULL, 10) == LONG_MAX && errno == ERANGE);
    CHECK(strtoul("-1", NULL, 10) == ULONG_MAX && _strtoui64("18446744073709551615", NULL, 10) == ~0ULL);
    CHECK(strtod("1.5e3x", &end) == 1500.0 && *end == 'x' && atoi(" 42 ") == 42);
    CHECK(!strcmp(_itoa(-255, text, 16), "ffffff01") && !wcscmp(_itow(-5, wide, 10), L"-5"));

    srand(1);
    CHECK(rand() == 41 && rand() == 18467);
    for (i = 0; i < 200; i++) numbers[i] = (i * 77) % 199;
    qsort(numbers, 200, sizeof(int), by_value);
    for (i = 1; i < 200; i++) CHECK(numbers[i - 1] <= numbers[i]);
    CHECK(*(int *)bsearch(&key, numbers, 200, sizeof(int), by_value) == 77);

    i = setjmp(place);
    if (!i) jump(10);
    CHECK(i == 7);

    errno = 0;
    CHECK(_isnan(sqrt(minus)) && errno == EDOM);
    CHECK(log(zero) == -HUGE_VAL && errno == ERANGE);
    CHECK(pow(2.0, 0.5) == sqrt(2.0) && fmod(5.5, 2.0) == 1.5 && floor(-0.5) == -1.0);

    CHECK(!isalpha(0xE9) && iswalpha(0xE9) && toupper('z') == 'Z' && towupper(0xE9) == 0xE9);
    CHECK(!strcmp(setlocale(LC_ALL, NULL), "C"));
    CHECK(!strcmp(setlocale(LC_ALL, "English_United States.1252"), "English_United States.1252"));
    CHECK(isalpha(0xE9) && toupper(0xE9) == 0xC9 && strcoll("a", "B") < 0);
    CHECK(mbstowcs(wide, "\x80", 8) == 1 && wide[0] == 0x20AC);
    CHECK(wcstombs(text, L"\x20ac", 8) == 1 && text[0] == '\x80');
    setlocale(LC_ALL, "C");

    {
        struct tm tm = {0};
        time_t when;
        tm.tm_year = 124, tm.tm_mon = 1, tm.tm_mday = 30, tm.tm_hour = 12, tm.tm_isdst = -1;
        when = mktime(&tm);
        CHECK(when > 0 && tm.tm_mon == 2 && tm.tm_mday == 1 && tm.tm_wday == 5);
        CHECK(localtime(&when)->tm_hour == 12);
        CHECK(strftime(text, sizeof text, "%Y-%m-%d %j", &tm) == 14 && !strcmp(text, "2024-03-01 061"));
    }
    {
        int value = 9;
        HANDLE handle = (HANDLE)_beginthreadex(NULL, 0, thread, &value, 0, NULL);
        DWORD code = 0;
        CHECK(handle && WaitForSingleObject(handle, 5000) == WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(handle, &code) && code == 5 && ran == 9);
        CloseHandle(handle);
    }
    return failed;
}

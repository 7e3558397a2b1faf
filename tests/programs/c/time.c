/* Dates and clocks; what depends on when it runs is only compared. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <windows.h>

static void show(const char *title, const struct tm *t)
{
    printf("%s: %04d-%02d-%02d %02d:%02d:%02d day %d of the week, %d of the year, dst %d\n", title, t->tm_year + 1900,
           t->tm_mon + 1, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, t->tm_wday, t->tm_yday, t->tm_isdst);
}

int main(void)
{
    time_t moments[] = {0, 951782400, 1234567890, 2147483647, 4102444800LL};
    char text[128];
    for (int i = 0; i < 5; i++) {
        struct tm *t = gmtime(&moments[i]);
        show("gmtime", t);
        strftime(text, sizeof text, "%a %A %b %B %d %H %I %j %m %M %p %S %U %w %W %y %Y %%", t);
        puts(text);
        printf("%s", asctime(t));
    }
    time_t before = -1;
    printf("before 1970: %s\n", gmtime(&before) ? "a time" : "NULL");
    struct tm t = {.tm_year = 100, .tm_mon = 13, .tm_mday = 31, .tm_hour = 25, .tm_isdst = 0};
    time_t made = mktime(&t);
    show("mktime", &t);
    printf("mktime gives the moment of its local time: %d\n", made != -1 && localtime(&made)->tm_hour == t.tm_hour);
    printf("difftime %g\n", difftime(100, 40));
    time_t now = time(NULL), again;
    printf("time is after 2020: %d, stored: %d\n", now > 1577836800, (time(&again), again >= now));
    printf("clock goes: %d\n", clock() >= 0);

    SYSTEMTIME system = {2000, 2, 0, 29, 12, 34, 56, 789}, back;
    FILETIME file;
    printf("SystemTimeToFileTime %d", SystemTimeToFileTime(&system, &file));
    printf(" %08lx%08lx\n", file.dwHighDateTime, file.dwLowDateTime);
    printf("FileTimeToSystemTime %d", FileTimeToSystemTime(&file, &back));
    printf(" %d-%d-%d %d %d:%d:%d.%d\n", back.wYear, back.wMonth, back.wDay, back.wDayOfWeek, back.wHour, back.wMinute,
           back.wSecond, back.wMilliseconds);
    system.wDay = 30;
    SetLastError(0);
    BOOL made_up = SystemTimeToFileTime(&system, &file);
    printf("30 February: %d, error %lu\n", made_up, GetLastError());
    WORD date, hour;
    printf("FileTimeToDosDateTime %d", FileTimeToDosDateTime(&file, &date, &hour));
    printf(" %x %x\n", date, hour);
    LARGE_INTEGER frequency, first, second;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&first);
    DWORD tick = GetTickCount();
    Sleep(100); /* GetTickCount advances in steps of 10 to 16 ms: a shorter sleep may show as less than 15 */
    QueryPerformanceCounter(&second);
    double elapsed = (double)(second.QuadPart - first.QuadPart) / frequency.QuadPart;
    printf("slept: %d, ticks: %d\n", elapsed >= 0.015 && elapsed < 10, GetTickCount() - tick >= 15);
    FILETIME system_now;
    GetSystemTimeAsFileTime(&system_now);
    ULONGLONG unix_now = ((((ULONGLONG)system_now.dwHighDateTime << 32) | system_now.dwLowDateTime) - 116444736000000000ULL);
    printf("clocks agree: %d\n", (long long)(unix_now / 10000000) - (long long)now < 10);
    GetSystemTime(&system);
    GetLocalTime(&back);
    printf("sane: %d %d\n", system.wYear >= 2020, back.wMonth >= 1 && back.wMonth <= 12);
    return 0;
}

/* Which of eight threads comes when, what the clocks say and what chance gives: all that may differ between runs. */
#include <intrin.h>
#include <stdio.h>
#include <windows.h>

static char order[8 * 100 + 1];
static volatile LONG count;
static CRITICAL_SECTION lock;

static DWORD WINAPI work(void *name)
{
    for (int i = 0; i < 100; i++) {
        EnterCriticalSection(&lock);
        order[count++] = (char)(INT_PTR)name;
        LeaveCriticalSection(&lock);
        for (volatile int j = 0; j < 200; j++)
            ;
        if (i % 50 == 0)
            Sleep(1);
    }
    return 0;
}

int main(void)
{
    HANDLE threads[8];
    LARGE_INTEGER counter;
    FILETIME now;
    LARGE_INTEGER *due = (LARGE_INTEGER *)&now;

    InitializeCriticalSection(&lock);
    for (int i = 0; i < 8; i++)
        threads[i] = CreateThread(NULL, 0, work, (void *)(INT_PTR)('a' + i), 0, NULL);
    WaitForMultipleObjects(8, threads, TRUE, INFINITE);
    puts(order);
    QueryPerformanceCounter(&counter);
    GetSystemTimeAsFileTime(&now);
    printf("%lld %llu %lu %lld\n", counter.QuadPart, __rdtsc(), GetTickCount(), due->QuadPart);
    Sleep(3600 * 1000);
    printf("%lu\n", GetTickCount());
    return 0;
}

/* Waits in every way at once for as many milliseconds as it is told: asleep, for an event, a timer, a lock, the pool. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static CRITICAL_SECTION section;
static HANDLE never, timer;
static DWORD time_to_wait;

static DWORD WINAPI for_event(void *unused)
{
    (void)unused;
    WaitForSingleObject(never, time_to_wait);
    return 0;
}

static DWORD WINAPI for_timer(void *unused)
{
    (void)unused;
    WaitForSingleObject(timer, INFINITE);
    return 0;
}

static DWORD WINAPI for_lock(void *unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    return 0;
}

static void CALLBACK expired(void *unused, BOOLEAN fired)
{
    (void)unused;
    (void)fired;
}

int main(int argc, char **argv)
{
    HANDLE threads[3], pooled, registered;
    LARGE_INTEGER due;

    time_to_wait = argc > 1 ? atoi(argv[1]) : 0;
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    never = CreateEventA(NULL, TRUE, FALSE, NULL);
    timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    due.QuadPart = -10000LL * time_to_wait;
    SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE);
    CreateTimerQueueTimer(&pooled, NULL, expired, NULL, time_to_wait * 2, 0, 0);
    RegisterWaitForSingleObject(&registered, never, expired, NULL, INFINITE, WT_EXECUTEDEFAULT);
    threads[0] = CreateThread(NULL, 0, for_event, NULL, 0, NULL);
    threads[1] = CreateThread(NULL, 0, for_timer, NULL, 0, NULL);
    threads[2] = CreateThread(NULL, 0, for_lock, NULL, 0, NULL);
    Sleep(time_to_wait);
    LeaveCriticalSection(&section);
    WaitForMultipleObjects(3, threads, TRUE, INFINITE);
    puts("done");
    return 0;
}

/* Two threads that each hold the critical section that the other one wants: for ever, or with an argument for 7 s. */
#include <stdio.h>
#include <windows.h>

static CRITICAL_SECTION first, second;
static HANDLE ready;

static DWORD WINAPI other(void *patient)
{
    EnterCriticalSection(&second);
    SetEvent(ready);
    if (patient)
        Sleep(7000);
    else
        EnterCriticalSection(&first);
    LeaveCriticalSection(&second);
    return 0;
}

int main(int argc, char **argv)
{
    (void)argv;
    InitializeCriticalSection(&first);
    InitializeCriticalSection(&second);
    ready = CreateEventA(NULL, FALSE, FALSE, NULL);
    EnterCriticalSection(&first);
    CreateThread(NULL, 0, other, (void *)(INT_PTR)(argc > 1), 0, NULL);
    WaitForSingleObject(ready, INFINITE);
    EnterCriticalSection(&second);
    puts("entered");
    return 0;
}

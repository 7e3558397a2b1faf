/* What a debugger stops at: functions, a loop, a thread, a library that is loaded, an exception that is handled. */
#include <stdio.h>
#include <windows.h>

volatile int counter;

__attribute__((noinline)) int add(int a, int b)
{
    counter++;
    return a + b;
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode != 0xE0001234)
        return EXCEPTION_CONTINUE_SEARCH;
    counter += 100;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD WINAPI work(void *start)
{
    return add(*(int *)start, 1);
}

int main(void)
{
    int start = 41, sum = 0;
    DWORD code = 0;
    HANDLE thread;
    for (int i = 0; i < 5; i++)
        sum = add(sum, i);
    thread = CreateThread(NULL, 0, work, &start, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    AddVectoredExceptionHandler(1, handler);
    RaiseException(0xE0001234, 0, 0, NULL);
    LoadLibraryW(L"version.dll");
    Sleep(20);
    MulDiv(sum, 3, 2);
    printf("%d %lu %d\n", sum, code, counter);
    return sum;
}

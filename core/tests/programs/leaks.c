/* Opens kernel objects. Without arguments it closes all 10,000 of them; `events N` leaves N events open, `kinds` one
   object of each of some types, one of them by name.
   x86_64-w64-mingw32-gcc -O1 -s -Wl,--no-insert-timestamp -o leaks.exe leaks.c */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static DWORD WINAPI nothing(LPVOID unused)
{
    return 0;
}

static HANDLE one(int kind)
{
    switch (kind) {
    case 0: return CreateEventW(NULL, FALSE, FALSE, L"ready");
    case 1: return CreateMutexW(NULL, FALSE, NULL);
    case 2: return CreateSemaphoreW(NULL, 0, 1, NULL);
    case 3: return CreateFileW(L"left.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    case 4: return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    case 5: return CreateWaitableTimerW(NULL, FALSE, NULL);
    case 6: return CreateThread(NULL, 0, nothing, NULL, 0, NULL);
    case 7: return CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    default: return GetCurrentProcess();
    }
}

int main(int count, char **words)
{
    int left = 0;
    if (count > 2 && !strcmp(words[1], "events"))
        left = atoi(words[2]);
    for (int i = 0; i < left; i++)
        if (!CreateEventW(NULL, FALSE, FALSE, NULL))
            return 1;
    if (count > 1 && !strcmp(words[1], "kinds"))
        for (int kind = 0; kind < 8; kind++)
            if (!one(kind))
                return 2;
    for (int i = 0; count == 1 && i < 10000; i++) {
        HANDLE made = one(i % 6), copy;
        if (!made || made == INVALID_HANDLE_VALUE)
            return 3;
        if (i % 7 == 0 && (!DuplicateHandle(GetCurrentProcess(), made, GetCurrentProcess(), &copy, 0, FALSE,
                                            DUPLICATE_SAME_ACCESS) || !CloseHandle(copy)))
            return 4;
        if (!CloseHandle(made))
            return 5;
    }
    for (int i = 0; count == 1 && i < 50; i++) {
        HANDLE thread = one(6), port = one(7);
        if (WaitForSingleObject(thread, INFINITE) || !CloseHandle(thread) || !CloseHandle(port))
            return 6;
    }
    return 0;
}

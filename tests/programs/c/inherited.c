/* Objects that a parent and its child have in common: inherited handles, and names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HANDLE handle(const char *text)
{
    return (HANDLE)(ULONG_PTR)strtoul(text, NULL, 0);
}

static HANDLE start(const char *arguments, DWORD flags)
{
    char self[MAX_PATH], line[MAX_PATH + 200];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info;
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &info)) {
        printf("CreateProcess: error %lu\n", GetLastError());
        exit(1);
    }
    CloseHandle(info.hThread);
    return info.hProcess;
}

static void finish(HANDLE process)
{
    DWORD code = 99;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    printf("exit code %lu\n", code);
    CloseHandle(process);
}

static int child(char **argv)
{
    const char *what = argv[1];
    if (!strcmp(what, "events")) {
        HANDLE go = handle(argv[2]), done = handle(argv[3]);
        for (int i = 0; i < 3; i++) {
            if (WaitForSingleObject(go, 20000))
                return 1;
            SetEvent(done);
        }
        return WaitForSingleObject(go, 0) == WAIT_TIMEOUT ? 10 : 2;
    }
    if (!strcmp(what, "manual")) {
        HANDLE event = handle(argv[2]);
        return WaitForSingleObject(event, 0) || WaitForSingleObject(event, 0) || !ResetEvent(event) ? 1 : 11;
    }
    if (!strcmp(what, "semaphore")) {
        HANDLE semaphore = handle(argv[2]);
        LONG before = 99;
        if (WaitForSingleObject(semaphore, 0) || WaitForSingleObject(semaphore, 0))
            return 1;
        if (WaitForSingleObject(semaphore, 0) != WAIT_TIMEOUT || !ReleaseSemaphore(semaphore, 3, &before) || before)
            return 2;
        return ReleaseSemaphore(semaphore, 3, &before) || GetLastError() != ERROR_TOO_MANY_POSTS ? 3 : 12;
    }
    if (!strcmp(what, "mutex")) {
        HANDLE mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "litebox-inherited-mutex"), go = handle(argv[2]);
        if (!mutex)
            return 1;
        if (WaitForSingleObject(mutex, 0) != WAIT_TIMEOUT || ReleaseMutex(mutex) || GetLastError() != ERROR_NOT_OWNER)
            return 2;
        SetEvent(go);
        return WaitForSingleObject(mutex, 20000) ? 3 : 13; /* and abandons it */
    }
    if (!strcmp(what, "section")) {
        volatile LONG *view = MapViewOfFile(handle(argv[2]), FILE_MAP_ALL_ACCESS, 0, 0, 0);
        HANDLE again = OpenFileMappingA(FILE_MAP_READ, FALSE, "litebox-inherited-section");
        const LONG *other = again ? MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0) : NULL;
        if (!view || !other || *view != 1234 || view[20000] != 4321)
            return 1;
        InterlockedExchange(view, 5678);
        return *other == 5678 ? 14 : 2;
    }
    if (!strcmp(what, "names")) {
        HANDLE event = CreateEventA(NULL, TRUE, FALSE, "litebox-inherited-event");
        DWORD error = GetLastError();
        HANDLE own = CreateEventA(NULL, FALSE, FALSE, "Local\\litebox-inherited-own");
        if (!event || error != ERROR_ALREADY_EXISTS || WaitForSingleObject(event, 0) || GetLastError())
            return 1;
        if (CreateSemaphoreA(NULL, 0, 1, "litebox-inherited-event") || GetLastError() != ERROR_INVALID_HANDLE)
            return 2;
        SetEvent(handle(argv[2]));
        return WaitForSingleObject(own, 20000) ? 3 : 15;
    }
    if (!strcmp(what, "parent")) {
        HANDLE parent = handle(argv[2]), event;
        if (GetProcessId(parent) != strtoul(argv[3], NULL, 0) || WaitForSingleObject(parent, 0) != WAIT_TIMEOUT)
            return 1;
        if (!DuplicateHandle(parent, handle(argv[4]), GetCurrentProcess(), &event, 0, FALSE, DUPLICATE_SAME_ACCESS))
            return 2;
        return SetEvent(event) ? 16 : 3;
    }
    return 9;
}

int main(int argc, char **argv)
{
    SECURITY_ATTRIBUTES attributes = {sizeof(attributes), NULL, TRUE};
    char line[200];
    HANDLE first, second, process;
    LONG before, *view;
    if (argc > 1)
        return child(argv);
    first = CreateEventA(&attributes, FALSE, FALSE, NULL);
    second = CreateEventA(&attributes, FALSE, FALSE, NULL);
    snprintf(line, sizeof(line), "events %lu %lu", (DWORD)(ULONG_PTR)first, (DWORD)(ULONG_PTR)second);
    process = start(line, 0);
    for (int i = 0; i < 3; i++) {
        SetEvent(first);
        printf("answer: %lu\n", WaitForSingleObject(second, 20000));
    }
    finish(process);
    CloseHandle(second);

    second = CreateEventA(&attributes, TRUE, TRUE, NULL);
    snprintf(line, sizeof(line), "manual %lu", (DWORD)(ULONG_PTR)second);
    finish(start(line, 0));
    printf("manual event: %lu\n", WaitForSingleObject(second, 0));
    CloseHandle(second);

    second = CreateSemaphoreA(&attributes, 2, 5, NULL);
    snprintf(line, sizeof(line), "semaphore %lu", (DWORD)(ULONG_PTR)second);
    finish(start(line, 0));
    printf("semaphore: %lu, ", WaitForSingleObject(second, 0));
    printf("release %d, ", ReleaseSemaphore(second, 1, &before));
    printf("before %ld\n", before);
    CloseHandle(second);

    second = CreateMutexA(NULL, TRUE, "litebox-inherited-mutex");
    snprintf(line, sizeof(line), "mutex %lu", (DWORD)(ULONG_PTR)first);
    process = start(line, 0);
    printf("child waits: %lu\n", WaitForSingleObject(first, 20000));
    printf("released: %d\n", ReleaseMutex(second));
    finish(process);
    printf("abandoned: %#lx\n", WaitForSingleObject(second, 20000));
    printf("released: %d\n", ReleaseMutex(second));
    printf("then: %#lx\n", WaitForSingleObject(second, 0));
    CloseHandle(second);

    second = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 100000, "litebox-inherited-section");
    view = MapViewOfFile(second, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    view[0] = 1234;
    view[20000] = 4321;
    snprintf(line, sizeof(line), "section %lu", (DWORD)(ULONG_PTR)second);
    finish(start(line, 0));
    printf("memory: %ld\n", view[0]);
    UnmapViewOfFile(view);
    CloseHandle(second);

    second = CreateEventA(NULL, TRUE, TRUE, "Local\\litebox-inherited-event");
    snprintf(line, sizeof(line), "names %lu", (DWORD)(ULONG_PTR)first);
    process = start(line, 0);
    printf("child has made its own: %lu\n", WaitForSingleObject(first, 20000));
    CloseHandle(second);
    second = OpenEventA(EVENT_MODIFY_STATE, FALSE, "litebox-inherited-own");
    printf("opened: %d, set: %d\n", second != NULL, SetEvent(second));
    finish(process);
    CloseHandle(second);
    second = OpenEventA(EVENT_MODIFY_STATE, FALSE, "litebox-inherited-own");
    printf("gone: %lu\n", second ? 0 : GetLastError());

    DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &process, 0, TRUE, DUPLICATE_SAME_ACCESS);
    second = CreateEventA(NULL, TRUE, FALSE, NULL);
    snprintf(line, sizeof(line), "parent %lu %lu %lu", (DWORD)(ULONG_PTR)process, GetCurrentProcessId(),
             (DWORD)(ULONG_PTR)second);
    finish(start(line, 0));
    printf("set by the child: %lu\n", WaitForSingleObject(second, 0));
    return 0;
}

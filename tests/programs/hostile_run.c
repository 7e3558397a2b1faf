/* What a program can do to itself by the ways that lead to others: each case is one run, "alive" its last line. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static char self[MAX_PATH], big[8 << 20];
static HANDLE first, second;
static void *victim, *main_fiber;
static int depth;

static PROCESS_INFORMATION child(const char *what, DWORD flags) {
    STARTUPINFOA si = {sizeof si};
    PROCESS_INFORMATION pi = {0};
    char line[2 * MAX_PATH];
    sprintf(line, "\"%s\" %s", self, what);
    if (!CreateProcessA(0, line, 0, 0, TRUE, flags, 0, 0, &si, &pi)) printf("no child: %lu\n", GetLastError());
    return pi;
}

/* -- an event that other processes have too is closed while threads wait for it ---------------------------------- */

static DWORD CALLBACK waiter(void *all) {
    HANDLE both[2] = {first, second};
    return WaitForMultipleObjects(2, both, all != 0, 500);
}

static void close_while_waiting(int all) {
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, 0, TRUE};
    HANDLE thread;
    DWORD code;
    first = CreateEventA(&inherited, 0, 0, 0);
    second = CreateEventA(&inherited, 0, 0, 0);
    child("nothing", 0);
    thread = CreateThread(0, 0, waiter, all ? self : 0, 0, 0);
    Sleep(50);
    CloseHandle(first);
    SetEvent(second);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("%lu\n", code);
}

/* -- several threads hear of one debugged process, which is then left alone --------------------------------------- */

static DWORD CALLBACK listener(void *unused) {
    DEBUG_EVENT event;
    return WaitForDebugEvent(&event, 2000);
}

static void many_debuggers(void) {
    HANDLE threads[3];
    child("nothing", DEBUG_PROCESS);
    for (int i = 0; i < 3; i++) threads[i] = CreateThread(0, 0, listener, 0, 0, 0);
    WaitForMultipleObjects(3, threads, TRUE, INFINITE);
}

static void debugger_leaves(void) {
    DEBUG_EVENT event;
    HANDLE thread;
    DWORD code;
    PROCESS_INFORMATION pi = child("sleep", DEBUG_PROCESS);
    while (WaitForDebugEvent(&event, 500)) ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
    thread = CreateThread(0, 0, listener, 0, 0, 0);
    Sleep(50);
    DebugActiveProcessStop(pi.dwProcessId);
    WaitForSingleObject(thread, INFINITE);
    WaitForSingleObject(pi.hProcess, INFINITE);
    GetExitCodeProcess(pi.hProcess, &code);
    printf("child: %lu\n", code);
}

/* -- callbacks of fiber-local values do what they should not -------------------------------------------------------- */

static void CALLBACK deletes(void *value) {
    if (!depth++) DeleteFiber(victim);
}

static void CALLBACK life(void *index) {
    FlsSetValue((DWORD)(ULONG_PTR)index, self);
    for (;;) SwitchToFiber(main_fiber);
}

static void delete_twice(void) {
    DWORD index = FlsAlloc(deletes);
    main_fiber = ConvertThreadToFiber(0);
    victim = CreateFiber(0, life, (void *)(ULONG_PTR)index);
    SwitchToFiber(victim);
    DeleteFiber(victim);
}

static DWORD CALLBACK endless(void *unused) {
    ULONG_PTR block, at;
    FlsSetValue(FlsAlloc(0), self);
    block = *(ULONG_PTR *)((ULONG_PTR)NtCurrentTeb() + 0x17c8);
    for (at = *(ULONG_PTR *)block; at != block; at = *(ULONG_PTR *)at) *(DWORD *)(at + 16) |= 0xfffffff0;
    return 0; /* one of them was the head of the list, with the highest index behind it */
}

/* -- pipes ------------------------------------------------------------------------------------------------------------ */

static HANDLE make(const char *name) {
    return CreateNamedPipeA(name, 3 | FILE_FLAG_OVERLAPPED, 0, 255, 16 << 20, 16 << 20, 0, 0);
}

static HANDLE reach(const char *name) {
    HANDLE found;
    while ((found = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, 0, 0)) == INVALID_HANDLE_VALUE)
        Sleep(10);
    return found;
}

static void write_to_each_other(const char *mine, const char *theirs, int is_child) {
    HANDLE go = CreateEventA(0, 1, 0, "go"), pipe = make(mine), other;
    DWORD wrote = 0;
    PROCESS_INFORMATION pi = {0};
    if (!is_child) pi = child("answer", 0);
    other = reach(theirs);
    if (is_child) SetEvent(go);
    WaitForSingleObject(go, INFINITE);
    WriteFile(other, big, sizeof big, &wrote, 0);
    printf("%s wrote %lu\n", is_child ? "child" : "parent", wrote);
    fflush(stdout);
    if (is_child) WaitForSingleObject(CreateEventA(0, 1, 0, "done"), INFINITE);
    SetEvent(CreateEventA(0, 1, 0, "done"));
    if (!is_child) WaitForSingleObject(pi.hProcess, INFINITE);
    CloseHandle(pipe);
}

static void leave_unread(void) {
    HANDLE pipe = make("\\\\.\\pipe\\left");
    OVERLAPPED operation = {0};
    DWORD wrote = 0;
    child("holds", 0);
    WaitForSingleObject(CreateEventA(0, 1, 0, "go"), INFINITE);
    operation.hEvent = CreateEventA(0, 1, 0, 0);
    WriteFile(pipe, big, sizeof big, 0, &operation);
    GetOverlappedResult(pipe, &operation, &wrote, TRUE);
    printf("wrote %lu\n", wrote);
}

static void fill(int size) {
    HANDLE pipe = CreateNamedPipeA("\\\\.\\pipe\\full", 3 | FILE_FLAG_OVERLAPPED, 4, 1, 4096, 4096, 0, 0);
    int count;
    reach("\\\\.\\pipe\\full");
    for (count = 0; count < 1000000; count++)
        if (!WriteFile(pipe, big, size, 0, calloc(1, sizeof(OVERLAPPED))) && GetLastError() != ERROR_IO_PENDING) break;
    printf("error %lu\n", GetLastError());
}

/* -- what a crash report reads is gone ---------------------------------------------------------------------------------- */

static void crash_without(int offset) {
    ULONG_PTR block = (ULONG_PTR)NtCurrentTeb();
    DWORD old;
    if (offset) block = *(ULONG_PTR *)(block + offset);
    VirtualProtect((void *)block, 4096, PAGE_NOACCESS, &old);
    *(volatile int *)0 = 1;
}

int main(int argc, char **argv) {
    const char *what = argv[1];
    GetModuleFileNameA(0, self, sizeof self);
    if (!strcmp(what, "sleep")) Sleep(700);
    if (!strcmp(what, "nothing") || !strcmp(what, "sleep")) return 0;
    if (!strcmp(what, "holds")) {
        reach("\\\\.\\pipe\\left");
        SetEvent(CreateEventA(0, 1, 0, "go"));
        Sleep(INFINITE);
    }
    if (!strcmp(what, "close")) close_while_waiting(0);
    if (!strcmp(what, "close-all")) close_while_waiting(1);
    if (!strcmp(what, "debuggers")) many_debuggers();
    if (!strcmp(what, "leave")) debugger_leaves();
    if (!strcmp(what, "fiber")) delete_twice();
    if (!strcmp(what, "fls")) WaitForSingleObject(CreateThread(0, 0, endless, 0, 0, 0), INFINITE);
    if (!strcmp(what, "each")) write_to_each_other("\\\\.\\pipe\\one", "\\\\.\\pipe\\two", 0);
    if (!strcmp(what, "answer")) write_to_each_other("\\\\.\\pipe\\two", "\\\\.\\pipe\\one", 1);
    if (!strcmp(what, "unread")) leave_unread();
    if (!strcmp(what, "no-peb")) crash_without(0x60);
    if (!strcmp(what, "no-teb")) crash_without(0);
    if (!strcmp(what, "fill")) fill(sizeof big);
    if (!strcmp(what, "fill-nothing")) fill(0);
    if (strcmp(what, "answer")) puts("alive");
    return 0;
}

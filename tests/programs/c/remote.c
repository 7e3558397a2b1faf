/* Work in other processes: threads, also in a process that has not begun, pages and views of sections. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

typedef LONG NTSTATUS;
typedef NTSTATUS(NTAPI *Map)(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, DWORD, ULONG, ULONG);
typedef NTSTATUS(NTAPI *Unmap)(HANDLE, void *);
typedef NTSTATUS(NTAPI *Allocate)(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
typedef NTSTATUS(NTAPI *Free)(HANDLE, void **, SIZE_T *, ULONG);
typedef NTSTATUS(NTAPI *Protect)(HANDLE, void **, SIZE_T *, ULONG, ULONG *);
typedef NTSTATUS(NTAPI *Query)(HANDLE, void *, int, void *, SIZE_T, SIZE_T *);
typedef NTSTATUS(NTAPI *CreateUser)(HANDLE, void *, BOOLEAN, ULONG, SIZE_T, SIZE_T, void *, void *, HANDLE *, void *);

#define NT(type, name) type name = (type)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "Nt" #name)

static int failures;
#define CHECK(x) check((x) != 0, #x, __LINE__)

static void check(int holds, const char *what, int line)
{
    if (!holds) {
        failures++;
        printf("line %d: %s, error %lu\n", line, what, GetLastError());
    }
}

static DWORD WINAPI begun(void *parameter)
{
    return (DWORD)(ULONG_PTR)parameter + (GetModuleHandleA(NULL) != NULL);
}

static int child(const char *name)
{
    HANDLE ready = OpenEventA(EVENT_MODIFY_STATE, FALSE, name), end = OpenEventA(SYNCHRONIZE, FALSE, "remote end");
    SetEvent(ready);
    return WaitForSingleObject(end, 20000) == WAIT_OBJECT_0 ? 33 : 1;
}

static HANDLE start(const char *event, DWORD flags, HANDLE *main_thread)
{
    char path[MAX_PATH], line[MAX_PATH + 40];
    STARTUPINFOA info = {sizeof info};
    PROCESS_INFORMATION made;

    GetModuleFileNameA(NULL, path, sizeof path);
    sprintf(line, "\"%s\" \"%s\"", path, event);
    if (!CreateProcessA(path, line, NULL, NULL, FALSE, flags, NULL, NULL, &info, &made))
        return NULL;
    *main_thread = made.hThread;
    return made.hProcess;
}

static DWORD code_of(HANDLE thread)
{
    DWORD code = 0xdead;
    CHECK(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    return code;
}

static void test_threads(HANDLE process)
{
    HANDLE thread, again, there, limited, event = CreateEventA(NULL, FALSE, FALSE, NULL);
    void *set = GetProcAddress(GetModuleHandleA("kernel32.dll"), "SetEvent");
    void *leave = GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitThread");
    DWORD tid = 0, code = 0;

    CHECK(DuplicateHandle(GetCurrentProcess(), event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    thread = CreateRemoteThread(process, NULL, 0, set, there, CREATE_SUSPENDED, &tid);
    CHECK(thread && tid && GetThreadId(thread) == tid);
    CHECK(GetProcessIdOfThread(thread) == GetProcessId(process));
    CHECK(SuspendThread(thread) == 1 && ResumeThread(thread) == 2);
    CHECK(WaitForSingleObject(event, 50) == WAIT_TIMEOUT && WaitForSingleObject(thread, 0) == WAIT_TIMEOUT);
    CHECK(GetExitCodeThread(thread, &code) && code == STILL_ACTIVE);
    again = OpenThread(SYNCHRONIZE | THREAD_QUERY_INFORMATION, FALSE, tid);
    CHECK(again);
    CHECK(ResumeThread(thread) == 1);
    CHECK(WaitForSingleObject(event, 10000) == WAIT_OBJECT_0);
    CHECK(code_of(thread) == TRUE && code_of(again) == TRUE);
    CloseHandle(thread), CloseHandle(again);

    thread = CreateRemoteThread(process, NULL, 0, leave, (void *)77, 0, NULL);
    CHECK(code_of(thread) == 77 && WaitForSingleObject(process, 0) == WAIT_TIMEOUT);
    CloseHandle(thread);

    limited = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, GetProcessId(process));
    SetLastError(1);
    CHECK(!CreateRemoteThread(limited, NULL, 0, leave, NULL, 0, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    SetLastError(1);
    CHECK(!CreateRemoteThread(event, NULL, 0, leave, NULL, 0, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
    CloseHandle(limited), CloseHandle(event);
}

static void test_user_thread(HANDLE process)
{
    CreateUser create = (CreateUser)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlCreateUserThread");
    void *leave = GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitThread"), *id[2] = {NULL, NULL};
    HANDLE thread = NULL;

    CHECK(!create(process, NULL, FALSE, 0, 0, 0, leave, (void *)78, &thread, id));
    CHECK((DWORD)(ULONG_PTR)id[0] == GetProcessId(process) && (DWORD)(ULONG_PTR)id[1] == GetThreadId(thread));
    CHECK(code_of(thread) == 78);
    CloseHandle(thread);
}

static void test_memory(HANDLE process)
{
    NT(Allocate, AllocateVirtualMemory);
    NT(Free, FreeVirtualMemory);
    NT(Protect, ProtectVirtualMemory);
    NT(Query, QueryVirtualMemory);
    MEMORY_BASIC_INFORMATION info;
    void *base = NULL, *at;
    SIZE_T size = 5000, done;
    ULONG old = 0;
    HANDLE limited = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, GetProcessId(process));

    CHECK(AllocateVirtualMemory(limited, &base, 0, &size, MEM_COMMIT, PAGE_READWRITE) == (NTSTATUS)0xC0000022);
    CHECK(!AllocateVirtualMemory(process, &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    CHECK(base && size == 0x2000);
    at = (char *)base + 0x1000, size = 1;
    CHECK(!ProtectVirtualMemory(process, &at, &size, PAGE_READONLY, &old));
    CHECK(at == (char *)base + 0x1000 && size == 0x1000 && old == PAGE_READWRITE);
    CHECK(!QueryVirtualMemory(process, (char *)base + 0x1234, 0, &info, sizeof info, &done) && done == sizeof info);
    CHECK(info.BaseAddress == (char *)base + 0x1000 && info.AllocationBase == base && info.RegionSize == 0x1000);
    CHECK(info.Protect == PAGE_READONLY && info.AllocationProtect == PAGE_READWRITE && info.State == MEM_COMMIT);
    size = 0;
    CHECK(!FreeVirtualMemory(process, &base, &size, MEM_RELEASE) && size == 0x2000);
    size = 0;
    CHECK(FreeVirtualMemory(process, &base, &size, MEM_RELEASE) < 0);
    CloseHandle(limited);
}

static void test_views(HANDLE process)
{
    NT(Map, MapViewOfSection);
    NT(Unmap, UnmapViewOfSection);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x20000, NULL);
    char *here = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), text[16] = "";
    void *there = NULL, *other;
    LARGE_INTEGER offset;
    SIZE_T size = 0, done;

    strcpy(here + 0x10000, "shown there");
    offset.QuadPart = 0x10000;
    CHECK(!MapViewOfSection(section, process, &there, 0, 0, &offset, &size, 1, 0, PAGE_READWRITE));
    CHECK(there && size == 0x10000);
    CHECK(ReadProcessMemory(process, there, text, 12, &done) && done == 12 && !strcmp(text, "shown there"));
    CHECK(WriteProcessMemory(process, there, "from", 4, &done) && !strcmp(here + 0x10000, "fromn there"));
    other = there, size = 0, offset.QuadPart = 0;
    CHECK(MapViewOfSection(section, process, &other, 0, 0, &offset, &size, 1, 0, PAGE_READWRITE) == (NTSTATUS)0xC0000018);
    other = (char *)there + 0x1000;
    CHECK(MapViewOfSection(section, process, &other, 0, 0, &offset, &size, 1, 0, PAGE_READWRITE) == (NTSTATUS)0xC0000220);
    other = NULL;
    CHECK(MapViewOfSection(section, process, &other, 22, 0, &offset, &size, 1, 0, PAGE_READWRITE) == (NTSTATUS)0xC00000F2);
    CHECK(!UnmapViewOfSection(process, there));
    CHECK(UnmapViewOfSection(process, there) == (NTSTATUS)0xC0000019);
    UnmapViewOfFile(here), CloseHandle(section);
}

static void test_suspended(HANDLE process, HANDLE main_thread, HANDLE ready)
{
    void *leave = GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitThread");
    CONTEXT context = {0};
    HANDLE thread = CreateRemoteThread(process, NULL, 0, leave, (void *)0x1234, CREATE_SUSPENDED, NULL);

    CHECK(thread);
    context.ContextFlags = CONTEXT_FULL;
    CHECK(GetThreadContext(thread, &context));
    CHECK(context.Rcx == (DWORD64)leave && context.Rdx == 0x1234 && !context.Rax);
    CHECK(ResumeThread(thread) == 1 && code_of(thread) == 0x1234);
    CloseHandle(thread);

    /* the program's own code runs with its modules initialised, while the main thread still waits */
    thread = CreateRemoteThread(process, NULL, 0, begun, (void *)10, 0, NULL);
    CHECK(code_of(thread) == 11);
    CloseHandle(thread);
    CHECK(WaitForSingleObject(ready, 50) == WAIT_TIMEOUT);
    CHECK(ResumeThread(main_thread) == 1);
    CHECK(WaitForSingleObject(ready, 10000) == WAIT_OBJECT_0);
}

int main(int count, char **arguments)
{
    HANDLE ready, later, end, process, waiting, main_thread, waiting_thread;
    DWORD code;

    if (count > 1)
        return child(arguments[1]);
    ready = CreateEventA(NULL, FALSE, FALSE, "remote ready");
    later = CreateEventA(NULL, FALSE, FALSE, "remote later");
    end = CreateEventA(NULL, TRUE, FALSE, "remote end");
    process = start("remote ready", 0, &main_thread);
    CHECK(process && WaitForSingleObject(ready, 10000) == WAIT_OBJECT_0);
    test_threads(process);
    test_user_thread(process);
    test_memory(process);
    test_views(process);
    waiting = start("remote later", CREATE_SUSPENDED, &waiting_thread);
    test_suspended(waiting, waiting_thread, later);
    SetEvent(end);
    CHECK(WaitForSingleObject(process, 10000) == WAIT_OBJECT_0 && GetExitCodeProcess(process, &code) && code == 33);
    CHECK(WaitForSingleObject(waiting, 10000) == WAIT_OBJECT_0 && GetExitCodeProcess(waiting, &code) && code == 33);
    printf("%d failures\n", failures);
    return failures != 0;
}

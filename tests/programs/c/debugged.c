/* Debug events of a child, and a suspended child whose memory and first registers its parent sets. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static PROCESS_INFORMATION start(const char *arguments, DWORD flags)
{
    char self[MAX_PATH], line[MAX_PATH + 50];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info = {0};
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &startup, &info))
        printf("CreateProcess: error %lu\n", GetLastError());
    return info;
}

static DWORD WINAPI nothing(void *parameter)
{
    return 5;
}

int main(int argc, char **argv)
{
    PROCESS_INFORMATION child;
    DEBUG_EVENT event;
    int libraries = 0, threads = 0;
    DWORD code = 0, old = 0;
    SIZE_T done = 0;
    char *local;
    char text[20] = "not read";
    void *there;
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};
    MEMORY_BASIC_INFORMATION memory;
    BOOL present = 9;
    if (argc > 1) {
        HANDLE thread = CreateThread(NULL, 0, nothing, NULL, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        return IsDebuggerPresent() ? 33 : 34;
    }
    child = start("child", DEBUG_ONLY_THIS_PROCESS);
    CheckRemoteDebuggerPresent(child.hProcess, &present);
    printf("debugged: %d\n", present);
    do {
        if (!WaitForDebugEvent(&event, 20000))
            return 1;
        if (event.dwProcessId != child.dwProcessId)
            puts("another process");
        if (event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT)
            printf("process, thread %d, image %d\n", event.dwThreadId == child.dwThreadId,
                   event.u.CreateProcessInfo.lpBaseOfImage == GetModuleHandleA(NULL));
        libraries += event.dwDebugEventCode == LOAD_DLL_DEBUG_EVENT;
        threads += event.dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT;
        if (event.dwDebugEventCode == EXIT_THREAD_DEBUG_EVENT)
            printf("thread's end: %lu\n", event.u.ExitThread.dwExitCode);
        if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT)
            printf("end: %lu\n", event.u.ExitProcess.dwExitCode);
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
    } while (event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT);
    printf("libraries: %d, threads: %d\n", libraries > 1, threads);
    WaitForSingleObject(child.hProcess, INFINITE);

    child = start("child", CREATE_SUSPENDED);
    there = VirtualAllocEx(child.hProcess, NULL, 5000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    printf("write: %d", WriteProcessMemory(child.hProcess, there, "over there", 11, &done));
    printf(", %lu bytes\n", (DWORD)done);
    printf("read: %d, %s\n", ReadProcessMemory(child.hProcess, there, text, 11, &done), text);
    local = VirtualAlloc(NULL, 8192, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    VirtualProtect(local + 4096, 4096, PAGE_NOACCESS, &old);
    printf("from what cannot be read: %d, ", WriteProcessMemory(child.hProcess, there, local + 4000, 200, &done));
    printf("%lu bytes; ", (DWORD)done);
    printf("into what cannot be written: %d\n", ReadProcessMemory(child.hProcess, there, local + 4000, 200, &done));
    printf("protect: %d, %#lx\n", VirtualProtectEx(child.hProcess, there, 4096, PAGE_READONLY, &old), old);
    VirtualQueryEx(child.hProcess, there, &memory, sizeof(memory));
    printf("region: %#lx, state %#lx, protection %#lx\n", (DWORD)memory.RegionSize, memory.State, memory.Protect);
    printf("write: %d\n", WriteProcessMemory(child.hProcess, (void *)16, "x", 1, NULL));
    printf("free: %d\n", VirtualFreeEx(child.hProcess, there, 0, MEM_RELEASE));
    printf("context: %d\n", GetThreadContext(child.hThread, &context));
    context.Rip = (DWORD64)GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitProcess");
    context.Rcx = 77;
    printf("set: %d\n", SetThreadContext(child.hThread, &context));
    printf("resume: %lu\n", ResumeThread(child.hThread));
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &code);
    printf("exit code %lu\n", code);
    return 0;
}

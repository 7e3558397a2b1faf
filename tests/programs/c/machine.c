/* What a program asks about the machine and about itself: power, memory, nodes, working set, policies. */
#define _WIN32_WINNT 0x0602
#include <windows.h>
#include <psapi.h>
#include <stdio.h>

static void check(const char *what, int ok)
{
    printf("%s: %s\n", what, ok ? "ok" : "wrong");
}

static void power(void)
{
    SYSTEM_POWER_STATUS status;
    memset(&status, 0xcc, sizeof status);
    check("power status", GetSystemPowerStatus(&status));
    check("line", status.ACLineStatus <= 1 || status.ACLineStatus == 255);
    check("stay awake", SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED) != 0);
    check("what was asked for", SetThreadExecutionState(ES_CONTINUOUS) == (ES_CONTINUOUS | ES_SYSTEM_REQUIRED));
}

static void memory(void)
{
    PERFORMANCE_INFORMATION performance;
    PSAPI_WORKING_SET_EX_INFORMATION pages[2];
    SIZE_T least = 0, most = 0;
    char *block = VirtualAlloc(NULL, 0x2000, MEM_RESERVE, PAGE_READWRITE);

    check("performance", GetPerformanceInfo(&performance, sizeof performance) && performance.PageSize == 0x1000);
    check("performance, short", !GetPerformanceInfo(&performance, 8) && GetLastError() == ERROR_BAD_LENGTH);
    check("working set", GetProcessWorkingSetSize(GetCurrentProcess(), &least, &most) && least && least <= most);
    check("working set, emptied", SetProcessWorkingSetSize(GetCurrentProcess(), (SIZE_T)-1, (SIZE_T)-1));
    VirtualAlloc(block, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    *block = 1;
    pages[0].VirtualAddress = block;
    pages[1].VirtualAddress = block + 0x1000;
    check("pages", QueryWorkingSetEx(GetCurrentProcess(), pages, sizeof pages));
    check("a page in use", pages[0].VirtualAttributes.Valid);
    check("a reserved page", !pages[1].VirtualAttributes.Valid);
    check("prefetch", PrefetchVirtualMemory(GetCurrentProcess(), 1, (WIN32_MEMORY_RANGE_ENTRY[]){{block, 4096}}, 0));
    check("a node's memory",
          VirtualAllocExNuma(GetCurrentProcess(), NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, 0) != NULL);
    VirtualFree(block, 0, MEM_RELEASE);
}

static void process(void)
{
    DWORD level = 0, flags = 99, needed;
    BOOL boost = 99;
    HMODULE modules[64];

    check("shutdown", GetProcessShutdownParameters(&level, &flags) && level == 0x280 && flags == 0);
    check("shutdown, set", SetProcessShutdownParameters(0x100, SHUTDOWN_NORETRY));
    check("shutdown, again", GetProcessShutdownParameters(&level, &flags) && level == 0x100 && flags == 1);
    check("boost", GetProcessPriorityBoost(GetCurrentProcess(), &boost) && !boost);
    check("handles", SetHandleCount(77) == 77);
    check("modules", EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &needed) &&
                         modules[0] == GetModuleHandle(NULL));
}

static void forwarded(void)
{
    static const char from[8] = "0123456";
    char to[8], name[100];
    HMODULE kernel32 = GetModuleHandle("kernel32");
    void (WINAPI *move)(void *, const void *, SIZE_T) = (void *)GetProcAddress(kernel32, "RtlMoveMemory");
    DWORD (WINAPI *language)(DWORD, char *, DWORD) = (void *)GetProcAddress(kernel32, "VerLanguageNameA");

    check("kernel32!RtlMoveMemory", move != NULL);
    move(to, from, sizeof from);
    puts(to);
    check("kernel32!VerLanguageNameA", language && language(0x409, name, sizeof name) > 0);
}

int main(void)
{
    power();
    memory();
    process();
    forwarded();
    return 0;
}

/* Threads that compute, and so may run at the same time: locks, heap, memory, exceptions, suspension, ends.

   x86_64-w64-mingw32-gcc -O1 -s -o parallel.exe parallel.c -lsynchronization

   parallel [ROUNDS]: how often each thread does what it does. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { THREADS = 4 };
static int rounds = 100;
static volatile LONG bad;
static void check(int ok, int line)
{
    if (!ok) {
        InterlockedIncrement(&bad);
        printf("line %d is wrong, error %lu\n", line, GetLastError());
    }
}
#define CHECK(what) check(!!(what), __LINE__)

static unsigned compute(unsigned x, int times)
{
    while (times--) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    return x;
}

static void together(unsigned(__stdcall *start)(void *))
{
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, start, (void *)(INT_PTR)i, 0, NULL);
    CHECK(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE) == WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
}

/* -- locks, taken and given back without an end, and after long computations ------------------------------------- */

static CRITICAL_SECTION section;
static SRWLOCK exclusive = SRWLOCK_INIT, shared = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
static HANDLE mutex;
static volatile LONG gate;
static long counts[6];
static int turn;

static unsigned __stdcall locker(void *me)
{
    unsigned x = 1 + (unsigned)(INT_PTR)me;
    for (int i = 0; i < rounds; i++) {
        x = compute(x, 100000);
        for (int j = 0; j < 200; j++) {
            EnterCriticalSection(&section);
            EnterCriticalSection(&section);
            counts[0]++;
            LeaveCriticalSection(&section);
            LeaveCriticalSection(&section);
            AcquireSRWLockExclusive(&exclusive);
            counts[1]++;
            ReleaseSRWLockExclusive(&exclusive);
        }
        AcquireSRWLockShared(&shared);
        x += counts[2];
        ReleaseSRWLockShared(&shared);
        AcquireSRWLockExclusive(&shared);
        counts[2]++;
        ReleaseSRWLockExclusive(&shared);
        WaitForSingleObject(mutex, INFINITE);
        counts[3]++;
        ReleaseMutex(mutex);
        while (InterlockedExchange(&gate, 1)) {
            LONG one = 1;
            WaitOnAddress(&gate, &one, sizeof gate, INFINITE);
        }
        counts[4]++;
        InterlockedExchange(&gate, 0);
        WakeByAddressSingle((void *)&gate);
    }
    for (int i = 0; i < rounds; i++) {
        x = compute(x, 20000);
        EnterCriticalSection(&section);
        while (turn != (INT_PTR)me)
            SleepConditionVariableCS(&changed, &section, INFINITE);
        counts[5]++;
        turn = (turn + 1) % THREADS;
        LeaveCriticalSection(&section);
        WakeAllConditionVariable(&changed);
    }
    return x == 1;
}

static void locks(void)
{
    InitializeCriticalSection(&section);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    together(locker);
    CHECK(counts[0] == THREADS * rounds * 200L && counts[1] == THREADS * rounds * 200L);
    CHECK(counts[2] == THREADS * rounds && counts[3] == THREADS * rounds);
    CHECK(counts[4] == THREADS * rounds && counts[5] == THREADS * rounds);
    CHECK(section.LockCount == -1 && !section.OwningThread && !shared.Ptr && !exclusive.Ptr);
}

/* -- memory: blocks of a heap; neighbours of pages in use that come, go and change; stacks that grow -------------- */

static unsigned __stdcall user_of_heap(void *me)
{
    unsigned x = 1 + (unsigned)(INT_PTR)me;
    unsigned char *blocks[16] = {0};
    for (int i = 0; i < rounds * 4; i++) {
        int at = (x = compute(x, 5000)) % 16;
        size_t size = 16 + x % 5000;
        if (blocks[at]) {
            size_t had = HeapSize(GetProcessHeap(), 0, blocks[at]);
            for (size_t k = 0; k < had; k++)
                if (blocks[at][k] != (unsigned char)(16 * (INT_PTR)me + at)) {
                    CHECK(0);
                    break;
                }
            HeapFree(GetProcessHeap(), 0, blocks[at]);
        }
        blocks[at] = HeapAlloc(GetProcessHeap(), 0, size);
        memset(blocks[at], 16 * (INT_PTR)me + at, size);
    }
    return 0;
}

static unsigned char *pages;
static volatile LONG done;

static unsigned __stdcall user_of_pages(void *me)
{
    volatile unsigned char *mine = pages + 0x1000 * (2 * (INT_PTR)me + 1);
    if (!me) { /* takes and gives the pages in between */
        for (int i = 0; i < rounds * 4; i++) {
            unsigned char *page = pages + 0x2000 * (i % (THREADS + 1));
            DWORD old;
            compute(i, 20000);
            switch (i / (THREADS + 1) % 4) {
            case 0: CHECK(VirtualAlloc(page, 0x1000, MEM_COMMIT, PAGE_READWRITE)); break;
            case 1: CHECK(VirtualProtect(page, 0x1000, PAGE_NOACCESS, &old)); break;
            case 2: CHECK(VirtualProtect(page, 0x1000, PAGE_READONLY, &old)); break;
            default: CHECK(VirtualFree(page, 0x1000, MEM_DECOMMIT)); break;
            }
        }
        done = 1;
    } else {
        unsigned char value = 0;
        while (!done)
            for (int i = 0; i < 100000; i++) {
                unsigned char *at = (unsigned char *)mine + i % 0x1000;
                value++;
                *(volatile unsigned char *)at = value;
                if (*(volatile unsigned char *)at != value) {
                    CHECK(0);
                    return 1;
                }
            }
    }
    return 0;
}

static int deep(int levels)
{
    volatile char room[0x900];
    room[0] = (char)levels;
    return levels ? deep(levels - 1) + room[0] - (char)levels + 1 : 0;
}

static unsigned __stdcall user_of_stack(void *me)
{
    for (int i = 0; i < 4; i++) {
        compute((unsigned)(INT_PTR)me + 1, 100000);
        CHECK(deep(60 + 80 * i) == 60 + 80 * i);
    }
    return 0;
}

static void memory(void)
{
    DWORD old;
    together(user_of_heap);
    CHECK(HeapValidate(GetProcessHeap(), 0, NULL));
    pages = VirtualAlloc(NULL, 0x1000 * (2 * THREADS + 2), MEM_RESERVE, PAGE_READWRITE);
    for (int i = 0; i < THREADS; i++)
        CHECK(VirtualAlloc(pages + 0x1000 * (2 * i + 1), 0x1000, MEM_COMMIT, PAGE_READWRITE));
    CHECK(VirtualProtect(pages + 0x1000, 0x1000, PAGE_READWRITE, &old));
    together(user_of_pages);
    VirtualFree(pages, 0, MEM_RELEASE);
    together(user_of_stack);
}

/* -- exceptions: each thread's own, and guard pages that only one of them can hit ---------------------------------- */

static volatile LONG handled, guards;
static unsigned char *guarded;

static LONG CALLBACK handler(EXCEPTION_POINTERS *info)
{
    EXCEPTION_RECORD *record = info->ExceptionRecord;
    if (record->ExceptionCode == STATUS_ACCESS_VIOLATION && record->ExceptionInformation[1] == 0x10) {
        if (record->ExceptionInformation[0] == 1 && record->ExceptionAddress == (void *)info->ContextRecord->Rip)
            InterlockedIncrement(&handled);
        info->ContextRecord->Rip += 2; /* mov [rax], ecx */
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (record->ExceptionCode == STATUS_GUARD_PAGE_VIOLATION) {
        InterlockedIncrement(&guards);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static unsigned __stdcall thrower(void *me)
{
    unsigned x = 1 + (unsigned)(INT_PTR)me;
    for (int i = 0; i < rounds; i++) {
        x = compute(x, 20000);
        __asm__ volatile("mov %%ecx, (%%rax)" : : "a"(0x10), "c"(x) : "memory");
        guarded[0x1000 * i] = 1;
    }
    return 0;
}

static void exceptions(void)
{
    void *cookie = AddVectoredExceptionHandler(1, handler);
    guarded = VirtualAlloc(NULL, 0x1000 * (SIZE_T)rounds, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    together(thrower);
    CHECK(handled == THREADS * rounds);
    CHECK(guards == rounds);
    VirtualFree(guarded, 0, MEM_RELEASE);
    RemoveVectoredExceptionHandler(cookie);
}

/* -- threads that others suspend, look into, send elsewhere and end ----------------------------------------------- */

static volatile LONG64 progress[THREADS];
static volatile LONG escaped;

static unsigned __attribute__((noinline)) __stdcall endless(void *me)
{
    while (progress[(INT_PTR)me] >= 0)
        progress[(INT_PTR)me]++;
    return 0;
}

static void __attribute__((noinline)) escape(void)
{
    InterlockedIncrement(&escaped);
    ExitThread(77);
}

static void suspension(void)
{
    HANDLE threads[THREADS];
    DWORD code;
    for (int i = 0; i < THREADS; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, endless, (void *)(INT_PTR)i, 0, NULL);
    for (int i = 0; i < rounds; i++) {
        HANDLE thread = threads[i % THREADS];
        CONTEXT context = {.ContextFlags = CONTEXT_FULL};
        Sleep(i % 16 ? 0 : 20);
        compute(i, 50000);
        CHECK(SuspendThread(thread) == 0);
        CHECK(GetThreadContext(thread, &context));
        LONG64 before = progress[i % THREADS];
        compute(i, 300000);
        CHECK(progress[i % THREADS] == before);
        if (before)
            CHECK(context.Rip - (DWORD64)endless < 64);
        CHECK(ResumeThread(thread) == 1);
    }
    for (int i = 0; i < THREADS; i++)
        for (LONG64 before = progress[i]; progress[i] == before;)
            compute(i, 1000); /* all get on, and this one too */
    for (int i = 0; i < THREADS; i++) {
        if (i % 2) {
            CHECK(TerminateThread(threads[i], 99));
        } else {
            CONTEXT context = {.ContextFlags = CONTEXT_FULL};
            CHECK(SuspendThread(threads[i]) == 0 && GetThreadContext(threads[i], &context));
            context.Rip = (DWORD64)escape;
            context.Rsp = (context.Rsp & ~15ull) - 0x108;
            CHECK(SetThreadContext(threads[i], &context));
            CHECK(ResumeThread(threads[i]) == 1);
        }
        CHECK(WaitForSingleObject(threads[i], INFINITE) == WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(threads[i], &code) && code == (i % 2 ? 99 : 77));
        CloseHandle(threads[i]);
    }
    CHECK(escaped == THREADS / 2);
    for (int i = 0; i < rounds; i++) {
        HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, endless, NULL, 0, NULL);
        Sleep(i % 8 ? 0 : 15);
        CHECK(TerminateThread(thread, 5));
        CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
        CloseHandle(thread);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = atoi(argv[1]);
    setvbuf(stdout, NULL, _IONBF, 0);
    locks();
    printf("locks: %ld\n", bad);
    memory();
    printf("memory: %ld\n", bad);
    exceptions();
    printf("exceptions: %ld\n", bad);
    suspension();
    printf("suspension: %ld\n", bad);
    for (int i = 0; i < THREADS; i++) /* the process ends while they run */
        _beginthreadex(NULL, 0, endless, (void *)(INT_PTR)i, 0, NULL);
    Sleep(50);
    return bad ? 1 : 42;
}

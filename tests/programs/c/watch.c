/* Debug registers that watch data: what hits, where a thread then stands, and what Dr6 says. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define WRITES 1
#define BOTH 3

static unsigned char all[256] __attribute__((aligned(64)));
#define room (all + 64)
static struct { ULONG64 dr6, rip; DWORD flags; } hits[64];
static volatile int count;
static int stop_after;
static const int lengths[9] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
    CONTEXT *c = p->ContextRecord;
    if (p->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP)
        return EXCEPTION_CONTINUE_SEARCH;
    if (count < 64) {
        hits[count].dr6 = c->Dr6 & 0xE00F, hits[count].rip = c->Rip, hits[count].flags = c->EFlags & 0x10100;
        if (p->ExceptionRecord->ExceptionAddress != (void *)c->Rip)
            printf("address %p, not %p\n", p->ExceptionRecord->ExceptionAddress, (void *)c->Rip);
    }
    c->Dr6 = 0;
    if (++count == stop_after)
        c->Dr7 = 0;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static ULONG64 control(int number, int kind, int size)
{
    return 1ull << 2 * number | (ULONG64)(kind | lengths[size] << 2) << (16 + 4 * number);
}

static void set(HANDLE thread, void *a, void *b, ULONG64 dr7)
{
    CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = (ULONG64)a, .Dr1 = (ULONG64)b, .Dr7 = dr7};
    if (!SetThreadContext(thread, &c))
        printf("not set: %lu\n", GetLastError());
}

static void watch(void *place, int kind, int size)
{
    count = 0;
    set(GetCurrentThread(), place, NULL, control(0, kind, size));
}

static void done(const char *name)
{
    int seen = count;
    set(GetCurrentThread(), NULL, NULL, 0);
    printf("%s: %d", name, seen);
    for (int i = 0; i < seen && i < 8; i++)
        printf(" [%llx %lx]", hits[i].dr6, hits[i].flags);
    printf("\n");
}

#define AT(code) __asm__ volatile(code : : "r"(room), "a"(0x1122334455667788ull) : "memory", "xmm0", "rcx", "rdx", "rdi", "rsi", "r8")
#define TRY(name, place, kind, size, code) do { watch(place, kind, size); AT(code); done(name); } while (0)

/* Each way to touch the 8 bytes at room + 16. */
static void ways(int kind, int size)
{
    char name[40];
    for (int at = 8; at < 28; at++) {
        watch(room + 16, kind, size);
        *(volatile char *)(room + at) = 1;
        int bytes = count;
        *(volatile short *)(room + at) = 1;
        int words = count - bytes;
        *(volatile ULONG64 *)(room + at) = 1;
        int longs = count - bytes - words;
        int read = *(volatile char *)(room + at);
        int reads = count - bytes - words - longs;
        set(GetCurrentThread(), NULL, NULL, 0);
        (void)read;
        if (bytes | words | longs | reads) {
            snprintf(name, sizeof name, "%d%d%d%d", bytes, words, longs, reads);
            printf(" %d:%s", at, name);
        }
    }
    printf("\n");
}

static void one_by_one(void)
{
    /* where it stands afterwards */
    ULONG64 behind;
    watch(room + 16, WRITES, 4);
    __asm__ volatile("movl $5, 16(%1)\n1: lea 1b(%%rip), %0\n nop\n nop\n" : "=r"(behind) : "r"(room) : "memory");
    int right = count == 1 && hits[0].rip == behind;
    done("write");
    printf("behind it: %d\n", right);

    TRY("read of a write", room + 16, WRITES, 4, "mov 16(%0), %%rcx");
    TRY("read", room + 16, BOTH, 4, "mov 16(%0), %%rcx");
    TRY("increment", room + 16, WRITES, 4, "incl 16(%0)");
    TRY("increment of both", room + 16, BOTH, 4, "incl 16(%0)");
    TRY("locked", room + 16, WRITES, 4, "lock incl 16(%0)");
    TRY("exchange", room + 16, WRITES, 4, "xchg %%eax, 16(%0)");
    TRY("16 bytes", room + 16, WRITES, 4, "movups %%xmm0, 8(%0)");
    TRY("16 bytes behind", room + 16, WRITES, 4, "movups %%xmm0, 20(%0)");
    TRY("string", room + 16, WRITES, 4, "mov %0, %%r8\n lea 18(%%r8), %%rdi\n mov $5, %%ecx\n rep stosb");
    TRY("string read", room + 16, BOTH, 4, "mov %0, %%r8\n lea 18(%%r8), %%rsi\n lea 40(%%r8), %%rdi\n mov $5, %%ecx\n rep movsb");
    TRY("no access", room + 16, BOTH, 4, "lea 16(%0), %%rcx\n prefetcht0 16(%0)");
    TRY("of the x87", room + 17, WRITES, 1, "fnsave -20(%0)\n frstor -20(%0)");
    static unsigned char stack[65536];
    watch(stack + 60000 - 8, WRITES, 8);
    __asm__ volatile("mov %%rsp, %%rbx\n mov %0, %%rsp\n push %%rax\n mov %%rbx, %%rsp" : : "r"(stack + 60000) : "rbx", "memory");
    done("push");
}

static void together(void)
{
    count = 0;
    set(GetCurrentThread(), room + 16, room + 18, control(0, WRITES, 4) | control(1, WRITES, 1));
    AT("movl $1, 16(%0)\n movb $1, 16(%0)\n movb $1, 18(%0)");
    done("two");
    count = 0;
    set(GetCurrentThread(), room + 16, NULL, control(0, WRITES, 4) & ~3ull);
    AT("movl $1, 16(%0)");
    done("disabled");
    /* The trap flag, and data: one exception for both. */
    watch(room + 16, WRITES, 4);
    __asm__ volatile("pushfq\n orl $0x100, (%%rsp)\n popfq\n movl $5, 16(%0)\n nop\n" : : "r"(room) : "memory", "cc");
    done("stepped");
    /* An instruction, and the data that it touches: first the one, then the other. */
    void *place;
    unsigned char code[] = {0xC6, 0x01, 0x05, 0xC3}; /* mov byte [rcx], 5; ret */
    place = VirtualAlloc(NULL, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(place, code, sizeof code);
    count = 0;
    CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = (ULONG64)place, .Dr3 = (ULONG64)(room + 16),
                 .Dr7 = 1 | control(3, WRITES, 4)};
    printf("both set %d\n", SetThreadContext(GetCurrentThread(), &c));
    ((void (*)(void *))place)(room + 16);
    int right = count == 2 && hits[0].rip == (ULONG64)place && hits[1].rip == (ULONG64)place + 3;
    done("an instruction and its data");
    printf("before and behind it: %d\n", right);
}

static void switched_off(void)
{
    stop_after = 2;
    watch(room + 16, WRITES, 4);
    for (int i = 0; i < 5; i++)
        *(volatile int *)(room + 16) = i;
    done("switched off by its handler");
    stop_after = 0;
}

static DWORD WINAPI writer(void *arg)
{
    *(volatile int *)(room + 16) = 3;
    return (DWORD)(ULONG_PTR)arg;
}

static void threads(void)
{
    HANDLE thread;
    watch(room + 16, WRITES, 4);
    thread = CreateThread(NULL, 0, writer, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE), CloseHandle(thread);
    done("another thread writes");
    count = 0;
    thread = CreateThread(NULL, 0, writer, NULL, CREATE_SUSPENDED, NULL);
    set(thread, room + 16, NULL, control(0, WRITES, 4));
    CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
    printf("got %d", GetThreadContext(thread, &c));
    printf(" %d %llx\n", c.Dr0 == (ULONG64)(room + 16), c.Dr7 & ~0xDC00ull);
    *(volatile int *)(room + 16) = 4;
    printf("this one: %d\n", count);
    ResumeThread(thread), WaitForSingleObject(thread, INFINITE), CloseHandle(thread);
    done("the other one, which is watched");
    count = 0;
    thread = CreateThread(NULL, 0, writer, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE), CloseHandle(thread);
    done("a new one after it");
}

static void *first_fiber, *other_fiber;

static VOID CALLBACK fiber(void *arg)
{
    *(volatile int *)(room + 16) = 5;
    SwitchToFiber(first_fiber);
}

static void fibers(void)
{
    first_fiber = ConvertThreadToFiber(NULL);
    other_fiber = CreateFiber(0, fiber, NULL);
    watch(room + 16, WRITES, 4);
    SwitchToFiber(other_fiber);
    int in_the_other = count;
    *(volatile int *)(room + 16) = 6;
    printf("in another fiber of the thread: %d, and in this one:", in_the_other);
    done("");
    DeleteFiber(other_fiber);
}

static int debuggee(void)
{
    __debugbreak();
    *(volatile short *)(room + 16) = 1;
    *(volatile short *)(room + 18) = 2;
    return 4;
}

/* A debugger that watches what another process writes. */
static void debugger(const char *self)
{
    char command[MAX_PATH + 16];
    STARTUPINFOA info = {.cb = sizeof info};
    PROCESS_INFORMATION child;
    int breakpoints = 0;
    snprintf(command, sizeof command, "\"%s\" debuggee", self);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, DEBUG_PROCESS, NULL, NULL, &info, &child)) {
        printf("no child\n");
        return;
    }
    for (DEBUG_EVENT event; WaitForDebugEvent(&event, INFINITE);) {
        DWORD how = DBG_CONTINUE;
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
            DWORD code = event.u.Exception.ExceptionRecord.ExceptionCode;
            CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
            if (code == EXCEPTION_BREAKPOINT && ++breakpoints == 2) {
                c.Dr2 = (ULONG64)(room + 18), c.Dr7 = control(2, WRITES, 2);
                printf("watched %d\n", SetThreadContext(child.hThread, &c));
            } else if (code == EXCEPTION_SINGLE_STEP) {
                printf("got %d", GetThreadContext(child.hThread, &c));
                printf(" hit %llx\n", c.Dr6 & 0x400F);
            } else if (breakpoints != 1)
                how = DBG_EXCEPTION_NOT_HANDLED;
        }
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, how);
        if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) {
            printf("ended with %lu\n", event.u.ExitProcess.dwExitCode);
            break;
        }
    }
    CloseHandle(child.hThread), CloseHandle(child.hProcess);
}

static void long_run(void)
{
    static volatile unsigned table[256];
    unsigned sum = 0;
    watch(room + 16, WRITES, 4);
    for (unsigned i = 0; i < 100000; i++) {
        table[i & 255] += i;
        sum += table[(i * 7) & 255];
    }
    *(volatile unsigned *)(room + 16) = sum;
    done("after much else");
    printf("sum %u\n", sum);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "debuggee"))
        return debuggee();
    AddVectoredExceptionHandler(1, handler);
    one_by_one();
    for (int size = 1; size <= 8; size *= 2) {
        printf("%d written:", size), ways(WRITES, size);
        printf("%d both:", size), ways(BOTH, size);
    }
    together();
    switched_off();
    threads();
    fibers();
    long_run();
    fflush(stdout);
    debugger(argv[0]);
    return 0;
}

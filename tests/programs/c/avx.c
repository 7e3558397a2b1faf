/* The upper halves of the YMM registers: in exceptions, in the contexts of threads and of other processes, across threads. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#undef XSTATE_AVX
#undef XSTATE_MASK_AVX
#undef CONTEXT_XSTATE
#define XSTATE_AVX 2
#define XSTATE_MASK_AVX (1ull << XSTATE_AVX)
#define CONTEXT_XSTATE (CONTEXT_AMD64 | 0x40)

typedef struct { LONG offset; DWORD length; } Chunk;
typedef struct { Chunk all, legacy, xstate; } Extended;
typedef struct { ULONG64 mask, compaction, reserved[6]; M128A ymm[16]; } Area;
typedef NTSTATUS(NTAPI *Continue)(CONTEXT *, BOOLEAN);
static Continue nt_continue;

static const char *kind(ULONG64 compaction)
{
    return !compaction ? "0" : compaction == ((1ull << 63) | XSTATE_MASK_AVX) ? "avx" : "other";
}

static Area *area_of(CONTEXT *c)
{
    Extended *ex = (Extended *)(c + 1);
    return (Area *)((char *)ex + ex->xstate.offset);
}

static int same(const void *data, int byte, int size)
{
    for (int i = 0; i < size; i++)
        if (((const unsigned char *)data)[i] != byte)
            return 0;
    return 1;
}

/* Loads all 32-byte registers with a byte, raises an exception by ud2, and stores them. */
static void loaded(int byte, unsigned char out[16][32])
{
    unsigned char value[32] __attribute__((aligned(32)));
    memset(value, byte, sizeof value);
    __asm__ volatile(
        "vmovaps (%0), %%ymm0\n vmovaps (%0), %%ymm1\n vmovaps (%0), %%ymm2\n vmovaps (%0), %%ymm3\n"
        "vmovaps (%0), %%ymm4\n vmovaps (%0), %%ymm5\n vmovaps (%0), %%ymm6\n vmovaps (%0), %%ymm7\n"
        "vmovaps (%0), %%ymm8\n vmovaps (%0), %%ymm9\n vmovaps (%0), %%ymm10\n vmovaps (%0), %%ymm11\n"
        "vmovaps (%0), %%ymm12\n vmovaps (%0), %%ymm13\n vmovaps (%0), %%ymm14\n vmovaps (%0), %%ymm15\n"
        "ud2\n"
        "vmovups %%ymm0, (%1)\n vmovups %%ymm1, 32(%1)\n vmovups %%ymm2, 64(%1)\n vmovups %%ymm3, 96(%1)\n"
        "vmovups %%ymm4, 128(%1)\n vmovups %%ymm5, 160(%1)\n vmovups %%ymm6, 192(%1)\n vmovups %%ymm7, 224(%1)\n"
        "vmovups %%ymm8, 256(%1)\n vmovups %%ymm9, 288(%1)\n vmovups %%ymm10, 320(%1)\n vmovups %%ymm11, 352(%1)\n"
        "vmovups %%ymm12, 384(%1)\n vmovups %%ymm13, 416(%1)\n vmovups %%ymm14, 448(%1)\n vmovups %%ymm15, 480(%1)\n"
        "vzeroupper\n"
        : : "r"(value), "r"(out)
        : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15");
}

static void spoil(void)
{
    unsigned char value[32];
    memset(value, 0xEE, sizeof value);
    __asm__ volatile("vmovups (%0), %%ymm3\n vmovups (%0), %%ymm9\n" : : "r"(value) : "xmm3", "xmm9");
}

static enum { LOOK, CHANGE, FORGET, NO_LENGTH } what;
static int told;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
    CONTEXT *c = p->ContextRecord;
    Extended *ex = (Extended *)(c + 1);
    Area *area = area_of(c);
    if (p->ExceptionRecord->ExceptionCode == (DWORD)0xC000000D) {
        printf("  refused: %lx, flags %lx\n", p->ExceptionRecord->ExceptionCode, p->ExceptionRecord->ExceptionFlags & 1);
        ExitProcess(5);
    }
    if (p->ExceptionRecord->ExceptionCode != EXCEPTION_ILLEGAL_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    c->Rip += 2;
    if (!told++) {
        printf("flags %lx, of all %ld %d, legacy %ld %lx, area %d long, aligned %d, behind the record %d\n", c->ContextFlags & 0x5F,
               ex->all.offset, ex->all.length == sizeof *c + ex->xstate.offset + ex->xstate.length, ex->legacy.offset,
               ex->legacy.length, ex->xstate.length >= sizeof *area, (int)((ULONG_PTR)area & 63),
               ex->xstate.offset >= (LONG)(0x20 + sizeof(EXCEPTION_RECORD)));
        printf("mask %llx, compaction %s, record behind it %d\n", area->mask & 7, kind(area->compaction & ~3ull),
               (char *)p->ExceptionRecord == (char *)ex + 0x20);
        DWORD length = 0;
        printf("found %d", LocateXStateFeature(c, XSTATE_AVX, &length) == (void *)area->ymm);
        printf(" %lu\n", length);
    }
    printf("  seen: low %d, high %d, mask %llx\n", same(&c->Xmm0, 0x11 * (told % 15 + 1), 256) ||  same(&c->Xmm0, 0x42, 256),
           same(area->ymm, 0x42, 256), area->mask & 7);
    switch (what) {
    case CHANGE:
        memset(&area->ymm[3], 0x77, sizeof(M128A));
        memset(&c->Xmm9, 0x66, sizeof(M128A));
        break;
    case FORGET: area->mask = 0; break;
    case NO_LENGTH: ex->xstate.length = 8; break;
    default: break;
    }
    spoil();
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void show(const char *name, unsigned char out[16][32])
{
    printf("%s:", name);
    for (int i = 0; i < 16; i++)
        printf(" %02x%02x", out[i][0], out[i][31]);
    printf("\n");
}

static void exceptions(void)
{
    static unsigned char out[16][32];
    void *added = AddVectoredExceptionHandler(1, handler);
    what = LOOK, loaded(0x42, out), show("looked", out);
    what = CHANGE, loaded(0x42, out), show("changed", out);
    what = FORGET, loaded(0x42, out), show("forgotten", out);
    RemoveVectoredExceptionHandler(added);
}

static void restored(void)
{
    static char buffer[4096];
    CONTEXT *c = NULL;
    DWORD length = sizeof buffer;
    unsigned char before[32], after[32] = {0};
    memset(before, 0x5A, sizeof before);
    printf("initialized %d\n", InitializeContext(buffer, CONTEXT_ALL | CONTEXT_XSTATE, &c, &length));
    SetXStateFeaturesMask(c, XSTATE_MASK_AVX);
    for (volatile int pass = 0; pass < 3;) {
        if (pass == 0)
            __asm__ volatile("vmovups %0, %%ymm8\n" : : "m"(before) : "xmm8");
        RtlCaptureContext(c);
        __asm__ volatile("vmovups %%ymm8, %0\n vzeroupper\n" : "=m"(after) : : "xmm8", "memory");
        printf("pass %d: %02x %02x flags %lx\n", pass, after[0], after[31], c->ContextFlags & 0x4F);
        c->ContextFlags = CONTEXT_FULL | CONTEXT_XSTATE;
        area_of(c)->mask = pass == 1 ? 0 : XSTATE_MASK_AVX;
        memset(&area_of(c)->ymm[8], 0x30 + pass, sizeof(M128A));
        memset(&c->Xmm8, 0x20 + pass, sizeof(M128A));
        if (++pass == 1)
            nt_continue(c, FALSE);
        else if (pass == 2)
            RtlRestoreContext(c, NULL);
    }
}

static volatile LONG stage;

static void spin(unsigned char value[32], unsigned char out[32])
{
    __asm__ volatile("vmovups (%1), %%ymm6\n movl $1, %0\n1: pause\n cmpl $1, %0\n je 1b\n vmovups %%ymm6, (%2)\n vzeroupper\n"
                     : "+m"(stage) : "r"(value), "r"(out) : "xmm6", "memory");
}

static unsigned char spun[32];

static DWORD WINAPI spinner(void *arg)
{
    unsigned char value[32];
    memset(value, 0x66, sizeof value);
    spin(value, spun);
    return 0;
}

static DWORD WINAPI nothing(void *arg)
{
    return 7;
}

static CONTEXT *prepared(char *buffer, DWORD size)
{
    CONTEXT *c = NULL;
    memset(buffer, 0xCC, size);
    InitializeContext(buffer, CONTEXT_FULL | CONTEXT_XSTATE, &c, &size);
    SetXStateFeaturesMask(c, XSTATE_MASK_AVX);
    return c;
}

static void suspended(void)
{
    static char buffer[4096];
    HANDLE thread = CreateThread(NULL, 0, nothing, NULL, CREATE_SUSPENDED, NULL);
    CONTEXT *c = prepared(buffer, sizeof buffer);
    memset(area_of(c)->ymm, 0xCC, 256);
    BOOL got = GetThreadContext(thread, c);
    printf("new: %d mask %llx, untouched %d\n", got, area_of(c)->mask, same(area_of(c)->ymm, 0xCC, 256));
    area_of(c)->mask = XSTATE_MASK_AVX, memset(area_of(c)->ymm, 0x33, 256);
    printf("set %d\n", SetThreadContext(thread, c));
    memset(area_of(c)->ymm, 0xCC, 256);
    got = GetThreadContext(thread, c);
    printf("again: %d mask %llx, as set %d\n", got, area_of(c)->mask, same(area_of(c)->ymm, 0x33, 256));
    /* Of its own thread: Wine does not look at the lengths for another one. */
    ((Extended *)(c + 1))->xstate.length = 64;
    __asm__ volatile("vcmpps $15, %%ymm4, %%ymm4, %%ymm4" : : : "xmm4");
    got = GetThreadContext(GetCurrentThread(), c);
    printf("no room: %d %lu, mask %llx\n", got, got ? 0 : GetLastError(), area_of(c)->mask);
    ((Extended *)(c + 1))->xstate.length = 63;
    got = GetThreadContext(GetCurrentThread(), c);
    printf("no header: %d %lu\n", got, got ? 0 : GetLastError());
    got = SetThreadContext(thread, c);
    printf("no header: %d %lu\n", got, got ? 0 : GetLastError());
    ResumeThread(thread), WaitForSingleObject(thread, INFINITE), CloseHandle(thread);

    thread = CreateThread(NULL, 0, spinner, NULL, 0, NULL);
    while (stage != 1)
        Sleep(1);
    SuspendThread(thread);
    c = prepared(buffer, sizeof buffer);
    got = GetThreadContext(thread, c);
    printf("running: %d mask %llx, low %d, high %d\n", got, area_of(c)->mask, same(&c->Xmm6, 0x66, 16),
           same(&area_of(c)->ymm[6], 0x66, 16));
    memset(&area_of(c)->ymm[6], 0x99, 16);
    printf("set %d\n", SetThreadContext(thread, c));
    ResumeThread(thread), stage = 2;
    WaitForSingleObject(thread, INFINITE), CloseHandle(thread);
    printf("it had %02x%02x\n", spun[0], spun[31]);
}

static DWORD WINAPI switching(void *arg)
{
    unsigned char value[32], now[32];
    int wrong = 0;
    memset(value, (int)(ULONG_PTR)arg, sizeof value);
    for (int round = 0; round < 50; round++) {
        volatile unsigned count = 2000;
        __asm__ volatile("vmovups (%1), %%ymm7\n vmovups (%1), %%ymm2\n1: decl %0\n jnz 1b\n vaddps %%ymm2, %%ymm2, %%ymm1\n"
                         "vmovups %%ymm7, (%2)\n"
                         : "+m"(count) : "r"(value), "r"(now) : "xmm1", "xmm2", "xmm7", "memory");
        wrong += memcmp(value, now, sizeof now) != 0;
        if (round % 8 == 0)
            Sleep(0);
    }
    __asm__ volatile("vzeroupper");
    return wrong;
}

static void threads(void)
{
    HANDLE all[4];
    for (int i = 0; i < 4; i++)
        all[i] = CreateThread(NULL, 0, switching, (void *)(ULONG_PTR)(i + 1), 0, NULL);
    for (int i = 0; i < 4; i++) {
        DWORD wrong = 99;
        WaitForSingleObject(all[i], INFINITE), GetExitCodeThread(all[i], &wrong), CloseHandle(all[i]);
        printf("thread %d: %lu wrong\n", i, wrong);
    }
    /* One that comes after others does not find what they had. */
    unsigned char now[32] = {1};
    __asm__ volatile("vmovups %%ymm15, %0" : "=m"(now));
    printf("main: upper half of ymm15 %d\n", same(now + 16, 0, 16));
}

static DWORD WINAPI fresh(void *arg)
{
    unsigned char now[32];
    __asm__ volatile("vmovups %%ymm7, %0" : "=m"(now));
    return !same(now + 16, 0, 16);
}

static int debuggee(void)
{
    unsigned char value[32], out[32];
    memset(value, 0x21, sizeof value);
    __asm__ volatile("vmovups (%0), %%ymm5\n int3\n vmovups %%ymm5, (%1)\n vzeroupper" : : "r"(value), "r"(out) : "xmm5", "memory");
    return out[0] << 8 | out[31];
}

static void debugged(const char *self)
{
    static char buffer[4096];
    char command[MAX_PATH + 16];
    STARTUPINFOA info = {.cb = sizeof info};
    PROCESS_INFORMATION child;
    int breakpoints = 0;
    DWORD code = 0;
    snprintf(command, sizeof command, "\"%s\" debuggee", self);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, DEBUG_PROCESS, NULL, NULL, &info, &child)) {
        printf("no child\n");
        return;
    }
    for (DEBUG_EVENT event; WaitForDebugEvent(&event, INFINITE);) {
        DWORD how = DBG_CONTINUE;
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
            if (event.u.Exception.ExceptionRecord.ExceptionCode == EXCEPTION_BREAKPOINT && ++breakpoints == 2) {
                CONTEXT *c = prepared(buffer, sizeof buffer);
                BOOL got = GetThreadContext(child.hThread, c);
                printf("in another process: %d mask %llx, low %d, high %d\n", got, area_of(c)->mask, same(&c->Xmm5, 0x21, 16),
                       same(&area_of(c)->ymm[5], 0x21, 16));
                memset(&c->Xmm5, 0x43, 16), memset(&area_of(c)->ymm[5], 0x65, 16);
                printf("set %d\n", SetThreadContext(child.hThread, c));
            } else if (breakpoints != 1)
                how = DBG_EXCEPTION_NOT_HANDLED;
        }
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, how);
        if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) {
            code = event.u.ExitProcess.dwExitCode;
            break;
        }
    }
    printf("it had %lx\n", code);
    CloseHandle(child.hThread), CloseHandle(child.hProcess);
}

static void refused(void)
{
    static unsigned char out[16][32];
    AddVectoredExceptionHandler(1, handler);
    what = NO_LENGTH, loaded(0x42, out), show("not refused", out);
}

int main(int argc, char **argv)
{
    if (!(GetEnabledXStateFeatures() & XSTATE_MASK_AVX)) {
        printf("the processor has no AVX\n");
        return 77;
    }
    if (argc > 1 && !strcmp(argv[1], "debuggee"))
        return debuggee();
    nt_continue = (Continue)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtContinue");
    exceptions();
    restored();
    suspended();
    threads();
    HANDLE thread = CreateThread(NULL, 0, fresh, NULL, 0, NULL);
    DWORD dirty = 9;
    WaitForSingleObject(thread, INFINITE), GetExitCodeThread(thread, &dirty);
    printf("a new thread finds %lu\n", dirty);
    debugged(argv[0]);
    fflush(stdout);
    if (argc > 1)
        refused();
    return 0;
}

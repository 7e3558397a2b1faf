// Structured exception handling: filters with each answer, __finally, hardware exceptions, guard pages, the stack's end.
#include "runtime.h"

struct Record { DWORD code, flags; Record *next; char *address; DWORD count; size_t information[15]; };
struct Context {
    size_t homes[6];
    DWORD flags, mxcsr;
    unsigned short cs, ds, es, fs, gs, ss;
    DWORD eflags;
    size_t dr[6];
    size_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15, rip;
};
struct Pointers { Record *record; Context *context; };
typedef long (*Vectored)(Pointers *);
typedef unsigned long (*ThreadStart)(void *);
extern "C" {
__declspec(dllimport) void *AddVectoredExceptionHandler(DWORD, Vectored);
__declspec(dllimport) DWORD RemoveVectoredExceptionHandler(void *);
__declspec(dllimport) void *VirtualAlloc(void *, size_t, DWORD, DWORD);
__declspec(dllimport) int VirtualProtect(void *, size_t, DWORD, DWORD *);
__declspec(dllimport) HANDLE CreateThread(void *, size_t, ThreadStart, void *, DWORD, DWORD *);
__declspec(dllimport) DWORD WaitForSingleObject(HANDLE, DWORD);
__declspec(dllimport) int GetExitCodeThread(HANDLE, DWORD *);
__declspec(dllimport) int SetThreadStackGuarantee(DWORD *);
int _resetstkoflw();
unsigned long _exception_code();
void *_exception_info();
int _abnormal_termination();
}
#define INFO ((Pointers *)_exception_info())
#define NOINLINE __attribute__((noinline))

static char *block;
static DWORD old;

static long show(Pointers *p, long answer)
{
    Record *r = p->record;
    printf("[%lx", r->code);
    if (r->flags)
        printf(" flags %lx", r->flags);
    if (r->code == 0xC0000005 || r->code == 0x80000001)
        printf(" %d at %s%d", int(r->information[0]), r->information[1] - size_t(block) < 0x10000 ? "block+" : "",
               int(r->information[1] - (r->information[1] - size_t(block) < 0x10000 ? size_t(block) : 0)));
    else
        for (DWORD i = 0; i < r->count; i++)
            printf(" %llx", r->information[i]);
    printf("] ");
    return answer;
}

template <class F> static NOINLINE void attempt(const char *name, F f)
{
    printf("%s: ", name);
    __try { f(); printf("nothing\n"); } __except (show(INFO, 1)) { printf("handled\n"); }
}

static long make_writable(Pointers *p)
{
    show(p, 0);
    VirtualProtect(block, 0x1000, 4, &old);
    return -1;
}

static long skip(Pointers *p, int bytes)
{
    show(p, 0);
    p->context->rip += bytes;
    return -1;
}

static void dispositions()
{
    attempt("raise", [] { size_t args[] = {1, 2, 3}; RaiseException(0xE0000001, 0, 3, args); });
    attempt("noncontinuable", [] {
        __try { RaiseException(0xE0000002, 1, 0, nullptr); }
        __except (show(INFO, _exception_code() == 0xE0000002 ? -1 : 1)) { printf("inner "); }
    });
    attempt("continued", [] {
        __try { RaiseException(0xE0000003, 0, 0, nullptr); printf("went on "); } __except (show(INFO, -1)) {}
    });
    attempt("passed on", [] {
        __try { RaiseException(0xE0000004, 0, 0, nullptr); } __except (show(INFO, 0)) { printf("no\n"); }
    });
    attempt("in a filter", [] {
        __try { RaiseException(0xE0000005, 0, 0, nullptr); }
        __except (show(INFO, 1), _exception_code() == 0xE0000005 ? RaiseException(0xE0000006, 0, 0, nullptr) : void(), 1) {
            printf("nested ");
        }
    });
    attempt("in a filter, caught there", [] {
        __try { RaiseException(0xE0000007, 0, 0, nullptr); }
        __except (attempt("(inner", [] { RaiseException(0xE0000008, 0, 0, nullptr); }), 1) { printf("outer "); }
    });
    attempt("in a handler", [] {
        __try { RaiseException(0xE0000009, 0, 0, nullptr); } __except (1) { RaiseException(0xE000000A, 0, 0, nullptr); }
    });
}

static NOINLINE int leaves(int how)
{
    __try {
        if (how == 1)
            return 1;
        if (how == 2)
            RaiseException(0xE0000010, 0, 0, nullptr);
        if (how == 3)
            __leave;
    } __finally {
        printf("finally %d ", _abnormal_termination());
    }
    return 0;
}

static NOINLINE void raises_leaving()
{
    __try { RaiseException(0xE0000011, 0, 0, nullptr); }
    __finally { printf("one "); RaiseException(0xE0000012, 0, 0, nullptr); }
}

static NOINLINE void collides()
{
    __try { raises_leaving(); } __finally { printf("two "); }
}

static void finally()
{
    for (int how = 0; how < 4; how++)
        attempt("leaving", [how] { printf("%d ", leaves(how)); });
    attempt("collided", [] {
        __try { collides(); } __except (show(INFO, _exception_code() == 0xE0000012)) { printf("inner "); }
    });
    attempt("caught in finally", [] {
        __try { RaiseException(0xE0000013, 0, 0, nullptr); }
        __finally { attempt("(inside", [] { RaiseException(0xE0000014, 0, 0, nullptr); }); }
    });
}

static void hardware()
{
    attempt("read", [] { *(volatile int *)8; });
    attempt("write", [] { *(volatile int *)16 = 1; });
    attempt("execute", [] { ((void (*)())24)(); });
    attempt("far", [] { __asm__ volatile("movabsq $0x1235678000000000, %%rax; movl (%%rax), %%eax" ::: "rax"); });
    attempt("divide", [] { __asm__ volatile("xorl %%ecx, %%ecx; xorl %%edx, %%edx; divl %%ecx" ::: "rax", "rcx", "rdx"); });
    attempt("illegal", [] { __asm__ volatile("ud2"); });
    attempt("privileged", [] { __asm__ volatile("hlt"); });
    attempt("breakpoint", [] { __asm__ volatile("int3"); });
    attempt("interrupt", [] { __asm__ volatile("int $0x50"); });
    attempt("skipped", [] {
        __try { __asm__ volatile("ud2"); printf("went on "); } __except (skip(INFO, 2)) {}
    });
    attempt("step", [] {
        __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; nop; nop" ::: "memory");
    });
}

static void pages()
{
    block = (char *)VirtualAlloc(nullptr, 0x10000, 0x3000, 2);
    attempt("read only", [] { block[5] = 1; });
    attempt("fixed", [] {
        __try { block[6] = 42; printf("%d ", block[6]); } __except (make_writable(INFO)) {}
    });
    VirtualProtect(block, 0x1000, 0x104, &old);
    attempt("guard", [] { block[7] = 1; });
    attempt("guard again", [] { block[7] = 1; printf("%d ", block[7]); });
    VirtualProtect(block, 0x1000, 1, &old);
    attempt("no access", [] { *(volatile char *)(block + 9); });
    VirtualProtect(block, 0x1000, 4, &old);
    block[0] = (char)0xC3;
    attempt("no code", [] { ((void (*)())block)(); });
}

static long order(Pointers *p)
{
    if (p->record->code == 0xE0000020)
        printf("second ");
    return 0;
}

static void *handle;
static long first(Pointers *p)
{
    if (p->record->code != 0xE0000020)
        return 0;
    printf("first ");
    attempt("(in the handler", [] { RaiseException(0xE0000021, 0, 0, nullptr); });
    RemoveVectoredExceptionHandler(handle);
    return 0;
}

static void vectored()
{
    void *last = AddVectoredExceptionHandler(0, order);
    handle = AddVectoredExceptionHandler(1, first);
    attempt("vectored", [] { RaiseException(0xE0000020, 0, 0, nullptr); });
    attempt("vectored", [] { RaiseException(0xE0000020, 0, 0, nullptr); });
    printf("%ld %ld\n", RemoveVectoredExceptionHandler(last), RemoveVectoredExceptionHandler(last));
}

#pragma clang diagnostic ignored "-Winfinite-recursion"
static NOINLINE int endless(volatile char *above)
{
    volatile char room[512];
    room[0] = above ? above[0] : 1;
    return endless(room) + room[0];
}

static unsigned long overflowing(void *times)
{
    DWORD guarantee = 0x4000;
    printf("guarantee %d\n", SetThreadStackGuarantee(&guarantee));
    for (size_t i = 0; i < size_t(times); i++) {
        __try { endless(nullptr); } __except (_exception_code() == 0xC00000FD) { printf("overflow handled "); }
        printf("reset %d\n", _resetstkoflw());
    }
    return 7;
}

int run(const char *argument)
{
    if (!strcmp(argument, "overflow")) {
        DWORD code = 0;
        HANDLE thread = CreateThread(nullptr, 0x40000, overflowing, (void *)1, 0x10000, nullptr);
        WaitForSingleObject(thread, ~0ul);
        GetExitCodeThread(thread, &code);
        printf("thread %ld\n", code);
        overflowing((void *)1);
    } else if (!strcmp(argument, "crash")) {
        *(volatile int *)16 = 1;
    } else if (!strcmp(argument, "frame")) {
        attempt("collided in one frame", [] {
            __try {
                __try {
                    __try { RaiseException(0xE0000011, 0, 0, nullptr); }
                    __finally { printf("one "); RaiseException(0xE0000012, 0, 0, nullptr); }
                } __finally { printf("two "); }
            } __except (show(INFO, _exception_code() == 0xE0000012)) { printf("inner "); }
        });
    } else if (!strcmp(argument, "overflows")) {
        overflowing((void *)3);
    } else {
        dispositions();
        finally();
        hardware();
        pages();
        vectored();
    }
    return 0;
}

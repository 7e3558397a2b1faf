// Ways out of blocks: longjmp past __finally, return and continue out of one; exceptions in TLS callbacks.
#include "runtime.h"

typedef struct alignas(16) { size_t part[2]; } _JBTYPE;
typedef _JBTYPE jmp_buf[16];
typedef unsigned long (*ThreadStart)(void *);
typedef void (*TlsCallback)(void *, DWORD, void *);
extern "C" {
int called_with_place(void (*f)(int));
[[noreturn]] void longjmp(jmp_buf, int);
int _abnormal_termination();
__declspec(dllimport) HANDLE CreateThread(void *, size_t, ThreadStart, void *, DWORD, DWORD *);
__declspec(dllimport) DWORD WaitForSingleObject(HANDLE, DWORD);
extern DWORD _tls_index;
}
#define NOINLINE __attribute__((noinline))

extern "C" jmp_buf place;
jmp_buf place;
static bool watching;

// -- TLS callbacks -----------------------------------------------------------------------------------------------

static NOINLINE void raise_and_handle(DWORD reason)
{
    __try { RaiseException(0xE0000100 + reason, 0, 0, nullptr); } __except (1) { printf("tls seh %lu\n", reason); }
}

static NOINLINE void refuse(DWORD reason)
{
    raise_and_handle(reason);
    try { throw int(reason); } catch (int n) { printf("tls c++ %d\n", n); }
}

static void callback(void *, DWORD reason, void *)
{
    if (watching && reason >= 2)
        refuse(reason);
}

extern "C" {
DWORD _tls_index;
#pragma section(".CRT$XLB", long, read)
#pragma section(".rdata$T", long, read)
#pragma section(".tls$", long, read, write)
__declspec(allocate(".tls$")) extern char tls_block[8];
char tls_block[8];
__declspec(allocate(".CRT$XLB")) extern const TlsCallback callbacks[2];
const TlsCallback callbacks[2] = {callback, nullptr};
struct TlsDirectory { const char *start, *end; DWORD *index; const TlsCallback *callbacks; DWORD fill, flags; };
__declspec(allocate(".rdata$T")) extern const TlsDirectory _tls_used;
const TlsDirectory _tls_used = {tls_block, tls_block + sizeof(tls_block), &_tls_index, callbacks, 0, 0};
}

static unsigned long nothing(void *) { printf("thread\n"); return 0; }

static void tls()
{
    watching = true;
    WaitForSingleObject(CreateThread(nullptr, 0, nothing, nullptr, 0, nullptr), 10000);
    watching = false;
}

// -- longjmp -----------------------------------------------------------------------------------------------------

static NOINLINE void jump(int n) { longjmp(place, n); }

static NOINLINE void guarded(int n)
{
    __try {
        __try { jump(n); } __finally { printf("inner %d ", _abnormal_termination()); }
        printf("not reached ");
    } __finally { printf("outer %d ", _abnormal_termination()); }
}

static NOINLINE void out_of_a_filter(int n)
{
    __try { RaiseException(0xE0000001, 0, 0, nullptr); } __except (jump(n), 1) { printf("not reached "); }
}

static NOINLINE void out_of_a_block(int n)
{
    __try { printf("body "); } __finally {
        printf("finally %d ", _abnormal_termination());
        jump(n);
    }
}

// clang 14 gives _setjmp another address than that of the frame, as unwinding knows it: here it is RSP in the body.
__asm__(R"(
    .text
    .globl called_with_place
    .seh_proc called_with_place
called_with_place:
    subq $40, %rsp
    .seh_stackalloc 40
    .seh_endprologue
    movq %rcx, 32(%rsp)
    leaq place(%rip), %rcx
    movq %rsp, %rdx
    callq _setjmp
    testl %eax, %eax
    jnz 1f
    movl $7, %ecx
    callq *32(%rsp)
    movl $-1, %eax
1:  addq $40, %rsp
    retq
    .seh_endproc
)");

static NOINLINE void jumps(const char *name, void (*f)(int))
{
    printf("%s: ", name);
    printf("%d\n", called_with_place(f));
}

static NOINLINE int returns()
{
    for (int i = 0; i < 3; i++)
        __try {
            if (i == 0) continue;
            if (i == 2) return 5;
        } __finally { printf("[%d %d] ", i, _abnormal_termination()); }
    return 6;
}

int run(const char *)
{
    tls();
    jumps("past two blocks", guarded);
    jumps("out of a filter", out_of_a_filter);
    jumps("out of a block", out_of_a_block);
    int n = returns();
    printf("%d\n", n);
    return 0;
}

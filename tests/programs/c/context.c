/* The registers of threads: in exceptions, captured and restored, of a suspended thread; unwinding through generated code. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

typedef NTSTATUS(NTAPI *Continue)(CONTEXT *, BOOLEAN);
typedef NTSTATUS(NTAPI *Raise)(EXCEPTION_RECORD *, CONTEXT *, BOOLEAN);
static Continue nt_continue;
static Raise nt_raise;
static int seen;

static LONG CALLBACK change(EXCEPTION_POINTERS *p)
{
    CONTEXT *c = p->ContextRecord;
    if (p->ExceptionRecord->ExceptionCode != EXCEPTION_ILLEGAL_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    printf("flags %lx mxcsr %lx %lx control %x tags %x ", c->ContextFlags & 0x1F, c->MxCsr, c->FltSave.MxCsr,
           c->FltSave.ControlWord, c->FltSave.TagWord);
    printf("rax %llx xmm1 %llx st0 %llx %hx segments %x %x\n", c->Rax, c->Xmm1.Low, c->FltSave.FloatRegisters[0].Low,
           *(unsigned short *)&c->FltSave.FloatRegisters[0].High, c->SegCs, c->SegSs);
    c->Rip += 2;
    c->Rax = 0x1234;
    c->Xmm1.Low = 0x55;
    c->MxCsr = c->FltSave.MxCsr = 0x3F80;
    c->FltSave.ControlWord = 0x37F;
    c->Dr0 = 0x1000;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void registers(void)
{
    unsigned long long rax = 0xABCD, xmm = 0x77;
    unsigned mxcsr = 0x5F80, after;
    unsigned short control = 0x17F, control_after;
    double on_stack;
    void *handler = AddVectoredExceptionHandler(1, change);
    __asm__ volatile("ldmxcsr %4\n fninit\n fldcw %5\n fld1\n movq %1, %%xmm1\n movq %0, %%rax\n ud2\n"
                     "movq %%rax, %0\n movq %%xmm1, %1\n stmxcsr %2\n fnstcw %3\n fstpl %6\n fninit\n"
                     : "+m"(rax), "+m"(xmm), "=m"(after), "=m"(control_after), "+m"(mxcsr), "+m"(control), "=m"(on_stack)
                     : : "rax", "xmm1", "memory");
    RemoveVectoredExceptionHandler(handler);
    mxcsr = 0x1F80, control = 0x27F;
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(mxcsr), "m"(control));
    printf("rax %llx xmm1 %llx mxcsr %x control %x st0 %g\n", rax, xmm, after, control_after, on_stack);
    CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
    BOOL got = GetThreadContext(GetCurrentThread(), &c);
    printf("debug %d %llx\n", got, c.Dr0);
    memset(&c, 0, sizeof c);
    c.ContextFlags = CONTEXT_DEBUG_REGISTERS;
    printf("clear %d\n", SetThreadContext(GetCurrentThread(), &c));
}

static void captured(void)
{
    volatile int pass = 0;
    CONTEXT c;
    RtlCaptureContext(&c);
    printf("captured %d\n", ++pass);
    if (pass == 1)
        RtlRestoreContext(&c, NULL);
    if (pass == 2)
        nt_continue(&c, FALSE);
    memset(&c, 0xEE, sizeof c);
    c.ContextFlags = CONTEXT_INTEGER;
    GetThreadContext(GetCurrentThread(), &c);
    printf("parts %d %d\n", c.Rip == 0xEEEEEEEEEEEEEEEE, c.Rbx == 0xEEEEEEEEEEEEEEEE);
}

static LONG CALLBACK raised(EXCEPTION_POINTERS *p)
{
    EXCEPTION_RECORD *r = p->ExceptionRecord;
    if (r->ExceptionCode != 0xE0000001)
        return EXCEPTION_CONTINUE_SEARCH;
    printf("raised %lx at %p with %lu: %llx\n", r->ExceptionCode, r->ExceptionAddress, r->NumberParameters,
           r->ExceptionInformation[0]);
    seen++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void raising(void)
{
    void *handler = AddVectoredExceptionHandler(0, raised);
    EXCEPTION_RECORD r = {.ExceptionCode = 0xE0000001, .ExceptionAddress = (void *)0x1234, .NumberParameters = 1,
                          .ExceptionInformation = {0x42}};
    volatile int pass = 0;
    CONTEXT c;
    RtlCaptureContext(&c);
    if (++pass == 1)
        nt_raise(&r, &c, TRUE);
    printf("after %d, seen %d\n", pass, seen);
    RemoveVectoredExceptionHandler(handler);
}

static volatile LONG spinning;
static DWORD WINAPI spin(void *stop)
{
    spinning = 1;
    while (!*(volatile LONG *)stop)
        ;
    return 3;
}

static DWORD WINAPI elsewhere(void *p) { ExitThread(p == (void *)0x99 ? 9 : 1); }

static void suspended(void)
{
    LONG stop = 0;
    DWORD code;
    HANDLE h = CreateThread(NULL, 0, spin, &stop, 0, NULL);
    while (!spinning)
        Sleep(1);
    SuspendThread(h);
    CONTEXT c = {.ContextFlags = CONTEXT_FULL};
    BOOL got = GetThreadContext(h, &c);
    printf("suspended %d %d\n", got, c.Rip - (size_t)spin < 0x100);
    c.Rip = (size_t)elsewhere, c.Rcx = 0x99, c.Rsp &= ~15ull, c.Rsp -= 40;
    printf("sent elsewhere %d\n", SetThreadContext(h, &c));
    ResumeThread(h);
    WaitForSingleObject(h, INFINITE);
    GetExitCodeThread(h, &code);
    printf("ended %lu\n", code);
    CloseHandle(h);
}

static int committed;
static LONG CALLBACK commit(EXCEPTION_POINTERS *p)
{
    EXCEPTION_RECORD *r = p->ExceptionRecord;
    if (r->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    committed++;
    VirtualAlloc((void *)(r->ExceptionInformation[1] & ~0xFFFull), 0x1000, MEM_COMMIT, PAGE_READWRITE);
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* A handler gives memory to functions of the run-time that find none. */
static unsigned long long waited[2];

static DWORD WINAPI waits(void *arg)
{
    unsigned long long xmm = 0x1111, rbx = 0x2222;
    __asm__ volatile("movq %0, %%xmm9\n movq %1, %%rbx\n movq $-2, %%rcx\n sub $0x28, %%rsp\n call *%2\n add $0x28, %%rsp\n"
                     "movq %%xmm9, %0\n movq %%rbx, %1\n"
                     : "+r"(xmm), "+D"(rbx) : "S"(SuspendThread)
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
                       "xmm9", "memory");
    waited[0] = xmm, waited[1] = rbx;
    return 0;
}

/* Registers that a thread gets while it waits in a call. */
static void in_a_call(void)
{
    HANDLE thread = CreateThread(NULL, 0, waits, NULL, 0, NULL);
    CONTEXT c = {.ContextFlags = CONTEXT_FULL};
    do
        Sleep(1), GetThreadContext(thread, &c);
    while (c.Xmm9.Low != 0x1111);
    DWORD count;
    while (!(count = SuspendThread(thread)))
        ResumeThread(thread), Sleep(1);
    GetThreadContext(thread, &c);
    c.Xmm9.Low = 0x3333, c.Rbx = 0x4444;
    printf("in a call: %d", SetThreadContext(thread, &c));
    ResumeThread(thread), ResumeThread(thread);
    WaitForSingleObject(thread, INFINITE), CloseHandle(thread);
    printf(" it has %llx %llx\n", waited[0], waited[1]);
}

static void sparse(void)
{
    char *room = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_READWRITE);
    char *(*volatile copy)(char *, const char *) = strcpy;
    void *(*volatile set)(void *, int, size_t) = memset;
    void *handler = AddVectoredExceptionHandler(1, commit);
    copy(room + 0xFFC, "across pages");
    set(room + 0x3000, 7, 0x2800);
    RemoveVectoredExceptionHandler(handler);
    printf("%s %d, faults %d\n", room + 0xFFC, room[0x57FF], committed);
}

/* push rbx; sub rsp, 0x20; call rcx; add rsp, 0x20; pop rbx; ret, and its unwind information */
static const unsigned char code[] = {0x53, 0x48, 0x83, 0xEC, 0x20, 0xFF, 0xD1, 0x48, 0x83, 0xC4, 0x20, 0x5B, 0xC3, 0xCC, 0xCC, 0xCC,
                                     1, 5, 2, 0, 5, 0x32, 1, 0x30};
static RUNTIME_FUNCTION entry = {.BeginAddress = 0, .EndAddress = 13, .UnwindData = 16};
static unsigned char *block;
static int asked;

static PRUNTIME_FUNCTION CALLBACK find(DWORD64 pc, void *context)
{
    asked += pc >= (size_t)block && pc < (size_t)block + 16 && context == (void *)7;
    return &entry;
}

static void measure(void)
{
    CONTEXT c;
    RtlCaptureContext(&c);
    int through = 0;
    for (int n = 0; n < 4; n++) {
        DWORD64 base, frame;
        void *data;
        PRUNTIME_FUNCTION f = RtlLookupFunctionEntry(c.Rip, &base, NULL);
        through |= f == &entry && base == (size_t)block;
        if (!f)
            break;
        RtlVirtualUnwind(0, base, c.Rip, f, &c, &data, &frame, NULL);
    }
    printf("through %d\n", through);
}

static void generated(void)
{
    block = VirtualAlloc(NULL, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(block, code, sizeof code);
    void (*call)(void (*)(void)) = (void *)block;
    printf("added %d\n", RtlAddFunctionTable(&entry, 1, (size_t)block));
    call(measure);
    printf("deleted %d\n", RtlDeleteFunctionTable(&entry));
    printf("installed %d %d\n", RtlInstallFunctionTableCallback((size_t)block, (size_t)block, 0x1000, find, (void *)7, NULL),
           RtlInstallFunctionTableCallback((size_t)block | 3, (size_t)block, 0x1000, find, (void *)7, NULL));
    call(measure);
    printf("asked %d, deleted %d\n", asked > 0, RtlDeleteFunctionTable((void *)((size_t)block | 3)));
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll");
    nt_continue = (Continue)(void *)GetProcAddress(ntdll, "NtContinue");
    nt_raise = (Raise)(void *)GetProcAddress(ntdll, "NtRaiseException");
    registers();
    captured();
    raising();
    suspended();
    in_a_call();
    generated();
    sparse();
    return 0;
}

// __try by hand: two functions with scope tables, one __except with a filter around one __finally.
#include <stdio.h>
#include <windows.h>

__attribute__((used)) int filter(EXCEPTION_POINTERS *p, void *frame)
{
    printf("filter %08lx %d ", p->ExceptionRecord->ExceptionCode, frame != NULL);
    return 1;
}

__attribute__((used)) void finally(int abnormal, void *frame) { printf("finally %d %d ", abnormal, frame != NULL); }

__attribute__((used)) void raiser(int fault)
{
    if (fault)
        *(volatile int *)0x10 = 1;
    RaiseException(0xE0000009, 0, 0, 0);
}

int guarded(int fault);

asm(".text\n"
    ".seh_proc cleaned\n"
    "cleaned: sub $40, %rsp\n"
    ".seh_stackalloc 40\n"
    ".seh_handler __C_specific_handler, @except, @unwind\n"
    ".seh_handlerdata\n"
    ".long 1\n"
    ".rva .Lc1, .Lc2, finally\n"
    ".long 0\n"
    ".text\n"
    ".seh_endprologue\n"
    ".Lc1: mov $1, %ebx\n"
    "call raiser\n"
    "nop\n"
    ".Lc2: add $40, %rsp\n"
    "ret\n"
    ".seh_endproc\n"
    ".globl guarded\n"
    ".seh_proc guarded\n"
    "guarded: push %rbx\n"
    ".seh_pushreg %rbx\n"
    "sub $32, %rsp\n"
    ".seh_stackalloc 32\n"
    ".seh_handler __C_specific_handler, @except, @unwind\n"
    ".seh_handlerdata\n"
    ".long 1\n"
    ".rva .Lg1, .Lg2, filter, .Lg3\n"
    ".text\n"
    ".seh_endprologue\n"
    ".Lg1: call cleaned\n"
    "nop\n"
    ".Lg2: mov $-1, %eax\n"
    ".Lg3: add $32, %rsp\n"
    "pop %rbx\n"
    "ret\n"
    ".seh_endproc\n");

int main(void)
{
    for (int i = 0; i < 3; i++)
        printf("%08x\n", (unsigned)guarded(i & 1));
    return 0;
}

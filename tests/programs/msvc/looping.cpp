// A frame whose handler is RaiseException itself: exceptions within exceptions, until the stack is used up.
#include "runtime.h"

extern "C" void loops();
__asm__(R"(
    .text
    .globl loops
    .seh_proc loops
loops:
    subq $40, %rsp
    .seh_stackalloc 40
    .seh_endprologue
    movl %eax, 16
    nop
    addq $40, %rsp
    retq
    .seh_handler thunk, @except, @unwind
    .seh_handlerdata
    .long 0
    .text
    .seh_endproc
    .globl thunk
thunk:
    jmpq *__imp_RaiseException(%rip)
)");
int run(const char *argument)
{
    if (*argument)
        RaiseException(1, 0, 0, nullptr);
    loops();
    return 0;
}

// The compact tables of __CxxFrameHandler4, which clang does not write: a function and its catch blocks by hand.
#include "runtime.h"

extern "C" {
void guarded(int kind);
void throws(int kind)
{
    printf("throws %d, ", kind);
    if (kind == 1)
        throw 7;
    if (kind == 2)
        throw "text";
    if (kind == 3)
        throw 2.5;
    if (kind == 4)
        throw 40;
}
void destroys(int *object) { printf("destroyed %d, ", *object); }
void cleans(void *, char *frame) { printf("cleaned %d, ", *(int *)(frame + 0x38)); }
void caught_int(int n)
{
    printf("int %d, ", n);
    if (n == 40)
        throw n + 1;
}
void caught_all() { printf("anything, "); }
void went_on(int where) { printf("went on at %d\n", where); }
}

// States: 0 and 1 in the try block (1 with an object), 2 in its catch blocks; 3 around it all, with a clean-up.
__asm__(R"(
    .text
    .globl guarded
    .seh_proc guarded
guarded:
    pushq %rbp
    .seh_pushreg %rbp
    subq $0x60, %rsp
    .seh_stackalloc 0x60
    leaq 0x60(%rsp), %rbp
    .seh_setframe %rbp, 0x60
    .seh_endprologue
    movl %ecx, -0x28(%rbp)
    movl $11, -0x30(%rbp)
.Ltry:
    callq throws
    nop
.Lleft:
    movl $0, %ecx
    callq went_on
    jmp .Lend
.Lafter_int:
    movl $1, %ecx
    callq went_on
    jmp .Lend
.Lafter_all:
    movl $2, %ecx
    callq went_on
.Lend:
    nop
.Lover:
    addq $0x60, %rsp
    popq %rbp
    retq
    .seh_handler __CxxFrameHandler4, @unwind, @except
    .seh_handlerdata
    .long .Linfo@IMGREL
    .text
    .seh_endproc

    .seh_proc catch_int
catch_int:
    movq %rdx, 16(%rsp)
    pushq %rbp
    .seh_pushreg %rbp
    subq $0x20, %rsp
    .seh_stackalloc 0x20
    leaq 0x60(%rdx), %rbp
    .seh_endprologue
    movl -0x20(%rbp), %ecx
    callq caught_int
    nop
    xorl %eax, %eax
    addq $0x20, %rsp
    popq %rbp
    retq
    .seh_handler __CxxFrameHandler4, @unwind, @except
    .seh_handlerdata
    .long .Lcatch_info@IMGREL
    .text
    .seh_endproc

    .seh_proc catch_all
catch_all:
    movq %rdx, 16(%rsp)
    pushq %rbp
    .seh_pushreg %rbp
    subq $0x20, %rsp
    .seh_stackalloc 0x20
    leaq 0x60(%rdx), %rbp
    .seh_endprologue
    callq caught_all
    nop
    leaq .Lafter_all(%rip), %rax
    addq $0x20, %rsp
    popq %rbp
    retq
    .seh_handler __CxxFrameHandler4, @unwind, @except
    .seh_handlerdata
    .long .Lcatch_info@IMGREL
    .text
    .seh_endproc

    .section .rdata, "dr"
.Linfo:
    .byte 0x18                      # states and try blocks
    .long .Lstates@IMGREL, .Ltries@IMGREL, .Lplaces@IMGREL
.Lstates:
    .byte 4 << 1
.Lstate0:
    .byte (1 << 2 | 3) << 1         # to -1, by a funclet
    .long cleans@IMGREL
.Lstate1:
    .byte (5 << 2 | 0) << 1         # to 0, nothing to do
.Lstate2:
    .byte (1 << 2 | 1) << 1         # to 1, destroying an object
    .long destroys@IMGREL
    .byte 0x30 << 1
.Lstate3:
    .byte (12 << 2 | 0) << 1        # to 0: the catch blocks
.Ltries:
    .byte 1 << 1, 1 << 1, 2 << 1, 3 << 1
    .long .Lhandlers@IMGREL
.Lhandlers:
    .byte 2 << 1
    .byte 0x16                      # type, object, one place to go on
    .long "??_R0H@8"@IMGREL
    .byte 0x40 << 1
    .long catch_int@IMGREL
    .byte (.Lafter_int - guarded) << 1
    .byte 0x01                      # adjectives: everything
    .byte 0x40 << 1 | 1, 0
    .long catch_all@IMGREL
.Lplaces:
    .byte 3 << 1
    .byte (.Ltry - guarded) << 1, 3 << 1
    .byte (.Lleft + 1 - .Ltry) << 1, 1 << 1
    .byte (.Lover - .Lleft - 1) << 1, 0
.Lcatch_info:
    .byte 0x01                      # of a catch block, without states
    .long .Lcatch_places@IMGREL
    .byte 56 << 1
.Lcatch_places:
    .byte 0
    .text
)");

int run(const char *)
{
    for (int kind = 0; kind < 5; kind++) {
        try {
            guarded(kind);
        } catch (int n) {
            printf("outside %d\n", n);
        }
    }
    return 0;
}

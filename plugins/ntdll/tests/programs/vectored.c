// Vectored handlers and the filter of unhandled exceptions; ends in an access violation that nobody handles.
#include <stdio.h>
#include <windows.h>

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
    EXCEPTION_RECORD *e = p->ExceptionRecord;
    printf("handler %08lx %lx %lu\n", e->ExceptionCode, e->ExceptionFlags, e->NumberParameters);
    switch (e->ExceptionCode) {
    case EXCEPTION_ACCESS_VIOLATION:
        printf("access %d at %x\n", (int)e->ExceptionInformation[0], (int)e->ExceptionInformation[1]);
        p->ContextRecord->Rip += 3;
        p->ContextRecord->Rax = 99;
        return EXCEPTION_CONTINUE_EXECUTION;
    case EXCEPTION_BREAKPOINT:
        p->ContextRecord->Rip += 1;
        return EXCEPTION_CONTINUE_EXECUTION;
    case 0xE0000001:
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG WINAPI filter(EXCEPTION_POINTERS *p)
{
    printf("filter %08lx\n", p->ExceptionRecord->ExceptionCode);
    return p->ExceptionRecord->ExceptionCode == 0xE0000002 ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

int main(void)
{
    ULONG_PTR arguments[2] = {1, 2}, result;
    void *handle = AddVectoredExceptionHandler(1, handler);
    setvbuf(stdout, NULL, _IONBF, 0);
    SetUnhandledExceptionFilter(filter);
    asm volatile("mov (%1), %0" : "=a"(result) : "c"((char *)0x10));
    printf("%d\n", (int)result);
    asm volatile("int3");
    RaiseException(0xE0000001, 0, 2, arguments);
    RaiseException(0xE0000002, 0, 0, NULL);
    puts("continued");
    RemoveVectoredExceptionHandler(handle);
    *(volatile int *)0x20 = 1;
    return 0;
}

// What every program of this folder begins with, and what a C++ library would give it.
#include "runtime.h"

void *operator new(size_t size) { return malloc(size); }
void *operator new[](size_t size) { return malloc(size); }
void operator delete(void *memory) noexcept { free(memory); }
void operator delete[](void *memory) noexcept { free(memory); }

extern "C" int _fltused = 0;

// The compiler's type descriptors point to this vtable.
void *type_info_vtable[2] __asm__("??_7type_info@@6B@") = {};

extern "C" {
void **__current_exception();
void **__current_exception_context();
[[noreturn]] void terminate();
typedef long (*Filter)(void ***pointers);
__declspec(dllimport) Filter SetUnhandledExceptionFilter(Filter filter);
}

// As the start-up code of C++ programs does it: an exception that nobody catches terminates.
static long unhandled(void ***pointers)
{
    if (*(DWORD *)pointers[0] != 0xE06D7363)
        return 0;
    *__current_exception() = pointers[0];
    *__current_exception_context() = pointers[1];
    terminate();
}

extern "C" void start()
{
    SetUnhandledExceptionFilter(unhandled);
    const char *space = strrchr(GetCommandLineA(), ' ');
    exit(run(space ? space + 1 : ""));
}

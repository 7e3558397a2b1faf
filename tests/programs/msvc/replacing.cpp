// A program that puts a function of its own between itself and the frame handler that it imports.
#include "runtime.h"
extern "C" {
__declspec(dllimport) int VirtualProtect(void *, size_t, DWORD, DWORD *);
long __CxxFrameHandler3(void *, void *, void *, void *);
extern long (*__imp___CxxFrameHandler3)(void *, void *, void *, void *);
}
static int asked;
static long (*real)(void *, void *, void *, void *);
static long mine(void *record, void *frame, void *context, void *dispatcher)
{
    asked++;
    return real(record, frame, context, dispatcher);
}
__attribute__((noinline)) static void throws(int n) { throw n; }
int run(const char *)
{
    for (int i = 0; i < 4; i++) {
        try { throws(i); } catch (int n) { printf("%d asked %d\n", n, asked); }
        DWORD old;
        VirtualProtect(&__imp___CxxFrameHandler3, 8, 4, &old);
        if (i == 0) { real = __imp___CxxFrameHandler3; __imp___CxxFrameHandler3 = mine; }
        if (i == 2) __imp___CxxFrameHandler3 = real;
        VirtualProtect(&__imp___CxxFrameHandler3, 8, old, &old);
    }
    return 0;
}

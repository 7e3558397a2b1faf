// Exceptions: a C++ throw that is caught two frames up, an access violation that __except handles or a handler corrects.
#include "../../tests/programs/msvc/runtime.h"

struct Pointers { DWORD *record; char *context; };
typedef long (*Vectored)(Pointers *);
extern "C" {
__declspec(dllimport) int QueryPerformanceCounter(long long *);
__declspec(dllimport) int QueryPerformanceFrequency(long long *);
__declspec(dllimport) void *AddVectoredExceptionHandler(DWORD, Vectored);
__declspec(dllimport) DWORD RemoveVectoredExceptionHandler(void *);
}

static double now()
{
    long long frequency, counter;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return 1e9 * double(counter) / double(frequency);
}

struct Guard { static int count; ~Guard() { count++; } };
int Guard::count;

__attribute__((noinline)) static void inner(int n) { Guard g; throw n; }
__attribute__((noinline)) static void outer(int n) { Guard g; inner(n); }

__attribute__((noinline)) static void fault(volatile int *where) { *where = 1; }

__attribute__((noinline)) static int handled()
{
    __try { fault((volatile int *)16); } __except (1) { return 1; }
    return 0;
}

static long skip(Pointers *p)
{
    *(size_t *)(p->context + 0xF8) += 2;
    return -1;
}

__attribute__((noinline)) static void corrected() { __asm__ volatile("movl %%eax, (%%rcx)" : : "c"(8)); }

static void report(const char *name, double started, int count)
{
    printf("%s %.4f\n", name, (now() - started) / count);
}

int run(const char *argument)
{
    int count = *argument == '1' ? 100000 : 3000, sum = 0;
    double started = now();
    for (int i = 0; i < count; i++)
        try { outer(i); } catch (int n) { sum += n; }
    report("throw-catch", started, count);
    started = now();
    for (int i = 0; i < count; i++)
        sum += handled();
    report("access-violation", started, count);
    void *handler = AddVectoredExceptionHandler(1, skip);
    started = now();
    for (int i = 0; i < count; i++)
        corrected();
    report("fault-corrected", started, count);
    RemoveVectoredExceptionHandler(handler);
    return sum == Guard::count;
}

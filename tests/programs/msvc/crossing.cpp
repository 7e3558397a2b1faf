// C++ exceptions across everything else: callbacks of the system and the run-time, threads, __try, longjmp.
#include "runtime.h"

typedef long (*Vectored)(void ***pointers);
typedef unsigned long (*ThreadStart)(void *);
extern "C" {
__declspec(dllimport) HANDLE CreateThread(void *, size_t, ThreadStart, void *, DWORD, DWORD *);
__declspec(dllimport) DWORD WaitForSingleObject(HANDLE, DWORD);
__declspec(dllimport) int CloseHandle(HANDLE);
__declspec(dllimport) int EnumSystemLocalesA(int (*)(char *), DWORD);
__declspec(dllimport) void *AddVectoredExceptionHandler(DWORD, Vectored);
__declspec(dllimport) DWORD RemoveVectoredExceptionHandler(void *);
int __uncaught_exceptions();
typedef struct { alignas(16) char bytes[256]; } jmp_buf_[1];
int _setjmpex(void *, void *) __attribute__((returns_twice));
[[noreturn]] void longjmp(void *, int);
unsigned long _exception_code();
}

struct Guard {
    const char *name;
    explicit Guard(const char *n) : name(n) {}
    ~Guard() { printf("~%s ", name); }
};

static int comparisons;
static int throwing_compare(const void *a, const void *b)
{
    Guard g("compare");
    if (++comparisons == 4)
        throw *(const int *)a + *(const int *)b > 0;
    return *(const int *)a - *(const int *)b;
}

static int throwing_locale(char *)
{
    Guard g("locale");
    throw "locale";
}

static unsigned long thread(void *value)
{
    try {
        Guard g("thread");
        throw *(int *)value;
    } catch (int n) {
        printf("in thread %d\n", n);
        return n;
    }
}

static long counted;
static long count(void ***pointers)
{
    if (*(DWORD *)pointers[0] == 0xE06D7363)
        counted++;
    return 0;
}

static void callbacks()
{
    int numbers[] = {5, 3, 9, 1, 7, 2};
    try { qsort(numbers, 6, sizeof(int), throwing_compare); } catch (bool b) { printf("out of qsort %d\n", b); }
    try { EnumSystemLocalesA(throwing_locale, 1); } catch (const char *s) { printf("out of %s\n", s); }
    int value = 17;
    HANDLE h = CreateThread(nullptr, 0, thread, &value, 0, nullptr);
    WaitForSingleObject(h, ~0ul);
    CloseHandle(h);
    void *handler = AddVectoredExceptionHandler(1, count);
    try { try { throw 1; } catch (int) { throw; } } catch (int) {}
    RemoveVectoredExceptionHandler(handler);
    try { throw 1; } catch (int) {}
    printf("vectored handler saw %d\n", int(counted));
}

__attribute__((noinline)) static void throws(int n) { Guard g("throws"); throw n; }
__attribute__((noinline)) static void faults(int *volatile where) { Guard g("faults"); *(volatile int *)where = 1; }
__attribute__((noinline)) static void raises(DWORD code) { Guard g("raises"); RaiseException(code, 0, 0, nullptr); printf("went on "); }

static long filter(DWORD code, long answer)
{
    printf("filter %lx -> %ld ", code, answer);
    return answer;
}

template <class F> static void caught(F f)
{
    __try { f(); printf("no exception\n"); }
    __except (filter(_exception_code(), 1)) { printf("except\n"); }
}

static void structured()
{
    caught([] { throws(1); });
    caught([] { faults(nullptr); });
    caught([] { raises(0xE0000001); });
    caught([] { try { throws(2); } catch (char) { printf("no\n"); } });
    caught([] { try { faults(nullptr); } catch (...) { printf("catch all\n"); } });
    caught([] { try { throws(3); } catch (int n) { printf("%d ", n); raises(0xE0000002); } });
    caught([] { try { throws(4); } catch (int n) { printf("%d ", n); throw; } });
    try {
        [] { __try { throws(5); } __finally { printf("finally %d ", __uncaught_exceptions()); } }();
    } catch (int n) {
        printf("and %d\n", n);
    }
    [] { __try { raises(0xE0000003); printf("after\n"); } __except (filter(_exception_code(), -1)) {} }();
    try {
        [] { __try { throws(6); } __except (filter(_exception_code(), 0)) { printf("no\n"); } }();
    } catch (int n) {
        printf("passed on %d\n", n);
    }
    try {
        [] { __try { faults(nullptr); } __except (filter(_exception_code(), 1)) { throw 'c'; } }();
    } catch (char c) {
        printf("out of except %c\n", c);
    }
}

static jmp_buf_ place;
static void jumps(int n) { Guard g("jumps"); if (n) jumps(n - 1); else longjmp(place, 5); }

static void jumping()
{
    volatile int kept = 1;
    int value = _setjmpex(place, __builtin_frame_address(0));
    if (value == 0) {
        kept = 2;
        *(size_t *)place = 0;  // no frame: nothing is unwound
        jumps(2);
    }
    printf("jumped %d %d\n", value, kept);
}

int run(const char *)
{
    callbacks();
    structured();
    jumping();
    return 0;
}

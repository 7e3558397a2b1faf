// Stack overflows that __except handles in a program with LLVM's C++ library, and that goes on as C++ programs do.
#include <malloc.h>
#include <stdexcept>
#include <stdio.h>
#include <string>
#include <thread>
#include <vector>
#include <windows.h>

static volatile int depth;
static volatile bool endless = true;
static LONG seen;

__attribute__((noinline)) static int deeper(int n)
{
    volatile char room[2000];
    room[0] = char(n);
    depth = n;
    return endless ? deeper(n + 1) + room[0] : 0;
}

static LONG CALLBACK watch(EXCEPTION_POINTERS *p)
{
    if (p->ExceptionRecord->ExceptionCode == STATUS_STACK_OVERFLOW)
        InterlockedIncrement(&seen);
    return EXCEPTION_CONTINUE_SEARCH;
}

__attribute__((noinline)) static bool handled()
{
    __try {
        deeper(0);
    } __except (GetExceptionCode() == STATUS_STACK_OVERFLOW) {
        return true;
    }
    return false;
}

static void throws(int n)
{
    std::string text(40, 'x');
    if (n > 2)
        throw std::runtime_error("thrown " + std::to_string(n) + ", " + std::to_string(text.size()));
    throws(n + 1);
}

static void once(const char *who)
{
    bool found = handled();
    printf("%s: handled %d, deep %d, ", who, found, depth > 50);
    printf("reset %d, ", _resetstkoflw() != 0);
    try {
        throws(0);
    } catch (const std::exception &e) {
        printf("%s\n", e.what());
    }
    fflush(stdout);
}

int main()
{
    ULONG guarantee = 0x4000;
    SetThreadStackGuarantee(&guarantee);
    void *handler = AddVectoredExceptionHandler(1, watch);
    for (int i = 0; i < 3; i++)
        once("main");
    std::thread([] {
        ULONG mine = 0x4000;
        SetThreadStackGuarantee(&mine);
        once("thread");
        once("thread");
    }).join();
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++)
        threads.emplace_back([] {
            ULONG mine = 0x4000;
            SetThreadStackGuarantee(&mine);
            if (handled() && _resetstkoflw() && handled())
                InterlockedIncrement(&seen);
        });
    for (std::thread &thread : threads)
        thread.join();
    printf("seen %ld\n", seen);
    RemoveVectoredExceptionHandler(handler);
    return 0;
}

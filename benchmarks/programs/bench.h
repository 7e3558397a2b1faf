/* The clock of the benchmarks, and how a result is reported: a name and nanoseconds for one of what is counted. */
#define __USE_MINGW_ANSI_STDIO 0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
static double now(void)
{
    LARGE_INTEGER frequency, counter;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return 1e9 * (double)counter.QuadPart / (double)frequency.QuadPart;
}
#else
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}
#endif

static void report(const char *name, double started, double count)
{
    double each = (now() - started) / count;
    printf("%s %.4f\n", name, each);
    fflush(stdout);
}

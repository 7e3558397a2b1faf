/* Functions of the C library: sorting (per element), random numbers, texts compared, formatted and printed to a file. */
#include "bench.h"
#include <string.h>
#ifndef _WIN32
#include <strings.h>
#define _stricmp strcasecmp
#endif

enum { COUNT = 20000 };

static int numbers[COUNT];

static int compare(const void *a, const void *b)
{
    int one = *(const int *)a, other = *(const int *)b;
    return (one > other) - (one < other);
}

int main(void)
{
    char text[64];
    int sum = 0;
    double started = now();
    for (int i = 0; i < COUNT; i++)
        numbers[i] = rand();
    report("rand", started, COUNT);
    started = now();
    qsort(numbers, COUNT, sizeof *numbers, compare);
    report("qsort", started, COUNT);
    started = now();
    for (int i = 0; i < COUNT; i++)
        sum += bsearch(&i, numbers, COUNT, sizeof *numbers, compare) != NULL;
    report("bsearch", started, COUNT);
    started = now();
    for (int i = 0; i < COUNT; i++)
        sum += _stricmp("Content-Length", i & 1 ? "content-length" : "Content-Type");
    report("stricmp", started, COUNT);
    started = now();
    for (int i = 0; i < COUNT; i++)
        sum += sprintf(text, "%d-%s", i, "abc");
    report("sprintf", started, COUNT);
    FILE *file = fopen("library.tmp", "w");
    if (file == NULL)
        return 1;
    started = now();
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "line %d of %s\n", i, "text");
    report("fprintf", started, COUNT);
    fclose(file);
    remove("library.tmp");
    return sum == 0;
}

/* setjmp and longjmp, also out of a callback that the run-time called. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf place, out;

static void deep(int n)
{
    if (n == 0)
        longjmp(place, 7);
    if (n > 0)
        deep(n - 1);
    puts("not reached");
}

static int escaping(const void *a, const void *b)
{
    static int calls;
    if (++calls == 3)
        longjmp(out, calls);
    return *(const int *)a - *(const int *)b;
}

int main(void)
{
    volatile int rounds = 0;
    volatile double kept = 1.5;
    int value = setjmp(place);
    printf("setjmp gave %d, kept %g\n", value, kept);
    if (value == 0) {
        kept = 2.5;
        deep(10);
    }
    if (++rounds < 3)
        longjmp(place, rounds == 2 ? 0 : rounds * 10);
    int numbers[] = {5, 3, 9, 1, 7};
    value = setjmp(out);
    if (value == 0) {
        qsort(numbers, 5, sizeof(int), escaping);
        puts("not reached");
    }
    printf("out of qsort with %d\n", value);
    for (volatile int i = 0; i < 100; i++)
        if (setjmp(place) == 0)
            longjmp(place, 1);
    puts("a hundred times");
    return 0;
}

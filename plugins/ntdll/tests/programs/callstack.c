/* An access violation below functions with frames of several kinds, in a comparator that qsort calls. */
#include <stdlib.h>

__attribute__((noinline)) int leaf(volatile int *place)
{
    *place = 1;
    return *place + 1;
}

__attribute__((noinline)) int large(volatile int *place)
{
    volatile char room[0x3000];
    room[leaf(place) & 0xFFF] = 1;
    return room[5];
}

__attribute__((noinline)) int moving(volatile int *place, int size)
{
    volatile char *room = __builtin_alloca(size);
    room[0] = (char)large(place);
    return room[0] + size;
}

int compare(const void *a, const void *b)
{
    return moving((volatile int *)0x20, *(const int *)a) - *(const int *)b;
}

__attribute__((noinline)) int sort(int *numbers)
{
    qsort(numbers, 2, sizeof(int), compare);
    return numbers[0];
}

int main(void)
{
    int numbers[] = {64, 32};
    return sort(numbers) + 3;
}

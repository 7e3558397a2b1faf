/* Callbacks: qsort, bsearch, and functions of Windows that enumerate. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int calls;

static int by_value(const void *a, const void *b)
{
    calls++;
    return *(const int *)a - *(const int *)b;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int nested(const void *a, const void *b)
{
    int pair[2] = {*(const int *)a, *(const int *)b};
    qsort(pair, 2, sizeof(int), by_value);
    return pair[0] == *(const int *)a ? (pair[0] == pair[1] ? 0 : -1) : 1;
}

static int by_last_digit(const void *a, const void *b)
{
    return *(const int *)a % 10 - *(const int *)b % 10;
}

int main(void)
{
    int numbers[200], sorted = 1, key = 4242, missing = 1;
    unsigned seed = 12345;
    for (int i = 0; i < 200; i++)
        numbers[i] = (int)((seed = seed * 1103515245 + 12345) >> 16 & 0x7fff);
    numbers[77] = key;
    qsort(numbers, 200, sizeof(int), by_value);
    for (int i = 1; i < 200; i++)
        sorted &= numbers[i - 1] <= numbers[i];
    printf("sorted %d, smallest %d, largest %d, called %d\n", sorted, numbers[0], numbers[199], calls > 199);
    int *found = bsearch(&key, numbers, 200, sizeof(int), by_value);
    printf("found %d\n", found ? *found : -1);
    missing = -1;
    printf("missing %s\n", bsearch(&missing, numbers, 200, sizeof(int), by_value) ? "found" : "NULL");
    const char *words[] = {"pear", "apple", "fig", "banana", "apple"};
    qsort(words, 5, sizeof *words, by_text);
    for (int i = 0; i < 5; i++)
        printf("%s ", words[i]);
    int few[] = {3, 1, 2};
    qsort(few, 3, sizeof(int), nested);
    printf("\n%d %d %d\n", few[0], few[1], few[2]);
    qsort(few, 0, sizeof(int), by_value);
    qsort(few, 1, sizeof(int), by_value);
    unsigned count = 3;
    int *linear = _lfind(&few[1], few, &count, sizeof(int), by_value);
    printf("_lfind %d\n", linear ? (int)(linear - few) : -1);
    char big[3][100] = {"ccc", "aaa", "bbb"};
    qsort(big, 3, 100, (int (*)(const void *, const void *))strcmp);
    printf("%s %s %s\n", big[0], big[1], big[2]);
    for (int size = 7; size < 60; size += 13)
    {
        for (int i = 0; i < size; i++)
            numbers[i] = i * 10 + (i * 7 + i / 3) % 5;
        qsort(numbers, size, sizeof(int), by_last_digit);
        for (int i = 0; i < size; i++)
            printf("%d ", numbers[i]);
        printf("\n");
    }
    return 0;
}

/* Sorting and searching. */
#include "common.h"

typedef int Compare(const void *, const void *);
typedef int CompareIn(void *, const void *, const void *);

/* Where parts begin and end, as offsets into the array. */
enum { SHORT = 8, DEEPEST = 64 };

typedef struct {
    byte *base;
    size_t width;
    void *compare, *context;
    int in_context;
} Array;

INLINE int compared(const Array *a, long long one, long long other)
{
    if (a->in_context)
        return ((CompareIn *)a->compare)(a->context, a->base + one, a->base + other);
    return ((Compare *)a->compare)(a->base + one, a->base + other);
}

INLINE void swap(const Array *a, long long one, long long other)
{
    byte *p = a->base + one, *q = a->base + other;
    size_t left = a->width;
    if (p == q)
        return;
    for (; left >= 8; left -= 8, p += 8, q += 8) {
        word kept = *(word *)p;
        *(word *)p = *(word *)q;
        *(word *)q = kept;
    }
    for (; left; left--, p++, q++) {
        byte kept = *p;
        *p = *q;
        *q = kept;
    }
}

/* engines/search.py says the same in Python: the order of comparisons is that of Microsoft's run-times. */
INLINE void sort(const Array *a, size_t count)
{
    struct { long long low, high; } parts[DEEPEST];
    const long long width = (long long)a->width;
    long long low = 0, high = (long long)(count - 1) * width;
    int waiting = 0;
    for (;;) {
        if (high - low < SHORT * width) {
            for (; high > low; high -= width) {
                long long greatest = low;
                for (long long at = low + width; at <= high; at += width)
                    if (compared(a, at, greatest) > 0)
                        greatest = at;
                swap(a, greatest, high);
            }
            if (!waiting--)
                return;
            low = parts[waiting].low;
            high = parts[waiting].high;
            continue;
        }
        long long middle = low + ((high - low) / width + 1) / 2 * width, up = low, down = high;
        if (compared(a, low, middle) > 0)
            swap(a, low, middle);
        if (compared(a, low, high) > 0)
            swap(a, low, high);
        if (compared(a, middle, high) > 0)
            swap(a, middle, high);
        for (;;) {
            if (middle > up)
                do
                    up += width;
                while (up < middle && compared(a, up, middle) <= 0);
            if (middle <= up)
                do
                    up += width;
                while (up <= high && compared(a, up, middle) <= 0);
            do
                down -= width;
            while (down > middle && compared(a, down, middle) > 0);
            if (down < up)
                break;
            swap(a, up, down);
            if (middle == down)
                middle = up;
        }
        down += width;
        if (middle < down)
            do
                down -= width;
            while (down > middle && compared(a, down, middle) == 0);
        if (middle >= down)
            do
                down -= width;
            while (down > low && compared(a, down, middle) == 0);
        /* The smaller part first: of what waits, each is at most half of the one before. */
        long long first_low = low, first_high = down, second_low = up, second_high = high;
        if (first_high - first_low < second_high - second_low) {
            first_low = up, first_high = high;
            second_low = low, second_high = down;
        }
        if (second_low >= second_high) {
            low = first_low;
            high = first_high;
            if (low >= high) {
                if (!waiting--)
                    return;
                low = parts[waiting].low;
                high = parts[waiting].high;
            }
        } else {
            if (first_low < first_high) {
                parts[waiting].low = first_low;
                parts[waiting++].high = first_high;
            }
            low = second_low;
            high = second_high;
        }
    }
}

INLINE int sortable(const void *base, size_t count, size_t width, const void *compare)
{
    return base && width && compare && count < LARGEST && width < LARGEST && (unsigned __int128)count * width < LARGEST;
}

extern void slow_qsort(void *, size_t, size_t, void *) __asm__("slow");
void msvcrt__qsort(void *base, size_t count, size_t width, void *compare)
{
    if (!sortable(base, count, width, compare))
        return slow_qsort(base, count, width, compare);
    Array a = { base, width, compare, 0, 0 };
    if (count > 1)
        sort(&a, count);
}

extern void slow_qsort_s(void *, size_t, size_t, void *, void *) __asm__("slow");
void msvcrt__qsort_s(void *base, size_t count, size_t width, void *compare, void *context)
{
    if (!sortable(base, count, width, compare))
        return slow_qsort_s(base, count, width, compare, context);
    Array a = { base, width, compare, context, 1 };
    if (count > 1)
        sort(&a, count);
}

INLINE void *found(const void *key, const Array *a, size_t count)
{
    const long long width = (long long)a->width;
    long long low = 0, high = (long long)(count - 1) * width;
    size_t number = count;
    while (low <= high) {
        size_t half = number / 2;
        long long middle = low + (long long)(half - !(number & 1)) * width;
        if (!half)
            middle = low;
        int result = a->in_context ? ((CompareIn *)a->compare)(a->context, key, a->base + middle)
                                   : ((Compare *)a->compare)(key, a->base + middle);
        if (result == 0)
            return a->base + middle;
        if (!half)
            return 0;
        if (result < 0) {
            high = middle - width;
            number = half - !(number & 1);
            if (!number)
                return 0;
        } else {
            low = middle + width;
            number = half;
        }
    }
    return 0;
}

extern void *slow_bsearch(const void *, void *, size_t, size_t, void *) __asm__("slow");
void *msvcrt__bsearch(const void *key, void *base, size_t count, size_t width, void *compare)
{
    if (!count || !sortable(base, count, width, compare))
        return slow_bsearch(key, base, count, width, compare);
    Array a = { base, width, compare, 0, 0 };
    return found(key, &a, count);
}

extern void *slow_bsearch_s(const void *, void *, size_t, size_t, void *, void *) __asm__("slow");
void *msvcrt__bsearch_s(const void *key, void *base, size_t count, size_t width, void *compare, void *context)
{
    if (!count || !sortable(base, count, width, compare))
        return slow_bsearch_s(key, base, count, width, compare, context);
    Array a = { base, width, compare, context, 1 };
    return found(key, &a, count);
}

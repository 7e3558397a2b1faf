/* Machine code for API functions that are called all the time and need nothing of the host, as fastpaths.s, for those that
   are too long for assembler. tools/gen_fastpaths.py compiles this file; a function is called DLL__NAME, or
   DLL__NAME__native for engines on which code runs at the processor's speed. It returns, or leaves the case to the host by
   returning `slow(...)` with its own arguments: the compiler makes that a jump into the stub. No other function is called
   but those of the program, there are no constants in memory, and what has a frame has unwind information: an exception
   may pass through qsort. */

typedef unsigned long long size_t;
typedef unsigned short wchar;
typedef unsigned char byte;
typedef size_t __attribute__((may_alias, aligned(1))) word;

#define INLINE static inline __attribute__((always_inline))

/* -- sorting and searching ------------------------------------------------------------------------------------------------ */

typedef int Compare(const void *, const void *);
typedef int CompareIn(void *, const void *, const void *);

/* Where parts begin and end, as offsets into the array. Nobody's array is larger. */
enum { SHORT = 8, DEEPEST = 64 };
#define LARGEST (1LL << 47)

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

/* -- strings -------------------------------------------------------------------------------------------------------------- */

#define LENGTH(text) ({ size_t n = 0; while ((text)[n]) n++; n; })

/* Copies from the front, so it is not for a target behind the source; the host takes the source first. */
#define COPY(type, name, RESULT_AT)                                                          \
    extern type *slow_##name(type *, const type *) __asm__("slow");                         \
    type *msvcrt__##name(type *target, const type *source)                                   \
    {                                                                                        \
        size_t count = LENGTH(source) + 1, at = RESULT_AT;                                   \
        if ((size_t)((byte *)(target + at) - (byte *)source) < count * sizeof(type))         \
            return slow_##name(target, source);                                              \
        for (size_t n = 0; n < count; n++)                                                   \
            target[at + n] = source[n];                                                      \
        return target;                                                                       \
    }
COPY(wchar, wcscpy, 0)
COPY(byte, strcat, LENGTH(target))
COPY(wchar, wcscat, LENGTH(target))

#define COPY_PADDED(type, name)                                                              \
    extern type *slow_##name(type *, const type *, size_t) __asm__("slow");                 \
    type *msvcrt__##name(type *target, const type *source, size_t count)                     \
    {                                                                                        \
        size_t n = 0;                                                                        \
        if (count >= LARGEST || (size_t)((byte *)target - (byte *)source) < count * sizeof(type)) \
            return slow_##name(target, source, count);                                       \
        for (; n < count && source[n]; n++)                                                  \
            target[n] = source[n];                                                           \
        for (; n < count; n++)                                                               \
            target[n] = 0;                                                                   \
        return target;                                                                       \
    }
COPY_PADDED(byte, strncpy)
COPY_PADDED(wchar, wcsncpy)

wchar *msvcrt__wcschr(wchar *text, wchar c)
{
    for (;; text++) {
        if (*text == c)
            return text;
        if (!*text)
            return 0;
    }
}

wchar *msvcrt__wcsrchr(wchar *text, wchar c)
{
    wchar *last = 0;
    for (;; text++) {
        if (*text == c)
            last = text;
        if (!*text)
            return last;
    }
}

#define FIND(type, name)                                                                     \
    type *msvcrt__##name(type *text, const type *wanted)                                     \
    {                                                                                        \
        for (;; text++) {                                                                    \
            size_t n = 0;                                                                    \
            while (wanted[n] && text[n] == wanted[n])                                        \
                n++;                                                                         \
            if (!wanted[n])                                                                  \
                return text;                                                                 \
            if (!text[n])                                                                    \
                return 0;                                                                    \
        }                                                                                    \
    }
FIND(byte, strstr)
FIND(wchar, wcsstr)

int msvcrt__wcscmp(const wchar *one, const wchar *other)
{
    while (*one && *one == *other)
        one++, other++;
    return (*one > *other) - (*one < *other);
}

/* The difference, unlike wcscmp, as Microsoft's have it. */
int msvcrt__wcsncmp(const wchar *one, const wchar *other, size_t count)
{
    for (; count; count--, one++, other++)
        if (!*one || *one != *other)
            return *one - *other;
    return 0;
}

#define SPAN(type, name, WHILE_AMONG, RESULT, result)                                        \
    result msvcrt__##name(const type *text, const type *set)                                 \
    {                                                                                        \
        size_t n = 0;                                                                        \
        for (; text[n]; n++) {                                                               \
            size_t at = 0;                                                                   \
            while (set[at] && set[at] != text[n])                                            \
                at++;                                                                        \
            if ((set[at] == 0) == WHILE_AMONG)                                                    \
                break;                                                                       \
        }                                                                                    \
        return RESULT;                                                                       \
    }
SPAN(byte, strspn, 1, n, size_t)
SPAN(wchar, wcsspn, 1, n, size_t)
SPAN(byte, strcspn, 0, n, size_t)
SPAN(wchar, wcscspn, 0, n, size_t)
SPAN(byte, strpbrk, 0, text[n] ? text + n : 0, const byte *)
SPAN(wchar, wcspbrk, 0, text[n] ? text + n : 0, const wchar *)

/* Letters of ASCII have the same lower case in every locale; what else there is, the host knows. */
INLINE int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

#define COMPARE_INSENSITIVE(type, name, PARAMETER, ARGUMENT, LEFT)                           \
    extern int slow_##name(const type *, const type * PARAMETER(size_t)) __asm__("slow");    \
    int msvcrt__##name(const type *one, const type *other PARAMETER(size_t count))           \
    {                                                                                        \
        if (!one || !other)                                                                  \
            return slow_##name(one, other ARGUMENT);                                         \
        for (size_t n = 0; LEFT; n++) {                                                      \
            int a = one[n], b = other[n];                                                    \
            if ((a | b) >= 0x80)                                                             \
                return slow_##name(one, other ARGUMENT);                                     \
            if (!a || lower(a) != lower(b))                                                  \
                return lower(a) - lower(b);                                                  \
        }                                                                                    \
        return 0;                                                                            \
    }
#define NONE(x)
#define LAST(x) , x
COMPARE_INSENSITIVE(byte, _stricmp, NONE, , 1)
COMPARE_INSENSITIVE(wchar, _wcsicmp, NONE, , 1)
COMPARE_INSENSITIVE(byte, _strnicmp, LAST, LAST(count), n < count)
COMPARE_INSENSITIVE(wchar, _wcsnicmp, LAST, LAST(count), n < count)

/* -- between code pages: what is ASCII is the same in the ANSI page, CP_ACP, and in UTF-8 ------------------------------------ */

enum { ACP = 0, THREAD_ACP = 3, LATIN = 1252, UTF8 = 65001 };

INLINE int ascii_page(unsigned page)
{
    return page == ACP || page == THREAD_ACP || page == LATIN || page == UTF8;
}

#define CONVERT(from, to)                                                                    \
    size_t units = (size_t)count;                                                            \
    if (count < 0) {                                                                         \
        for (units = 0; source[units]; units++)                                              \
            if (source[units] >= 0x80)                                                       \
                goto other;                                                                  \
        units++;                                                                             \
    } else                                                                                   \
        for (size_t n = 0; n < units; n++)                                                   \
            if (source[n] >= 0x80)                                                           \
                goto other;                                                                  \
    if (units >= 0x7FFFFFFF || (room && units > (size_t)room))                               \
        goto other;                                                                          \
    if (room) {                                                                              \
        if ((size_t)((byte *)target - (byte *)source) < units * sizeof(from)                 \
            || (size_t)((byte *)source - (byte *)target) < units * sizeof(to))               \
            goto other;                                                                      \
        for (size_t n = 0; n < units; n++)                                                   \
            target[n] = (to)source[n];                                                       \
    }                                                                                        \
    return (int)units;                                                                       \
other:

extern int slow_to_wide(unsigned, unsigned, const byte *, int, wchar *, int) __asm__("slow");
int kernel32__MultiByteToWideChar(unsigned page, unsigned flags, const byte *source, int count, wchar *target, int room)
{
    if (flags || !ascii_page(page) || !source || !count || room < 0 || (room && !target))
        goto other;
    CONVERT(byte, wchar)
    return slow_to_wide(page, flags, source, count, target, room);
}

extern int slow_from_wide(unsigned, unsigned, const wchar *, int, byte *, int, void *, void *) __asm__("slow");
int kernel32__WideCharToMultiByte(
    unsigned page, unsigned flags, const wchar *source, int count, byte *target, int room, void *fallback, void *used)
{
    if (flags || !ascii_page(page) || !source || !count || room < 0 || (room && !target) || fallback || used)
        goto other;
    CONVERT(wchar, byte)
    return slow_from_wide(page, flags, source, count, target, room, fallback, used);
}

/* -- numbers -------------------------------------------------------------------------------------------------------------- */

/* The seed of a thread is in its TEB (stdlib.py); the one that it begins with, 1, is there as 0. */
#define RAND(name, slot)                                                                     \
    int msvcrt__##name(void)                                                                 \
    {                                                                                        \
        unsigned __seg_gs *seed = (unsigned __seg_gs *)slot;                                 \
        unsigned next = (*seed ^ 1) * 214013 + 2531011;                                      \
        *seed = next ^ 1;                                                                    \
        return next >> 16 & 0x7FFF;                                                          \
    }
RAND(rand, 0x1FF0)
RAND(rand_of_ucrt, 0x1FF4)

int msvcrt__abs(int n) { return n < 0 ? (int)-(unsigned)n : n; }
long long msvcrt___abs64(long long n) { return n < 0 ? (long long)-(size_t)n : n; }

/* Decimal numbers of up to nine digits; what comes before them is ASCII, so no locale takes it for a space. */
#define NUMBER(text, at, digits, value)                                                      \
    size_t at = 0, digits = 0;                                                               \
    int value = 0, negative;                                                                 \
    while (text[at] == ' ' || (text[at] >= 9 && text[at] <= 13))                             \
        at++;                                                                                \
    negative = text[at] == '-';                                                              \
    if (negative || text[at] == '+')                                                         \
        at++;                                                                                \
    for (; text[at] >= '0' && text[at] <= '9' && digits < 10; at++, digits++)                \
        value = value * 10 + text[at] - '0';                                                 \
    if (negative)                                                                            \
        value = -value;

extern int slow_atoi(const byte *) __asm__("slow");
int msvcrt__atoi(const byte *text)
{
    if (!text)
        return slow_atoi(text);
    NUMBER(text, at, digits, value)
    if (digits > 9 || text[at] >= 0x80)
        return slow_atoi(text);
    return value;
}

extern int slow_strtol(const byte *, byte **, int) __asm__("slow");
int msvcrt__strtol(const byte *text, byte **end, int base)
{
    if (!text || base != 10)
        return slow_strtol(text, end, base);
    NUMBER(text, at, digits, value)
    if (!digits || digits > 9)
        return slow_strtol(text, end, base);
    if (end)
        *end = (byte *)text + at;
    return value;
}

/* -- a thread's own storage ----------------------------------------------------------------------------------------------- */

#define TEB(type, offset) (*(type __seg_gs *)(offset))
enum { LAST_ERROR = 0x68, TLS_SLOTS = 0x1480, FLS_DATA = 0x17C8, FLS_CHUNKS = 16, FLS_FIRST = 16, FLS_COUNT = 4080 };

extern int slow_TlsSetValue(unsigned, void *) __asm__("slow");
int kernel32__TlsSetValue(unsigned index, void *value)
{
    if (index >= 64)
        return slow_TlsSetValue(index, value);
    ((void *__seg_gs *)TLS_SLOTS)[index] = value;
    return 1;
}

/* As executive/fiberstorage.py lays it out. */
extern void *slow_FlsGetValue(unsigned) __asm__("slow");
void *kernel32__FlsGetValue(unsigned index)
{
    byte *block = TEB(byte *, FLS_DATA);
    if (!block || !index || index >= FLS_COUNT)
        return slow_FlsGetValue(index);
    unsigned chunk = 27 - __builtin_clz(index + FLS_FIRST), at = index + FLS_FIRST - (FLS_FIRST << chunk);
    void **values = ((void ***)(block + FLS_CHUNKS))[chunk];
    TEB(unsigned, LAST_ERROR) = 0;
    return values ? values[1 + at] : 0;
}

/* -- printing ------------------------------------------------------------------------------------------------------------- */

/* Through the window of a stream (windows.py), and into buffers. What is not done here: wide characters, floating point
   numbers but by %f, and of these those that are huge, tiny, or of more digits than a double has for certain. */

typedef struct {
    byte *at;
    int room, pad;
    byte *base;
    int flags, number;
} File;
enum { IOWRT = 2, TEB_POINT = 0x1FC2, TEB_IOB = 0x1FC8, TEB_UCRT_IOB = 0x1FD0, STDOUT = 48 };
enum { MSVCRT_POINT = 1, UCRT_POINT = 2, MOST_DIGITS = 13 };

INLINE int writable(const File *file) { return file && file->flags & IOWRT && file->room > 0; }

INLINE void wrote(File *file, byte *end)
{
    file->room -= (int)(end - file->at);
    file->at = end;
}

#define PUT(c)                                                                               \
    do {                                                                                     \
        if (at == end)                                                                       \
            return 0;                                                                        \
        *at++ = (byte)(c);                                                                   \
    } while (0)

/* Writes a formatted text to where `at` points; its end, or 0 for what is left to the host. `point` is the bit that says
   that the decimal point of the run-time's locale is known to be one. */
INLINE byte *formatted(byte *at, byte *end, const byte *format, const size_t *arguments, int point)
{
    byte digits[40];
    if (!format)
        return 0;
    for (;; format++) {
        byte c = *format;
        if (!c)
            return at;
        if (c >= 0x80)
            return 0;
        if (c != '%') {
            PUT(c);
            continue;
        }
        int left = 0, zero = 0, sign = 0, width = 0, precision = -1, wide = 0;
        for (c = *++format;; c = *++format) {
            if (c == '-')
                left = 1;
            else if (c == '0')
                zero = 1;
            else if (c == '+' || (c == ' ' && sign != '+'))
                sign = c;
            else
                break;
        }
        if (c == '%') {
            if (format[-1] != '%')
                return 0;
            PUT(c);
            continue;
        }
        if (c == '*') {
            width = (int)*arguments++;
            c = *++format;
            if (width < 0)
                return 0;
        } else
            for (; c >= '0' && c <= '9'; c = *++format)
                if ((width = width * 10 + c - '0') > 999)
                    return 0;
        if (c == '.') {
            c = *++format;
            if (c == '*') {
                precision = (int)*arguments++;
                c = *++format;
                if (precision < 0)
                    return 0;
            } else
                for (precision = 0; c >= '0' && c <= '9'; c = *++format)
                    if ((precision = precision * 10 + c - '0') > 999)
                        return 0;
        }
        if (c == 'l') {
            c = *++format;
            if (c == 'l') {
                wide = 1;
                c = *++format;
            }
            if (c == 's' || c == 'c' || c == 'f')
                return 0;
        } else if (c == 'I') {
            if (format[1] == '6' && format[2] == '4')
                wide = 1;
            else if (format[1] != '3' || format[2] != '2')
                return 0;
            c = *(format += 3);
            if (c == 's' || c == 'c' || c == 'f')
                return 0;
        }
        size_t value = *arguments++;
        const byte *text = digits;
        int length = 0, zeros = 0, prefix = 0;
        if (c == 's') {
            text = (const byte *)value;
            if (!text || zero)
                return 0;
            while (length != precision && text[length])
                if (++length > 0x10000)
                    return 0;
        } else if (c == 'c') {
            if (zero || precision >= 0)
                return 0;
            digits[0] = (byte)value;
            length = 1;
        } else if (c == 'd' || c == 'i' || c == 'u' || c == 'x' || c == 'X' || c == 'o') {
            unsigned base = c == 'o' ? 8 : c == 'x' || c == 'X' ? 16 : 10;
            if (c == 'd' || c == 'i') {
                long long number = wide ? (long long)value : (int)value;
                value = (size_t)number;
                prefix = sign;
                if (number < 0) {
                    value = 0 - value;
                    prefix = '-';
                }
            } else if (!wide)
                value = (unsigned)value;
            if (precision == 0 && !value)
                return 0;
            byte *first = digits + sizeof digits;
            do {
                unsigned digit = (unsigned)(value % base);
                *--first = (byte)(digit < 10 ? '0' + digit : (c == 'x' ? 'a' : 'A') - 10 + digit);
            } while (value /= base);
            text = first;
            length = (int)(digits + sizeof digits - first);
            if (precision > length)
                zeros = precision - length;
            if (precision >= 0)
                zero = 0;
        } else if (c == 'f') {
            /* mantissa times 2 to the -shift: its whole part, and what is behind the point as a fraction of 2 to the shift. */
            int exponent = (int)(value >> 52 & 0x7FF), shift = 1075 - exponent;
            unsigned __int128 fraction = 0, one;
            size_t mantissa = (value & 0xFFFFFFFFFFFFFULL) | 1ULL << 52, whole = 0;
            if (!(TEB(byte, TEB_POINT) & point))
                return 0;
            prefix = value >> 63 ? '-' : sign;
            if (precision < 0)
                precision = 6;
            if (precision > MOST_DIGITS)
                return 0;
            if (!(value << 1))
                shift = 60, mantissa = 0;
            if (shift < 0 || shift > 110 || exponent == 0x7FF)
                return 0;
            one = (unsigned __int128)1 << shift;
            whole = shift < 64 ? mantissa >> shift : 0;
            fraction = mantissa & (one - 1);
            byte *last = digits + 20;
            for (int n = 0; n < precision; n++) {
                fraction *= 10;
                *last++ = (byte)('0' + (int)(fraction >> shift));
                fraction &= one - 1;
            }
            /* Where it is close to the middle between two numbers, run-times differ. */
            if (shift) {
                unsigned __int128 half = one >> 1, away = fraction > half ? fraction - half : half - fraction;
                if (mantissa && away <= one >> 8)
                    return 0;
                int carry = fraction > half;
                for (byte *digit = last; carry && digit > digits + 20;) {
                    carry = *--digit == '9';
                    *digit = carry ? '0' : *digit + 1;
                }
                whole += carry;
            }
            byte *first = digits + 20;
            if (precision) {
                for (byte *digit = last++; digit > digits + 20; digit--)
                    *digit = digit[-1];
                *first = '.';
            }
            do
                *--first = (byte)('0' + whole % 10);
            while (whole /= 10);
            if (digits + 20 - first + precision > MOST_DIGITS)
                return 0;
            text = first;
            length = (int)(last - first);
        } else
            return 0;
        int fill = width - length - zeros - (prefix != 0);
        if (zero && !left && fill > 0)
            zeros += fill, fill = 0;
        if (!left)
            for (; fill > 0; fill--)
                PUT(' ');
        if (prefix)
            PUT(prefix);
        for (; zeros > 0; zeros--)
            PUT('0');
        if (end - at < length)
            return 0;
        for (int n = 0; n < length; n++)
            *at++ = text[n];
        for (; fill > 0; fill--)
            PUT(' ');
    }
}

/* The arguments of `...`: those that come in registers join the others in the home space. */
#define ARGUMENTS() volatile size_t *home = (volatile size_t *)__builtin_dwarf_cfa()

#define PRINT(stream, arguments, point, otherwise)                                           \
    File *file = (stream);                                                                   \
    if (!writable(file))                                                                     \
        return otherwise;                                                                    \
    byte *end = formatted(file->at, file->at + file->room, format, (const size_t *)(arguments), point); \
    if (!end)                                                                                \
        return otherwise;                                                                    \
    int count = (int)(end - file->at);                                                       \
    wrote(file, end);                                                                        \
    return count

#define STANDARD_OUTPUT(slot) (TEB(byte *, slot) ? (File *)(TEB(byte *, slot) + STDOUT) : 0)

extern int slow_printf(const byte *, size_t, size_t, size_t) __asm__("slow");
int msvcrt__printf(const byte *format, size_t second, size_t third, size_t fourth)
{
    ARGUMENTS();
    home[1] = second, home[2] = third, home[3] = fourth;
    PRINT(STANDARD_OUTPUT(TEB_IOB), home + 1, MSVCRT_POINT, slow_printf(format, second, third, fourth));
}

extern int slow_fprintf(File *, const byte *, size_t, size_t) __asm__("slow");
int msvcrt__fprintf(File *stream, const byte *format, size_t third, size_t fourth)
{
    ARGUMENTS();
    home[2] = third, home[3] = fourth;
    PRINT(stream, home + 2, MSVCRT_POINT, slow_fprintf(stream, format, third, fourth));
}

extern int slow_vprintf(const byte *, const size_t *) __asm__("slow");
int msvcrt__vprintf(const byte *format, const size_t *arguments)
{
    PRINT(STANDARD_OUTPUT(TEB_IOB), arguments, MSVCRT_POINT, slow_vprintf(format, arguments));
}

extern int slow_vfprintf(File *, const byte *, const size_t *) __asm__("slow");
int msvcrt__vfprintf(File *stream, const byte *format, const size_t *arguments)
{
    PRINT(stream, arguments, MSVCRT_POINT, slow_vfprintf(stream, format, arguments));
}

extern int slow_common_vfprintf(size_t, File *, const byte *, void *, const size_t *) __asm__("slow");
int msvcrt____stdio_common_vfprintf(
    size_t options, File *stream, const byte *format, void *locale, const size_t *arguments)
{
    if (locale)
        return slow_common_vfprintf(options, stream, format, locale, arguments);
    PRINT(stream, arguments, UCRT_POINT, slow_common_vfprintf(options, stream, format, locale, arguments));
}

/* A text that leaves no room for its NUL is the host's: the functions differ there. */
#define PRINT_TO(buffer, limit, arguments, point, otherwise)                                 \
    if (!buffer)                                                                             \
        return otherwise;                                                                    \
    byte *last = formatted(buffer, limit, format, (const size_t *)(arguments), point);       \
    if (!last || last == (limit))                                                            \
        return otherwise;                                                                    \
    *last = 0;                                                                               \
    return (int)(last - buffer)
#define NO_END ((byte *)(~0ULL >> 1))
#define LIMIT(buffer, count) ((count) < 0x7FFFFFFF ? (buffer) + (count) : NO_END)

extern int slow_sprintf(byte *, const byte *, size_t, size_t) __asm__("slow");
int msvcrt__sprintf(byte *buffer, const byte *format, size_t third, size_t fourth)
{
    ARGUMENTS();
    home[2] = third, home[3] = fourth;
    PRINT_TO(buffer, NO_END, home + 2, MSVCRT_POINT, slow_sprintf(buffer, format, third, fourth));
}

extern int slow_vsprintf(byte *, const byte *, const size_t *) __asm__("slow");
int msvcrt__vsprintf(byte *buffer, const byte *format, const size_t *arguments)
{
    PRINT_TO(buffer, NO_END, arguments, MSVCRT_POINT, slow_vsprintf(buffer, format, arguments));
}

extern int slow_snprintf(byte *, size_t, const byte *, size_t) __asm__("slow");
int msvcrt___snprintf(byte *buffer, size_t count, const byte *format, size_t fourth)
{
    ARGUMENTS();
    home[3] = fourth;
    PRINT_TO(buffer, LIMIT(buffer, count), home + 3, MSVCRT_POINT, slow_snprintf(buffer, count, format, fourth));
}

extern int slow_vsnprintf(byte *, size_t, const byte *, const size_t *) __asm__("slow");
int msvcrt___vsnprintf(byte *buffer, size_t count, const byte *format, const size_t *arguments)
{
    PRINT_TO(buffer, LIMIT(buffer, count), arguments, MSVCRT_POINT, slow_vsnprintf(buffer, count, format, arguments));
}

extern int slow_common_vsprintf(size_t, byte *, size_t, const byte *, void *, const size_t *) __asm__("slow");
int msvcrt____stdio_common_vsprintf(
    size_t options, byte *buffer, size_t count, const byte *format, void *locale, const size_t *arguments)
{
    if (locale)
        return slow_common_vsprintf(options, buffer, count, format, locale, arguments);
    PRINT_TO(buffer, LIMIT(buffer, count), arguments, UCRT_POINT,
             slow_common_vsprintf(options, buffer, count, format, locale, arguments));
}

extern size_t slow_fwrite(const byte *, size_t, size_t, File *) __asm__("slow");
size_t msvcrt__fwrite(const byte *buffer, size_t size, size_t count, File *file)
{
    if (!buffer || !size || size > 0xFFFF || !count || count > 0xFFFF || !writable(file) || size * count > (size_t)file->room)
        return slow_fwrite(buffer, size, count, file);
    byte *at = file->at;
    for (size_t left = size * count; left; left--)
        *at++ = *buffer++;
    wrote(file, at);
    return count;
}

INLINE byte *copied(File *file, const byte *text)
{
    if (!text || !writable(file))
        return 0;
    byte *at = file->at, *end = at + file->room;
    for (; *text; text++)
        PUT(*text);
    return at;
}

extern int slow_fputs(const byte *, File *) __asm__("slow");
int msvcrt__fputs(const byte *text, File *file)
{
    byte *end = copied(file, text);
    if (!end)
        return slow_fputs(text, file);
    wrote(file, end);
    return 0;
}

#define PUTS(name, slot)                                                                     \
    int msvcrt__##name(const byte *text)                                                     \
    {                                                                                        \
        File *file = STANDARD_OUTPUT(slot);                                                  \
        byte *end = copied(file, text);                                                      \
        if (!end || end == file->at + file->room)                                            \
            return slow_puts(text);                                                          \
        *end++ = '\n';                                                                       \
        wrote(file, end);                                                                    \
        return 0;                                                                            \
    }
extern int slow_puts(const byte *) __asm__("slow");
PUTS(puts, TEB_IOB)
PUTS(puts_of_ucrt, TEB_UCRT_IOB)

/* -- for engines on which code runs at the processor's speed: texts of any length ------------------------------------------- */

#include <emmintrin.h>

/* Whole blocks at multiples of their size, which lie in one page: what is read beyond the end of a text cannot fault. */
#define BLOCK(at) _mm_load_si128((const __m128i *)(at))

#define MEASURE(type, name, EQUAL)                                                           \
    size_t msvcrt__##name##__native(const type *text)                                        \
    {                                                                                        \
        size_t start = (size_t)text & ~15ULL;                                                \
        unsigned zeros = _mm_movemask_epi8(EQUAL(BLOCK(start), _mm_setzero_si128())) >> ((size_t)text & 15); \
        if (zeros)                                                                           \
            return __builtin_ctz(zeros) / sizeof(type);                                      \
        do {                                                                                 \
            start += 16;                                                                     \
            zeros = _mm_movemask_epi8(EQUAL(BLOCK(start), _mm_setzero_si128()));             \
        } while (!zeros);                                                                    \
        return (start + __builtin_ctz(zeros) - (size_t)text) / sizeof(type);                 \
    }
MEASURE(byte, strlen, _mm_cmpeq_epi8)

/* Text at an odd address has its units across the blocks. */
extern size_t slow_wcslen(const wchar *) __asm__("slow");
INLINE MEASURE(wchar, even_wcslen, _mm_cmpeq_epi16)
size_t msvcrt__wcslen__native(const wchar *text)
{
    return (size_t)text & 1 ? slow_wcslen(text) : msvcrt__even_wcslen__native(text);
}

byte *msvcrt__strchr__native(byte *text, int c)
{
    for (;; text++) {
        if (*text == (byte)c)
            return text;
        if (!*text)
            return 0;
    }
}

byte *msvcrt__strrchr__native(byte *text, int c)
{
    byte *last = 0;
    for (;; text++) {
        if (*text == (byte)c)
            last = text;
        if (!*text)
            return last;
    }
}

int msvcrt__strcmp__native(const byte *one, const byte *other)
{
    while (*one && *one == *other)
        one++, other++;
    return (*one > *other) - (*one < *other);
}

int msvcrt__strncmp__native(const byte *one, const byte *other, size_t count)
{
    for (; count; count--, one++, other++)
        if (!*one || *one != *other)
            return (*one > *other) - (*one < *other);
    return 0;
}

int msvcrt__memcmp__native(const byte *one, const byte *other, size_t count)
{
    for (; count >= 16; count -= 16, one += 16, other += 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)one), b = _mm_loadu_si128((const __m128i *)other);
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) != 0xFFFF)
            break;
    }
    for (; count; count--, one++, other++)
        if (*one != *other)
            return (*one > *other) - (*one < *other);
    return 0;
}

byte *msvcrt__memchr__native(byte *at, int c, size_t count)
{
    for (; count; count--, at++)
        if (*at == (byte)c)
            return at;
    return 0;
}

COPY(byte, strcpy__native, 0)

/* For engines on which code runs at the processor's speed: texts of any length. */
#include "common.h"

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

/* Numbers. */
#include "common.h"

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

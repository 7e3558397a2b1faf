/* Between code pages: what is ASCII is the same in the ANSI page, CP_ACP, and in UTF-8. */
#include "common.h"

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

/* Strings. */
#include "common.h"

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

/* Printing. */
#include "common.h"

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

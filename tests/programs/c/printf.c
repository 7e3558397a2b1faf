/* Formats of printf. */
#define __USE_MINGW_ANSI_STDIO 0  /* the formats of msvcrt, not those of the compiler */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

int main(void)
{
    char buffer[64];
    wchar_t wide[64];
    int n = 0;
    printf("%d %i %u %x %X %o %c %s %%\n", -5, 7, 3000000000u, 0xbeef, 0xbeef, 8, 'c', "text");
    printf("[%5d][%-5d][%05d][%+d][% d][%.3d][%8.3d][%-8.3d][%*d][%-*d]\n", 42, 42, 42, 42, 42, 7, 7, 7, 6, 1, 6, 2);
    printf("[%#x][%#o][%#X][%#.3x][%08x][%.0d][%x]\n", 255, 8, 255, 1, 0xabc, 0, 0);
    printf("[%10s][%-10s][%.2s][%10.3s][%.*s][%s]\n", "right", "left", "cut", "abcdef", 3, "precision", (char *)NULL);
    printf("[%ld][%lu][%hd][%hhd][%I64d][%lld][%I64x][%zu]\n", -1L, 4000000000UL, (short)70000, (char)300,
           -1234567890123LL, 9223372036854775807LL, 0xfedcba9876543210ULL, (size_t)99);
    printf("[%f][%.2f][%10.3f][%-10.1f][%+f][%.0f][%#.0f]\n", 3.14159, 2.675, 1.5, 1.25, 0.5, 2.5, 3.0);
    printf("[%e][%.3E][%12.1e][%e]\n", 12345.678, 0.00012, 9.96, 0.0);
    printf("[%g][%g][%g][%G][%#g][%.3g][%g]\n", 0.0001, 0.00001, 1e15, 1e-10, 1.0, 1234.5, 100000.0);
    printf("[%f][%f][%e][%g]\n", 1e15, 1e-300, 1e-300, 5e-324);
    printf("[%.15g][%.17g][%.10f]\n", 0.1, 0.1, 0.1);
    printf("[%05.1f][%+.1e][% g][%-8g|]\n", -1.5, 1e10, 2.5, 2.5);
    printf("[%c%c][%3c][%-3c]\n", 'a', 'b', 'x', 'y');
    printf("[%S][%ls][%ws][%C][%lc][%hs]\n", L"wide", L"long", L"w", L'W', L'L', "narrow");
    printf("%d%n", 12345, &n);
    printf(" wrote %d\n", n);
    printf("returned %d\n", printf("four"));
    printf("sprintf %d: %s\n", sprintf(buffer, "%s-%d", "x", 9), buffer);
    memset(buffer, '.', 20);
    buffer[20] = 0;
    n = _snprintf(buffer, 5, "%s", "123456789");
    printf("_snprintf %d: %.9s\n", n, buffer);
    n = _snprintf(buffer, 5, "%s", "12345");
    printf("_snprintf %d: %.9s\n", n, buffer);
    n = _snprintf(buffer, 20, "%s", "123");
    printf("_snprintf %d: %s\n", n, buffer);
    printf("_scprintf %d\n", _scprintf("%d %s", 10, "abc"));
    n = swprintf(wide, 64, L"%d %ls %hs %c", 5, L"wide", "narrow", L'!');
    printf("swprintf %d: %ls\n", n, wide);
    wprintf(L"wprintf %s %S\n", L"wide", "narrow");
    fprintf(stdout, "%s\n", "fprintf");
    puts("puts");
    putchar('p');
    putc('c', stdout);
    fputs("\n", stdout);
    return 0;
}

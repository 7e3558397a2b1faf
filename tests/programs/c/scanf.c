/* Formats of scanf. */
#define __USE_MINGW_ANSI_STDIO 0  /* the formats of msvcrt, not those of the compiler */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

int main(void)
{
    int a = -1, b = -1, c = -1, n;
    unsigned u = 0;
    long long big = 0;
    short small = 0;
    float f = 0;
    double d = 0;
    char word[32] = "", letter = 0, rest[32] = "";
    wchar_t wide[32] = L"";
    n = sscanf("12 -7 0x1f", "%d %d %i", &a, &b, &c);
    printf("%d: %d %d %d\n", n, a, b, c);
    n = sscanf("077 ff 4294967295", "%i %x %u", &a, &b, &u);
    printf("%d: %d %d %u\n", n, a, b, u);
    n = sscanf("3.5 -1e3", "%f %lf", &f, &d);
    printf("%d: %g %g\n", n, f, d);
    n = sscanf("  hello world", "%s%c%s", word, &letter, rest);
    printf("%d: %s '%c' %s\n", n, word, letter, rest);
    n = sscanf("abc123def", "%[a-z]%d%[^x]", word, &a, rest);
    printf("%d: %s %d %s\n", n, word, a, rest);
    n = sscanf("12345678", "%3d%2d%d", &a, &b, &c);
    printf("%d: %d %d %d\n", n, a, b, c);
    n = sscanf("1 2 3", "%d %*d %d", &a, &b);
    printf("%d: %d %d\n", n, a, b);
    n = sscanf("9223372036854775807 70000", "%I64d %hd", &big, &small);
    printf("%d: %I64d %d\n", n, big, small);
    n = sscanf("5%x", "%d%%%c%n", &a, &letter, &b);
    printf("%d: %d %c at %d\n", n, a, letter, b);
    printf("nothing: %d, no match: %d\n", sscanf("", "%d", &a), sscanf("x", "%d", &a));
    n = sscanf("wide text", "%ls %S", wide, wide + 10);
    printf("%d: %ls %ls\n", n, wide, wide + 10);
    n = swscanf(L"7 eight", L"%d %ls", &a, wide);
    printf("%d: %d %ls\n", n, a, wide);
    n = sscanf("12:34:56", "%d:%d:%d", &a, &b, &c);
    printf("%d: %d %d %d\n", n, a, b, c);
    while ((n = scanf("%d", &a)) == 1)
        printf("from input: %d\n", a);
    printf("then %d", n);
    n = scanf("%31s", word);
    printf(" and %d: %s\n", n, word);
    return 0;
}

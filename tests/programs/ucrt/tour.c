/* A tour of the universal C run-time: C99 formats, wide text, files, mathematics, time, environment. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int main(int argc, char **argv)
{
    char buffer[64];
    for (int i = 1; i < argc; i++)
        printf("%d: %s\n", i, argv[i]);
    printf("%s\n", getenv("SAMPLE_VALUE") ? getenv("SAMPLE_VALUE") : "(not set)");
    printf("%d %zu %" PRId64 " %hhd %td %jd\n", -1, (size_t)7, INT64_MIN, (char)200, (ptrdiff_t)-3, (intmax_t)9);
    printf("%a %.3f %e %g %F\n", 1.0, 2.0 / 3, 1e100, 1e-5, (double)INFINITY);
    printf("[%s] [%10.3s] [%ls] [%c]\n", "text", "abcdef", L"wide", 'c');
    printf("snprintf %d", snprintf(buffer, 5, "%s", "123456789"));
    printf(" %s\n", buffer);
    printf("%d %d %d\n", snprintf(NULL, 0, "%d", 12345), isalpha('a') != 0, toupper('z'));
    int a = 0;
    double d = 0;
    printf("%d", sscanf("12 abc 3.5", "%d %63s %lf", &a, buffer, &d));
    printf(" %d %s %g\n", a, buffer, d);
    printf("%g %g %g %g %g\n", sqrt(2), sin(1), pow(2, 10), floor(-1.5), fmod(7, 3));
    printf("%g %g %ld %g\n", round(2.5), trunc(-2.7), lround(2.5), cbrt(27));
    printf("%s\n", setlocale(LC_ALL, NULL));
    FILE *f = fopen("ucrt.txt", "w");
    fprintf(f, "one\ntwo\n");
    fclose(f);
    f = fopen("ucrt.txt", "rb");
    size_t n = fread(buffer, 1, sizeof buffer, f);
    printf("%d bytes\n", (int)n);
    fclose(f);
    printf("%d", fopen("missing.txt", "r") == NULL);
    printf(" %d\n", errno == ENOENT);
    printf("%s\n", strerror(ENOENT));
    int numbers[] = {5, 2, 8, 1};
    qsort(numbers, 4, sizeof(int), compare);
    printf("%d %d %d %d\n", numbers[0], numbers[1], numbers[2], numbers[3]);
    time_t moment = 1234567890;
    strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S %a", gmtime(&moment));
    puts(buffer);
    printf("%lld %lld\n", strtoll("-123", NULL, 10), llabs(-5));
    wchar_t wide[16];
    printf("%d\n", (int)mbstowcs(wide, "abc", 16));
    printf("%ls %d\n", wide, wcscmp(wide, L"abc"));
    while (fgets(buffer, sizeof buffer, stdin))
        printf("input: %s", buffer);
    fprintf(stderr, "to stderr\n");
    return 42;
}

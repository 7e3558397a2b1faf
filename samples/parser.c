/* A parser with a mistake, for samples/fuzz.py to find:  x86_64-w64-mingw32-gcc -O1 -Wl,-S -o parser.exe parser.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "LB", the number of records; each has a kind, a length, and so many bytes. */
typedef int record(const unsigned char *bytes, unsigned size);

static int number(const unsigned char *bytes, unsigned size)
{
    int value = 0;
    while (size--)
        value = value * 10 + (*bytes++ - '0');
    return value;
}

static int text(const unsigned char *bytes, unsigned size)
{
    char *copy = malloc(size + 1);
    memcpy(copy, bytes, size);
    copy[size] = 0;
    int length = (int)strlen(copy);
    free(copy);
    return length;
}

static record *const kinds[] = {number, text};

__attribute__((noinline)) int parse(const unsigned char *data, unsigned size)
{
    int total = 0;
    if (size < 3 || memcmp(data, "LB", 2))
        return -1;
    unsigned at = 3;
    for (unsigned count = data[2]; count; count--) {
        if (size - at < 2 || size - at - 2 < data[at + 1])
            return -1;
        total += kinds[data[at]](data + at + 2, data[at + 1]); /* the mistake: any kind will do */
        at += 2 + data[at + 1];
    }
    return total;
}

int main(int argc, char **argv)
{
    static unsigned char data[4096] = "LB\2\0\002" "42\1\5hello";
    unsigned size = 14;
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (file != NULL) {
        size = (unsigned)fread(data, 1, sizeof data, file);
        fclose(file);
    }
    printf("%d\n", parse(data, size));
    return 0;
}

/* The first program to run:  x86_64-w64-mingw32-gcc -O1 -s -o hello.exe hello.c */
#include <stdio.h>

int main(int argc, char **argv)
{
    printf("Hello from Windows! I was given %d argument%s.\n", argc - 1, argc == 2 ? "" : "s");
    for (int i = 1; i < argc; i++)
        printf("  %d: %s\n", i, argv[i]);
    return 0;
}

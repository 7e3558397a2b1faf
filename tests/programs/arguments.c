/* Prints the command line as the program sees it: raw, by the C run-time, and by CommandLineToArgvW's caller. */
#include <windows.h>
#include <stdio.h>

static void put(const wchar_t *text)
{
    for (; *text; text++)
        printf(*text > 32 && *text < 127 && *text != '\\' ? "%c" : "\\%04x", *text);
    printf("\n");
}

int wmain(int argc, wchar_t **argv)
{
    int i;

    put(GetCommandLineW());
    for (i = 1; i < argc; i++)
        put(argv[i]);
    return argc;
}

/* Standard input to standard output: "text", "binary", "lines" or "windows". */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "text";
    int c;
    char line[16];
    if (!strcmp(mode, "windows")) {
        DWORD n, m;
        HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
        while (ReadFile(in, line, sizeof line, &n, NULL) && n)
            WriteFile(out, line, n, &m, NULL);
        return 0;
    }
    if (!strcmp(mode, "lines")) {
        int number = 0;
        while (fgets(line, sizeof line, stdin))
            printf("%d:%s|", ++number, line);
        return 0;
    }
    if (!strcmp(mode, "binary")) {
        _setmode(_fileno(stdin), _O_BINARY);
        _setmode(_fileno(stdout), _O_BINARY);
    }
    while ((c = getchar()) != EOF)
        putchar(c);
    fprintf(stderr, "done\n");
    return 0;
}

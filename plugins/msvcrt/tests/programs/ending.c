/* How a program starts and ends: arguments, exit functions in reverse order, buffered output. */
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static void first(void) { fputs("first ", stdout); }
static void second(void) { fputs("second ", stdout); }

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    atexit(first);
    atexit(second);
    for (int i = 2; i < argc; i++)
        fprintf(stdout, "[%s]", argv[i]);
    if (!strcmp(how, "return"))
        return 11;
    if (!strcmp(how, "exit"))
        exit(12);
    if (!strcmp(how, "_exit")) {
        fflush(stdout);
        _exit(13);
    }
    if (!strcmp(how, "_cexit")) {
        _cexit();
        _write(1, "after", 5);
        _exit(14);
    }
    if (!strcmp(how, "ExitProcess"))
        ExitProcess(15);
    if (!strcmp(how, "abort"))
        abort();
    return 1;
}

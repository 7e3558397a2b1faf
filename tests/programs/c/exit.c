/* The ways to end, by the first argument. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static void first(void) { puts("registered first"); }
static void second(void) { puts("registered second"); }

static void on_abort(int number)
{
    printf("signal %d\n", number);
    fflush(stdout);
    _exit(41);
}

static DWORD WINAPI ender(void *code)
{
    ExitProcess((UINT)(UINT_PTR)code);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "return";
    unsigned code = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
    atexit(first);
    atexit(second);
    printf("%s %u\n", how, code);
    if (!strcmp(how, "exit"))
        exit(code);
    if (!strcmp(how, "_exit")) {
        fflush(stdout);
        _exit(code);
    }
    if (!strcmp(how, "process")) {
        fflush(stdout);
        ExitProcess(code);
    }
    if (!strcmp(how, "terminate")) {
        fflush(stdout);
        TerminateProcess(GetCurrentProcess(), code);
    }
    if (!strcmp(how, "thread")) {
        fflush(stdout);
        ExitThread(code);
    }
    if (!strcmp(how, "other")) {
        fflush(stdout);
        WaitForSingleObject(CreateThread(NULL, 0, ender, (void *)(UINT_PTR)code, 0, NULL), INFINITE);
    }
    if (!strcmp(how, "abort")) {
        fflush(stdout);
        abort();
    }
    if (!strcmp(how, "raise")) {
        signal(SIGABRT, on_abort);
        raise(SIGABRT);
    }
    return code;
}

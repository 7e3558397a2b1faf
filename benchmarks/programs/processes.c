/* Starting a program and waiting for its end; bytes through an anonymous pipe from one thread to another. */
#include "bench.h"

#define SIZE 65536
static char data[SIZE];

#ifdef _WIN32
#include <process.h>
static HANDLE ends[2];
static unsigned __stdcall writer(void *count)
{
    DWORD done;
    for (int i = *(int *)count; i; i--)
        WriteFile(ends[1], data, SIZE, &done, NULL);
    CloseHandle(ends[1]);
    return 0;
}
#else
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
static int ends[2];
static void *writer(void *count)
{
    for (int i = *(int *)count; i; i--)
        if (write(ends[1], data, SIZE) != SIZE)
            break;
    close(ends[1]);
    return NULL;
}
#endif

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 3, blocks = 64;
    double started, total = 0;
    if (!count)
        return 0;
    started = now();
    for (int i = 0; i < count; i++) {
#ifdef _WIN32
        char line[600];
        STARTUPINFOA startup = {sizeof(startup)};
        PROCESS_INFORMATION info;
        snprintf(line, sizeof(line), "\"%s\" 0", _pgmptr);
        if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info))
            return 1;
        WaitForSingleObject(info.hProcess, INFINITE);
        CloseHandle(info.hThread);
        CloseHandle(info.hProcess);
#else
        pid_t pid;
        char *arguments[] = {argv[0], "0", NULL};
        if (posix_spawn(&pid, argv[0], NULL, NULL, arguments, environ))
            return 1;
        waitpid(pid, NULL, 0);
#endif
    }
    report("CreateProcess", started, count);
#ifdef _WIN32
    DWORD done;
    CreatePipe(&ends[0], &ends[1], NULL, SIZE);
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, writer, &blocks, 0, NULL);
    started = now();
    while (ReadFile(ends[0], data, SIZE, &done, NULL) && done)
        total += done;
    WaitForSingleObject(thread, INFINITE);
#else
    pthread_t thread;
    ssize_t done;
    if (pipe(ends))
        return 1;
    pthread_create(&thread, NULL, writer, &blocks);
    started = now();
    while ((done = read(ends[0], data, SIZE)) > 0)
        total += (double)done;
    pthread_join(thread, NULL);
#endif
    report("pipe", started, total);
    return 0;
}

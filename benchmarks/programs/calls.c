/* System calls: SetFilePointerEx has four arguments, GetCurrentProcessId none. */
#include "bench.h"

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 20000;
    double started;
#ifdef _WIN32
    HANDLE h = CreateFileA("calls.tmp", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    LARGE_INTEGER zero = {.QuadPart = 0};
    SetFilePointerEx(h, zero, NULL, FILE_CURRENT);
    started = now();
    for (int i = 0; i < count; i++)
        SetFilePointerEx(h, zero, NULL, FILE_CURRENT);
    report("call-SetFilePointerEx", started, count);
    CloseHandle(h);
#else
    int h = open("calls.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink("calls.tmp");
    started = now();
    for (int i = 0; i < count; i++)
        lseek(h, 0, SEEK_CUR);
    report("call-SetFilePointerEx", started, count);
    close(h);
#endif
    return 0;
}

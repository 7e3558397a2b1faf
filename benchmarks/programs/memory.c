/* Memory through functions of the system: files written and read back, memcpy, in pieces of several sizes. Per byte. */
#include "bench.h"

#define TOTAL (8 << 20)

static char buffer[1 << 20], other[1 << 20];

int main(void)
{
    static const int sizes[] = {64, 4096, 1 << 20};
    char name[32];
    for (int s = 0; s < 3; s++) {
        int size = sizes[s], count = TOTAL / size > 20000 ? 20000 : TOTAL / size;
        double bytes = (double)count * size, started;
#ifdef _WIN32
        DWORD n;
        HANDLE h = CreateFileA("memory.tmp", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
        started = now();
        for (int i = 0; i < count; i++)
            WriteFile(h, buffer, size, &n, NULL);
        sprintf(name, "WriteFile-%d", size);
        report(name, started, bytes);
        SetFilePointer(h, 0, NULL, FILE_BEGIN);
        started = now();
        for (int i = 0; i < count; i++)
            ReadFile(h, buffer, size, &n, NULL);
        sprintf(name, "ReadFile-%d", size);
        report(name, started, bytes);
        CloseHandle(h);
#else
        int h = open("memory.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
        unlink("memory.tmp");
        started = now();
        for (int i = 0; i < count; i++)
            if (write(h, buffer, size) != size)
                return 1;
        sprintf(name, "WriteFile-%d", size);
        report(name, started, bytes);
        lseek(h, 0, SEEK_SET);
        started = now();
        for (int i = 0; i < count; i++)
            if (read(h, buffer, size) != size)
                return 1;
        sprintf(name, "ReadFile-%d", size);
        report(name, started, bytes);
        close(h);
#endif
        void *(*volatile copy)(void *, const void *, size_t) = memcpy;
        started = now();
        for (int i = 0; i < count; i++)
            copy(other, buffer, size);
        sprintf(name, "memcpy-%d", size);
        report(name, started, bytes);
    }
    return 0;
}

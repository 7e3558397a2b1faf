/* Blocks that one thread allocates and another frees; threads that end with blocks still in use. */
#include <windows.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <malloc.h>
#include <string.h>

#define THREADS 6
#define ROUNDS 3000
#define RING 64

static unsigned char *volatile ring[RING];
static volatile LONG bad, done;

static unsigned __stdcall work(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument * 7919 + 1;
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1103515245 + 12345;
        size_t size = 3 + (seed >> 16) % 600;
        unsigned char *block = (i % 3) ? malloc(size) : HeapAlloc(GetProcessHeap(), 0, size);
        if (!block || ((size_t)block & 15)) {
            InterlockedIncrement(&bad);
            break;
        }
        memset(block, (int)(size & 0x7f), size);
        block[0] = size & 0xff;
        block[1] = size >> 8;
        block[2] = i % 3;
        unsigned char *old = InterlockedExchangePointer((void *volatile *)&ring[(seed >> 8) % RING], block);
        if (old) {
            size = old[0] | old[1] << 8;
            for (size_t at = 3; at < size; at++)
                if (old[at] != (size & 0x7f)) {
                    InterlockedIncrement(&bad);
                    break;
                }
            if ((old[2] ? _msize(old) : HeapSize(GetProcessHeap(), 0, old)) != size)
                InterlockedIncrement(&bad);
            if (old[2])
                free(old);
            else
                HeapFree(GetProcessHeap(), 0, old);
        }
    }
    InterlockedIncrement(&done);
    return 0;
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        HANDLE threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            threads[i] = (HANDLE)_beginthreadex(NULL, 0, work, (void *)(size_t)(round * THREADS + i), 0, NULL);
        WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
        for (int i = 0; i < THREADS; i++)
            CloseHandle(threads[i]);
    }
    int held = 0;
    for (int i = 0; i < RING; i++)
        if (ring[i]) {
            held++;
            if (ring[i][2])
                free(ring[i]);
            else
                HeapFree(GetProcessHeap(), 0, ring[i]);
        }
    printf("%ld threads, %ld bad, all slots held: %d, heap valid: %d\n", done, bad, held == RING,
           HeapValidate(GetProcessHeap(), 0, NULL));
    return 0;
}

/* A heap that one thread has locked: what others do there waits, with few exceptions. */
#include <windows.h>
#include <stdio.h>

static HANDLE begin, end, heap, unlocked;
static void (*volatile task)(void);
static void *volatile block;

static void allocate(void) { block = HeapAlloc(heap, 0, 5000); }
static void release(void) { HeapFree(heap, 0, block); }
static void resize(void) { block = HeapReAlloc(heap, 0, block, 90000); }
static void allocate_small(void) { block = HeapAlloc(heap, 0, 20); }
static void allocate_unserialized(void) { block = HeapAlloc(heap, HEAP_NO_SERIALIZE, 5000); }
static void lock(void) { HeapLock(heap); HeapUnlock(heap); }
static void walk(void)
{
    PROCESS_HEAP_ENTRY entry = {0};
    HeapWalk(heap, &entry);
}
static void global(void) { block = GlobalAlloc(2, 5000); }
static void global_free(void) { GlobalFree(block); }
static void size(void) { HeapSize(heap, 0, block); }

static DWORD WINAPI worker(void *argument)
{
    while (WaitForSingleObject(begin, INFINITE) == 0 && task) {
        task();
        SetEvent(end);
    }
    return 0;
}

static void during(const char *name, void (*what)(void))
{
    task = what;
    HeapLock(heap);
    HeapLock(heap);
    SetEvent(begin);
    /* Who goes on does so at once, however slow the machine is: that is no race. */
    int unserialized = what == allocate_unserialized || heap == unlocked;
    DWORD locked = WaitForSingleObject(end, unserialized ? 20000 : 60);
    HeapUnlock(heap);
    DWORD once = locked ? WaitForSingleObject(end, 20) : locked;
    HeapUnlock(heap);
    if (once)
        WaitForSingleObject(end, INFINITE);
    printf("  %s: %s%s\n", name, locked ? "waits" : "goes on", locked && !once ? ", until one of two locks is gone" : "");
}

static void small_blocks(void)
{
    static void *blocks[200];
    for (int i = 0; i < 200; i++)
        blocks[i] = HeapAlloc(heap, 0, 24);
    for (int i = 0; i < 200; i++)
        HeapFree(heap, 0, blocks[i]);
}

int main(void)
{
    begin = CreateEventW(NULL, FALSE, FALSE, NULL);
    end = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, worker, NULL, 0, NULL);
    for (int round = 0; round < 3; round++) {
        heap = round == 0 ? GetProcessHeap() : HeapCreate(round == 2 ? HEAP_NO_SERIALIZE : 0, 0, 0);
        if (round == 2)
            unlocked = heap;
        printf("%s\n", round == 0 ? "process heap" : round == 1 ? "own heap" : "unserialized heap");
        during("HeapAlloc", allocate);
        during("HeapSize", size);
        during("HeapReAlloc", resize);
        during("HeapFree", release);
        during("small HeapAlloc", allocate_small);
        during("HeapFree", release);
        during("HEAP_NO_SERIALIZE", allocate_unserialized);
        during("HeapFree", release);
        during("HeapLock", lock);
        during("HeapWalk", walk);
        if (round == 0) {
            during("GlobalAlloc", global);
            during("GlobalFree", global_free);
        }
        task = NULL;
    }
    heap = GetProcessHeap();
    task = small_blocks;
    SetEvent(begin);
    WaitForSingleObject(end, INFINITE);
    small_blocks();
    HeapLock(heap);
    SetEvent(begin);
    printf("200 small blocks: %s\n", WaitForSingleObject(end, 60) ? "wait" : "go on");
    small_blocks();
    HeapUnlock(heap);
    WaitForSingleObject(end, INFINITE);
    small_blocks();
    task = NULL;
    SetEvent(begin);
    WaitForSingleObject(thread, INFINITE);
    return 0;
}

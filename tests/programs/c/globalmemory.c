/* Global and local memory: handles, flags, lock counts, what can be resized how, and the errors. */
#include <windows.h>
#include <stdio.h>

#define MOVEABLE 0x2
#define MODIFY 0x80
#define UNTOUCHED 0xDEAD

typedef HANDLE(WINAPI *ReAlloc)(HANDLE, SIZE_T, UINT);
typedef BOOL(WINAPI *Unlock)(HANDLE);

static void *entry_pointer(HANDLE memory)
{
    return *(void **)memory;
}

static SIZE_T entry_flags(HANDLE memory)
{
    return ((SIZE_T *)memory)[-1];
}

static int is_movable(HANDLE memory)
{
    return ((SIZE_T)memory & 15) == 8;
}

static void state(HANDLE memory)
{
    printf("    flags %x/%x size %u", GlobalFlags(memory), LocalFlags(memory), (unsigned)GlobalSize(memory));
    if (is_movable(memory))
        printf(" entry %x %s", (unsigned)entry_flags(memory), entry_pointer(memory) ? "there" : "gone");
    printf("\n");
}

static void resize(const char *name, ReAlloc resize, HANDLE *memory, SIZE_T size, UINT flags)
{
    void *before = is_movable(*memory) ? entry_pointer(*memory) : *memory;
    SetLastError(UNTOUCHED);
    HANDLE after = resize(*memory, size, flags);
    printf("  %s to %d with %x: ", name, (int)size, flags);
    if (!after)
        printf("error %lx\n", GetLastError());
    else
        printf("%s, last error %lx\n", after == *memory ? "same" : is_movable(after) ? "movable now" : "moved", GetLastError());
    if (after)
        *memory = after;
    if (is_movable(*memory) && before && entry_pointer(*memory) && size < 20)
        printf("    %s\n", entry_pointer(*memory) == before ? "in place" : "elsewhere");
    state(*memory);
}

static void unlock(const char *name, Unlock unlock, HANDLE memory)
{
    SetLastError(UNTOUCHED);
    BOOL locked = unlock(memory);
    printf("  %s: %d, last error %lx\n", name, locked, GetLastError());
}

static void matrix(const char *name, HANDLE(WINAPI *alloc)(UINT, SIZE_T), ReAlloc change, int small)
{
    static const UINT flags[] = {MOVEABLE, MODIFY, MODIFY | MOVEABLE, 0x100, 0x102, 0xF02, 0x182, 0xF82, 0x180, 0x42};
    static const SIZE_T sizes[] = {0, 5000};
    printf("%s\n", name);
    for (int i = 0; i < sizeof flags / sizeof *flags; i++)
        for (int j = 0; j < 2; j++)
            for (int locked = 0; locked < 2; locked++) {
                HANDLE memory = alloc(MOVEABLE, small);
                if (locked)
                    GlobalLock(memory);
                resize(locked ? "locked" : "movable", change, &memory, sizes[j], flags[i]);
                GlobalFree(memory);
                if (locked || flags[i] == 0x42 || (flags[i] == MOVEABLE && !sizes[j]))
                    continue;
                memory = alloc(0, 200000);
                printf("  fixed, with %x: ", flags[i]);
                HANDLE after = change(memory, sizes[j], flags[i]);
                if (!after)
                    printf("error %lx\n", GetLastError());
                else
                    printf("%s, %u bytes\n", is_movable(after) ? "movable now" : "fixed", (unsigned)GlobalSize(after));
                GlobalFree(after ? after : memory);
            }
}

static void errors(void)
{
    static char stranger[64];
    HANDLE freed = GlobalAlloc(MOVEABLE, 10);
    GlobalFree(freed);
#define ERROR_OF(call) SetLastError(UNTOUCHED), printf("  %s: %x, last error %lx\n", #call, (unsigned)(SIZE_T)(call), GetLastError())
    ERROR_OF(GlobalSize(freed));
    ERROR_OF(GlobalFlags(freed));
    ERROR_OF(LocalFlags(freed));
    ERROR_OF(GlobalLock(freed));
    ERROR_OF(LocalUnlock(freed));
    ERROR_OF(GlobalReAlloc(freed, 10, MOVEABLE));
    ERROR_OF(GlobalReAlloc(freed, 10, MODIFY));
    ERROR_OF(GlobalFree(freed) == freed);
    ERROR_OF(GlobalLock(stranger) == stranger);
    ERROR_OF(GlobalUnlock(stranger));
    ERROR_OF(LocalUnlock(stranger));
    ERROR_OF(GlobalFlags(stranger));
    ERROR_OF(GlobalSize(stranger));
    ERROR_OF(GlobalHandle(stranger));
    ERROR_OF(GlobalFree(stranger) == stranger);
    ERROR_OF(GlobalReAlloc(stranger, 10, MOVEABLE));
    ERROR_OF(GlobalHandle(0));
    ERROR_OF(LocalHandle(0));
    ERROR_OF(GlobalSize(0));
    ERROR_OF(GlobalFlags(0));
    ERROR_OF(GlobalFree(0));
    ERROR_OF(GlobalUnlock(0));
    ERROR_OF(GlobalReAlloc(0, 10, MOVEABLE));
    ERROR_OF(GlobalAlloc(MOVEABLE, ~(SIZE_T)0));
    ERROR_OF(GlobalAlloc(0, ~(SIZE_T)0));
    ERROR_OF(LocalAlloc(MOVEABLE, (SIZE_T)1 << 46));
}

static void handles(void)
{
    static HANDLE all[0x10001];
    int count = 0;
    SetLastError(UNTOUCHED);
    while (count <= 0x10000 && (all[count] = GlobalAlloc(MOVEABLE, 0)))
        count++;
    printf("%d handles, then error %lx\n", count, GetLastError());
    for (int i = 0; i < count; i++)
        GlobalFree(all[i]);
    HANDLE memory = GlobalAlloc(MOVEABLE, 10);
    void *block = GlobalLock(memory);
    printf("  handle of the block: %d, of the handle: %d\n", GlobalHandle(block) == memory, GlobalHandle(memory) == memory);
    GlobalFree(memory);
    memory = GlobalAlloc(0, 0);
    printf("  global memory of no size: %u\n", (unsigned)GlobalSize(memory));
    GlobalFree(memory);
    memory = LocalAlloc(0, 0);
    printf("  local memory of no size: %u\n", (unsigned)LocalSize(memory));
    LocalFree(memory);
}

int main(void)
{
    matrix("global", GlobalAlloc, GlobalReAlloc, 12);
    matrix("local", LocalAlloc, LocalReAlloc, 12);
    printf("locks\n");
    HANDLE memory = GlobalAlloc(MOVEABLE | 0x2000, 10);
    state(memory);
    for (int i = 0; i < 300; i++)
        GlobalLock(memory);
    state(memory);
    for (int i = 0; i < 253; i++)
        GlobalUnlock(memory);
    unlock("GlobalUnlock", GlobalUnlock, memory);
    unlock("LocalUnlock", LocalUnlock, memory);
    unlock("GlobalUnlock", GlobalUnlock, memory);
    GlobalFree(memory);
    memory = GlobalAlloc(0, 10);
    unlock("GlobalUnlock of fixed memory", GlobalUnlock, memory);
    unlock("LocalUnlock of fixed memory", LocalUnlock, memory);
    GlobalFree(memory);
    memory = LocalAlloc(MOVEABLE | 0xF00, 0);
    state(memory);
    SetLastError(UNTOUCHED);
    void *locked = LocalLock(memory);
    printf("  LocalLock of discarded memory: %d, last error %lx\n", locked != NULL, GetLastError());
    resize("discarded", LocalReAlloc, &memory, 0, MOVEABLE);
    resize("discarded", LocalReAlloc, &memory, 0, 0);
    resize("discarded", LocalReAlloc, &memory, 10, 0x40);
    LocalFree(memory);
    printf("errors\n");
    errors();
    handles();
    return 0;
}

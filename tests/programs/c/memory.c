/* Heaps and virtual memory. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define SHOW(expression) do { SetLastError(0); long long r_ = (long long)(expression); \
    printf("%s = %lld, error %lu\n", #expression, r_, GetLastError()); } while (0)

static int zeros(const char *p, size_t n)
{
    while (n && !*p)
        p++, n--;
    return n == 0;
}

static void heaps(void)
{
    HANDLE heap = GetProcessHeap();
    char *p = HeapAlloc(heap, HEAP_ZERO_MEMORY, 100);
    printf("zeroed %d, size %d\n", zeros(p, 100), (int)HeapSize(heap, 0, p));
    strcpy(p, "kept");
    p = HeapReAlloc(heap, HEAP_ZERO_MEMORY, p, 100000);
    printf("%s, grown %d, zeroed %d\n", p, (int)HeapSize(heap, 0, p), zeros(p + 100, 99900));
    SHOW(HeapValidate(heap, 0, p));
    SHOW(HeapFree(heap, 0, p));
    SHOW(HeapFree(heap, 0, NULL));
    HANDLE own = HeapCreate(0, 0, 0x10000);
    printf("own heap %d\n", own != NULL);
    printf("too much: %d\n", HeapAlloc(own, 0, 0x100000) == NULL);
    SHOW(HeapDestroy(own));
    char *c = calloc(10, 10);
    printf("calloc %d\n", zeros(c, 100));
    c = realloc(c, 5000);
    printf("realloc %d, _msize %d\n", zeros(c, 100), (int)_msize(c));
    free(c);
    free(NULL);
    printf("malloc(0) %d\n", malloc(0) != NULL);
    void *aligned = _aligned_malloc(100, 256);
    printf("aligned %d\n", ((size_t)aligned & 255) == 0);
    _aligned_free(aligned);
    unsigned total = 0;
    char *many[200];
    for (int i = 0; i < 200; i++) {
        many[i] = malloc(i * 7 + 1);
        memset(many[i], i, i * 7 + 1);
    }
    for (int i = 0; i < 200; i += 2)
        free(many[i]);
    for (int i = 1; i < 200; i += 2)
        total += (unsigned char)many[i][i * 7] == i;
    printf("intact %u\n", total);
    HLOCAL local = LocalAlloc(LPTR, 10);
    printf("local %d size %d", zeros(local, 10), (int)LocalSize(local));
    printf(" freed %d\n", LocalFree(local) == NULL);
}

static void regions(void)
{
    MEMORY_BASIC_INFORMATION info;
    DWORD old = 0;
    char *p = VirtualAlloc(NULL, 0x20000, MEM_RESERVE, PAGE_NOACCESS);
    printf("aligned to 64 KiB: %d\n", ((size_t)p & 0xFFFF) == 0);
    VirtualQuery(p, &info, sizeof info);
    printf("reserved: %lx %lx %d\n", info.State, info.Type, (int)info.RegionSize);
    printf("commit %d\n", VirtualAlloc(p + 0x1000, 1, MEM_COMMIT, PAGE_READWRITE) == p + 0x1000);
    p[0x1000] = 'x';
    VirtualQuery(p + 0x1000, &info, sizeof info);
    printf("committed: %lx %lx %lx %d at %d\n", info.State, info.Protect, info.AllocationProtect, (int)info.RegionSize,
           (int)((char *)info.BaseAddress - p));
    SHOW(VirtualProtect(p + 0x1000, 0x1000, PAGE_READONLY, &old));
    printf("old %lx\n", old);
    SHOW(VirtualProtect(p, 0x1000, PAGE_READONLY, &old));
    printf("readable %d writable %d\n", !IsBadReadPtr(p + 0x1000, 1), !IsBadWritePtr(p + 0x1000, 1));
    SHOW(VirtualFree(p + 0x1000, 0x1000, MEM_DECOMMIT));
    SHOW(VirtualFree(p, 1, MEM_RELEASE));
    SHOW(VirtualFree(p + 0x1000, 0, MEM_RELEASE));
    SHOW(VirtualFree(p, 0, MEM_RELEASE));
    SHOW(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE));
    unsigned char *code = VirtualAlloc(NULL, 0x1000, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    memcpy(code, "\xb8\x2a\x00\x00\x00\xc3", 6);  /* mov eax, 42; ret */
    printf("made code: %d", ((int (*)(void))code)());
    code[1] = 43;
    FlushInstructionCache(GetCurrentProcess(), code, 6);
    printf(" then %d\n", ((int (*)(void))code)());
    VirtualFree(code, 0, MEM_RELEASE);
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    printf("pages of %lu, granularity %lu\n", system.dwPageSize, system.dwAllocationGranularity);
    MEMORYSTATUSEX status = {sizeof status};
    printf("memory status %d", GlobalMemoryStatusEx(&status));
    printf(" %d\n", status.ullTotalPhys > 0);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x2000, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *second = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    strcpy(view, "shared");
    printf("%s\n", second);
    printf("%d %d %d\n", UnmapViewOfFile(view), UnmapViewOfFile(second), CloseHandle(section));
}

int main(void)
{
    heaps();
    regions();
    return 0;
}

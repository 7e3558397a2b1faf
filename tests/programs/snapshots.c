/* What a snapshot must bring back: functions that change one thing each, and functions that tell what it is now.

   x86_64-w64-mingw32-gcc -O1 -Wl,-S -o snapshots.exe snapshots.c */
#include <stdio.h>
#include <stdlib.h>
#include <search.h>
#include <string.h>
#include <windows.h>

#define VISIBLE __attribute__((noinline, used))

unsigned char pages[64][4096];
volatile int counter = 7;
volatile LONG beats;
HANDLE event, mutex, worker, file, computing;
void *block, *region, *guarded;
FILE *stream;
DWORD slot;

static DWORD WINAPI waits(void *parameter)
{
    (void)parameter;
    WaitForSingleObject(event, INFINITE);
    counter += 1000;
    return 5;
}

static DWORD WINAPI naps(void *parameter)
{
    (void)parameter;
    Sleep(1);
    return 5;
}

static DWORD WINAPI sleeps(void *parameter)
{
    (void)parameter;
    Sleep(50);
    counter = 77;
    return 5;
}

static LONG CALLBACK passes(EXCEPTION_POINTERS *info)
{
    DWORD code = info->ExceptionRecord->ExceptionCode;
    return code == STATUS_GUARD_PAGE_VIOLATION ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI computes(void *parameter)
{
    (void)parameter;
    while (beats >= 0)
        InterlockedIncrement(&beats);
    return 0;
}

VISIBLE long long sum(int count)
{
    long long total = 0;
    for (int i = 0; i < count; i++)
        total += pages[i][i];
    return total;
}

VISIBLE int dirty(int count, int value)
{
    for (int i = 0; i < count; i++)
        pages[i][i] = (unsigned char)value;
    return ++counter;
}

VISIBLE int dirty_and_protect(int value)
{
    DWORD old;
    dirty(64, value);
    VirtualProtect(pages[8], 4096, PAGE_READONLY, &old);
    VirtualProtect(pages[8], 4096, PAGE_READWRITE, &old);
    return pages[9][9];
}

VISIBLE int heap(void)
{
    strcpy(block, "changed");
    void *many[100];
    for (int i = 0; i < 100; i++)
        many[i] = malloc(i * 100 + 1);
    for (int i = 0; i < 100; i += 2)
        free(many[i]);
    free(block);
    block = NULL;
    return HeapValidate(GetProcessHeap(), 0, NULL);
}

/* Frees one region, makes two, takes the protection of a third one away. */
VISIBLE void *mappings(void)
{
    DWORD old;
    VirtualFree(region, 0, MEM_RELEASE);
    char *one = VirtualAlloc(region, 0x18000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    memset(one, 0xEE, 0x18000);
    VirtualProtect(pages[8], 4096, PAGE_READONLY, &old);
    char *code = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(code, "\xb8\x2a\x00\x00\x00\xc3", 6);
    counter = ((int (*)(void))code)();
    VirtualFree((char *)guarded + 0x1000, 0x1000, MEM_DECOMMIT);
    return code;
}

VISIBLE DWORD protection(void *at)
{
    MEMORY_BASIC_INFORMATION info;
    return VirtualQuery(at, &info, sizeof info) ? info.Protect | info.State : 0;
}

/* The guard page of `guarded` is touched; the stack grows by 200 KB. */
VISIBLE int guards(void)
{
    volatile char deep[200 << 10];
    for (unsigned i = 0; i < sizeof deep; i += 4096)
        deep[i] = 1;
    void *handler = AddVectoredExceptionHandler(1, passes);
    *(volatile char *)guarded = 1;
    RemoveVectoredExceptionHandler(handler);
    return deep[4096];
}

VISIBLE int handles(void)
{
    CloseHandle(mutex);
    SetEvent(event);
    ReleaseMutex(mutex);
    HANDLE more[20];
    for (int i = 0; i < 20; i++)
        more[i] = CreateEventA(NULL, TRUE, FALSE, NULL);
    return (int)(INT_PTR)more[19];
}

VISIBLE int files(void)
{
    char buffer[16] = "";
    DWORD got;
    ReadFile(file, buffer, 5, &got, NULL);
    int letter = fgetc(stream);
    HANDLE other = CreateFileA("input.txt", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (other == INVALID_HANDLE_VALUE)
        return -1;
    return buffer[0] << 8 | letter;
}

VISIBLE int close_files(void)
{
    fclose(stream);
    return CloseHandle(file);
}

VISIBLE int view(int value)
{
    static unsigned char *at;
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
    at = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    CloseHandle(section);
    at[5] = (unsigned char)value;
    return at[5];
}

VISIBLE int wake(void)
{
    SetEvent(event);
    WaitForSingleObject(worker, INFINITE);
    return counter;
}

VISIBLE int start(void)
{
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, naps, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    return code;
}

VISIBLE int library(void)
{
    HMODULE module = LoadLibraryA("winmm.dll");
    DWORD (*now)(void) = (DWORD (*)(void))GetProcAddress(module, "timeGetTime");
    return now != NULL && now() != 0;
}

VISIBLE int locals(int value)
{
    TlsSetValue(slot, (void *)(INT_PTR)value);
    SetLastError(value);
    SetEnvironmentVariableA("CHANGED", "yes");
    srand(value);
    return (int)(INT_PTR)TlsGetValue(slot);
}

VISIBLE int changed(void)
{
    return GetEnvironmentVariableA("CHANGED", NULL, 0) != 0 || TlsGetValue(slot) != NULL;
}

VISIBLE double numbers(double a, double b)
{
    return a * b + a;
}

VISIBLE void leave(int code)
{
    exit(code);
}

VISIBLE int crash(int *at)
{
    return *at = 1;
}

VISIBLE void child(void)
{
    STARTUPINFOA how = {.cb = sizeof how};
    PROCESS_INFORMATION made;
    char line[] = "snapshots.exe child";
    char name[MAX_PATH];
    GetModuleFileNameA(NULL, name, sizeof name);
    CreateProcessA(name, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &made);
    WaitForSingleObject(made.hProcess, INFINITE);
}

VISIBLE void pipe_open(void)
{
    HANDLE ends[2];
    CreatePipe(&ends[0], &ends[1], NULL, 0);
}

VISIBLE void sleeper(void)
{
    worker = CreateThread(NULL, 0, sleeps, NULL, 0, NULL);
    Sleep(1);
}

VISIBLE int sleep_over(void)
{
    WaitForSingleObject(worker, INFINITE);
    return counter;
}

VISIBLE int in_fiber(int value)
{
    return value * 3;
}

static void *main_fiber;
static int from_fiber;

static void CALLBACK fiber(void *parameter)
{
    from_fiber = in_fiber((int)(INT_PTR)parameter);
    SwitchToFiber(main_fiber);
}

VISIBLE void fibers(void)
{
    main_fiber = ConvertThreadToFiber(NULL);
    SwitchToFiber(CreateFiber(0, fiber, (void *)5));
    ExitProcess(from_fiber);
}

VISIBLE int entry(int code)
{
    return code;
}

VISIBLE int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

VISIBLE void look_up(void)
{
    int numbers[] = {3, 1, 2, 9, 7};
    unsigned count = 5;
    int *found = _lfind(&numbers[3], numbers, &count, sizeof *numbers, compare);
    ExitProcess(*found);
}

VISIBLE void compute(void)
{
    computing = CreateThread(NULL, 0, computes, NULL, 0, NULL);
    while (!beats)
        Sleep(0);
}

VISIBLE int rest(void)
{
    Sleep(20);
    return beats != 0;
}

VISIBLE int ready(int value)
{
    printf("ready %d\n", value);
    return value;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "child"))
        return 0;
    event = CreateEventA(NULL, FALSE, FALSE, NULL);
    mutex = CreateMutexA(NULL, TRUE, NULL);
    file = CreateFileA("input.txt", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    stream = fopen("input.txt", "r");
    fgetc(stream);
    slot = TlsAlloc();
    block = malloc(1000);
    strcpy(block, "as it was");
    region = VirtualAlloc(NULL, 0x20000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    strcpy(region, "region");
    guarded = VirtualAlloc(NULL, 0x3000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;
    VirtualProtect(guarded, 0x1000, PAGE_READWRITE | PAGE_GUARD, &old);
    memset((char *)guarded + 0x1000, 0x55, 0x1000);
    if (argc > 1 && !strcmp(argv[1], "worker"))
        worker = CreateThread(NULL, 0, waits, NULL, 0, NULL), Sleep(1);
    return ready((int)sum(64) + 3) + counter;
}

/* Fibers: switching, their stacks and registers, their storage, threads that share them. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void *main_fiber, *numbers, *letters;
static DWORD slot;

static void WINAPI released(void *value)
{
    printf("released %d\n", (int)(INT_PTR)value);
}

static int deep(int depth)
{
    volatile char room[1000];
    room[0] = (char)depth;
    if (depth)
        return deep(depth - 1) + room[0] - (char)depth + 1;
    SwitchToFiber(main_fiber);
    return 0;
}

static void CALLBACK count(void *parameter)
{
    double half = 0.5;
    printf("data %d %d\n", GetFiberData() == parameter, GetCurrentFiber() == numbers);
    FlsSetValue(slot, (void *)11);
    for (int i = 1;; i++) {
        printf("number %.1f\n", i + half);
        half += 0.25;
        SwitchToFiber(main_fiber);
    }
}

static void CALLBACK spell(void *parameter)
{
    const char *text = parameter;
    FlsSetValue(slot, (void *)22);
    for (; *text; text++) {
        printf("letter %c\n", *text);
        SwitchToFiber(main_fiber);
    }
    printf("deep %d\n", deep(500));
    SwitchToFiber(main_fiber);
}

static int compare(const void *left, const void *right)
{
    SwitchToFiber(numbers);
    return *(const int *)left - *(const int *)right;
}

static void CALLBACK back(void *parameter)
{
    *(DWORD *)parameter = GetCurrentThreadId();
    SwitchToFiber(main_fiber);
    *(DWORD *)parameter = GetCurrentThreadId();
    printf("its data: %d\n", GetFiberData() == parameter);
    ExitThread(7);
}

static void CALLBACK over(void *parameter)
{
    printf("%s\n", (char *)parameter);
}

static DWORD WINAPI runs(void *fiber)
{
    printf("no fiber: %d\n", IsThreadAFiber());
    void *own = ConvertThreadToFiber((void *)5);
    printf("a fiber: %d %d %d\n", IsThreadAFiber(), own == GetCurrentFiber(), (int)(INT_PTR)GetFiberData());
    SwitchToFiber(fiber);
    return 1;
}

static DWORD run(void *fiber)
{
    DWORD code;
    HANDLE thread = CreateThread(NULL, 0, runs, fiber, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return code;
}

static void refused(const char *what, BOOL done)
{
    DWORD error = GetLastError();
    printf("%s: %d %lu\n", what, done, error);
}

int main(void)
{
    DWORD on = 0;
    int values[] = {3, 1, 2};

    setvbuf(stdout, NULL, _IONBF, 0);
    slot = FlsAlloc(released);
    main_fiber = ConvertThreadToFiberEx((void *)1, FIBER_FLAG_FLOAT_SWITCH);
    refused("not twice", ConvertThreadToFiber(NULL) != NULL);
    FlsSetValue(slot, (void *)1);
    numbers = CreateFiber(0, count, &values);
    letters = CreateFiberEx(0x1000, 0x200000, 0, spell, "ab");
    for (int i = 0; i < 3; i++) {
        SwitchToFiber(numbers);
        printf("main %d\n", (int)(INT_PTR)FlsGetValue(slot));
    }
    printf("found %d\n", bsearch(values, values, 1, sizeof *values, compare) == values);
    for (int i = 0; i < 4; i++)
        SwitchToFiber(letters);
    DeleteFiber(letters);
    DeleteFiber(numbers);

    void *moving = CreateFiber(0, back, &on);
    SwitchToFiber(moving);
    printf("here: %d\n", on == GetCurrentThreadId());
    FlsSetValue(slot, (void *)1);
    printf("thread: %lu\n", run(moving));
    printf("there: %d\n", on != GetCurrentThreadId());
    for (int i = 0; i < 200; i++)
        DeleteFiber(CreateFiber(0, over, NULL));
    printf("returned: %lu\n", run(CreateFiber(0, over, "it returns")));
    FlsFree(slot);
    printf("back: %d\n", ConvertFiberToThread());
    printf("a fiber: %d\n", IsThreadAFiber());
    return 0;
}

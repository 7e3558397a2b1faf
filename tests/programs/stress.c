/* Many threads on every kind of lock, queue and pool, with the sums that must come out. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { THREADS = 8, KINDS = 6 };
static int rounds = 100000;
static CRITICAL_SECTION section;
static SRWLOCK srw = SRWLOCK_INIT;
static HANDLE mutex, semaphore, event;
static volatile LONG spin;
static long counts[KINDS];

static void lock(int kind)
{
    switch (kind) {
    case 0: EnterCriticalSection(&section); break;
    case 1: AcquireSRWLockExclusive(&srw); break;
    case 2: WaitForSingleObject(mutex, INFINITE); break;
    case 3: WaitForSingleObject(semaphore, INFINITE); break;
    case 4: WaitForSingleObject(event, INFINITE); break;
    default: while (InterlockedExchange(&spin, 1)) SwitchToThread(); break;
    }
}

static void unlock(int kind)
{
    switch (kind) {
    case 0: LeaveCriticalSection(&section); break;
    case 1: ReleaseSRWLockExclusive(&srw); break;
    case 2: ReleaseMutex(mutex); break;
    case 3: ReleaseSemaphore(semaphore, 1, NULL); break;
    case 4: SetEvent(event); break;
    default: InterlockedExchange(&spin, 0); break;
    }
}

static unsigned __stdcall locker(void *kind)
{
    for (int i = 0; i < rounds; i++) {
        lock((int)(INT_PTR)kind);
        counts[(INT_PTR)kind]++;
        unlock((int)(INT_PTR)kind);
    }
    return 0;
}

static int queue[16], head, tail;
static long long sum;
static CONDITION_VARIABLE not_full = CONDITION_VARIABLE_INIT, not_empty = CONDITION_VARIABLE_INIT;

static unsigned __stdcall producer(void *unused)
{
    (void)unused;
    for (int i = 1; i <= rounds / 10; i++) {
        AcquireSRWLockExclusive(&srw);
        while (head - tail == 16)
            SleepConditionVariableSRW(&not_full, &srw, INFINITE, 0);
        queue[head++ % 16] = i;
        ReleaseSRWLockExclusive(&srw);
        WakeConditionVariable(&not_empty);
    }
    return 0;
}

static unsigned __stdcall consumer(void *unused)
{
    (void)unused;
    for (int i = 1; i <= rounds / 10; i++) {
        AcquireSRWLockExclusive(&srw);
        while (head == tail)
            SleepConditionVariableSRW(&not_empty, &srw, INFINITE, 0);
        sum += queue[tail++ % 16];
        ReleaseSRWLockExclusive(&srw);
        WakeConditionVariable(&not_full);
    }
    return 0;
}

static volatile LONG pooled;
static void CALLBACK work(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK item)
{
    (void)instance; (void)context; (void)item;
    InterlockedIncrement(&pooled);
}

static unsigned __stdcall brief(void *unused)
{
    (void)unused;
    InterlockedIncrement(&pooled);
    return 0;
}

static void run(unsigned(__stdcall *start)(void *), void *argument, HANDLE *threads, int count)
{
    for (int i = 0; i < count; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, start, argument, 0, NULL);
}

static void join(HANDLE *threads, int count)
{
    for (int i = 0; i < count; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}

int main(int argc, char **argv)
{
    static HANDLE threads[1000];
    DWORD before = 0, after = 0;

    if (argc > 1)
        rounds = atoi(argv[1]);
    InitializeCriticalSection(&section);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    semaphore = CreateSemaphoreA(NULL, 1, 1, NULL);
    event = CreateEventA(NULL, FALSE, TRUE, NULL);
    for (int kind = 0; kind < KINDS; kind++) {
        run(locker, (void *)(INT_PTR)kind, threads, THREADS);
        join(threads, THREADS);
        printf("lock %d: %d\n", kind, counts[kind] == (long)THREADS * rounds);
    }
    run(producer, NULL, threads, 4);
    run(consumer, NULL, threads + 4, 4);
    join(threads, THREADS);
    printf("queue: %d\n", sum == 4LL * (rounds / 10) * (rounds / 10 + 1) / 2);
    PTP_WORK item = CreateThreadpoolWork(work, NULL, NULL);
    for (int i = 0; i < 1000; i++)
        SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CloseThreadpoolWork(item);
    printf("pool: %ld\n", pooled);
    pooled = 0;
    GetProcessHandleCount(GetCurrentProcess(), &before);
    run(brief, NULL, threads, 1000);
    join(threads, 1000);
    for (int i = 0; i < 10000; i++)
        CloseHandle(CreateEventA(NULL, FALSE, FALSE, NULL));
    GetProcessHandleCount(GetCurrentProcess(), &after);
    printf("threads: %ld, left: %d\n", pooled, (int)(after - before));
    return 0;
}

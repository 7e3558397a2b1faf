/* Many threads on every kind of lock, on queues and in the pool, with the sums that must come out.

   x86_64-w64-mingw32-gcc -O1 -s -o stress.exe stress.c -lsynchronization

   stress [ROUNDS [THREADS]]: lock operations of each of 8 threads, and threads that are created and ended. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { THREADS = 8, KINDS = 8, MOST = 1000 };
static int rounds = 100000, brief_threads = MOST;
static CRITICAL_SECTION section;
static SRWLOCK srw = SRWLOCK_INIT;
static HANDLE mutex, semaphore, event;
static volatile LONG spin, gate;
static CONDITION_VARIABLE freed = CONDITION_VARIABLE_INIT;
static int taken;
static long counts[KINDS];

static void lock(int kind)
{
    switch (kind) {
    case 0: EnterCriticalSection(&section); break;
    case 1: AcquireSRWLockExclusive(&srw); break;
    case 2: WaitForSingleObject(mutex, INFINITE); break;
    case 3: WaitForSingleObject(semaphore, INFINITE); break;
    case 4: WaitForSingleObject(event, INFINITE); break;
    case 5: while (InterlockedExchange(&spin, 1)) SwitchToThread(); break;
    case 6:
        while (InterlockedExchange(&gate, 1)) {
            LONG one = 1;
            WaitOnAddress(&gate, &one, sizeof gate, INFINITE);
        }
        break;
    default:
        EnterCriticalSection(&section);
        while (taken)
            SleepConditionVariableCS(&freed, &section, INFINITE);
        taken = 1;
        LeaveCriticalSection(&section);
        break;
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
    case 5: InterlockedExchange(&spin, 0); break;
    case 6:
        InterlockedExchange(&gate, 0);
        WakeByAddressSingle((void *)&gate);
        break;
    default:
        EnterCriticalSection(&section);
        taken = 0;
        LeaveCriticalSection(&section);
        WakeConditionVariable(&freed);
        break;
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
    static HANDLE threads[MOST];
    DWORD before = 0, after = 0;

    if (argc > 1)
        rounds = atoi(argv[1]);
    if (argc > 2)
        brief_threads = min(atoi(argv[2]), MOST);
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
    for (int i = 0; i < 1000 && i < rounds * 10; i++)
        SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CloseThreadpoolWork(item);
    printf("pool: %ld\n", pooled);
    pooled = 0;
    GetProcessHandleCount(GetCurrentProcess(), &before);
    run(brief, NULL, threads, brief_threads);
    join(threads, brief_threads);
    for (int i = 0; i < 10000; i++)
        CloseHandle(CreateEventA(NULL, FALSE, FALSE, NULL));
    GetProcessHandleCount(GetCurrentProcess(), &after);
    printf("threads: %d, left: %d\n", pooled == brief_threads, (int)(after - before));
    return 0;
}

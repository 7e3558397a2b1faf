/* Threads and what they share: local storage, critical sections, events, mutexes, semaphores. */
#include <process.h>
#include <stdio.h>
#include <windows.h>

#define THREADS 4

static CRITICAL_SECTION lock;
static HANDLE go;
static DWORD tls, fls;
static volatile LONG counter, total, freed;
static __thread int own = 10;

static void WINAPI fls_freed(void *value)
{
    if (value)
        InterlockedIncrement(&freed);
}

static DWORD WINAPI worker(void *argument)
{
    int number = (int)(INT_PTR)argument;
    TlsSetValue(tls, (void *)(INT_PTR)(number * 100));
    FlsSetValue(fls, (void *)(INT_PTR)(number + 1));
    own += number;
    WaitForSingleObject(go, INFINITE);
    for (int i = 0; i < 1000; i++) {
        EnterCriticalSection(&lock);
        counter++;
        LeaveCriticalSection(&lock);
        InterlockedAdd(&total, 2);
    }
    return (DWORD)(INT_PTR)TlsGetValue(tls) + own;
}

static unsigned __stdcall crt_worker(void *argument)
{
    *(int *)argument = 99;
    _endthreadex(17);
    return 0;
}

int main(void)
{
    HANDLE threads[THREADS];
    InitializeCriticalSection(&lock);
    go = CreateEventA(NULL, TRUE, FALSE, NULL);
    tls = TlsAlloc();
    fls = FlsAlloc(fls_freed);
    SetLastError(5);
    printf("fresh slot: %d", TlsGetValue(tls) != NULL);
    printf(", error %lu\n", GetLastError());
    TlsSetValue(tls, (void *)5);
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, worker, (void *)(INT_PTR)i, 0, NULL);
    printf("not yet: %lx\n", WaitForMultipleObjects(THREADS, threads, TRUE, 10));
    SetEvent(go);
    printf("all: %lx\n", WaitForMultipleObjects(THREADS, threads, TRUE, 20000));
    for (int i = 0; i < THREADS; i++) {
        DWORD code = 0;
        GetExitCodeThread(threads[i], &code);
        printf("thread %d: %lu\n", i, code);
        CloseHandle(threads[i]);
    }
    printf("counter %ld, total %ld, own %d, slot %d, freed %ld\n", counter, total, own, (int)(INT_PTR)TlsGetValue(tls), freed);
    printf("free %d", TlsFree(tls));
    printf(", again %d\n", TlsFree(tls));
    printf("free %d\n", FlsFree(fls));
    printf("try %d", TryEnterCriticalSection(&lock));
    EnterCriticalSection(&lock);
    printf(", recursive");
    LeaveCriticalSection(&lock);
    LeaveCriticalSection(&lock);
    DeleteCriticalSection(&lock);

    int mark = 0;
    DWORD code = 0;
    HANDLE h = (HANDLE)_beginthreadex(NULL, 0, crt_worker, &mark, 0, NULL);
    WaitForSingleObject(h, INFINITE);
    GetExitCodeThread(h, &code);
    printf("\n_beginthreadex: %d %lu\n", mark, code);
    CloseHandle(h);

    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    printf("auto-reset: %lx", WaitForSingleObject(event, 0));
    printf(" %lx\n", WaitForSingleObject(event, 0));
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    printf("mutex: %lx", WaitForSingleObject(mutex, 0));
    printf(", release %d", ReleaseMutex(mutex));
    printf(" %d", ReleaseMutex(mutex));
    SetLastError(0);
    printf(" %d", ReleaseMutex(mutex));
    printf(", error %lu\n", GetLastError());
    LONG before = -1;
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 2, NULL);
    printf("semaphore: %d", ReleaseSemaphore(semaphore, 1, &before));
    printf(" %ld", before);
    printf(", too many %d", ReleaseSemaphore(semaphore, 1, NULL));
    printf(", error %lu\n", GetLastError());
    SetLastError(0);
    HANDLE named = CreateEventA(NULL, FALSE, FALSE, "litebox-test-event");
    printf("named %lu", GetLastError());
    HANDLE same = CreateEventA(NULL, FALSE, FALSE, "litebox-test-event");
    printf(" then %lu", GetLastError());
    printf(", opened %d\n", OpenEventA(EVENT_ALL_ACCESS, FALSE, "litebox-test-event") != NULL);
    SetEvent(named);
    printf("one object: %lx\n", WaitForSingleObject(same, 0));
    SRWLOCK srw = SRWLOCK_INIT;
    AcquireSRWLockShared(&srw);
    printf("slim: %d", TryAcquireSRWLockExclusive(&srw));
    ReleaseSRWLockShared(&srw);
    printf(" %d\n", TryAcquireSRWLockExclusive(&srw));
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    BOOL pending = 0;
    printf("once: %d", InitOnceBeginInitialize(&once, 0, &pending, NULL));
    printf(" %d", pending);
    InitOnceComplete(&once, 0, NULL);
    InitOnceBeginInitialize(&once, 0, &pending, NULL);
    printf(" %d\n", pending);
    return 0;
}

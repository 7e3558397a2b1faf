/* Locks with and without contention, switches between threads, and threads created and ended. */
#include "bench.h"

#define THREADS 4
#define ROUNDS 20000
#define COMPUTED 50000000

#ifdef _WIN32
#include <process.h>
static CRITICAL_SECTION section;
static SRWLOCK slim = SRWLOCK_INIT;
static HANDLE mutex, ping, pong;

typedef unsigned(__stdcall *Start)(void *);
#define BODY unsigned __stdcall
#define RESULT 0
static void lock(void) { EnterCriticalSection(&section); }
static void unlock(void) { LeaveCriticalSection(&section); }
static void give_way(void) { SwitchToThread(); }
static void set(int which) { SetEvent(which ? pong : ping); }
static void await(int which) { WaitForSingleObject(which ? pong : ping, INFINITE); }
static void run(Start start, int count)
{
    HANDLE threads[THREADS];
    for (int i = 0; i < count; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, start, NULL, 0, NULL);
    for (int i = 0; i < count; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}
static void prepare(void)
{
    InitializeCriticalSection(&section);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    ping = CreateEventA(NULL, FALSE, FALSE, NULL);
    pong = CreateEventA(NULL, FALSE, FALSE, NULL);
}
#else
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
static pthread_mutex_t section = PTHREAD_MUTEX_INITIALIZER;
static sem_t events[2];

typedef void *(*Start)(void *);
#define BODY void *
#define RESULT NULL
static void lock(void) { pthread_mutex_lock(&section); }
static void unlock(void) { pthread_mutex_unlock(&section); }
static void give_way(void) { sched_yield(); }
static void set(int which) { sem_post(&events[which]); }
static void await(int which) { sem_wait(&events[which]); }
static void run(Start start, int count)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, start, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
static void prepare(void)
{
    sem_init(&events[0], 0, 0);
    sem_init(&events[1], 0, 0);
}
#endif

static volatile long counter;

static BODY contender(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS / THREADS; i++) {
        lock();
        counter++;
        unlock();
    }
    return RESULT;
}

static BODY yielder(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS / 4; i++)
        give_way();
    return RESULT;
}

static BODY answerer(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS / 4; i++) {
        await(0);
        set(1);
    }
    return RESULT;
}

static BODY asker(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS / 4; i++) {
        set(0);
        await(1);
    }
    return RESULT;
}

static BODY nothing(void *unused)
{
    (void)unused;
    return RESULT;
}

static BODY computer(void *unused)
{
    unsigned x = 1;
    (void)unused;
    for (int i = 0; i < COMPUTED; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    __sync_fetch_and_add(&counter, x == 0);
    return RESULT;
}

static BODY pair(void *unused)
{
    static volatile long first = 1;
    return __sync_fetch_and_sub(&first, 1) > 0 ? asker(unused) : answerer(unused);
}

int main(void)
{
    double started;
    prepare();
    started = now();
    for (int i = 0; i < ROUNDS; i++) {
        lock();
        counter++;
        unlock();
    }
    report("lock-alone", started, ROUNDS);
#ifdef _WIN32
    started = now();
    for (int i = 0; i < ROUNDS; i++) {
        AcquireSRWLockExclusive(&slim);
        counter++;
        ReleaseSRWLockExclusive(&slim);
    }
    report("srw-lock-alone", started, ROUNDS);
    started = now();
    for (int i = 0; i < ROUNDS; i++) {
        WaitForSingleObject(mutex, INFINITE);
        counter++;
        ReleaseMutex(mutex);
    }
    report("mutex-alone", started, ROUNDS);
#endif
    started = now();
    run(contender, THREADS);
    report("lock-contended", started, ROUNDS);
    started = now();
    run(yielder, 2);
    report("thread-switch", started, ROUNDS / 2);
    started = now();
    run(pair, 2);
    report("event-ping-pong", started, ROUNDS / 4);
    started = now();
    for (int i = 0; i < 500; i++)
        run(nothing, 1);
    report("thread", started, 500);
    started = now();
    for (int i = 0; i < THREADS; i++)
        run(computer, 1);
    report("compute-one-by-one", started, (double)THREADS * COMPUTED);
    started = now();
    run(computer, THREADS);
    report("compute-four-threads", started, (double)THREADS * COMPUTED);
    return counter ? 0 : 1;
}

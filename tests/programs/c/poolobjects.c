/* Thread pool objects: work, timers, waits, I/O, cleanup groups, and what callbacks ask for. */
#include <windows.h>
#include <stdio.h>

static volatile LONG calls, finalized, cancelled;
static HANDLE go, done, counter;

static void CALLBACK slow(PTP_CALLBACK_INSTANCE instance, void *context)
{
    (void)instance;
    SetEvent(done);
    WaitForSingleObject(go, 5000);
    InterlockedIncrement((LONG *)context);
}

static void CALLBACK count(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)instance; (void)work;
    InterlockedIncrement((LONG *)context);
}

static void CALLBACK again(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    if (InterlockedIncrement((LONG *)context) < 5)
        SubmitThreadpoolWork(work);
    else
        SetEventWhenCallbackReturns(instance, done);
}

static void CALLBACK asks(PTP_CALLBACK_INSTANCE instance, void *context)
{
    CRITICAL_SECTION *section = context;
    EnterCriticalSection(section);
    ReleaseSemaphoreWhenCallbackReturns(instance, counter, 2);
    LeaveCriticalSectionWhenCallbackReturns(instance, section);
    SetEventWhenCallbackReturns(instance, done);
}

static void CALLBACK finalize(PTP_CALLBACK_INSTANCE instance, void *context)
{
    (void)instance; (void)context;
    InterlockedIncrement(&finalized);
}

static void CALLBACK group_cancel(void *object, void *data)
{
    (void)object;
    InterlockedExchangeAdd(&cancelled, (LONG)(INT_PTR)data);
}

static void CALLBACK tick(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    (void)instance; (void)timer;
    if (InterlockedIncrement(&calls) == (LONG)(INT_PTR)context)
        SetEvent(done);
}

static void CALLBACK waited(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    (void)instance; (void)wait;
    *(TP_WAIT_RESULT *)context = result;
    SetEvent(done);
}

static void CALLBACK transferred(PTP_CALLBACK_INSTANCE instance, void *context, void *overlapped, ULONG error,
                                 ULONG_PTR bytes, PTP_IO io)
{
    (void)instance; (void)io;
    printf("transferred %d %lu %d\n", overlapped == context, error, (int)bytes);
    SetEvent(done);
}

static void CALLBACK alone(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)work;
    DisassociateCurrentThreadFromCallback(instance);
    SetEvent(done);
    WaitForSingleObject(go, 5000);
    InterlockedIncrement((LONG *)context);
    SetEvent(done);
}

static void CALLBACK lengthy(PTP_CALLBACK_INSTANCE instance, void *context)
{
    *(LONG *)context = CallbackMayRunLong(instance);
    SetEventWhenCallbackReturns(instance, done);
}

static FILETIME *in(int milliseconds)
{
    static ULARGE_INTEGER due;
    due.QuadPart = (ULONGLONG)milliseconds * -10000;
    return (FILETIME *)&due;
}

static const char *finished(void)
{
    return WaitForSingleObject(done, 5000) ? "late" : "done";
}

static void work(TP_CALLBACK_ENVIRON *environment)
{
    LONG made = 0, slowly = 0;
    PTP_WORK item = CreateThreadpoolWork(count, &made, environment);
    TrySubmitThreadpoolCallback(slow, &slowly, environment);
    printf("slow: %s\n", finished());
    for (int i = 0; i < 10; i++)
        SubmitThreadpoolWork(item);
    printf("one thread: %ld\n", made);
    SetEvent(go);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    printf("waited: %ld %ld\n", slowly, made);
    TrySubmitThreadpoolCallback(slow, &slowly, environment);
    finished();
    for (int i = 0; i < 10; i++)
        SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, TRUE);
    printf("taken back: %ld\n", made);
    SetEvent(go);
    CloseThreadpoolWork(item);

    LONG rounds = 0;
    item = CreateThreadpoolWork(again, &rounds, NULL);
    SubmitThreadpoolWork(item);
    printf("again: %s", finished());
    printf(" %ld\n", rounds);
    CloseThreadpoolWork(item);

    LONG lonely = 0;
    item = CreateThreadpoolWork(alone, &lonely, NULL);
    SubmitThreadpoolWork(item);
    finished();
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    printf("not waited for: %ld\n", lonely);
    SetEvent(go);
    finished();
    printf("alone: %ld\n", lonely);
    CloseThreadpoolWork(item);
}

static void groups(TP_CALLBACK_ENVIRON *environment)
{
    LONG made = 0, slowly = 0;
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    SetThreadpoolCallbackCleanupGroup(environment, group, group_cancel);
    for (int i = 0; i < 3; i++)
        SubmitThreadpoolWork(CreateThreadpoolWork(count, &made, environment));
    CloseThreadpoolCleanupGroupMembers(group, FALSE, (void *)1);
    printf("group: %ld made, %ld cancelled\n", made, cancelled);
    TrySubmitThreadpoolCallback(slow, &slowly, environment);
    finished();
    for (int i = 0; i < 3; i++)
        SubmitThreadpoolWork(CreateThreadpoolWork(count, &made, environment));
    CreateThreadpoolTimer(tick, NULL, environment);
    SetEvent(go);
    CloseThreadpoolCleanupGroupMembers(group, TRUE, (void *)100);
    printf("group: %ld slowly, %ld cancelled\n", slowly, cancelled);
    CloseThreadpoolCleanupGroup(group);
}

static void timers(void)
{
    PTP_TIMER timer = CreateThreadpoolTimer(tick, (void *)1, NULL);
    printf("set: %d", IsThreadpoolTimerSet(timer) != 0);
    SetThreadpoolTimer(timer, in(5), 0, 0);
    printf(" %d, %s", IsThreadpoolTimerSet(timer) != 0, finished());
    printf(" %d", IsThreadpoolTimerSet(timer) != 0);
    SetThreadpoolTimer(timer, NULL, 0, 0);
    printf(" %d\n", IsThreadpoolTimerSet(timer) != 0);
    CloseThreadpoolTimer(timer);
    calls = 0;
    timer = CreateThreadpoolTimer(tick, (void *)4, NULL);
    SetThreadpoolTimer(timer, in(1), 5, 0);
    printf("periodic: %s\n", finished());
    SetThreadpoolTimer(timer, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    LONG so_far = calls;
    Sleep(50);
    printf("stopped: %d\n", calls == so_far);
    CloseThreadpoolTimer(timer);
}

static void waits(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    TP_WAIT_RESULT result = 77;
    PTP_WAIT wait = CreateThreadpoolWait(waited, &result, NULL);
    SetThreadpoolWait(wait, event, NULL);
    SetEvent(event);
    printf("signalled: %s", finished());
    printf(" %lu\n", result);
    SetEvent(event);
    printf("only once: %lu\n", WaitForSingleObject(event, 1000));
    SetThreadpoolWait(wait, event, in(5));
    printf("timeout: %s", finished());
    printf(" %lu\n", result);
    result = 77;
    SetThreadpoolWait(wait, event, in(60000));
    SetThreadpoolWait(wait, NULL, NULL);
    SetEvent(event);
    printf("no longer: %lu %lu\n", WaitForSingleObject(event, 1000), result);
    CloseThreadpoolWait(wait);
}

static void io(void)
{
    OVERLAPPED overlapped = {0};
    HANDLE file = CreateFileA("pool.bin", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    PTP_IO item = CreateThreadpoolIo(file, transferred, &overlapped, NULL);
    StartThreadpoolIo(item);
    BOOL ok = WriteFile(file, "0123456789", 10, NULL, &overlapped);
    ok = ok || GetLastError() == ERROR_IO_PENDING;
    printf("write: %d, %s\n", ok, finished());
    StartThreadpoolIo(item);
    CancelThreadpoolIo(item);
    WaitForThreadpoolIoCallbacks(item, FALSE);
    CloseThreadpoolIo(item);
    CloseHandle(file);
}

int main(void)
{
    CRITICAL_SECTION section;
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = CreateThreadpool(NULL);

    setvbuf(stdout, NULL, _IONBF, 0);
    go = CreateEventA(NULL, FALSE, FALSE, NULL);
    done = CreateEventA(NULL, FALSE, FALSE, NULL);
    counter = CreateSemaphoreA(NULL, 0, 5, NULL);
    InitializeCriticalSection(&section);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, pool);
    SetThreadpoolThreadMaximum(pool, 1);
    printf("minimum: %d\n", SetThreadpoolThreadMinimum(pool, 1) != 0);

    work(&environment);
    groups(&environment);
    timers();
    waits();
    io();

    InitializeThreadpoolEnvironment(&environment);
    environment.FinalizationCallback = finalize;
    TrySubmitThreadpoolCallback(asks, &section, &environment);
    printf("asked: %s", finished());
    printf(" %d, finalized %ld", TryEnterCriticalSection(&section) != 0, finalized);
    printf(", %lu %lu %lu\n", WaitForSingleObject(counter, 0), WaitForSingleObject(counter, 0),
           WaitForSingleObject(counter, 0));
    LONG may = 7;
    TrySubmitThreadpoolCallback(lengthy, &may, NULL);
    finished();
    printf("may run long: %ld\n", may);
    CloseThreadpool(pool);
    return 0;
}

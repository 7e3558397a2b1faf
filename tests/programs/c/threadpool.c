/* The thread pool: work items, timer queues and registered waits. */
#include <windows.h>
#include <stdio.h>

static volatile LONG calls, timeouts;
static HANDLE entered, leave, enough;

static DWORD WINAPI work(void *parameter)
{
    if (InterlockedIncrement(&calls) == *(LONG *)parameter)
        SetEvent(enough);
    return 0;
}

static void CALLBACK tick(void *parameter, BOOLEAN fired)
{
    if (fired && InterlockedIncrement(&calls) == *(LONG *)parameter)
        SetEvent(enough);
}

static void CALLBACK block(void *parameter, BOOLEAN fired)
{
    SetEvent(entered);
    WaitForSingleObject(leave, 5000);
}

static void CALLBACK signalled(void *parameter, BOOLEAN timed_out)
{
    InterlockedIncrement(&calls);
    if (timed_out)
        InterlockedIncrement(&timeouts);
    SetEvent(enough);
}

static DWORD error_of(BOOL ok)
{
    return ok ? 0 : GetLastError();
}

static void show(const char *what)
{
    DWORD late = WaitForSingleObject(enough, 5000);
    printf("%s: %s, %ld calls\n", what, late ? "late" : "done", calls);
    calls = 0;
}

static void timers(void)
{
    LONG once = 1, five = 5;
    HANDLE queue = CreateTimerQueue(), timer, done = CreateEventA(NULL, TRUE, FALSE, NULL);
    printf("create %lu\n", error_of(CreateTimerQueueTimer(&timer, queue, tick, &once, 0, 0, 0)));
    show("one shot");
    printf("change %lu\n", error_of(ChangeTimerQueueTimer(queue, timer, 0, 0)));
    Sleep(50);
    printf("an expired timer: %ld calls\n", calls);
    printf("delete %lu\n", error_of(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE)));
    CreateTimerQueueTimer(&timer, queue, tick, &five, 5, 5, WT_EXECUTEINTIMERTHREAD);
    printf("periodic: %s\n", WaitForSingleObject(enough, 5000) ? "late" : "done");
    printf("delete %lu\n", error_of(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE)));
    calls = 0;
    Sleep(30);
    printf("a deleted timer: %ld calls\n", calls);
    CreateTimerQueueTimer(&timer, queue, block, NULL, 0, 0, 0);
    WaitForSingleObject(entered, 5000);
    printf("delete %lu\n", error_of(DeleteTimerQueueTimer(queue, timer, done)));
    printf("done %lu\n", WaitForSingleObject(done, 0));
    SetEvent(leave);
    printf("done %lu\n", WaitForSingleObject(done, 5000));
    printf("no timer %lu\n", error_of(DeleteTimerQueueTimer(queue, NULL, NULL)));
    CreateTimerQueueTimer(&timer, queue, tick, &once, INFINITE, 0, 0);
    printf("queue %lu\n", error_of(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE)));
    printf("no queue %lu\n", error_of(DeleteTimerQueue(NULL)));
}

static void waits(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), wait;
    RegisterWaitForSingleObject(&wait, event, signalled, NULL, INFINITE, WT_EXECUTEDEFAULT);
    SetEvent(event);
    show("first");
    SetEvent(event);
    show("second");
    printf("unregister %lu\n", error_of(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE)));
    SetEvent(event);
    printf("the event was left alone: %lu\n", WaitForSingleObject(event, 50));
    RegisterWaitForSingleObject(&wait, event, signalled, NULL, 10, WT_EXECUTEONLYONCE);
    show("timeout");
    Sleep(50);
    printf("timeouts %ld\n", timeouts);
    printf("unregister %lu\n", error_of(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE)));
    printf("no wait %lu %lu\n", error_of(UnregisterWait(NULL)), error_of(UnregisterWaitEx(NULL, NULL)));
}

int main(void)
{
    LONG all = 50, i, never = -1;
    HANDLE timer;
    entered = CreateEventA(NULL, FALSE, FALSE, NULL);
    leave = CreateEventA(NULL, FALSE, FALSE, NULL);
    enough = CreateEventA(NULL, FALSE, FALSE, NULL);
    for (i = 0; i < all; i++)
        QueueUserWorkItem(work, &all, WT_EXECUTEDEFAULT);
    show("work");
    timers();
    waits();
    CreateTimerQueueTimer(&timer, NULL, tick, &never, 1, 1, 0);
    puts("a running timer does not keep the process alive");
    return 0;
}

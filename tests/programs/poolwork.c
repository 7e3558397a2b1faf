/* Work objects and single callbacks of the thread pool. */
#define _WIN32_WINNT 0x0601
#include <stdio.h>
#include <windows.h>

static volatile LONG done;
static HANDLE last;

static void CALLBACK work(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK item)
{
    if (instance && item)
        InterlockedExchangeAdd(&done, (LONG)(INT_PTR)context);
}

static void CALLBACK once(PTP_CALLBACK_INSTANCE instance, void *context)
{
    if (instance && context == (void *)7)
        SetEvent(last);
}

int main(void)
{
    PTP_WORK item = CreateThreadpoolWork(work, (void *)3, NULL);
    for (int i = 0; i < 20; i++)
        SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CloseThreadpoolWork(item);
    last = CreateEventA(NULL, FALSE, FALSE, NULL);
    TrySubmitThreadpoolCallback(once, (void *)7, NULL);
    printf("%ld %lu\n", done, WaitForSingleObject(last, 60000));
    return 0;
}

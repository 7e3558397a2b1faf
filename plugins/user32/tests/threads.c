/* A thread waits for messages that another one posts. The exit code is the line of the first claim that is wrong, or 0.
   x86_64-w64-mingw32-gcc -Os -s -o threads.exe threads.c -luser32 */
#include <windows.h>

#define CLAIM(what) do { if (!(what)) ExitProcess(__LINE__); } while (0)

static HANDLE ready, done;
static volatile LONG apcs, ticks;

static void CALLBACK apc(ULONG_PTR argument) { apcs += (LONG)argument; }

static void CALLBACK tick(HWND window, UINT message, UINT_PTR timer, DWORD time)
{
    ticks += window == NULL && message == WM_TIMER && timer != 0;
}

static DWORD WINAPI worker(void *unused)
{
    MSG message;
    UINT_PTR timer;
    PeekMessageA(&message, NULL, 0, 0, PM_NOREMOVE);
    SetEvent(ready);
    CLAIM(MsgWaitForMultipleObjects(1, &done, FALSE, INFINITE, QS_ALLINPUT) == WAIT_OBJECT_0 + 1);
    CLAIM(GetMessageA(&message, NULL, 0, 0) == TRUE && message.message == WM_APP && message.lParam == -2);
    SetEvent(ready);
    CLAIM(MsgWaitForMultipleObjectsEx(1, &done, INFINITE, QS_ALLINPUT, MWMO_ALERTABLE) == WAIT_IO_COMPLETION);
    CLAIM(apcs == 5);
    timer = SetTimer(NULL, 0, 15, tick);
    CLAIM(MsgWaitForMultipleObjects(1, &done, FALSE, INFINITE, QS_TIMER) == WAIT_OBJECT_0 + 1);
    CLAIM(GetMessageW(&message, NULL, 0, 0) == TRUE && message.message == WM_TIMER && message.wParam == timer);
    DispatchMessageW(&message);
    CLAIM(ticks == 1 && KillTimer(NULL, timer));
    SetEvent(ready);
    CLAIM(MsgWaitForMultipleObjects(1, &done, FALSE, INFINITE, QS_ALLINPUT) == WAIT_OBJECT_0);
    SetEvent(ready);
    CLAIM(GetMessageA(&message, NULL, 0, 0) == FALSE && message.wParam == 9);
    return 0;
}

int main(void)
{
    DWORD id, code;
    HANDLE thread;
    ready = CreateEventA(NULL, FALSE, FALSE, NULL);
    done = CreateEventA(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, worker, NULL, 0, &id);
    WaitForSingleObject(ready, INFINITE);
    Sleep(20);
    CLAIM(PostThreadMessageA(id, WM_APP, 1, -2));
    WaitForSingleObject(ready, INFINITE);
    Sleep(20);
    CLAIM(QueueUserAPC(apc, thread, 5));
    WaitForSingleObject(ready, INFINITE);
    SetEvent(done);
    WaitForSingleObject(ready, INFINITE);
    Sleep(20);
    CLAIM(PostThreadMessageW(id, WM_QUIT, 9, 0));
    CLAIM(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && GetExitCodeThread(thread, &code) && code == 0);
    CLAIM(!PostThreadMessageA(id, WM_APP, 0, 0));
    return 0;
}

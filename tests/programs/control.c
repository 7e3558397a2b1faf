/* Console control events: waits for some and says what came; or sends them to itself and to a child. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HANDLE came;

static BOOL WINAPI first(DWORD event)
{
    printf("first handler: event %lu\n", event);
    SetEvent(came);
    return TRUE;
}

static BOOL WINAPI second(DWORD event)
{
    printf("second handler: event %lu\n", event);
    return FALSE;
}

static void on_signal(int number)
{
    printf("signal %d\n", number);
    SetEvent(came);
}

static DWORD start(const char *arguments, DWORD flags, HANDLE *process)
{
    char self[MAX_PATH], line[MAX_PATH + 50];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info;
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &info))
        exit(9);
    CloseHandle(info.hThread);
    *process = info.hProcess;
    return info.dwProcessId;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IONBF, 0);
    came = CreateEventA(NULL, FALSE, FALSE, NULL);
    if (!strcmp(what, "handlers")) {
        SetConsoleCtrlHandler(first, TRUE);
        SetConsoleCtrlHandler(second, TRUE);
    } else if (!strcmp(what, "signal")) {
        signal(SIGINT, on_signal);
    } else if (!strcmp(what, "ignore")) {
        SetConsoleCtrlHandler(NULL, TRUE);
        puts("ready");
        for (;;)
            Sleep(50);
    } else if (!strcmp(what, "busy")) {
        SetConsoleCtrlHandler(first, TRUE);
        puts("ready");
        while (WaitForSingleObject(came, 0))
            for (volatile int i = 0; i < 1000000; i++)
                ;
        return 5;
    } else if (!strcmp(what, "self")) {
        SetConsoleCtrlHandler(first, TRUE);
        printf("generated: %d\n", GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0));
        printf("wait: %lu\n", WaitForSingleObject(came, 10000));
        printf("no such event: %d\n", GenerateConsoleCtrlEvent(CTRL_CLOSE_EVENT, 0));
        signal(SIGBREAK, on_signal);
        GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0);
        printf("wait: %lu\n", WaitForSingleObject(came, 10000));
        return 6;
    } else if (!strcmp(what, "child")) {
        HANDLE process, ready = CreateNamedPipeA("\\\\.\\pipe\\litebox-control", PIPE_ACCESS_INBOUND, 0, 1, 9, 9, 0, NULL);
        DWORD code, done, id = start("group", CREATE_NEW_PROCESS_GROUP, &process);
        char byte;
        BOOL sent;
        ConnectNamedPipe(ready, NULL);
        ReadFile(ready, &byte, 1, &done, NULL);
        sent = GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id);
        WaitForSingleObject(process, INFINITE);
        printf("to the child's group: %d\n", sent);
        GetExitCodeProcess(process, &code);
        printf("child: %#lx\n", code);
        printf("to nobody: %d\n", GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id));
        return 7;
    } else if (!strcmp(what, "group")) {
        HANDLE ready;
        DWORD done;
        SetConsoleCtrlHandler(second, TRUE);
        ready = CreateFileA("\\\\.\\pipe\\litebox-control", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        WriteFile(ready, "x", 1, &done, NULL);
        Sleep(INFINITE);
    }
    if (!strcmp(what, "idle")) {
        puts("ready");
        for (;;)
            Sleep(50);
    }
    puts("ready");
    for (int i = 0; i < 2; i++)
        printf("wait: %lu\n", WaitForSingleObject(came, INFINITE));
    return 8;
}

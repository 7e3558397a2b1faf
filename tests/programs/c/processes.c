/* A program that starts itself: command line, environment, directory, handles, exit codes, pipes. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static char self[MAX_PATH];

static HANDLE start(const char *arguments, BOOL inherit, DWORD flags, void *environment, const char *directory,
                    HANDLE in, HANDLE out, PROCESS_INFORMATION *info)
{
    char line[600];
    STARTUPINFOA startup = {sizeof(startup)};
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (in || out) {
        startup.dwFlags = STARTF_USESTDHANDLES;
        startup.hStdInput = in;
        startup.hStdOutput = out;
        startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    }
    if (!CreateProcessA(NULL, line, NULL, NULL, inherit, flags, environment, directory, &startup, info)) {
        printf("CreateProcess: error %lu\n", GetLastError());
        return NULL;
    }
    return info->hProcess;
}

static void finish(const char *what, PROCESS_INFORMATION *info)
{
    DWORD code = 0, wait = WaitForSingleObject(info->hProcess, 60000);
    GetExitCodeProcess(info->hProcess, &code);
    printf("%s: wait %lu, exit code %#lx, thread %lu\n", what, wait, code, WaitForSingleObject(info->hThread, 0));
    CloseHandle(info->hThread);
    CloseHandle(info->hProcess);
}

static DWORD CALLBACK count(void *counter)
{
    while (InterlockedIncrement(counter) < 1000000000)
        if (*(volatile LONG *)((LONG *)counter + 1))
            return 7;
    return 0;
}

static int child(int argc, char **argv)
{
    char text[MAX_PATH];
    DWORD done;
    const char *what = argv[1] + 6;
    if (!strcmp(what, "code"))
        return (int)strtoul(argv[2], NULL, 0);
    if (!strcmp(what, "arguments"))
        for (int i = 2; i < argc; i++)
            printf("  argument %d: [%s]\n", i, argv[i]);
    if (!strcmp(what, "variable")) {
        DWORD size = GetEnvironmentVariableA("CHILD_VALUE", text, sizeof(text));
        printf("  variable: %s\n", size ? text : "(none)");
        printf("  other: %lu\n", GetEnvironmentVariableA("PARENT_VALUE", text, sizeof(text)));
    }
    if (!strcmp(what, "directory")) {
        GetCurrentDirectoryA(sizeof(text), text);
        printf("  directory ends with: %s\n", strrchr(text, '\\'));
    }
    if (!strcmp(what, "upper")) {
        while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), text, sizeof(text), &done, NULL) && done) {
            for (DWORD i = 0; i < done; i++)
                if (text[i] >= 'a' && text[i] <= 'z')
                    text[i] -= 32;
            WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, done, &done, NULL);
        }
    }
    if (!strcmp(what, "handle")) {
        HANDLE handle = (HANDLE)(ULONG_PTR)strtoul(argv[2], NULL, 0);
        BOOL written = WriteFile(handle, "child", 5, &done, NULL);
        return written ? 1 : 100 + GetLastError();
    }
    if (!strcmp(what, "crash"))
        *(volatile int *)NULL = 0;
    if (!strcmp(what, "forever"))
        Sleep(INFINITE);
    fflush(stdout);
    return 0;
}

static void failures(void)
{
    char line[] = "none-of-that-name.exe x", text[] = "text.txt";
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info;
    DWORD done;
    HANDLE file = CreateFileA(text, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, "#!/bin/sh\necho host\n", 20, &done, NULL);
    CloseHandle(file);
    done = CreateProcessA(NULL, line, 0, 0, 0, 0, 0, 0, &startup, &info);
    printf("missing: %lu, error %lu\n", done, GetLastError());
    done = CreateProcessA(line, 0, 0, 0, 0, 0, 0, 0, &startup, &info);
    printf("missing: %lu, error %lu\n", done, GetLastError());
    done = CreateProcessA(text, 0, 0, 0, 0, 0, 0, 0, &startup, &info);
    printf("text: %lu, error %lu\n", done, GetLastError());
    done = CreateProcessA(self, 0, 0, 0, 0, 0, 0, "Q:\\none", &startup, &info);
    printf("folder: %lu, error %lu\n", done, GetLastError());
    DeleteFileA(text);
}

static void pipes(void)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    HANDLE in_read, in_write, out_read, out_write;
    PROCESS_INFORMATION info;
    char text[200];
    DWORD done, available, total = 0;
    CreatePipe(&in_read, &in_write, &inherited, 0);
    CreatePipe(&out_read, &out_write, &inherited, 0);
    SetHandleInformation(in_write, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(out_read, HANDLE_FLAG_INHERIT, 0);
    if (!start("child:upper", TRUE, 0, NULL, NULL, in_read, out_write, &info))
        return;
    CloseHandle(in_read);
    CloseHandle(out_write);
    printf("peek: %d %lu\n", PeekNamedPipe(out_read, NULL, 0, NULL, &available, NULL), available);
    WriteFile(in_write, "some words", 10, &done, NULL);
    while (total < 10 && ReadFile(out_read, text + total, sizeof(text) - total, &done, NULL))
        total += done;
    printf("came back: %.*s\n", (int)total, text);
    CloseHandle(in_write);
    BOOL more = ReadFile(out_read, text, sizeof(text), &done, NULL);
    printf("at the end: %d, error %lu\n", more, GetLastError());
    finish("filter", &info);
    CloseHandle(out_read);
}

static void files(void)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    PROCESS_INFORMATION info;
    char line[100], text[100] = "";
    DWORD done;
    HANDLE file = CreateFileA("shared.txt", GENERIC_READ | GENERIC_WRITE, 0, &inherited, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, "parent ", 7, &done, NULL);
    snprintf(line, sizeof(line), "child:handle %lu", (DWORD)(ULONG_PTR)file);
    if (start(line, TRUE, 0, NULL, NULL, 0, 0, &info))
        finish("inherited", &info);
    printf("position: %lu\n", SetFilePointer(file, 0, NULL, FILE_CURRENT));
    WriteFile(file, " again", 6, &done, NULL);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, text, sizeof(text) - 1, &done, NULL);
    printf("content: %s\n", text);
    if (start(line, FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("not inherited", &info);
    CloseHandle(file);
    DeleteFileA("shared.txt");
}

int main(int argc, char **argv)
{
    PROCESS_INFORMATION info;
    DWORD code;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1 && !strncmp(argv[1], "child:", 6))
        return child(argc, argv);
    GetModuleFileNameA(NULL, self, sizeof(self));
    SetEnvironmentVariableA("PARENT_VALUE", "seen");
    if (start("child:code 3", FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("three", &info);
    if (start("child:code 0xC0001234", FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("large", &info);
    if (start("child:arguments one \"two words\" \"\" a\\b", FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("arguments", &info);
    if (start("child:variable", FALSE, 0, "CHILD_VALUE=from the block\0", NULL, 0, 0, &info))
        finish("block", &info);
    if (start("child:variable", FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("inherited environment", &info);
    CreateDirectoryA("below", NULL);
    if (start("child:directory", FALSE, 0, NULL, "below", 0, 0, &info))
        finish("directory", &info);
    RemoveDirectoryA("below");
    if (start("child:forever", FALSE, 0, NULL, NULL, 0, 0, &info)) {
        GetExitCodeProcess(info.hProcess, &code);
        printf("running: %lu, wait %lu\n", code, WaitForSingleObject(info.hProcess, 10));
        printf("same id: %d\n", GetProcessId(info.hProcess) == info.dwProcessId);
        HANDLE again = OpenProcess(PROCESS_TERMINATE, FALSE, info.dwProcessId);
        printf("terminated: %d\n", TerminateProcess(again, 0x1234));
        CloseHandle(again);
        finish("forever", &info);
    }
    if (start("child:code 5", FALSE, CREATE_SUSPENDED, NULL, NULL, 0, 0, &info)) {
        printf("suspended: %lu\n", WaitForSingleObject(info.hProcess, 300));
        printf("resumed: %lu\n", ResumeThread(info.hThread));
        finish("suspended", &info);
    }
    LONG counter[2] = {0, 0};
    HANDLE thread = CreateThread(NULL, 0, count, counter, 0, NULL);
    if (start("child:code 6", FALSE, 0, NULL, NULL, 0, 0, &info))
        finish("beside a thread", &info);
    counter[1] = 1;
    WaitForSingleObject(thread, INFINITE);
    printf("the thread went on: %d\n", counter[0] > 0);
    failures();
    pipes();
    files();
    return 0;
}

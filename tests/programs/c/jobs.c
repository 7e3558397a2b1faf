/* Job objects, and what a program can find out about itself and the processes that it started. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <tlhelp32.h>

static PROCESS_INFORMATION start(const char *arguments, DWORD flags)
{
    char self[MAX_PATH], line[MAX_PATH + 50];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info = {0};
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &startup, &info))
        printf("  CreateProcess: error %lu\n", GetLastError());
    return info;
}

static void end(PROCESS_INFORMATION *info)
{
    DWORD code = 99, wait = WaitForSingleObject(info->hProcess, 20000);
    GetExitCodeProcess(info->hProcess, &code);
    printf("  ended: wait %lu, exit code %lu\n", wait, code);
    CloseHandle(info->hThread);
    CloseHandle(info->hProcess);
}

static void packet(HANDLE port, HANDLE job, DWORD id)
{
    DWORD message = 0;
    ULONG_PTR key = 0;
    OVERLAPPED *value = NULL;
    if (!GetQueuedCompletionStatus(port, &message, &key, &value, 20000))
        printf("  no message: error %lu\n", GetLastError());
    else
        printf("  message %lu, key %s, %s\n", message, key == (ULONG_PTR)job ? "of the job" : "wrong",
               !value ? "no process" : (DWORD)(ULONG_PTR)value == id ? "the process" : "another process");
}

static void accounts(HANDLE job)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION account;
    DWORD size = 0;
    QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &account, sizeof(account), &size);
    printf("  %lu bytes, %lu processes, %lu active\n", size, account.TotalProcesses, account.ActiveProcesses);
}

static void members(void)
{
    HANDLE job = CreateJobObjectA(NULL, "litebox-jobs-test"), again;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = {job, port};
    PROCESS_INFORMATION first = start("code 3", CREATE_SUSPENDED), second = start("sleep", 0);
    BOOL in = 9;
    again = CreateJobObjectA(NULL, "litebox-jobs-test");
    printf("  the same again: error %lu\n", GetLastError());
    printf("  in none: %d", IsProcessInJob(first.hProcess, job, &in));
    printf(", %d\n", in);
    printf("  port: %d\n", SetInformationJobObject(job, JobObjectAssociateCompletionPortInformation, &association,
                                                   sizeof(association)));
    printf("  assign: %d\n", AssignProcessToJobObject(again, first.hProcess));
    packet(port, job, first.dwProcessId);
    IsProcessInJob(first.hProcess, job, &in);
    printf("  in: %d\n", in);
    accounts(job);
    printf("  resume: %lu\n", ResumeThread(first.hThread));
    packet(port, job, first.dwProcessId);
    packet(port, job, 0);
    end(&first);
    accounts(job);
    printf("  assign: %d\n", AssignProcessToJobObject(job, second.hProcess));
    packet(port, job, second.dwProcessId);
    printf("  job: %lu\n", WaitForSingleObject(job, 0));
    printf("  terminate: %d\n", TerminateJobObject(job, 44));
    end(&second);
    printf("  assign ended: %d, ", AssignProcessToJobObject(job, GetStdHandle(STD_INPUT_HANDLE)));
    printf("error %lu\n", GetLastError());
    CloseHandle(again);
    CloseHandle(job);
    CloseHandle(port);
}

static void limits(void)
{
    HANDLE job = CreateJobObjectA(NULL, NULL);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
    PROCESS_INFORMATION first = start("sleep", 0);
    DWORD size;
    printf("  query: %d", QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit), &size));
    printf(", %lu bytes, flags %#lx\n", size, limit.BasicLimitInformation.LimitFlags);
    limit.BasicLimitInformation.LimitFlags = 0x80000000;
    printf("  bad flags: %d", SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit)));
    printf(", error %lu\n", GetLastError());
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    printf("  set: %d\n", SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit)));
    printf("  assign: %d\n", AssignProcessToJobObject(job, first.hProcess));
    printf("  runs: %lu\n", WaitForSingleObject(first.hProcess, 0));
    CloseHandle(job);
    end(&first);
}

static void snapshots(void)
{
    PROCESS_INFORMATION child = start("sleep", 0);
    PROCESSENTRY32 process = {sizeof(process)};
    MODULEENTRY32 module = {sizeof(module)};
    THREADENTRY32 thread = {sizeof(thread)};
    char self[MAX_PATH], name[MAX_PATH];
    DWORD size = sizeof(name), own = 0, kernel = 0, main = 0;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD | TH32CS_SNAPMODULE, 0), handle;
    GetModuleFileNameA(NULL, self, sizeof(self));
    for (BOOL more = Process32First(snapshot, &process); more; more = Process32Next(snapshot, &process)) {
        if (process.th32ProcessID == GetCurrentProcessId())
            printf("  myself: %s, %lu threads\n", process.szExeFile, process.cntThreads);
        if (process.th32ProcessID == child.dwProcessId)
            printf("  child: %s, parent %d\n", process.szExeFile,
                   process.th32ParentProcessID == GetCurrentProcessId());
    }
    for (BOOL more = Module32First(snapshot, &module); more; more = Module32Next(snapshot, &module)) {
        own += module.modBaseAddr == (BYTE *)GetModuleHandleA(NULL) && !strcmp(module.szExePath, self);
        kernel += module.modBaseAddr == (BYTE *)GetModuleHandleA("kernel32.dll") &&
                  !lstrcmpiA(module.szModule, "kernel32.dll");
    }
    for (BOOL more = Thread32First(snapshot, &thread); more; more = Thread32Next(snapshot, &thread))
        main += thread.th32OwnerProcessID == GetCurrentProcessId() && thread.th32ThreadID == GetCurrentThreadId();
    printf("  modules: program %lu, kernel32 %lu; main thread %lu\n", own, kernel, main);
    CloseHandle(snapshot);
    handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, child.dwProcessId);
    printf("  opened: %d, the same %d\n", handle != NULL, GetProcessId(handle) == child.dwProcessId);
    printf("  its name: %d, %d\n", QueryFullProcessImageNameA(handle, 0, name, &size), !strcmp(name, self));
    printf("  to be ended: %d, ", TerminateProcess(handle, 1));
    printf("error %lu\n", GetLastError());
    printf("  end: %d\n", TerminateProcess(child.hProcess, 55));
    printf("  wait: %lu\n", WaitForSingleObject(handle, 20000));
    end(&child);
    CloseHandle(handle);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "code"))
        return atoi(argv[2]);
    if (argc > 1)
        Sleep(60000);
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("members");
    members();
    puts("limits");
    limits();
    puts("snapshots");
    snapshots();
    return 0;
}

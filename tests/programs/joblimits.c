/* What job objects allow: memory of one process and of all, and time. Wine 8 keeps these limits and does not enforce
   them, so Microsoft's page on JOBOBJECT_BASIC_LIMIT_INFORMATION is all that this is held against. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define MB (1 << 20)

static HANDLE job, port;

static PROCESS_INFORMATION start(const char *arguments)
{
    char self[MAX_PATH], line[MAX_PATH + 50];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info = {0};
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &info))
        printf("CreateProcess: error %lu\n", GetLastError());
    if (!AssignProcessToJobObject(job, info.hProcess))
        printf("assign: error %lu\n", GetLastError());
    return info;
}

static void run(const char *arguments)
{
    PROCESS_INFORMATION info = start(arguments);
    DWORD code = 99;
    fflush(stdout);
    ResumeThread(info.hThread);
    WaitForSingleObject(info.hProcess, 60000);
    GetExitCodeProcess(info.hProcess, &code);
    printf("exit code %lu\n", code);
}

static void messages(void)
{
    DWORD message;
    ULONG_PTR key;
    OVERLAPPED *value;
    printf("messages:");
    while (GetQueuedCompletionStatus(port, &message, &key, &value, 1000))
        printf(" %lu", message);
    puts("");
}

static void limit(DWORD flags, SIZE_T process, SIZE_T all, LONGLONG milliseconds)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = {(void *)7, NULL};
    job = CreateJobObjectA(NULL, NULL);
    port = association.CompletionPort = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    SetInformationJobObject(job, JobObjectAssociateCompletionPortInformation, &association, sizeof(association));
    limit.BasicLimitInformation.LimitFlags = flags;
    limit.BasicLimitInformation.PerProcessUserTimeLimit.QuadPart = milliseconds * 10000;
    limit.BasicLimitInformation.PerJobUserTimeLimit.QuadPart = milliseconds * 10000;
    limit.ProcessMemoryLimit = process;
    limit.JobMemoryLimit = all;
    if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit)))
        printf("set: error %lu\n", GetLastError());
}

/* Takes memory until there is no more; holds it for a while. */
static int hog(DWORD hold)
{
    int taken = 0;
    while (taken < 64 && VirtualAlloc(NULL, MB, MEM_COMMIT, PAGE_READWRITE))
        taken++;
    printf("%s, error %lu\n", taken == 64 ? "all of it" : taken > 4 && taken < 32 ? "some of it" : "too little or too much",
           taken == 64 ? 0 : GetLastError());
    fflush(stdout);
    Sleep(hold);
    return taken == 64;
}

static void peaks(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit;
    QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit), NULL);
    printf("peaks: %d %d\n", limit.PeakProcessMemoryUsed > 4 * MB && limit.PeakProcessMemoryUsed <= 32 * MB,
           limit.PeakJobMemoryUsed >= limit.PeakProcessMemoryUsed && limit.PeakJobMemoryUsed <= 32 * MB);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "hog"))
        return hog(0);
    if (argc > 1 && !strcmp(argv[1], "hold"))
        return hog(30000);
    if (argc > 1 && !strcmp(argv[1], "burn"))
        for (volatile int i = 0;; i++)
            ;
    if (argc > 1 && !strcmp(argv[1], "parent")) {
        job = NULL;
        PROCESS_INFORMATION info = {0};
        char self[MAX_PATH], line[MAX_PATH + 50];
        STARTUPINFOA startup = {sizeof(startup)};
        GetModuleFileNameA(NULL, self, sizeof(self));
        snprintf(line, sizeof(line), "\"%s\" hog", self);
        CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info);
        return WaitForSingleObject(info.hProcess, 60000);
    }

    puts("memory of a process");
    limit(JOB_OBJECT_LIMIT_PROCESS_MEMORY, 32 * MB, 0, 0);
    run("hog");
    messages();
    peaks();

    puts("of a child's child");
    run("parent");

    puts("memory of all");
    limit(JOB_OBJECT_LIMIT_JOB_MEMORY, 0, 32 * MB, 0);
    PROCESS_INFORMATION holder = start("hold");
    fflush(stdout);
    ResumeThread(holder.hThread);
    DWORD message;
    ULONG_PTR key;
    OVERLAPPED *value;
    do
        GetQueuedCompletionStatus(port, &message, &key, &value, 20000);
    while (message == JOB_OBJECT_MSG_NEW_PROCESS);
    printf("message %lu, of the process: %d\n", message, (DWORD)(ULONG_PTR)value == holder.dwProcessId);
    PROCESS_INFORMATION second = start("hog");
    ResumeThread(second.hThread);
    WaitForSingleObject(second.hProcess, 60000);
    DWORD code;
    GetExitCodeProcess(second.hProcess, &code);
    printf("the second: %s\n", code > 1 ? "could not even begin" : code ? "got all" : "did not get all");
    peaks();
    TerminateJobObject(job, 5);

    puts("time of a process");
    limit(JOB_OBJECT_LIMIT_PROCESS_TIME, 0, 0, 300);
    run("burn");
    messages();

    puts("time of all");
    limit(JOB_OBJECT_LIMIT_JOB_TIME, 0, 0, 300);
    run("burn");
    printf("job: %lu\n", WaitForSingleObject(job, 10000));
    messages();

    puts("of myself");
    limit(JOB_OBJECT_LIMIT_PROCESS_MEMORY, 32 * MB, 0, 0);
    printf("assign: %d\n", AssignProcessToJobObject(job, GetCurrentProcess()));
    hog(0);
    messages();
    return 0;
}

/* Jobs inside jobs: who is in which, who breaks away from which, and lists of jobs that nobody can be in. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#ifndef PROC_THREAD_ATTRIBUTE_JOB_LIST
#define PROC_THREAD_ATTRIBUTE_JOB_LIST 0x2000D
#endif

static int failures;
#define CHECK(x) check((x) != 0, #x, __LINE__)

static void check(int holds, const char *what, int line)
{
    if (!holds) {
        failures++;
        printf("line %d: %s, error %lu\n", line, what, GetLastError());
    }
}

static int in(HANDLE process, HANDLE job)
{
    BOOL is = -1;
    CHECK(IsProcessInJob(process, job, &is));
    return is;
}

static HANDLE start(DWORD flags, HANDLE *jobs, int count)
{
    STARTUPINFOEXA info = {{sizeof info}};
    PROCESS_INFORMATION made;
    char path[MAX_PATH], room[200];
    SIZE_T size = sizeof room;

    GetModuleFileNameA(NULL, path, sizeof path);
    if (count) {
        info.lpAttributeList = (void *)room;
        CHECK(InitializeProcThreadAttributeList(info.lpAttributeList, 1, 0, &size));
        CHECK(UpdateProcThreadAttribute(info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, jobs,
                                        count * sizeof *jobs, NULL, NULL));
        flags |= EXTENDED_STARTUPINFO_PRESENT;
    }
    strcat(path, "\" x");
    memmove(path + 1, path, strlen(path) + 1), path[0] = '"';
    if (!CreateProcessA(NULL, path, NULL, NULL, FALSE, flags | CREATE_SUSPENDED, NULL, NULL, &info.StartupInfo, &made))
        return NULL;
    CloseHandle(made.hThread);
    return made.hProcess;
}

static void end(HANDLE process)
{
    TerminateProcess(process, 0);
    CHECK(WaitForSingleObject(process, 10000) == WAIT_OBJECT_0);
    CloseHandle(process);
}

static void limit(HANDLE job, DWORD flags)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {{{{0}}}};
    limits.BasicLimitInformation.LimitFlags = flags;
    CHECK(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits));
}

static DWORD message(HANDLE port)
{
    DWORD what = 0;
    ULONG_PTR key;
    OVERLAPPED *who;
    return GetQueuedCompletionStatus(port, &what, &key, &who, 2000) ? what : 0;
}

int main(int count, char **arguments)
{
    HANDLE outer = CreateJobObjectA(NULL, NULL), inner = CreateJobObjectA(NULL, NULL), one, other, port, list[2];
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT told;

    if (count > 1)
        return 0;
    /* a job that had processes takes none that are in others */
    one = start(0, NULL, 0), other = start(0, NULL, 0);
    list[0] = CreateJobObjectA(NULL, NULL), list[1] = CreateJobObjectA(NULL, NULL);
    CHECK(AssignProcessToJobObject(list[0], one) && AssignProcessToJobObject(list[1], other));
    SetLastError(0);
    CHECK(!AssignProcessToJobObject(list[1], one) && GetLastError() == ERROR_ACCESS_DENIED);
    end(other);
    CHECK(!AssignProcessToJobObject(list[1], one) && GetLastError() == ERROR_ACCESS_DENIED);
    end(one);
    CloseHandle(list[0]), CloseHandle(list[1]);

    /* children are in both, or leave the inner one, or both */
    CHECK(AssignProcessToJobObject(outer, GetCurrentProcess()) && AssignProcessToJobObject(inner, GetCurrentProcess()));
    one = start(0, NULL, 0);
    CHECK(in(one, outer) && in(one, inner));
    end(one);
    SetLastError(0);
    CHECK(!start(CREATE_BREAKAWAY_FROM_JOB, NULL, 0) && GetLastError() == ERROR_ACCESS_DENIED);
    limit(outer, JOB_OBJECT_LIMIT_BREAKAWAY_OK);
    SetLastError(0);
    CHECK(!start(CREATE_BREAKAWAY_FROM_JOB, NULL, 0) && GetLastError() == ERROR_ACCESS_DENIED);
    limit(outer, 0), limit(inner, JOB_OBJECT_LIMIT_BREAKAWAY_OK);
    one = start(CREATE_BREAKAWAY_FROM_JOB, NULL, 0);
    CHECK(in(one, outer) && !in(one, inner));
    end(one);
    limit(outer, JOB_OBJECT_LIMIT_BREAKAWAY_OK);
    one = start(CREATE_BREAKAWAY_FROM_JOB, NULL, 0);
    CHECK(!in(one, outer) && !in(one, inner));
    end(one);

    /* a chain: who is in the last job is in all around it */
    list[0] = CreateJobObjectA(NULL, NULL), list[1] = CreateJobObjectA(NULL, NULL);
    one = start(0, list, 2);
    CHECK(in(one, outer) && in(one, inner) && in(one, list[0]) && in(one, list[1]));
    end(one);
    one = start(CREATE_BREAKAWAY_FROM_JOB, list + 1, 1);
    CHECK(in(one, outer) && in(one, inner) && in(one, list[0]) && in(one, list[1]));
    end(one);

    /* the other way round nobody can be in them: what was started ends */
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    one = list[0], list[0] = list[1], list[1] = one;
    CloseHandle(list[0]), list[0] = CreateJobObjectA(NULL, NULL);
    told.CompletionKey = NULL, told.CompletionPort = port;
    CHECK(SetInformationJobObject(list[0], JobObjectAssociateCompletionPortInformation, &told, sizeof told));
    SetLastError(0);
    CHECK(!start(0, list, 2) && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(message(port) == JOB_OBJECT_MSG_NEW_PROCESS);
    CHECK(message(port) == JOB_OBJECT_MSG_EXIT_PROCESS);
    CHECK(message(port) == JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO);
    printf("%d failures\n", failures);
    return failures != 0;
}

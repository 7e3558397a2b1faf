/* Named pipes: bytes and messages, overlapped operations, several instances, and a child process at the other end. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME "\\\\.\\pipe\\litebox-namedpipes-test"

static const char *error(void)
{
    static char text[20];
    snprintf(text, sizeof(text), "%lu", GetLastError());
    return text;
}

static HANDLE server(DWORD open, DWORD mode, DWORD instances)
{
    HANDLE pipe = CreateNamedPipeA(NAME, open, mode, instances, 100, 200, 1000, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        printf("  CreateNamedPipe: error %s\n", error());
    return pipe;
}

static HANDLE client(DWORD access, DWORD flags)
{
    HANDLE pipe = CreateFileA(NAME, access, 0, NULL, OPEN_EXISTING, flags, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        printf("  CreateFile: error %s\n", error());
    return pipe;
}

static void put(HANDLE pipe, const char *text)
{
    DWORD done = 0;
    BOOL good = WriteFile(pipe, text, (DWORD)strlen(text), &done, NULL);
    printf("  write %s: %d, %lu%s%s\n", text, good, done, good ? "" : ", error ", good ? "" : error());
}

static void get(HANDLE pipe, DWORD size)
{
    char buffer[256] = "";
    DWORD done = 0;
    BOOL good = ReadFile(pipe, buffer, size, &done, NULL);
    printf("  read %lu: %d, [%.*s]%s%s\n", size, good, (int)done, buffer, good ? "" : ", error ", good ? "" : error());
}

static void peek(HANDLE pipe)
{
    char buffer[4];
    DWORD done = 99, available = 99, left = 99;
    BOOL good = PeekNamedPipe(pipe, buffer, sizeof(buffer), &done, &available, &left);
    if (good)
        printf("  peek: [%.*s], %lu available, %ld left\n", (int)done, buffer, available, (long)left);
    else
        printf("  peek: error %s\n", error());
}

static void bytes_and_messages(DWORD mode)
{
    DWORD flags, in, out, most, state = PIPE_READMODE_MESSAGE;
    HANDLE theirs, ours = server(PIPE_ACCESS_DUPLEX, mode, 1);
    put(ours, "early");
    theirs = client(GENERIC_READ | GENERIC_WRITE, 0);
    printf("  connect: %d, ", ConnectNamedPipe(ours, NULL));
    printf("error %s\n", error());
    GetNamedPipeInfo(ours, &flags, &out, &in, &most);
    printf("  server: flags %#lx, %lu out, %lu in, %lu instances\n", flags, out, in, most);
    GetNamedPipeInfo(theirs, &flags, &out, &in, &most);
    printf("  client: flags %#lx, %lu out, %lu in, %lu instances\n", flags, out, in, most);
    client(GENERIC_READ, 0);
    printf("  client to messages: %d\n", SetNamedPipeHandleState(theirs, &state, NULL, NULL));
    put(ours, "one");
    put(ours, "");
    put(ours, "three");
    peek(theirs);
    for (int i = 0; i < 4; i++) {
        DWORD available = 0;
        PeekNamedPipe(theirs, NULL, 0, NULL, &available, NULL);
        if (available || i == 1)
            get(theirs, 4);
    }
    put(theirs, "last words");
    CloseHandle(theirs);
    put(ours, "too late");
    get(ours, 5);
    get(ours, 50);
    get(ours, 50);
    printf("  connect: %d, ", ConnectNamedPipe(ours, NULL));
    printf("error %s\n", error());
    printf("  disconnect: %d\n", DisconnectNamedPipe(ours));
    get(ours, 5);
    peek(ours);
    CloseHandle(ours);
    client(GENERIC_READ, 0);
}

static DWORD WINAPI answer(void *pipe)
{
    char buffer[100];
    DWORD done;
    while (ReadFile(pipe, buffer, sizeof(buffer), &done, NULL)) {
        for (DWORD i = 0; i < done / 2; i++) {
            char c = buffer[i];
            buffer[i] = buffer[done - 1 - i];
            buffer[done - 1 - i] = c;
        }
        WriteFile(pipe, buffer, done, &done, NULL);
    }
    return GetLastError();
}

static void transactions(void)
{
    char buffer[100];
    DWORD done, state = PIPE_READMODE_MESSAGE, code;
    HANDLE ours = server(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1);
    HANDLE theirs = client(GENERIC_READ | GENERIC_WRITE, 0);
    HANDLE thread = CreateThread(NULL, 0, answer, ours, 0, NULL);
    BOOL good = TransactNamedPipe(theirs, "abc", 3, buffer, sizeof(buffer), &done, NULL);
    printf("  transact in bytes: %d, error %s\n", good, error());
    SetNamedPipeHandleState(theirs, &state, NULL, NULL);
    good = TransactNamedPipe(theirs, "abc", 3, buffer, sizeof(buffer), &done, NULL);
    printf("  transact: %d, %.*s\n", good, (int)done, buffer);
    good = TransactNamedPipe(theirs, "litebox", 7, buffer, 3, &done, NULL);
    printf("  transact, short: %d, %.*s, error %s\n", good, (int)done, buffer, error());
    get(theirs, 100);
    CloseHandle(theirs);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("  server's error %lu\n", code);
    CloseHandle(thread);
    CloseHandle(ours);

    ours = server(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1);
    thread = CreateThread(NULL, 0, answer, ours, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    good = CallNamedPipeA("\\\\.\\pipe\\no-such-pipe", "x", 1, buffer, 1, &done, 10);
    printf("  call of none: %d, error %s\n", good, error());
    CloseHandle(ours);
}

static int routines;
static void CALLBACK routine(DWORD code, DWORD size, OVERLAPPED *overlapped)
{
    printf("  routine: error %lu, %lu bytes, event %p\n", code, size, (void *)overlapped->hEvent);
    routines++;
}

static void overlapped(void)
{
    char buffer[300] = "", other[300] = "";
    DWORD done, mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
    OVERLAPPED first = {0}, second = {0}, *found;
    ULONG_PTR key;
    HANDLE port, theirs, ours = server(mode, PIPE_TYPE_BYTE, 2);
    first.hEvent = CreateEventA(NULL, TRUE, TRUE, NULL);
    printf("  connect: %d, error %s, event %lu\n", ConnectNamedPipe(ours, &first), error(),
           WaitForSingleObject(first.hEvent, 0));
    theirs = client(GENERIC_READ | GENERIC_WRITE, FILE_FLAG_OVERLAPPED);
    printf("  connected: event %lu, result %d\n", WaitForSingleObject(first.hEvent, 0),
           GetOverlappedResult(ours, &first, &done, FALSE));
    printf("  read: %d, error %s\n", ReadFile(ours, buffer, 10, NULL, &first), error());
    printf("  not yet: %d, error %s\n", GetOverlappedResult(ours, &first, &done, FALSE), error());
    put(theirs, "some bytes and more");
    printf("  then: %d, %lu, [%.*s]\n", GetOverlappedResult(ours, &first, &done, TRUE), done, (int)done, buffer);
    get(ours, 100);
    printf("  read: %d, error %s\n", ReadFile(ours, buffer, 10, NULL, &first), error());
    printf("  cancel: %d\n", CancelIo(ours));
    printf("  cancelled: %d, error %s\n", GetOverlappedResult(ours, &first, &done, TRUE), error());
    printf("  write much: %d, error %s\n", WriteFile(ours, other, 300, NULL, &first), error());
    printf("  event %lu\n", WaitForSingleObject(first.hEvent, 0));
    ReadFile(theirs, buffer, 250, &done, &second);
    printf("  after reading %lu: event %lu, result %d, %lu\n", (DWORD)second.InternalHigh,
           WaitForSingleObject(first.hEvent, 0), GetOverlappedResult(ours, &first, &done, FALSE), done);
    get(theirs, 50);
    printf("  ReadFileEx: %d\n", ReadFileEx(ours, buffer, 10, &second, routine));
    put(theirs, "for a routine");
    printf("  %d routines\n", routines);
    printf("  sleep: %#lx, %d routines\n", SleepEx(0, TRUE), routines);
    get(ours, 100);
    port = CreateIoCompletionPort(theirs, NULL, 77, 0);
    memset(&second, 0, sizeof(second));
    printf("  read: %d, error %s\n", ReadFile(theirs, buffer, 10, NULL, &second), error());
    put(ours, "port");
    GetQueuedCompletionStatus(port, &done, &key, &found, 0);
    printf("  packet: %lu bytes, key %lu, %s\n", done, (DWORD)key, found == &second ? "the structure" : "another");
    printf("  read: %d, error %s\n", ReadFile(theirs, buffer, 10, NULL, &second), error());
    CloseHandle(ours);
    printf("  packet: %d, ", GetQueuedCompletionStatus(port, &done, &key, &found, 0));
    printf("error %s, %lu bytes\n", error(), done);
    CloseHandle(theirs);
    CloseHandle(port);
    CloseHandle(first.hEvent);
}

static void instances(void)
{
    HANDLE pipes[3], theirs;
    printf("  wait for none: %d, error %s\n", WaitNamedPipeA(NAME, 10), error());
    for (int i = 0; i < 3; i++)
        pipes[i] = server(PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 2);
    printf("  wait for one: %d\n", WaitNamedPipeA(NAME, 10));
    client(GENERIC_READ, 0);
    theirs = client(GENERIC_WRITE, 0);
    client(GENERIC_WRITE, 0);
    printf("  wait for one: %d, error %s\n", WaitNamedPipeA(NAME, 10), error());
    put(theirs, "to the first");
    get(pipes[0], 50);
    server(PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE, 2);
    printf("  nowhere: %d, ", CreateNamedPipeA("C:\\pipe\\x", 3, 0, 1, 0, 0, 0, NULL) != INVALID_HANDLE_VALUE);
    printf("error %s\n", error());
    CloseHandle(theirs);
    CloseHandle(pipes[0]);
    CloseHandle(pipes[1]);
}

static int child(const char *what)
{
    HANDLE pipe = client(GENERIC_READ | GENERIC_WRITE, 0);
    char buffer[100];
    DWORD done, id = 0;
    if (!strcmp(what, "echo"))
        while (ReadFile(pipe, buffer, sizeof(buffer), &done, NULL))
            WriteFile(pipe, buffer, done, &done, NULL);
    if (!strcmp(what, "ids"))
        return !GetNamedPipeClientProcessId(pipe, &id) || id != GetCurrentProcessId();
    return 0;
}

static HANDLE start(const char *arguments, HANDLE in, HANDLE out)
{
    char self[MAX_PATH], line[MAX_PATH + 50];
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info;
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
    if (in) {
        startup.dwFlags = STARTF_USESTDHANDLES;
        startup.hStdInput = in;
        startup.hStdOutput = out;
        startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    }
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return NULL;
    CloseHandle(info.hThread);
    return info.hProcess;
}

static void finish(HANDLE process)
{
    DWORD code = 99;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    printf("  child's exit code %lu\n", code);
    CloseHandle(process);
}

static void children(void)
{
    SECURITY_ATTRIBUTES inheritable = {sizeof(inheritable), NULL, TRUE};
    HANDLE theirs, process, ours = server(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1);
    process = start("echo", NULL, NULL);
    printf("  connect: %d\n", ConnectNamedPipe(ours, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
    put(ours, "through a child");
    get(ours, 100);
    put(ours, "and again");
    get(ours, 100);
    DisconnectNamedPipe(ours);
    finish(process);
    process = start("ids", NULL, NULL);
    ConnectNamedPipe(ours, NULL);
    finish(process);
    CloseHandle(ours);

    ours = server(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1);
    theirs = CreateFileA(NAME, GENERIC_READ | GENERIC_WRITE, 0, &inheritable, OPEN_EXISTING, 0, NULL);
    process = start("copy", theirs, theirs);
    CloseHandle(theirs);
    put(ours, "standard handles");
    get(ours, 100);
    put(ours, ".");
    get(ours, 100);
    get(ours, 100);
    finish(process);
    CloseHandle(ours);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "copy")) {
        char buffer[100];
        DWORD done;
        while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof(buffer), &done, NULL)) {
            WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, done, &done, NULL);
            if (buffer[0] == '.')
                return 3;
        }
        return 1;
    }
    if (argc > 1)
        return child(argv[1]);
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("bytes");
    bytes_and_messages(PIPE_TYPE_BYTE);
    puts("messages");
    bytes_and_messages(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    puts("transactions");
    transactions();
    puts("overlapped");
    overlapped();
    puts("instances");
    instances();
    puts("children");
    children();
    return 0;
}

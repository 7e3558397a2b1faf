/* Sockets of child processes: inherited ones, and ones that are duplicated for them. */
#include <winsock2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void pair(SOCKET *first, SOCKET *second)
{
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET};
    int size = sizeof name;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&name, sizeof name);
    getsockname(listener, (struct sockaddr *)&name, &size);
    listen(listener, 5);
    *first = socket(AF_INET, SOCK_STREAM, 0);
    connect(*first, (struct sockaddr *)&name, sizeof name);
    *second = accept(listener, NULL, NULL);
    closesocket(listener);
}

static PROCESS_INFORMATION start(const char *what, SOCKET s, DWORD flags)
{
    char program[MAX_PATH], line[MAX_PATH + 100];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION made = {0};
    GetModuleFileNameA(NULL, program, sizeof program);
    sprintf(line, "\"%s\" %s %llu", program, what, (unsigned long long)s);
    if (!CreateProcessA(program, line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &made))
        printf("no process: %lu\n", GetLastError());
    return made;
}

static void finish(PROCESS_INFORMATION made)
{
    DWORD code = 0;
    WaitForSingleObject(made.hProcess, INFINITE);
    GetExitCodeProcess(made.hProcess, &code);
    printf("child ended with %lu\n", code);
    CloseHandle(made.hProcess);
    CloseHandle(made.hThread);
}

static void hear(SOCKET s)
{
    char text[64];
    int n;
    while ((n = recv(s, text, sizeof text, 0)) > 0)
        printf("%.*s", n, text);
    printf("end %d\n", n);
}

static int speak(SOCKET s, const char *text)
{
    char question[8] = "";
    int n = recv(s, question, sizeof question, 0);
    if (n <= 0)
        return WSAGetLastError();
    send(s, text, (int)strlen(text), 0);
    send(s, question, n, 0);
    return closesocket(s);
}

int main(int argc, char **argv)
{
    WSADATA data;
    WSAPROTOCOL_INFOW info;
    setvbuf(stdout, NULL, _IONBF, 0);
    WSAStartup(MAKEWORD(2, 2), &data);
    if (argc > 2 && !strcmp(argv[1], "inherited"))
        return speak((SOCKET)strtoull(argv[2], NULL, 10), "inherited: ");
    if (argc > 2) {
        FILE *file = fopen("info.bin", "rb");
        fread(&info, sizeof info, 1, file);
        fclose(file);
        SOCKET s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
        return s == INVALID_SOCKET ? WSAGetLastError() : speak(s, "duplicated: ");
    }
    SOCKET ours, theirs;
    PROCESS_INFORMATION child;
    pair(&ours, &theirs);
    SetHandleInformation((HANDLE)ours, HANDLE_FLAG_INHERIT, 0);
    if (argc > 1) { /* the child of Wine takes no socket that it did not make */
        child = start("inherited", theirs, 0);
        closesocket(theirs);
        send(ours, "one\n", 4, 0);
        hear(ours);
        finish(child);
        closesocket(ours);
        return 0;
    }
    SetHandleInformation((HANDLE)theirs, HANDLE_FLAG_INHERIT, 0);
    child = start("duplicated", 0, CREATE_SUSPENDED);
    printf("duplicate %d\n", WSADuplicateSocketW(theirs, child.dwProcessId, &info));
    FILE *file = fopen("info.bin", "wb");
    fwrite(&info, sizeof info, 1, file);
    fclose(file);
    ResumeThread(child.hThread);
    closesocket(theirs);
    send(ours, "two\n", 4, 0);
    hear(ours);
    finish(child);
    closesocket(ours);
    remove("info.bin");
    return 0;
}

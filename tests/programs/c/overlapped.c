/* Sockets whose operations go on by themselves: events, completion ports and routines, and the extensions of MSWSOCK. */
#include <winsock2.h>
#include <mswsock.h>
#include <ws2tcpip.h>
#include <stdio.h>
#include <string.h>

static SOCKET listener;
static struct sockaddr_in address;

static void *extension(SOCKET s, GUID guid)
{
    void *found = NULL;
    DWORD size;
    if (WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &found, sizeof found, &size, NULL, NULL))
        printf("no extension: %d\n", WSAGetLastError());
    return found;
}

static void begin(void)
{
    int size = sizeof address;
    listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    getsockname(listener, (struct sockaddr *)&address, &size);
    listen(listener, 10);
}

static void pair(SOCKET *first, SOCKET *second)
{
    *first = socket(AF_INET, SOCK_STREAM, 0);
    connect(*first, (struct sockaddr *)&address, sizeof address);
    *second = accept(listener, NULL, NULL);
}

static void with_events(void)
{
    SOCKET a, b;
    char one[8] = "", two[8] = "";
    WSABUF in[2] = {{4, one}, {8, two}}, out = {10, "0123456789"};
    WSAOVERLAPPED receive = {.hEvent = WSACreateEvent()}, transmit = {.hEvent = WSACreateEvent()};
    DWORD got = 0, flags = 0;
    pair(&a, &b);
    printf("WSARecv %d", WSARecv(a, in, 2, NULL, &flags, &receive, NULL));
    printf(" %d\n", WSAGetLastError());
    printf("result %d", WSAGetOverlappedResult(a, &receive, &got, FALSE, &flags));
    printf(" %d\n", WSAGetLastError());
    printf("WSASend %d\n", WSASend(b, &out, 1, &got, 0, &transmit, NULL));
    printf("sent %lu\n", WSAWaitForMultipleEvents(1, &transmit.hEvent, TRUE, 1000, FALSE));
    printf("result %d", WSAGetOverlappedResult(a, &receive, &got, TRUE, &flags));
    printf(" %lu %.4s %.6s %lx\n", got, one, two, flags);
    WSAResetEvent(receive.hEvent);
    WSARecv(a, in, 1, NULL, &flags, &receive, NULL);
    printf("cancel %d", CancelIoEx((HANDLE)a, &receive));
    printf(" %d", WSAGetOverlappedResult(a, &receive, &got, TRUE, &flags));
    printf(" %d\n", WSAGetLastError());
    WSAResetEvent(receive.hEvent);
    WSARecv(a, in, 1, NULL, &flags, &receive, NULL);
    closesocket(b);
    printf("end %lu", WaitForSingleObject(receive.hEvent, 1000));
    printf(" %d %lu\n", WSAGetOverlappedResult(a, &receive, &got, FALSE, &flags), got);
    closesocket(a);
    WSACloseEvent(receive.hEvent);
    WSACloseEvent(transmit.hEvent);
}

static int called;

static void CALLBACK routine(DWORD error, DWORD size, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    if (error || size != 5 || flags)
        printf("routine %lu %lu %lx %s\n", error, size, flags, (char *)overlapped->hEvent);
    called++;
}

static void with_routines(void)
{
    SOCKET a, b;
    char text[16];
    WSABUF in = {16, text}, out = {5, "bytes"};
    WSAOVERLAPPED receive = {.hEvent = (HANDLE) "received"}, transmit = {.hEvent = (HANDLE) "sent"};
    DWORD got, flags = 0;
    pair(&a, &b);
    printf("WSARecv %d", WSARecv(a, &in, 1, NULL, &flags, &receive, routine));
    printf(" %d\n", WSAGetLastError());
    printf("nothing %lu\n", SleepEx(50, TRUE));
    printf("WSASend %d\n", WSASend(b, &out, 1, &got, 0, &transmit, routine));
    while (SleepEx(200, TRUE) == WAIT_IO_COMPLETION)
        continue;
    printf("%d routines\n", called);
    closesocket(a);
    closesocket(b);
}

static void show(HANDLE port)
{
    DWORD size = 77;
    ULONG_PTR key = 0;
    OVERLAPPED *found = NULL;
    BOOL done = GetQueuedCompletionStatus(port, &size, &key, &found, 2000);
    printf("port: %d, error %lu, %lu bytes, key %d, %d\n", done, done ? 0 : GetLastError(), size, (int)key, found != NULL);
}

static void with_ports(void)
{
    static GUID accept_guid = WSAID_ACCEPTEX, connect_guid = WSAID_CONNECTEX, names_guid = WSAID_GETACCEPTEXSOCKADDRS;
    static GUID disconnect_guid = WSAID_DISCONNECTEX;
    LPFN_ACCEPTEX accept_ex = extension(listener, accept_guid);
    LPFN_CONNECTEX connect_ex = extension(listener, connect_guid);
    LPFN_GETACCEPTEXSOCKADDRS names = extension(listener, names_guid);
    LPFN_DISCONNECTEX disconnect_ex = extension(listener, disconnect_guid);
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    OVERLAPPED first = {0}, second = {0}, third = {0};
    static char buffer[2 * (sizeof(struct sockaddr_in) + 16)];
    DWORD size = 0, flags = 0;
    CreateIoCompletionPort((HANDLE)listener, port, 1, 0);
    CreateIoCompletionPort((HANDLE)server, port, 2, 0);
    CreateIoCompletionPort((HANDLE)client, port, 3, 0);
    printf("AcceptEx %d", accept_ex(listener, server, buffer, 0, 32, 32, &size, &first));
    printf(" %d\n", WSAGetLastError());
    printf("unbound %d", connect_ex(client, (struct sockaddr *)&address, sizeof address, NULL, 0, &size, &second));
    printf(" %d\n", WSAGetLastError());
    bind(client, (struct sockaddr *)&any, sizeof any);
    printf("ConnectEx %d", connect_ex(client, (struct sockaddr *)&address, sizeof address, "hi", 2, &size, &second));
    printf(" %d\n", WSAGetLastError());
    DWORD sum = 0;
    for (int i = 0; i < 2; i++) {
        ULONG_PTR key = 0;
        OVERLAPPED *found = NULL;
        printf("done %d", GetQueuedCompletionStatus(port, &size, &key, &found, 2000));
        sum += (DWORD)key * 10 + size;
        printf("\n");
    }
    printf("keys and sizes %lu\n", sum);
    setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener);
    setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0);
    struct sockaddr *local, *remote;
    int local_size, remote_size;
    names(buffer, 0, 32, 32, &local, &local_size, &remote, &remote_size);
    printf("names %d %d %d %d\n", local_size, remote_size, local->sa_family,
           ((struct sockaddr_in *)local)->sin_port == address.sin_port);
    char text[16];
    WSABUF in = {16, text}, out = {4, "four"};
    WSARecv(server, &in, 1, &size, &flags, &third, NULL);
    show(port);
    memset(&third, 0, sizeof third);
    WSARecv(server, &in, 1, NULL, &flags, &third, NULL);
    printf("WSASend %d\n", WSASend(client, &out, 1, &size, 0, &second, NULL));
    for (int i = 0; i < 2; i++) {
        ULONG_PTR key = 0;
        OVERLAPPED *found = NULL;
        sum += GetQueuedCompletionStatus(port, &size, &key, &found, 2000) ? (DWORD)key * 100 + size : 10000;
    }
    printf("keys and sizes %lu\n", sum);
    WSARecv(server, &in, 1, NULL, &flags, &third, NULL);
    printf("DisconnectEx %d", disconnect_ex(client, NULL, 0, 0));
    printf("\n");
    show(port);
    closesocket(client);
    closesocket(server);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CreateIoCompletionPort((HANDLE)client, port, 4, 0);
    bind(client, (struct sockaddr *)&any, sizeof any);
    struct sockaddr_in nobody = address;
    nobody.sin_port = htons(1);
    printf("nobody %d", connect_ex(client, (struct sockaddr *)&nobody, sizeof nobody, NULL, 0, NULL, &second));
    printf(" %d\n", WSAGetLastError());
    show(port);
    closesocket(client);
    CloseHandle(port);
}

struct asked {
    SOCKET s;
    WSABUF in;
    OVERLAPPED receive;
};

static DWORD WINAPI ask(void *argument)
{
    struct asked *asked = argument;
    DWORD flags = 0;
    return (DWORD)WSARecv(asked->s, &asked->in, 1, NULL, &flags, &asked->receive, NULL);
}

static void with_threads(void)
{
    char text[8] = "";
    struct asked asked = {.in = {8, text}};
    SOCKET other;
    pair(&asked.s, &other);
    HANDLE port = CreateIoCompletionPort((HANDLE)asked.s, NULL, 9, 0);
    HANDLE thread = CreateThread(NULL, 0, ask, &asked, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    send(other, "later", 5, 0);
    show(port);
    printf("%s\n", text);
    closesocket(asked.s);
    closesocket(other);
    CloseHandle(port);
}

static void with_files(void)
{
    static GUID guid = WSAID_TRANSMITFILE;
    LPFN_TRANSMITFILE transmit = extension(listener, guid);
    SOCKET a, b;
    DWORD size;
    char text[64] = "";
    TRANSMIT_FILE_BUFFERS around = {"<", 1, ">", 1};
    HANDLE file = CreateFileA("sent.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, "contents", 8, &size, NULL);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    pair(&a, &b);
    printf("TransmitFile %d\n", transmit(a, file, 0, 0, NULL, &around, 0));
    closesocket(a);
    int n = 0, piece;
    while ((piece = recv(b, text + n, (int)sizeof text - n, 0)) > 0)
        n += piece;
    printf("%d %s\n", n, text);
    printf("pointer %lu\n", SetFilePointer(file, 0, NULL, FILE_CURRENT));
    closesocket(b);
    static char large[3000000];
    for (int i = 0; i < (int)sizeof large; i++)
        large[i] = (char)(i / 1000);
    WriteFile(file, large, sizeof large, &size, NULL);
    OVERLAPPED sent = {.Offset = 8 + 5000, .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    pair(&a, &b);
    printf("TransmitFile %d", transmit(a, file, 2900000, 0, &sent, NULL, 0));
    printf(" %d\n", WSAGetLastError());
    int same = 1, got = 0;
    static char back[65536];
    while (got < 2900000 && (piece = recv(b, back, sizeof back, 0)) > 0) {
        same &= !memcmp(back, large + 5000 + got, piece);
        got += piece;
    }
    WaitForSingleObject(sent.hEvent, 5000);
    printf("overlapped %d", GetOverlappedResult((HANDLE)a, &sent, &size, FALSE));
    printf(" %lu, %d, same %d\n", size, got, same);
    CloseHandle(sent.hEvent);
    closesocket(a);
    CloseHandle(file);
    DeleteFileA("sent.txt");
    closesocket(b);
}

int main(void)
{
    WSADATA data;
    setvbuf(stdout, NULL, _IONBF, 0);
    WSAStartup(MAKEWORD(2, 2), &data);
    begin();
    with_events();
    with_routines();
    with_ports();
    with_threads();
    with_files();
    closesocket(listener);
    WSACleanup();
    return 0;
}

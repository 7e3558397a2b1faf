/* TCP on the loopback addresses: blocking calls, select, WSAPoll, connecting without waiting, events, errors. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdio.h>
#include <string.h>

static int port_of(SOCKET s)
{
    struct sockaddr_in name;
    int size = sizeof name;
    getsockname(s, (struct sockaddr *)&name, &size);
    return ntohs(name.sin_port);
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((u_short)port)};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

static SOCKET listening(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    bind(s, (struct sockaddr *)&name, sizeof name);
    listen(s, 5);
    return s;
}

static void pair(SOCKET *first, SOCKET *second)
{
    SOCKET listener = listening();
    struct sockaddr_in name = loopback(port_of(listener));
    *first = socket(AF_INET, SOCK_STREAM, 0);
    connect(*first, (struct sockaddr *)&name, sizeof name);
    *second = accept(listener, NULL, NULL);
    closesocket(listener);
}

static DWORD WINAPI echo(void *argument)
{
    SOCKET listener = (SOCKET)argument;
    struct sockaddr_in peer;
    int size = sizeof peer;
    SOCKET s = accept(listener, (struct sockaddr *)&peer, &size);
    char buffer[1000];
    int n, all = 0;
    while ((n = recv(s, buffer, sizeof buffer, 0)) > 0) {
        all += n;
        send(s, buffer, n, 0);
    }
    printf("server: from %s, size %d: %d, %d bytes\n", inet_ntoa(peer.sin_addr), size, n, all);
    shutdown(s, SD_SEND);
    return closesocket(s);
}

static void blocking(void)
{
    SOCKET listener = listening();
    HANDLE thread = CreateThread(NULL, 0, echo, (void *)listener, 0, NULL);
    struct sockaddr_in name = loopback(port_of(listener));
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    printf("connect %d\n", connect(s, (struct sockaddr *)&name, sizeof name));
    static char out[200000], in[200000];
    for (int i = 0; i < (int)sizeof out; i++)
        out[i] = (char)(i * 7);
    int got = 0;
    for (int sent = 0; sent < (int)sizeof out; sent += 20000) {
        send(s, out + sent, 20000, 0);
        int piece = 0;
        while (got < sent + 20000 && (piece = recv(s, in + got, sent + 20000 - got, 0)) > 0)
            got += piece;
    }
    shutdown(s, SD_SEND);
    printf("client: %d, same %d, end %d\n", got, !memcmp(in, out, sizeof in), recv(s, in, 1, 0));
    WaitForSingleObject(thread, INFINITE);
    printf("send after shutdown %d", send(s, "x", 1, 0));
    printf(", error %d\n", WSAGetLastError());
    printf("close %d\n", closesocket(s));
    printf("again %d", closesocket(s));
    printf(", error %d\n", WSAGetLastError());
    closesocket(listener);
}

static void selecting(void)
{
    SOCKET a, b;
    pair(&a, &b);
    fd_set readable, writable;
    struct timeval moment = {0, 50000};
    FD_ZERO(&readable);
    FD_SET(a, &readable);
    printf("select nothing %d\n", select(0, &readable, NULL, NULL, &moment));
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(a, &readable);
    FD_SET(b, &readable);
    FD_SET(a, &writable);
    send(b, "hello", 5, 0);
    Sleep(50);
    printf("select %d", select(0, &readable, &writable, NULL, &moment));
    printf(" %d %d %d\n", FD_ISSET(a, &readable), FD_ISSET(b, &readable), FD_ISSET(a, &writable));
    u_long waiting = 0;
    printf("fionread %d", ioctlsocket(a, FIONREAD, &waiting));
    printf(" %lu\n", waiting);
    char text[10];
    int peeked = recv(a, text, 10, MSG_PEEK);
    printf("peek %d, read %d\n", peeked, recv(a, text, 10, 0));
    WSAPOLLFD polled[2] = {{a, POLLRDNORM, 0}, {b, POLLWRNORM, 0}};
    printf("poll %d", WSAPoll(polled, 2, 100));
    printf(" %x %x\n", polled[0].revents, polled[1].revents);
    closesocket(b);
    printf("poll end %d", WSAPoll(polled, 1, 1000));
    printf(" %x\n", polled[0].revents);
    FD_ZERO(&readable);
    FD_SET(a, &readable);
    printf("select end %d, read %d\n", select(0, &readable, NULL, NULL, NULL), recv(a, text, 10, 0));
    closesocket(a);
    printf("select none %d", select(0, NULL, NULL, NULL, &moment));
    printf(", error %d\n", WSAGetLastError());
}

static void nonblocking(void)
{
    SOCKET listener = listening(), s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = loopback(port_of(listener));
    u_long on = 1;
    char byte;
    ioctlsocket(s, FIONBIO, &on);
    ioctlsocket(listener, FIONBIO, &on);
    printf("accept %d", accept(listener, NULL, NULL) == INVALID_SOCKET);
    printf(", error %d\n", WSAGetLastError());
    printf("connect %d", connect(s, (struct sockaddr *)&name, sizeof name));
    printf(", error %d\n", WSAGetLastError());
    fd_set writable, failed;
    FD_ZERO(&writable);
    FD_SET(s, &writable);
    printf("writable %d\n", select(0, NULL, &writable, NULL, NULL));
    int error = -1, size = sizeof error;
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
    printf("SO_ERROR %d\n", error);
    printf("connect again %d", connect(s, (struct sockaddr *)&name, sizeof name));
    printf(", error %d\n", WSAGetLastError());
    printf("recv %d", recv(s, &byte, 1, 0));
    printf(", error %d\n", WSAGetLastError());
    closesocket(s);
    closesocket(listener);
    s = socket(AF_INET, SOCK_STREAM, 0);
    ioctlsocket(s, FIONBIO, &on);
    connect(s, (struct sockaddr *)&name, sizeof name);
    printf("to nobody: error %d\n", WSAGetLastError());
    struct timeval enough = {10, 0};
    FD_ZERO(&writable);
    FD_ZERO(&failed);
    FD_SET(s, &writable);
    FD_SET(s, &failed);
    printf("failed %d", select(0, NULL, &writable, &failed, &enough));
    printf(" %d %d\n", FD_ISSET(s, &writable), FD_ISSET(s, &failed));
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
    printf("SO_ERROR %d\n", error);
    closesocket(s);
}

static void show_events(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS found;
    DWORD waited = WSAWaitForMultipleEvents(1, &event, FALSE, 1000, FALSE);
    WSAEnumNetworkEvents(s, event, &found);
    printf("event %lu: %lx\n", waited, found.lNetworkEvents);
}

static void events(void)
{
    SOCKET listener = listening();
    struct sockaddr_in name = loopback(port_of(listener));
    WSAEVENT event = WSACreateEvent(), other = WSACreateEvent();
    printf("select %d\n", WSAEventSelect(listener, event, FD_ACCEPT));
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    connect(s, (struct sockaddr *)&name, sizeof name);
    show_events(listener, event);
    SOCKET t = accept(listener, NULL, NULL);
    WSAEventSelect(t, other, FD_READ | FD_CLOSE);
    send(s, "abc", 3, 0);
    show_events(t, other);
    char text[8];
    printf("recv %d\n", recv(t, text, 8, 0));
    printf("recv %d", recv(t, text, 8, 0));
    printf(", error %d\n", WSAGetLastError());
    u_long off = 0;
    printf("blocking %d", ioctlsocket(t, FIONBIO, &off));
    printf(", error %d\n", WSAGetLastError());
    closesocket(s);
    show_events(t, other);
    printf("recv %d\n", recv(t, text, 8, 0));
    closesocket(t);
    closesocket(listener);
    WSACloseEvent(event);
    WSACloseEvent(other);
}

static void files(void)
{
    SOCKET a, b;
    DWORD n = 0;
    char text[16] = "";
    pair(&a, &b);
    printf("type %lu\n", GetFileType((HANDLE)a));
    printf("WriteFile %d", WriteFile((HANDLE)a, "written", 7, &n, NULL));
    printf(" %lu\n", n);
    printf("ReadFile %d", ReadFile((HANDLE)b, text, sizeof text, &n, NULL));
    printf(" %lu %s\n", n, text);
    WSAPROTOCOL_INFOA info;
    printf("duplicate %d", WSADuplicateSocketA(a, GetCurrentProcessId(), &info));
    SOCKET c = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
    printf(" %d\n", c != INVALID_SOCKET && c != a);
    closesocket(a);
    printf("send %d", send(c, "twice", 5, 0));
    printf(" recv %d\n", recv(b, text, sizeof text, 0));
    CloseHandle((HANDLE)c);
    printf("end %d\n", recv(b, text, sizeof text, 0));
    closesocket(b);
}

static DWORD WINAPI close_later(void *argument)
{
    Sleep(100);
    closesocket((SOCKET)argument);
    return 0;
}

static void errors(void)
{
    SOCKET a, b, s = socket(AF_INET, SOCK_STREAM, 0), listener = listening();
    struct sockaddr_in name = loopback(port_of(listener)), none = loopback(1);
    char byte = 0;
    int size = 4;
    printf("getsockname %d", getsockname(s, (struct sockaddr *)&name, &size));
    printf(" %d\n", WSAGetLastError());
    printf("getpeername %d", getpeername(s, (struct sockaddr *)&name, &size));
    printf(" %d\n", WSAGetLastError());
    printf("recv %d", recv(s, &byte, 1, 0));
    printf(" %d\n", WSAGetLastError());
    printf("listen %d", listen(s, 1));
    printf(" %d\n", WSAGetLastError());
    printf("accept %d", accept(s, NULL, NULL) == INVALID_SOCKET);
    printf(" %d\n", WSAGetLastError());
    printf("shutdown %d", shutdown(s, SD_BOTH));
    printf(" %d\n", WSAGetLastError());
    name = loopback(port_of(listener));
    printf("bind %d", bind(s, (struct sockaddr *)&name, sizeof name));
    printf(" %d\n", WSAGetLastError());
    printf("refused %d", connect(s, (struct sockaddr *)&none, sizeof none));
    printf(" %d\n", WSAGetLastError());
    printf("family %d", socket(1234, SOCK_STREAM, 0) == INVALID_SOCKET);
    printf(" %d\n", WSAGetLastError());
    printf("type %d", socket(AF_INET, 77, 0) == INVALID_SOCKET);
    printf(" %d\n", WSAGetLastError());
    printf("protocol %d", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) == INVALID_SOCKET);
    printf(" %d\n", WSAGetLastError());
    closesocket(s);
    pair(&a, &b);
    DWORD timeout = 100;
    setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout);
    printf("timeout %d", recv(a, &byte, 1, 0));
    printf(" %d\n", WSAGetLastError());
    closesocket(b);
    closesocket(a);
    HANDLE thread = CreateThread(NULL, 0, close_later, (void *)listener, 0, NULL);
    printf("closed meanwhile %d\n", accept(listener, NULL, NULL) == INVALID_SOCKET);
    WaitForSingleObject(thread, INFINITE);
}

int main(void)
{
    WSADATA data;
    setvbuf(stdout, NULL, _IONBF, 0);
    WSAStartup(MAKEWORD(2, 2), &data);
    blocking();
    selecting();
    nonblocking();
    events();
    files();
    errors();
    SOCKET left = socket(AF_INET, SOCK_STREAM, 0);
    printf("cleanup %d", WSACleanup());
    WSAStartup(MAKEWORD(2, 2), &data);
    printf(", close %d", closesocket(left));
    printf(" %d\n", WSAGetLastError());
    return 0;
}

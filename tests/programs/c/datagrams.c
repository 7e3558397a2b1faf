/* UDP and IPv6 on the loopback addresses, options, names to addresses and back. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdio.h>
#include <string.h>

static SOCKET bound(struct sockaddr_in *name)
{
    int size = sizeof *name;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    memset(name, 0, sizeof *name);
    name->sin_family = AF_INET;
    name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(s, (struct sockaddr *)name, sizeof *name);
    getsockname(s, (struct sockaddr *)name, &size);
    return s;
}

static void datagrams(void)
{
    struct sockaddr_in here, there, from;
    SOCKET a = bound(&here), b = bound(&there);
    char text[16] = "";
    int size = sizeof from;
    printf("sendto %d\n", sendto(a, "first", 5, 0, (struct sockaddr *)&there, sizeof there));
    printf("recvfrom %d", recvfrom(b, text, sizeof text, 0, (struct sockaddr *)&from, &size));
    printf(" %s %d %d\n", text, size, from.sin_port == here.sin_port);
    sendto(a, "0123456789", 10, 0, (struct sockaddr *)&there, sizeof there);
    sendto(a, "", 0, 0, (struct sockaddr *)&there, sizeof there);
    sendto(a, "last", 4, 0, (struct sockaddr *)&there, sizeof there);
    memset(text, 0, sizeof text);
    printf("cut %d", recv(b, text, 4, 0));
    printf(" %d %.4s\n", WSAGetLastError(), text);
    printf("empty %d\n", recv(b, text, sizeof text, 0));
    WSABUF parts[2] = {{2, text}, {8, text + 8}};
    DWORD got = 0, flags = 0;
    printf("WSARecv %d", WSARecv(b, parts, 2, &got, &flags, NULL, NULL));
    printf(" %lu %lx %.2s %.2s\n", got, flags, text, text + 8);
    printf("connect %d\n", connect(a, (struct sockaddr *)&there, sizeof there));
    printf("send %d\n", send(a, "connected", 9, 0));
    printf("peer %d", getpeername(a, (struct sockaddr *)&from, &size));
    printf(" %d\n", from.sin_port == there.sin_port);
    printf("recv %d\n", recv(b, text, sizeof text, 0));
    u_long on = 1;
    ioctlsocket(b, FIONBIO, &on);
    printf("none %d", recv(b, text, sizeof text, 0));
    printf(" %d\n", WSAGetLastError());
    static char large[70000];
    printf("large %d", sendto(b, large, sizeof large, 0, (struct sockaddr *)&here, sizeof here));
    printf(" %d\n", WSAGetLastError());
    closesocket(a);
    a = socket(AF_INET, SOCK_DGRAM, 0);
    printf("accept %d", accept(a, NULL, NULL) == INVALID_SOCKET);
    printf(" %d\n", WSAGetLastError());
    closesocket(a);
    closesocket(b);
}

static void version6(void)
{
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP), s = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int size = sizeof name;
    DWORD only = 7;
    printf("bind %d\n", bind(listener, (struct sockaddr *)&name, sizeof name));
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&name, &size);
    printf("size %d, family %d\n", size, name.sin6_family);
    printf("connect %d\n", connect(s, (struct sockaddr *)&name, sizeof name));
    SOCKET t = accept(listener, (struct sockaddr *)&name, &size);
    char text[64];
    printf("from %s\n", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text));
    send(s, "six", 3, 0);
    printf("recv %d\n", recv(t, text, sizeof text, 0));
    closesocket(s);
    closesocket(t);
    closesocket(listener);
    s = socket(AF_INET6, SOCK_STREAM, 0);
    size = sizeof only;
    getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only, &size);
    printf("only %d\n", (char)only);
    closesocket(s);
}

static void option(const char *title, SOCKET s, int level, int name, int value)
{
    int result = -1, size = sizeof result;
    int got = getsockopt(s, level, name, (char *)&result, &size);
    printf("%s %d %d", title, got, got ? WSAGetLastError() : size);
    got = setsockopt(s, level, name, (char *)&value, sizeof value);
    printf(", set %d", got);
    result = 0;
    size = sizeof result;
    got = getsockopt(s, level, name, (char *)&result, &size);
    printf(", %d\n", got ? WSAGetLastError() : size == 1 ? (char)result : result);
}

static void options(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
    option("reuse", s, SOL_SOCKET, SO_REUSEADDR, 1);
    option("keepalive", s, SOL_SOCKET, SO_KEEPALIVE, 1);
    option("nodelay", s, IPPROTO_TCP, TCP_NODELAY, 1);
    option("sndbuf", s, SOL_SOCKET, SO_SNDBUF, 30000);
    option("rcvbuf", u, SOL_SOCKET, SO_RCVBUF, 30000);
    option("rcvtimeo", s, SOL_SOCKET, SO_RCVTIMEO, 1500);
    option("broadcast", u, SOL_SOCKET, SO_BROADCAST, 1);
    option("oobinline", s, SOL_SOCKET, SO_OOBINLINE, 1);
    option("ttl", u, IPPROTO_IP, IP_TTL, 5);
    option("loop", u, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    option("unknown", s, SOL_SOCKET, 0x7777, 1);
    option("level", s, 0x1234, 1, 1);
    int type = 0, size = sizeof type;
    getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size);
    printf("type %d\n", type);
    getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&type, &size);
    printf("listens %d\n", type);
    WSAPROTOCOL_INFOW info;
    size = sizeof info;
    printf("info %d", getsockopt(u, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size));
    printf(" %d %d %d\n", info.iAddressFamily, info.iSocketType, info.iProtocol);
    closesocket(s);
    closesocket(u);
}

static void show(const char *node, const char *service, const struct addrinfo *hints)
{
    struct addrinfo *found = NULL;
    int error = getaddrinfo(node, service, hints, &found);
    printf("%s:%s %d", node ? node : "-", service ? service : "-", error);
    for (struct addrinfo *one = found; one; one = one->ai_next) {
        char text[64] = "";
        DWORD size = sizeof text;
        WSAAddressToStringA(one->ai_addr, (DWORD)one->ai_addrlen, NULL, text, &size);
        printf(" [%s %d %d %d]", text, one->ai_family, one->ai_socktype, one->ai_protocol);
    }
    printf("\n");
    if (found)
        freeaddrinfo(found);
}

static void names(void)
{
    struct addrinfo four = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct addrinfo passive = {.ai_flags = AI_PASSIVE, .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo six = {.ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct addrinfo number = {.ai_flags = AI_NUMERICHOST};
    show("127.0.0.1", "80", &four);
    show("::1", NULL, &six);
    show("localhost", "8080", &four);
    show(NULL, "1234", &passive);
    show(NULL, "1234", &four);
    show("localhost", NULL, &number);
    show(NULL, NULL, NULL);
    show("127.0.0.1", "no-such-service", &four);
    struct hostent *host = gethostbyname("127.0.0.1");
    printf("host %d %d %s\n", host->h_addrtype, host->h_length, inet_ntoa(*(struct in_addr *)host->h_addr_list[0]));
    host = gethostbyname("localhost");
    printf("host %s %s\n", host->h_name, inet_ntoa(*(struct in_addr *)host->h_addr_list[0]));
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(80)};
    char node[64], service[32];
    name.sin_addr.s_addr = inet_addr("127.0.0.1");
    printf("name %d", getnameinfo((struct sockaddr *)&name, sizeof name, node, sizeof node, service, sizeof service,
                                  NI_NUMERICHOST | NI_NUMERICSERV));
    printf(" %s %s\n", node, service);
    printf("service %d", getnameinfo((struct sockaddr *)&name, sizeof name, NULL, 0, service, sizeof service, 0));
    printf(" %s\n", service);
}

int main(void)
{
    WSADATA data;
    setvbuf(stdout, NULL, _IONBF, 0);
    WSAStartup(MAKEWORD(2, 2), &data);
    datagrams();
    version6();
    options();
    names();
    WSACleanup();
    return 0;
}

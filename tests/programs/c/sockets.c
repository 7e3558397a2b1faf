/* Windows Sockets without a network: addresses, names, byte order. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdio.h>

int main(void)
{
    WSADATA data;
    char text[64];
    unsigned char v6[16];
    WSASetLastError(0);
    printf("cleanup first: %d", WSACleanup());
    printf(", error %d\n", WSAGetLastError());
    printf("startup %d", WSAStartup(MAKEWORD(2, 2), &data));
    printf(" %x %x\n", data.wVersion, data.wHighVersion);
    printf("%x %lx %x %lx\n", htons(0x1234), htonl(0x12345678), ntohs(0x3412), ntohl(1));
    printf("%lx %lx %lx\n", inet_addr("10.1.2.3"), inet_addr("0x7f.1"), inet_addr("300.1.1.1"));
    struct in_addr address = {.s_addr = htonl(0x7f000001)};
    printf("%s\n", inet_ntoa(address));
    printf("%d", inet_pton(AF_INET6, "2001:db8:::1", v6));
    printf(" %d\n", inet_pton(AF_INET6, "2001:db8::1:2", v6));
    printf("%s\n", inet_ntop(AF_INET6, v6, text, sizeof text));
    struct sockaddr_in endpoint;
    int size = sizeof endpoint;
    printf("%d", WSAStringToAddressA("1.2.3.4:8080", AF_INET, NULL, (struct sockaddr *)&endpoint, &size));
    printf(" %d\n", size);
    DWORD length = sizeof text;
    printf("%d", WSAAddressToStringA((struct sockaddr *)&endpoint, sizeof endpoint, NULL, text, &length));
    printf(" %s %lu\n", text, length);
    struct protoent *protocol = getprotobyname("udp");
    printf("%s %d\n", protocol->p_name, protocol->p_proto);
    struct servent *service = getservbyname("https", "tcp");
    printf("%s %d %s\n", service->s_name, ntohs(service->s_port), service->s_proto);
    printf("hostname %d", gethostname(text, sizeof text));
    printf(" %d\n", text[0] != 0);
    printf("no socket: %d", closesocket(12345));
    printf(", error %d\n", WSAGetLastError());
    fd_set set;
    FD_ZERO(&set);
    FD_SET(7, &set);
    printf("set %d %d\n", FD_ISSET(7, &set) != 0, FD_ISSET(8, &set) != 0);
    printf("cleanup %d\n", WSACleanup());
    return 0;
}

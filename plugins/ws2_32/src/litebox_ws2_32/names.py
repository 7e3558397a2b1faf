"""winsock2.h: the names of the host, of protocols and of services."""

from litebox_core.abi import INT, PCSTR, PVOID, SHORT, USHORT, Annotated, Len, Struct, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import WSAEFAULT, WSANO_DATA

from .base import Winsock, dll
from .byteorder import swap16
from .lookups import host_name

_PROTOCOLS = {
    "ip": (0, "IP"), "icmp": (1, "ICMP"), "ggp": (3, "GGP"), "tcp": (6, "TCP"), "egp": (8, "EGP"), "pup": (12, "PUP"),
    "udp": (17, "UDP"), "hmp": (20, "HMP"), "xns-idp": (22, "XNS-IDP"), "rdp": (27, "RDP"), "ipv6": (41, "IPv6"),
    "ipv6-route": (43, "IPv6-Route"), "ipv6-frag": (44, "IPv6-Frag"), "esp": (50, "ESP"), "ah": (51, "AH"),
    "ipv6-icmp": (58, "IPv6-ICMP"), "ipv6-nonxt": (59, "IPv6-NoNxt"), "ipv6-opts": (60, "IPv6-Opts"),
    "rvd": (66, "RVD"),
}  # fmt: skip

# name, port, protocols, aliases
_SERVICES = """
echo 7 tcp,udp
discard 9 tcp,udp sink,null
systat 11 tcp,udp users
daytime 13 tcp,udp
qotd 17 tcp,udp quote
chargen 19 tcp,udp ttytst,source
ftp-data 20 tcp
ftp 21 tcp
ssh 22 tcp
telnet 23 tcp
smtp 25 tcp mail
time 37 tcp,udp timserver
nameserver 42 tcp,udp name
nicname 43 tcp whois
domain 53 tcp,udp
bootps 67 udp dhcps
bootpc 68 udp dhcpc
tftp 69 udp
gopher 70 tcp
finger 79 tcp
http 80 tcp www,www-http
kerberos 88 tcp,udp krb5,kerberos-sec
pop3 110 tcp
sunrpc 111 tcp,udp rpcbind,portmap
auth 113 tcp ident,tap
nntp 119 tcp usenet
ntp 123 udp
epmap 135 tcp,udp loc-srv
netbios-ns 137 tcp,udp nbname
netbios-dgm 138 udp nbdatagram
netbios-ssn 139 tcp nbsession
imap 143 tcp imap4
snmp 161 udp
snmptrap 162 udp snmp-trap
bgp 179 tcp
irc 194 tcp
ldap 389 tcp
https 443 tcp,udp MCom
microsoft-ds 445 tcp,udp
kpasswd 464 tcp,udp
isakmp 500 udp ike
syslog 514 udp
printer 515 tcp spooler
ldaps 636 tcp sldap
imaps 993 tcp
pop3s 995 tcp
ms-sql-s 1433 tcp,udp
ms-sql-m 1434 tcp,udp
ms-wbt-server 3389 tcp
"""


class PROTOENT(Struct):
    """A protocol's name, its other names and its number."""

    p_name: PVOID
    p_aliases: PVOID
    p_proto: SHORT


class SERVENT(Struct):
    """A service's name, its other names, protocol and port, in a 64-bit process."""

    s_name: PVOID
    s_aliases: PVOID
    s_proto: PVOID
    s_port: USHORT


class SERVENT32(Struct):
    """The same in a 32-bit process, where the fields have another order."""

    s_name: PVOID
    s_aliases: PVOID
    s_port: USHORT
    s_proto: PVOID


@dll.export(ordinal=33, probes=True)
def GetHostNameW(guest: Guest, name: Annotated[WideBuffer, Len("namelen")], namelen: INT, *, winsock: Winsock) -> INT:
    winsock.require()
    host = host_name(winsock.process)
    if not name or namelen <= len(host):
        raise WinError(WSAEFAULT)
    name.put(host)
    return 0


dll.ansi(GetHostNameW, "gethostname", ordinal=57)


def services() -> "list[tuple[str, int, str, list[str]]]":
    """Every service once for each of its protocols: name, port, protocol, aliases."""
    rows = []
    for line in _SERVICES.strip().split("\n"):
        name, port, protocols, aliases = [*line.split(" "), ""][:4]
        others = aliases.split(",") if aliases else []
        rows += [(name, int(port), protocol, others) for protocol in protocols.split(",")]
    return rows


class _Answer:
    """Lays a structure and the strings it points to into the calling thread's memory."""

    def __init__(self, guest: Guest, winsock: Winsock, purpose: str) -> None:
        self.guest = guest
        self.addr = winsock.block(guest, purpose, 256)
        self._next = self.addr + 128

    def text(self, value: str) -> int:
        data = value.encode() + b"\0"
        self.guest.memory.write(self._next, data)
        self._next += len(data)
        return self._next - len(data)

    def aliases(self, names: list[str]) -> int:
        """The address of a NULL-terminated array."""
        width = self.guest.bits // 8
        array = b"".join(self.text(name).to_bytes(width, "little") for name in names) + bytes(width)
        self.guest.memory.write(self.addr + 64, array)
        return self.addr + 64

    def finish(self, structure: Struct) -> int:
        self.guest.memory.write(self.addr, structure.pack(self.guest.bits))
        return self.addr


def _protocol(guest: Guest, winsock: Winsock, name: str) -> int:
    number, alias = _PROTOCOLS[name]
    answer = _Answer(guest, winsock, "protoent")
    return answer.finish(PROTOENT(p_name=answer.text(name), p_aliases=answer.aliases([alias]), p_proto=number))


@dll.export(ordinal=53, fails=0, probes=True)
def getprotobyname(guest: Guest, name: PCSTR, *, winsock: Winsock) -> PVOID:
    winsock.require()
    wanted = name.decode("latin-1").lower()
    if wanted not in _PROTOCOLS:
        raise WinError(WSANO_DATA)
    return _protocol(guest, winsock, wanted)


@dll.export(ordinal=54, fails=0)
def getprotobynumber(guest: Guest, number: INT, *, winsock: Winsock) -> PVOID:
    winsock.require()
    for name, (known, _) in _PROTOCOLS.items():
        if known == number:
            return _protocol(guest, winsock, name)
    raise WinError(WSANO_DATA)


def _service(guest: Guest, winsock: Winsock, row: tuple[str, int, str, list[str]]) -> int:
    name, port, protocol, aliases = row
    answer = _Answer(guest, winsock, "servent")
    layout = SERVENT if guest.bits == 64 else SERVENT32
    return answer.finish(
        layout(
            s_name=answer.text(name),
            s_aliases=answer.aliases(aliases),
            s_proto=answer.text(protocol),
            s_port=swap16(port),
        )
    )


@dll.export(ordinal=55, fails=0, probes=True)
def getservbyname(guest: Guest, name: PCSTR, proto: PCSTR | None, *, winsock: Winsock) -> PVOID:
    winsock.require()
    wanted = name.decode("latin-1").lower()
    protocol = None if proto is None else proto.decode("latin-1").lower()
    for row in services():
        known = wanted == row[0] or wanted in row[3]
        if known and protocol in (None, row[2]):
            return _service(guest, winsock, row)
    raise WinError(WSANO_DATA)


@dll.export(ordinal=56, fails=0, probes=True)
def getservbyport(guest: Guest, port: INT, proto: PCSTR | None, *, winsock: Winsock) -> PVOID:
    winsock.require()
    wanted = swap16(port & 0xFFFF)
    protocol = None if proto is None else proto.decode("latin-1").lower()
    for row in services():
        if row[1] == wanted and protocol in (None, row[2]):
            return _service(guest, winsock, row)
    raise WinError(WSANO_DATA)

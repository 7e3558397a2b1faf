"""Internet addresses as text, as Windows reads and writes them. No guest, no errors: plain functions."""

_DIGITS = "0123456789abcdefABCDEF"


def number(text: str, limit: int) -> int | None:
    """A C number (decimal, 0 octal, 0x hexadecimal) up to ``limit``, or None."""
    base, digits = 10, text
    if text[:2] in ("0x", "0X"):
        base, digits = 16, text[2:]
    elif text[:1] == "0" and len(text) > 1:
        base, digits = 8, text[1:]
    allowed = _DIGITS if base == 16 else _DIGITS[:base]
    if not 1 <= len(digits) <= 16 or not all(c in allowed for c in digits):
        return None
    value = int(digits, base)
    return value if value <= limit else None


def ipv4(text: str) -> bytes | None:
    """The address of one to four numbers between dots, the last of which fills what the others leave."""
    parts = text.split(".")
    if len(parts) > 4:
        return None
    values = [number(part, 255) for part in parts[:-1]]
    room = 5 - len(parts)
    last = number(parts[-1], (1 << 8 * room) - 1)
    if last is None:
        return None
    leading = [value for value in values if value is not None]
    return bytes(leading) + last.to_bytes(room, "big") if len(leading) == len(values) else None


def ipv4_strict(text: str, leading_zeros: bool = False) -> bytes | None:
    """The address of four decimal numbers."""
    parts = text.split(".")
    if len(parts) != 4:
        return None
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= 3) or int(part) > 255:
            return None
        if part[0] == "0" and len(part) > 1 and not leading_zeros:
            return None
    return bytes(map(int, parts))


def ipv6(text: str) -> bytes | None:
    """The address of eight groups; the last two may be written as an IPv4 address, and one ``::`` stands for zeros."""
    head, gap, tail = text.partition("::")
    if not gap:
        whole = _groups(head, True)
        return whole if whole is not None and len(whole) == 16 else None
    before = _groups(head, False) if head else b""
    after = _groups(tail, True) if tail else b""
    if before is None or after is None or len(before) + len(after) > 14:
        return None
    return before + bytes(16 - len(before) - len(after)) + after


def _groups(text: str, last: bool) -> bytes | None:
    """Groups between colons, as bytes; an IPv4 address may end them where they are the ``last``."""
    parts = text.split(":", 9)
    result = b""
    for i, part in enumerate(parts):
        if last and i == len(parts) - 1 and "." in part:
            tail = ipv4_strict(part, leading_zeros=True)
            if tail is None:
                return None
            result += tail
        elif 1 <= len(part) <= 4 and all(c in _DIGITS for c in part):
            result += int(part, 16).to_bytes(2, "big")
        else:
            return None
    return result


def ipv4_endpoint(text: str) -> tuple[bytes, int] | None:
    """``ADDRESS[:PORT]``."""
    host, colon, digits = text.partition(":")
    address = ipv4(host)
    port = _port(digits) if colon else 0
    return None if address is None or port is None else (address, port)


def _port(digits: str) -> int | None:
    return number(digits, 0xFFFF) or None  # a port that is written out is not 0


def ipv6_endpoint(text: str) -> tuple[bytes, int, int] | None:
    """``ADDRESS[%SCOPE]``, or the same in brackets with ``:PORT`` behind: address, scope, port."""
    port: int | None = 0
    if text[:1] == "[":
        text, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and rest[0] != ":"):
            return None
        port = _port(rest[1:]) if rest else 0
    host, percent, zone = text.partition("%")
    address = ipv6(host)
    scope: int | None = 0
    if percent:
        scope = int(zone) if zone.isascii() and zone.isdigit() and len(zone) <= 10 else None
    if address is None or port is None or scope is None or scope > 0xFFFFFFFF:
        return None
    return address, scope, port


def ipv4_text(address: bytes) -> str:
    return ".".join(map(str, address))


def ipv6_text(address: bytes) -> str:
    """The shortest form; mapped, compatible, translated and ISATAP addresses end in IPv4 form."""
    groups = [int.from_bytes(address[i : i + 2], "big") for i in range(0, 16, 2)]
    dotted = _ends_in_ipv4(groups)
    shown = groups[:6] if dotted else groups
    start, length = _longest_zeros(shown)
    words = [f"{group:x}" for group in shown]
    if dotted:
        words.append(ipv4_text(address[12:]))
    if length < 2:
        return ":".join(words)
    return ":".join(words[:start]) + "::" + ":".join(words[start + length :])


def _ends_in_ipv4(groups: list[int]) -> bool:
    if groups[4] & ~0x200 == 0 and groups[5] == 0x5EFE:
        return True
    if any(groups[:4]):
        return False
    middle = (groups[4], groups[5])
    return middle in ((0, 0xFFFF), (0xFFFF, 0)) or (middle == (0, 0) and groups[6] != 0)


def _longest_zeros(groups: list[int]) -> tuple[int, int]:
    """Start and length of the first longest run of zeros."""
    best, start = (0, 0), 0
    for i, group in enumerate([*groups, 1]):
        if group:
            if i - start > best[1]:
                best = (start, i - start)
            start = i + 1
    return best


def endpoint_text(host: str, port: int, scope: int = 0, brackets: bool = False) -> str:
    """How WSAAddressToString writes an address: scope and port only where they are not zero."""
    if scope:
        host += f"%{scope}"
    if not port:
        return host
    return f"[{host}]:{port}" if brackets else f"{host}:{port}"

"""The security descriptor definition language: descriptors as text, such as ``O:BAD:P(A;OICI;FA;;;SY)``."""

import re
import struct
import uuid

from ..errors import NtError, WinError
from ..winerror import ERROR_INVALID_ACL, ERROR_INVALID_PARAMETER, ERROR_INVALID_SID
from . import acls, sids
from .descriptors import DACL_PRESENT, SACL_PRESENT, Descriptor

__all__ = ["parse", "text"]

_KINDS = {"A": 0, "D": 1, "AU": 2, "AL": 3, "OA": 5, "OD": 6, "OU": 7, "OL": 8, "ML": 0x11}
_KIND_NAMES = {number: name for name, number in _KINDS.items()}
_FLAGS = {"OI": 1, "CI": 2, "NP": 4, "IO": 8, "ID": 0x10, "SA": 0x40, "FA": 0x80}
_BITS = {
    "CC": 1, "DC": 2, "LC": 4, "SW": 8, "RP": 0x10, "WP": 0x20, "DT": 0x40, "LO": 0x80, "CR": 0x100, "SD": 0x10000,
    "RC": 0x20000, "WD": 0x40000, "WO": 0x80000, "GA": 0x10000000, "GX": 0x20000000, "GW": 0x40000000,
    "GR": 0x80000000,
}  # fmt: skip
_WHOLE = {
    "FA": 0x1F01FF, "FR": 0x120089, "FW": 0x120116, "FX": 0x1200A0, "KA": 0xF003F, "KR": 0x20019, "KW": 0x20006,
}  # fmt: skip
_LABEL_BITS = {"NW": 1, "NR": 2, "NX": 4}
_RIGHTS = {**_BITS, **_WHOLE, "KX": 0x20019, **_LABEL_BITS}
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_ACL_FLAGS = {"P": 0x1000, "AI": 0x400, "AR": 0x100}
_MOST_ENTRIES = 0xFFFF // 16
"""An ACL has no room for more, however small they are."""
_NO_CONTROL = "NO_ACCESS_CONTROL"


def parse(source: str) -> Descriptor:
    """Raises WinError: ERROR_INVALID_PARAMETER, ERROR_INVALID_ACL, ERROR_INVALID_SID."""
    found, source = Descriptor(), source.strip()
    at = 0
    while at < len(source):
        letter = source[at]
        if letter not in "OGDS" or source[at + 1 : at + 2] != ":":
            raise WinError(ERROR_INVALID_PARAMETER)
        at += 2
        if letter in "OG":
            end = source.find(":", at)
            end = len(source) if end < 0 else end - 1
            try:
                owner = sids.from_text(source[at:end].strip())
            except NtError:
                raise WinError(ERROR_INVALID_SID) from None
            found.owner, found.group = (owner, found.group) if letter == "O" else (found.owner, owner)
            at = max(at, end)
            continue
        end = _end_of_acl(source, at)
        flags, data = _acl(source[at:end])
        if letter == "D":
            found.dacl, found.control = data, found.control | flags | DACL_PRESENT
        else:
            found.sacl, found.control = data, found.control | flags << 1 | SACL_PRESENT
        at = _blanks(source, end)
    return found


def _blanks(source: str, at: int) -> int:
    """Where, from ``at`` on, something else stands than white space."""
    while source[at : at + 1].isspace():
        at += 1
    return at


def _end_of_acl(source: str, start: int) -> int:
    """Where the next part begins: at a letter and a colon outside of all entries."""
    depth = 0
    for index in range(start, len(source)):
        letter = source[index]
        depth += (letter == "(") - (letter == ")")
        if letter == ":" and not depth:
            return max(index - 1, start)
    return len(source)


def _acl(source: str) -> tuple[int, bytes | None]:
    """The control bits (as of a DACL) and the list. Raises WinError."""
    flags, at = 0, _blanks(source, 0)
    while at < len(source) and source[at] != "(":
        if source.startswith(_NO_CONTROL, at):
            if source[at:].rstrip() != _NO_CONTROL:
                raise WinError(ERROR_INVALID_ACL)
            return flags, None
        word = next((word for word in _ACL_FLAGS if source.startswith(word, at)), None)
        if word is None:
            raise WinError(ERROR_INVALID_PARAMETER)
        flags |= _ACL_FLAGS[word]
        at = _blanks(source, at + len(word))
    entries: list[bytes] = []
    while at < len(source):
        end = source.find(")", at)
        if source[at] != "(" or end < 0:
            raise WinError(ERROR_INVALID_ACL)
        entries.append(_ace(source[at + 1 : end]))
        if len(entries) > _MOST_ENTRIES:
            raise WinError(ERROR_INVALID_ACL)
        at = _blanks(source, end + 1)
    revision = 4 if any(entry[0] in acls.OBJECT_TYPES for entry in entries) else 2
    try:
        return flags, acls.acl(entries, revision)
    except NtError:
        raise WinError(ERROR_INVALID_ACL) from None


def _ace(source: str) -> bytes:
    fields = [field.lstrip() for field in source.split(";")]
    if len(fields) != 6:
        raise WinError(ERROR_INVALID_ACL)
    kind = _KINDS.get(fields[0].upper())
    if kind is None:
        raise WinError(ERROR_INVALID_ACL)
    flags, mask = _words(fields[1], _FLAGS), _words(fields[2], _RIGHTS)
    try:
        owner = sids.from_text(fields[5].strip())
        guids = [uuid.UUID(field).bytes_le if field else b"" for field in fields[3:5]]
    except (NtError, ValueError):
        raise WinError(ERROR_INVALID_ACL) from None
    if kind not in acls.OBJECT_TYPES and kind != 8:
        if any(guids):
            raise WinError(ERROR_INVALID_ACL)
        return acls.ace(kind, flags, mask, owner)
    there = (1 if guids[0] else 0) | (2 if guids[1] else 0)
    body = struct.pack("<I", there) + guids[0] + guids[1] + owner
    return struct.pack("<BBHI", kind, flags, 8 + len(body), mask) + body


def _words(field: str, known: "dict[str, int]") -> int:
    """A sum of words of two letters, and of numbers where they stand for rights. Raises WinError."""
    value, at = 0, 0
    while at < len(field):
        found = _NUMBER.match(field, at) if known is _RIGHTS else None
        if found is not None:
            digits = found[0]
            base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
            try:
                value |= int(digits, base) & 0xFFFFFFFF
            except ValueError:
                raise WinError(ERROR_INVALID_ACL) from None
            at = found.end()
            continue
        bits = known.get(field[at : at + 2].upper())
        if bits is None:
            raise WinError(ERROR_INVALID_ACL)
        value, at = value | bits, at + 2
    return value


def text(descriptor: Descriptor, information: int) -> str:
    """The parts that a SECURITY_INFORMATION names. Raises WinError(ERROR_INVALID_ACL)."""
    parts = []
    if information & 1 and descriptor.owner is not None:
        parts.append("O:" + sids.alias_of(descriptor.owner))
    if information & 2 and descriptor.group is not None:
        parts.append("G:" + sids.alias_of(descriptor.group))
    if information & 4 and descriptor.control & DACL_PRESENT:
        parts.append("D:" + _acl_text(descriptor.dacl, descriptor.control, information & ~0x10))
    if information & 0x18 and descriptor.control & SACL_PRESENT:
        parts.append("S:" + _acl_text(descriptor.sacl, descriptor.control >> 1, information))
    return "".join(parts)


def _acl_text(data: bytes | None, control: int, information: int) -> str:
    if data is None:
        return _NO_CONTROL
    flags = "".join(word for word in ("P", "AR", "AI") if control & _ACL_FLAGS[word])
    entries = list(acls.aces(data))
    return flags + "".join(map(_ace_text, entries))


def _ace_text(entry: acls.Ace) -> str:
    kind = _KIND_NAMES.get(entry.kind)
    if kind is None or not entry.sid:
        raise WinError(ERROR_INVALID_ACL)
    flags = "".join(word for word, bit in _FLAGS.items() if entry.flags & bit)
    guids = [str(uuid.UUID(bytes_le=guid)) if len(guid) == 16 else "" for guid in entry.guids]
    rights = _rights(entry.mask, _LABEL_BITS if entry.kind == acls.LABEL else _BITS)
    return f"({kind};{flags};{rights};{guids[0]};{guids[1]};{sids.alias_of(entry.sid)})"


def _rights(mask: int, bits: "dict[str, int]") -> str:
    whole = next((word for word, value in _WHOLE.items() if value == mask), None)
    if whole is not None and bits is _BITS:
        return whole
    if mask & ~sum(bits.values()):
        return f"{mask:#x}"
    return "".join(word for word, bit in bits.items() if mask & bit)

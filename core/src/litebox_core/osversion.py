"""Comparing versions of the operating system as VerifyVersionInfo does."""

import struct

PLATFORM_NT, PRODUCT_WORKSTATION = 2, 1
SUITE_SINGLE_USER_TS = 0x100
OSVERSIONINFOW, OSVERSIONINFOEXW = 276, 284
"""Sizes of the structures in bytes."""

VER_MINORVERSION, VER_MAJORVERSION, VER_BUILDNUMBER, VER_PLATFORMID = 0x01, 0x02, 0x04, 0x08
VER_SERVICEPACKMINOR, VER_SERVICEPACKMAJOR, VER_SUITENAME, VER_PRODUCT_TYPE = 0x10, 0x20, 0x40, 0x80
VER_EQUAL, VER_GREATER, VER_GREATER_EQUAL, VER_LESS, VER_LESS_EQUAL, VER_AND, VER_OR = 1, 2, 3, 4, 5, 6, 7


def version_info(version: tuple[int, int, int], size: int) -> bytes:
    """What GetVersionEx writes after the size member, for one of the two sizes of the wide structure."""
    data = struct.pack("<IIII256x", *version, PLATFORM_NT)
    if size == OSVERSIONINFOEXW:
        data += struct.pack("<HHHBx", 0, 0, SUITE_SINGLE_USER_TS, PRODUCT_WORKSTATION)
    return data


def condition_mask(mask: int, types: int, condition: int) -> int:
    """VerSetConditionMask: three bits for each type, the highest type counts."""
    types &= 0xFF
    return mask | ((condition & 7) << 3 * (types.bit_length() - 1) if types else 0)


def _holds(have: int, wanted: int, condition: int) -> bool:
    return {
        VER_EQUAL: have == wanted, VER_GREATER: have > wanted, VER_GREATER_EQUAL: have >= wanted,
        VER_LESS: have < wanted, VER_LESS_EQUAL: have <= wanted,
    }.get(condition, False)  # fmt: skip


def verify(version: tuple[int, int, int], wanted: bytes, types: int, mask: int) -> bool | None:
    """Whether the system stands to an OSVERSIONINFOEXW as the condition mask asks; None for a question that is none."""
    if not types or not mask:
        return None
    major, minor, build, platform = struct.unpack_from("<IIII", wanted, 4)
    pack_major, pack_minor, suite, product = struct.unpack_from("<HHHB", wanted, 276)

    def condition(kind: int) -> int:
        return mask >> 3 * (kind.bit_length() - 1) & 7

    if types & VER_SUITENAME:
        common, how = suite & SUITE_SINGLE_USER_TS, condition(VER_SUITENAME)
        if how not in (VER_AND, VER_OR):
            return None
        if common != suite if how == VER_AND else not common and suite:
            return False
    simple = (
        (VER_PRODUCT_TYPE, PRODUCT_WORKSTATION, product),
        (VER_PLATFORMID, PLATFORM_NT, platform),
        (VER_BUILDNUMBER, version[2], build),
    )
    for kind, have, asked in simple:
        if types & kind and not _holds(have, asked, condition(kind)):
            return False
    # The parts of the version decide in their order: the first one that differs.
    parts = (
        (VER_MAJORVERSION, version[0], major),
        (VER_MINORVERSION, version[1], minor),
        (VER_SERVICEPACKMAJOR, 0, pack_major),
        (VER_SERVICEPACKMINOR, 0, pack_minor),
    )
    holds = True
    for kind, have, asked in parts:
        if types & kind:
            holds = _holds(have, asked, condition(kind))
            if have != asked:
                break
    return holds

"""What an instruction is, as far as an engine has to know that of one that was stopped.

Which ones only the kernel may execute: the processor has one exception for these and for other misdeeds.
"""

_PREFIXES = frozenset(b"\x66\x67\xf2\xf3\x2e\x36\x3e\x26\x64\x65\xf0")
_GS = 0x65
_REX = range(0x40, 0x50)
_ONE = frozenset(b"\xf4\xfa\xfb\xe4\xe5\xe6\xe7\xec\xed\xee\xef\x6c\x6d\x6e\x6f")
"""hlt, cli, sti, and input and output."""
_TWO = frozenset(b"\x06\x07\x08\x09\x20\x21\x22\x23\x30\x32\x33")
"""Behind 0Fh: clts, sysret, invd, wbinvd, mov of control and debug registers, wrmsr, rdmsr, rdpmc."""
_TABLES = {0x00: (2, 3), 0x01: (2, 3, 6, 7)}
"""Behind 0Fh, by the middle field of the next byte: lldt, ltr; lgdt, lidt, lmsw, invlpg and swapgs."""


def uses_gs(code: bytes) -> bool:
    """Whether the instruction that begins these bytes has an operand in the segment GS."""
    at = 0
    while at < len(code) and code[at] in _PREFIXES:
        at += 1
    return _GS in code[:at]


def is_privileged(code: bytes) -> bool:
    """Whether the instruction that begins these bytes is one of the kernel's."""
    at = 0
    while at < len(code) and code[at] in _PREFIXES:
        at += 1
    if at < len(code) and code[at] in _REX:
        at += 1
    rest = code[at : at + 3]
    if not rest:
        return False
    if rest[0] != 0x0F:
        return rest[0] in _ONE
    if len(rest) < 2:
        return False
    return rest[1] in _TWO or (len(rest) > 2 and rest[2] >> 3 & 7 in _TABLES.get(rest[1], ()))

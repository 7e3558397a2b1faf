"""File names: which are legal, how they compare, 8.3 names and wildcards."""

from litebox_core.nls.utf16 import length

__all__ = [
    "MAX_COMPONENT", "find_pattern", "guest_name", "host_name", "is_legal_8dot3", "is_legal_name", "matcher",
    "short_name", "upcase",
]  # fmt: skip

MAX_COMPONENT = 255
"""The longest name in a directory, in UTF-16 units."""

MAX_PATTERN = 1024

_FORBIDDEN = frozenset('<>:"/\\|?*') | {chr(i) for i in range(32)}
_ILLEGAL_8DOT3 = frozenset('+,;=[]"*/:<>?\\|') | {chr(i) for i in range(32)}
_PRIVATE = 0xF000


def upcase(name: str) -> str:
    """The name as directories compare it: every character by itself, so the length stays."""
    if name.isascii():
        return name.upper()
    upper = name.upper()
    if len(upper) == len(name):
        return upper
    return "".join(u if len(u := c.upper()) == 1 else c for c in name)


def is_legal_name(name: str) -> bool:
    """Whether a directory can hold this name: no forbidden character, not empty, ``.`` or ``..``, not too long."""
    return (
        _FORBIDDEN.isdisjoint(name)
        and name not in ("", ".", "..")
        and (len(name) <= 127 or length(name) <= MAX_COMPONENT)
    )


# -- the host's names ------------------------------------------------------------------------------------------------
#
# A host name may hold characters that Windows forbids, and bytes that are no UTF-8. The guest sees U+F000 + the
# character or byte in their place, and the way back is exact. A host name that holds such private characters of its
# own is not shown.


def guest_name(name: str) -> str | None:
    """The guest's form of a host name (as os.fsdecode gives it); None for a name that is not shown."""
    if name.isascii() and _FORBIDDEN.isdisjoint(name):
        return name
    shown = "".join(
        chr(_PRIVATE + ord(c)) if c in _FORBIDDEN else chr(_PRIVATE + ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff"
        else c for c in name
    )  # fmt: skip
    try:
        return shown if host_name(shown) == name and length(shown) <= MAX_COMPONENT else None
    except ValueError:
        return None


def host_name(name: str) -> str:
    """The host's form of a legal guest name. Raises ValueError where the host cannot hold it."""
    if name.isascii():
        return name
    out = []
    for c in name:
        code = ord(c) - _PRIVATE
        if 0 < code < 0x80 and chr(code) in _FORBIDDEN and chr(code) != "/":
            out.append(chr(code))
        elif 0x80 <= code < 0x100:
            out.append(chr(0xDC00 + code))
        elif "\ud800" <= c <= "\udfff":
            raise ValueError("a surrogate without its partner")
        else:
            out.append(c)
    return "".join(out)


# -- 8.3 names -------------------------------------------------------------------------------------------------------


def is_legal_8dot3(name: str) -> tuple[bool, bool]:
    """What RtlIsNameLegalDOS8Dot3 answers: whether the name is a legal 8.3 name, and whether it holds spaces."""
    if name in ("", ".", ".."):
        return True, False
    if len(name) > 12 or not _ILLEGAL_8DOT3.isdisjoint(name):
        return False, False
    base, dot, extension = name.partition(".")
    if not 0 < len(base) <= 8 or len(extension) > 3 or "." in extension or (dot and not extension):
        return False, False
    if " " in (base[0], base[-1]) or extension[-1:] == " ":
        return False, False
    if not name.isascii():
        try:
            oem = name.encode("cp437")
        except UnicodeEncodeError:
            return False, False
        if len(oem) > 12:
            return False, False
    return True, " " in name


def short_name(name: str, taken: "dict[str, str]") -> str:
    """An 8.3 name that is no key of ``taken``, made like Windows: ``LONGNA~1.TXT``, from the fifth on with a checksum.

    Empty for a name that is an 8.3 name itself.
    """
    legal, spaces = is_legal_8dot3(name)
    if legal and not spaces:
        return ""
    base, _, extension = name.lstrip(".").rpartition(".")
    if not base:
        base, extension = extension, ""
    base, extension = _oem(base.replace(".", "")), _oem(extension)[:3]
    suffix = "." + extension if extension else ""
    if len(base) > 2:
        for number in range(1, 5):
            candidate = f"{base[:6]}~{number}{suffix}"
            if candidate not in taken:
                return candidate
    checksum = 0
    for c in name:
        checksum = (checksum * 0x25 + ord(c)) & 0xFFFF
    for attempt in range(0x10000):
        digits = (checksum + attempt // 9) & 0xFFFF
        candidate = f"{base[:2]}{digits:04X}~{attempt % 9 + 1}{suffix}"
        if candidate not in taken:
            return candidate
    return ""


def _oem(part: str) -> str:
    return "".join(c if " " < c < "\x7f" and c not in _ILLEGAL_8DOT3 else "_" for c in part.replace(" ", "").upper())


# -- wildcards -------------------------------------------------------------------------------------------------------


def find_pattern(pattern: str) -> str:
    """The pattern FindFirstFile hands to the file system: DOS wildcards (``<``, ``>``, ``"``) where MS-DOS meant them.

    The pattern is the last component as the program wrote it. ``*.*`` means every name, ``?`` may match nothing at the
    end of a part, ``*.`` means without an extension.
    """
    if pattern == "*.*":
        return "*"
    bare = pattern.rstrip(". ")
    if bare != pattern and bare.endswith("*") and "." in pattern[len(bare) :]:
        return find_pattern(bare[:-1] + "*x")[:-2] + "<"
    pattern = bare or pattern
    out = []
    for i, c in enumerate(pattern):
        following = pattern[i + 1 : i + 2]
        if c == "?":
            out.append(">")
        elif c == "." and following and following in "?*":
            out.append('"')
        elif c == "*" and following == ".":
            out.append("<")
        else:
            out.append(c)
    return "".join(out)


class matcher:
    """Matches upcased names against one pattern, as FsRtlIsNameInExpression does, in at most name times pattern steps.

    ``*`` any characters, ``?`` one; ``<`` any characters but not past the last dot, ``>`` one, or none before a dot
    and at the end, ``"`` a dot, or nothing at the end.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            pattern = pattern[:MAX_PATTERN] + "|"  # matches nothing
        while "**" in pattern:
            pattern = pattern.replace("**", "*")
        self.pattern = upcase(pattern)
        self.everything = pattern in ("*", "")
        self.plain = None if set(pattern) & set('*?<>"') else self.pattern

    def __call__(self, name: str) -> bool:
        """Whether the name, given in upper case, matches."""
        if self.everything:
            return True
        if self.plain is not None:
            return name == self.plain
        pattern, end = self.pattern, len(self.pattern)
        final_dot = name.rfind(".")
        states = {0}
        for position in range(len(name) + 1):
            c = name[position] if position < len(name) else ""
            following: set[int] = set()
            stack = list(states)
            seen = set(states)
            while stack:
                state = stack.pop()
                if state == end:
                    if not c:
                        return True
                    continue
                p = pattern[state]
                skip = False
                if p == "*":
                    skip = True
                    following.add(state)
                elif p == "<":
                    skip = True
                    if position != final_dot:
                        following.add(state)
                elif p == ">":
                    if c in ("", "."):
                        skip = True
                    else:
                        following.add(state + 1)
                elif p == '"':
                    if not c:
                        skip = True
                    elif c == ".":
                        following.add(state + 1)
                elif c and p in ("?", c):
                    following.add(state + 1)
                if skip and state + 1 not in seen:
                    seen.add(state + 1)
                    stack.append(state + 1)
            if not following:
                return False
            states = following
        return False

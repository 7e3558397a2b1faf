"""Registry files, ``*.reg``: as Windows' editor writes and reads them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .registry import DEEPEST, REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ
from .tokens import USER, sid_text

__all__ = ["CURRENT_USER", "Change", "RegFileError", "dump", "parse", "read", "writable"]

CURRENT_USER = f"\\REGISTRY\\USER\\{sid_text(USER)}"
"""The path of HKEY_CURRENT_USER."""
_HEADERS = ("Windows Registry Editor Version 5.00", "REGEDIT4")
_ROOTS = {
    "HKEY_LOCAL_MACHINE": "\\REGISTRY\\MACHINE", "HKLM": "\\REGISTRY\\MACHINE", "HKEY_USERS": "\\REGISTRY\\USER",
    "HKU": "\\REGISTRY\\USER", "HKEY_CURRENT_USER": CURRENT_USER, "HKCU": CURRENT_USER,
    "HKEY_CLASSES_ROOT": "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes", "HKCR": "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes",
    "HKEY_CURRENT_CONFIG": "\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Hardware Profiles\\Current",
}  # fmt: skip
_VALUE = re.compile(r'(?:@|"((?:[^"\\]|\\.)*)")\s*=\s*(.*)$', re.DOTALL)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"$', re.DOTALL)
_HEX = re.compile(r"hex(?:\(([0-9a-fA-F]{1,8})\))?:(.*)$", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
_NARROW = (REG_EXPAND_SZ, REG_MULTI_SZ)


_LONGEST_NAME = 255


class RegFileError(Exception):
    """Names the file, the line, and the remedy."""


class Change(NamedTuple):
    """One line's effect. ``name`` None: the key itself is made (or, with ``gone``, goes with all that is below it)."""

    path: str
    name: str | None = None
    type: int = 0
    data: bytes = b""
    gone: bool = False


def read(path: str) -> list[Change]:
    """The changes of a file. Raises RegFileError, and OSError."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "surrogatepass")
    except UnicodeDecodeError:
        if not data.startswith(b"REGEDIT4"):
            raise RegFileError(f"{path}: it is neither UTF-16 nor UTF-8 text: save it as one of them") from None
        text = data.decode("cp1252", "replace")
    return list(parse(text, path))


def parse(text: str, source: str) -> Iterator[Change]:
    """The changes of a text; errors name ``source``. Raises RegFileError."""
    lines = _lines(text)
    number, header = next(lines, (1, ""))
    if header not in _HEADERS:
        raise RegFileError(f"{source}:{number}: a registry file begins with {_HEADERS[0]!r}")
    narrow = header == _HEADERS[1]
    key = None
    for number, line in lines:
        place = f"{source}:{number}"
        if line.startswith("["):
            if not line.endswith("]"):
                raise RegFileError(f"{place}: the key's name has no ] at its end")
            gone = line.startswith("[-")
            path = _path(line[1 + gone : -1], place)
            key = None if gone else path
            yield Change(path, gone=gone)
            continue
        match = _VALUE.match(line)
        if match is None:
            raise RegFileError(f'{place}: {line[:40]!r} is no [key], no "name"=value and no ; comment')
        if key is None:
            raise RegFileError(f"{place}: a value without a key: put [HKEY_...] above it")
        name, content = _unescaped(match[1] or ""), match[2].strip()
        if content == "-":
            yield Change(key, name, gone=True)
        else:
            kind, data = _data(content, narrow, place)
            yield Change(key, name, kind, data)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; a backslash at the end of one means that it goes on with the next."""
    parts: list[str] = []
    began, data = 0, False
    for number, line in enumerate(_LINE_END.split(text), 1):
        stripped = line.strip()
        if not parts:
            began, data = number, False
            if not stripped or stripped.startswith(";"):
                continue
        data = data or ":" in stripped
        if stripped.endswith("\\") and data:
            parts.append(stripped[:-1])
            continue
        yield began, "".join((*parts, stripped))
        parts = []
    if parts:
        yield began, "".join(parts)


def _path(name: str, place: str) -> str:
    root, _, rest = name.partition("\\")
    base = _ROOTS.get(root.upper())
    if base is None:
        raise RegFileError(f"{place}: {root!r} is no root of the registry: HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, ...")
    parts = rest.split("\\") if rest else []
    if "" in parts:
        raise RegFileError(f"{place}: {name!r} has an empty part")
    if len(parts) > DEEPEST or any(len(part) > _LONGEST_NAME for part in parts):
        raise RegFileError(f"{place}: {name[:40]!r}...: names of keys have up to {_LONGEST_NAME} characters, and up to "
                           f"{DEEPEST} keys are below each other")  # fmt: skip
    return base + ("\\" + rest if rest else "")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _data(content: str, narrow: bool, place: str) -> tuple[int, bytes]:
    text = _TEXT.match(content)
    if text is not None:
        return REG_SZ, (_unescaped(text[1]) + "\0").encode("utf-16-le", "surrogatepass")
    if content.lower().startswith("dword:"):
        try:
            return REG_DWORD, int(content[6:].strip(), 16).to_bytes(4, "little")
        except (ValueError, OverflowError):
            raise RegFileError(f"{place}: {content[:40]!r}: dword: takes up to eight hexadecimal digits") from None
    found = _HEX.match(content)
    if found is None:
        raise RegFileError(f'{place}: {content[:40]!r} is no data: "text", dword:..., hex:... or hex(type):...')
    kind = REG_BINARY if found[1] is None else int(found[1], 16)
    digits = [part.strip() for part in found[2].split(",") if part.strip()]
    try:
        data = bytes(int(part, 16) for part in digits)
    except ValueError:
        raise RegFileError(f"{place}: hex: takes bytes of two hexadecimal digits with commas between them") from None
    if narrow and kind in _NARROW:
        data = data.decode("cp1252", "replace").encode("utf-16-le")
    return kind, data


# -- writing -----------------------------------------------------------------------------------------------------------


def writable(change: Change) -> bool:
    """Whether a file can say it: names do not go on in another line."""
    return not _LINE_END.search(change.path) and not _LINE_END.search(change.name or "")


def dump(changes: Iterable[Change]) -> str:
    """The text of a file that makes these changes, all of which must be writable."""
    lines = [_HEADERS[0]]
    for change in changes:
        if change.name is None:
            lines += ["", f"[{'-' if change.gone else ''}{_shown(change.path)}]"]
        else:
            name = f'"{_escaped(change.name)}"' if change.name else "@"
            lines.append(f"{name}={'-' if change.gone else _shown_data(change.type, change.data)}")
    return "\r\n".join([*lines, ""])


def _shown(path: str) -> str:
    roots = (CURRENT_USER, "HKEY_CURRENT_USER"), (_ROOTS["HKLM"], "HKEY_LOCAL_MACHINE"), (_ROOTS["HKU"], "HKEY_USERS")
    for base, root in roots:
        if path.upper() == base.upper() or path.upper().startswith(base.upper() + "\\"):
            return root + path[len(base) :]
    raise ValueError(path)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _shown_data(kind: int, data: bytes) -> str:
    if kind == REG_SZ and len(data) >= 2 and not len(data) & 1:
        text = data.decode("utf-16-le", "surrogatepass")
        if text.endswith("\0") and text[:-1].isprintable():
            return f'"{_escaped(text[:-1])}"'
    if kind == REG_DWORD and len(data) == 4:
        return f"dword:{int.from_bytes(data, 'little'):08x}"
    head = "hex:" if kind == REG_BINARY else f"hex({kind:x}):"
    parts = [f"{byte:02x}" for byte in data]
    rows = [",".join(parts[at : at + 25]) for at in range(0, len(parts), 25)]
    return head + ",\\\r\n  ".join(rows)

r"""Paths as text, by the rules of shlwapi.h: the separator is the backslash alone, and no file is looked at."""

import re

MAX_PATH = 260
_URL = re.compile(r"[A-Za-z0-9+.-]{2,}:")


def drive(path: str) -> bool:
    return path[1:2] == ":" and path[0].isascii() and path[0].isalpha()


def is_unc(path: str) -> bool:
    return path.startswith("\\\\")


def is_relative(path: str) -> bool:
    return not path.startswith("\\") and path[1:2] != ":"


def is_root(path: str) -> bool:
    if path.startswith("\\\\"):
        return path.count("\\", 2) <= 1
    return path == "\\" or (path[1:] == ":\\" and drive(path))


def is_url(text: str) -> bool:
    return bool(_URL.match(text))


def file_name(path: str) -> int:
    """Where the last component begins; a separator at the end belongs to it."""
    found = 0
    for index, letter in enumerate(path):
        if letter in "\\/:" and path[index + 1 : index + 2] not in ("", "\\", "/"):
            found = index + 1
    return found


def extension(path: str) -> int:
    """Where the dot of the extension stands; the end where there is none."""
    dot = path.rfind(".")
    return len(path) if dot <= max(path.rfind("\\"), path.rfind(" ")) else dot


def next_component(path: str) -> int:
    found = path.find("\\")
    if found < 0:
        return len(path)
    return found + (2 if path[found + 1 : found + 2] == "\\" else 1)


def without_file(path: str) -> str:
    """The path without its last component; unchanged where there is only a root."""
    at = keep = len(path) - len(path[:2].lstrip("\\")) - len(path[2:])
    while at < len(path):
        if path[at] == "\\":
            keep = at
        elif path[at] == ":":
            at += 1
            keep = at
            if path[at : at + 1] == "\\":
                keep += 1
        at += 1
    return path[:keep]


def root_of(path: str) -> tuple[str, bool]:
    """The path cut down to its root, and whether it has one: else what is left when no more can be cut off."""
    while not is_root(path):
        shorter = without_file(path)
        if shorter == path:
            return path, False
        path = shorter
    return path, True


def skip_root(path: str) -> int | None:
    """Where the part behind the root begins; None without a root, and for a share with nothing behind it."""
    if is_unc(path):
        server = path.find("\\", 2)
        share = path.find("\\", server + 1) if server >= 0 else -1
        return share + 1 if share >= 0 else None
    return 3 if drive(path) and path[2:3] == "\\" else None


def canonical(path: str) -> str:
    r"""The path without "." and ".."; ``\`` for nothing, and before what follows a folder that ".." has taken away."""
    if path == ".":
        return path
    start = 2 if is_unc(path) else 1 if path.startswith("\\") else 3 if drive(path) and path[2:3] == "\\" else 0
    kept: list[str] = []
    for part in path[start:].split("\\"):
        if part == ".." and (kept or start):
            if kept[-1:] == [".."] and not start:
                kept.append(part)
                continue
            del kept[-1:]
            if not kept and not start:
                kept = [""]
        elif part != ".":
            kept.append(part)
    made = path[:start] + "\\".join(kept)
    return made + "\\" if len(made) == 2 and drive(made) else made or "\\"


def combined(folder: str, more: str) -> str:
    """``more`` as seen from a folder, in canonical form."""
    if not more:
        made = folder
    elif not folder or not is_relative(more):
        made = more
        if folder and more.startswith("\\") and not is_unc(more):
            root, _ = root_of(folder)
            made = (root if root.endswith("\\") or not root else root + "\\") + more[1:]
    else:
        made = folder + ("" if folder.endswith("\\") else "\\") + more
    return canonical(made)


def common_prefix(left: str, right: str) -> int:
    """How many characters of whole components both begin with, whatever their case; a drive's root counts as three."""
    if is_unc(left) != is_unc(right):
        return 0
    at = length = 2 if is_unc(left) else 0
    while True:
        ends = at >= len(left) or left[at] == "\\", at >= len(right) or right[at] == "\\"
        if all(ends):
            length = at
        if at >= len(left) or at >= len(right) or left[at].lower() != right[at].lower():
            break
        at += 1
    return 3 if length == 2 and not is_unc(left) else length


def matches(name: str, pattern: str) -> bool:
    """Whether a name fits one of the patterns with * and ?, which semicolons separate."""
    return any(_fits(name.lower(), one.lstrip(" ").lower()) for one in pattern.split(";"))


def _fits(name: str, pattern: str) -> bool:
    if pattern == "*.*":
        return True
    at = star = 0
    seen, back = -1, 0
    while at < len(name):
        if star < len(pattern) and pattern[star] == "*":
            seen, back = star, at
            star += 1
        elif star < len(pattern) and pattern[star] in ("?", name[at]):
            star, at = star + 1, at + 1
        elif seen >= 0:
            back += 1
            star, at = seen + 1, back
        else:
            return False
    return not pattern[star:].strip("*")


def relative(start: str, start_folder: bool, target: str, target_folder: bool) -> str | None:
    """How to get from one path to another; None without a common beginning, or where the way is too long."""
    here = start if start_folder else without_file(start)
    there = target if target_folder else without_file(target)
    length = common_prefix(here, there)
    if not length:
        return None
    rest = here[length:]
    made = "" if rest else "."
    rest = rest.removeprefix("\\")
    while rest:
        rest = rest[next_component(rest) :]
        made += "..\\" if rest else ".."
    if length < len(target):
        made += target[length if target[length] == "\\" else length - 1 :]
    return made if len(made) < MAX_PATH else None


def arguments(line: str) -> int:
    """Where what follows the first word begins; blanks in quotation marks belong to a word."""
    quoted = False
    for index, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == " " and not quoted:
            return index + 1
    return len(line)

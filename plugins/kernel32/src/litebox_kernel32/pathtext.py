r"""The text rules of pathcch.h: roots, canonical form, joining. Nothing here looks at a file.

A root is what no ".." and no RemoveFileSpec can take away: ``C:\``, ``\``, ``\\server\share``, ``\\?\C:\``.
"""

MAX_PATH, PATHCCH_MAX_CCH = 260, 0x8000
ALLOW_LONG_PATHS, FORCE_ENABLE_LONG_NAME, FORCE_DISABLE_LONG_NAME = 1, 2, 4
DO_NOT_NORMALIZE_SEGMENTS, ENSURE_IS_EXTENDED_LENGTH_PATH, ENSURE_TRAILING_SLASH = 8, 0x10, 0x20
VERBATIM, VERBATIM_UNC, VOLUME = "\\\\?\\", "\\\\?\\UNC\\", "\\\\?\\Volume{"
_VOLUME_NAME = len(VOLUME) + len("12345678-1234-1234-1234-123456789abc}")


def bad_flags(flags: int) -> bool:
    """Whether these PATHCCH_OPTIONS exclude each other."""
    forced = flags & (FORCE_ENABLE_LONG_NAME | FORCE_DISABLE_LONG_NAME)
    if flags & ALLOW_LONG_PATHS:
        both = forced == FORCE_ENABLE_LONG_NAME | FORCE_DISABLE_LONG_NAME
        return both or bool(flags & ENSURE_IS_EXTENDED_LENGTH_PATH)
    return bool(forced)


def has_drive(path: str) -> bool:
    return path[1:2] == ":" and path[0].isascii() and path[0].isalpha()


def _prefix(path: str) -> int:
    """How long the part is that names a device or a namespace, its separator included; 0 for a relative path."""
    upper = path[:11].upper()
    if upper.startswith(VERBATIM_UNC):
        return len(VERBATIM_UNC)
    if upper == VOLUME.upper() and path[_VOLUME_NAME - 1 : _VOLUME_NAME] == "}":
        return _VOLUME_NAME + (path[_VOLUME_NAME : _VOLUME_NAME + 1] == "\\")
    if path.startswith(VERBATIM) and has_drive(path[4:]):
        return 6 + (path[6:7] == "\\")
    if path.startswith("\\\\"):
        return 2
    if path.startswith("\\"):
        return 1
    return 3 if has_drive(path) and path[2:3] == "\\" else 0


def root_length(path: str) -> int:
    """How long the root is; that of a network path ends behind the share."""
    start = _prefix(path)
    if path[:start].upper() in ("\\\\", VERBATIM_UNC):
        server = path.find("\\", start)
        share = path.find("\\", server + 1) if server >= 0 else -1
        return share if share >= 0 else len(path)
    return 2 if not start and has_drive(path) else start


def without_file(path: str) -> str:
    """The path without its last component; unchanged where there is only a root."""
    root = root_length(path)
    return path[: max(root, path.rfind("\\", root))]


def canonical(path: str, flags: int) -> str:
    """The path without "." and "..", as PathCchCanonicalizeEx makes it."""
    if flags & ENSURE_IS_EXTENDED_LENGTH_PATH:
        flags |= DO_NOT_NORMALIZE_SEGMENTS
    start = _prefix(path)
    kept: list[str] = []
    for part in path[start:].split("\\"):
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    made = path[:start] + "\\".join(kept)
    if not flags & DO_NOT_NORMALIZE_SEGMENTS:
        bare = made.rstrip(".")
        if bare != made and not bare.endswith("*"):
            made = bare + "\\" if len(bare) == 2 and has_drive(bare) else bare
    made = _spelt(made or "\\", flags)
    return made + "\\" if flags & ENSURE_TRAILING_SLASH and not made.endswith("\\") else made


def _spelt(path: str, flags: int) -> str:
    r"""The path with the ``\\?\`` that its length and the flags ask for."""
    if path.upper().startswith(VERBATIM_UNC):
        path = "\\\\" + path[len(VERBATIM_UNC) :]
    elif path.startswith(VERBATIM) and has_drive(path[4:]):
        path = path[4:] + ("\\" if len(path) == 6 else "")
    if flags & ENSURE_IS_EXTENDED_LENGTH_PATH or (flags & ALLOW_LONG_PATHS and len(path) >= MAX_PATH):
        return VERBATIM + path if has_drive(path) else path
    return path


def joined(path: str, more: str) -> str:
    """``more`` as seen from the folder ``path``, not yet canonical."""
    if not more:
        return path
    if not path or more.startswith("\\\\") or has_drive(more):
        return more
    if more.startswith("\\"):
        root = path[: root_length(path)]
        return root.removesuffix("\\") + more
    return path + more if path.endswith("\\") else path + "\\" + more

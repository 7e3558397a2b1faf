"""shlwapi.h: paths as text. A buffer that a path is changed in, or written to, has MAX_PATH characters."""

from litebox_core.abi import BOOL, DWORD, INT, PVOID
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_FILENAME_EXCED_RANGE, ERROR_INVALID_PARAMETER

from . import pathtext
from .base import MAX_PATH, Letters, both, dll

FILE_ATTRIBUTE_DIRECTORY = 0x10


def _questions(letters: Letters) -> None:
    """What only looks at a path."""

    def text(guest: Guest, addr: int) -> str:
        return letters.read(guest.memory, addr) if addr else ""

    def PathFindFileName(guest: Guest, pszPath: PVOID) -> PVOID:
        path = text(guest, pszPath)
        return letters.at(guest, pszPath, path, pathtext.file_name(path))

    def PathFindExtension(guest: Guest, pszPath: PVOID) -> PVOID:
        path = text(guest, pszPath)
        return letters.at(guest, pszPath, path, pathtext.extension(path))

    def PathFindNextComponent(guest: Guest, pszPath: PVOID) -> PVOID:
        path = text(guest, pszPath)
        return letters.at(guest, pszPath, path, pathtext.next_component(path)) if path else 0

    def PathGetArgs(guest: Guest, pszPath: PVOID) -> PVOID:
        path = text(guest, pszPath)
        return letters.at(guest, pszPath, path, pathtext.arguments(path))

    def PathSkipRoot(guest: Guest, pszPath: PVOID) -> PVOID:
        path = text(guest, pszPath)
        at = pathtext.skip_root(path)
        return 0 if at is None else letters.at(guest, pszPath, path, at)

    def PathGetDriveNumber(guest: Guest, pszPath: PVOID) -> INT:
        path = text(guest, pszPath)
        return ord(path[0].upper()) - ord("A") if pathtext.drive(path) else -1

    def PathIsFileSpec(guest: Guest, pszPath: PVOID) -> BOOL:
        path = text(guest, pszPath)
        return bool(pszPath) and not set(path) & set("\\:")

    def PathIsRelative(guest: Guest, pszPath: PVOID) -> BOOL:
        return pathtext.is_relative(text(guest, pszPath))

    def PathIsRoot(guest: Guest, pszPath: PVOID) -> BOOL:
        return pathtext.is_root(text(guest, pszPath))

    def PathIsUNC(guest: Guest, pszPath: PVOID) -> BOOL:
        return pathtext.is_unc(text(guest, pszPath))

    def PathIsURL(guest: Guest, pszPath: PVOID) -> BOOL:
        return pathtext.is_url(text(guest, pszPath))

    def PathIsPrefix(guest: Guest, pszPrefix: PVOID, pszPath: PVOID) -> BOOL:
        prefix = text(guest, pszPrefix)
        return bool(pszPrefix and pszPath) and pathtext.common_prefix(text(guest, pszPath), prefix) == len(prefix)

    def PathIsSameRoot(guest: Guest, pszPath1: PVOID, pszPath2: PVOID) -> BOOL:
        left, right = text(guest, pszPath1), text(guest, pszPath2)
        root = pathtext.skip_root(left)
        return root is not None and pathtext.common_prefix(left, right) + 1 >= root

    def PathMatchSpec(guest: Guest, pszFile: PVOID, pszSpec: PVOID) -> BOOL:
        if not pszFile or not pszSpec:
            return False
        return pathtext.matches(text(guest, pszFile), text(guest, pszSpec))

    for function in (
        PathFindFileName, PathFindExtension, PathFindNextComponent, PathGetArgs, PathSkipRoot, PathGetDriveNumber,
        PathIsFileSpec, PathIsRelative, PathIsRoot, PathIsUNC, PathIsURL, PathIsPrefix, PathIsSameRoot, PathMatchSpec,
    ):  # fmt: skip
        dll.export(name=function.__name__ + letters.suffix)(function)


def _changes(letters: Letters) -> None:
    """What changes a path where it is."""

    def change(guest: Guest, addr: int, old: str, new: str) -> bool:
        """Stores what has become of a path; whether that is anything else."""
        if new == old:
            return False
        letters.write(guest.memory, addr, new)
        return True

    def read(guest: Guest, addr: int) -> str:
        return letters.read(guest.memory, addr)

    def PathAddBackslash(guest: Guest, pszPath: PVOID) -> PVOID:
        if not pszPath:
            return 0
        path = read(guest, pszPath)
        if path and not path.endswith("\\"):
            if letters.units(guest.memory, path) + 1 >= MAX_PATH:
                return 0
            path += "\\"
            letters.write(guest.memory, pszPath, path)
        return letters.at(guest, pszPath, path, len(path))

    def PathRemoveBackslash(guest: Guest, pszPath: PVOID) -> PVOID:
        if not pszPath:
            return 0
        path = read(guest, pszPath)
        if not path:
            return pszPath
        last = letters.at(guest, pszPath, path, len(path) - 1)
        if path.endswith("\\") and not pathtext.is_root(path):
            letters.write(guest.memory, last, "")
        return last

    def PathAddExtension(guest: Guest, pszPath: PVOID, pszExt: PVOID) -> BOOL:
        path = read(guest, pszPath)
        more = read(guest, pszExt) if pszExt else ".exe"
        if pathtext.extension(path) < len(path) or letters.units(guest.memory, path + more) >= MAX_PATH:
            return False
        letters.write(guest.memory, pszPath, path + more)
        return True

    def PathRemoveExtension(guest: Guest, pszPath: PVOID) -> None:
        if pszPath:
            path = read(guest, pszPath)
            change(guest, pszPath, path, path[: pathtext.extension(path)])

    def PathRenameExtension(guest: Guest, pszPath: PVOID, pszExt: PVOID) -> BOOL:
        path = read(guest, pszPath)
        made = path[: pathtext.extension(path)] + read(guest, pszExt)
        if letters.units(guest.memory, made) >= MAX_PATH:
            return False
        letters.write(guest.memory, pszPath, made)
        return True

    def PathRemoveFileSpec(guest: Guest, pszPath: PVOID) -> BOOL:
        if not pszPath:
            return False
        path = read(guest, pszPath)
        return change(guest, pszPath, path, pathtext.without_file(path))

    def PathStripPath(guest: Guest, pszPath: PVOID) -> None:
        if pszPath:
            path = read(guest, pszPath)
            change(guest, pszPath, path, path[pathtext.file_name(path) :])

    def PathStripToRoot(guest: Guest, pszPath: PVOID) -> BOOL:
        if not pszPath:
            return False
        path = read(guest, pszPath)
        left, rooted = pathtext.root_of(path)
        change(guest, pszPath, path, left)
        return rooted

    def PathQuoteSpaces(guest: Guest, lpsz: PVOID) -> BOOL:
        path = read(guest, lpsz) if lpsz else ""
        if " " not in path or letters.units(guest.memory, path) + 2 >= MAX_PATH:
            return False
        return change(guest, lpsz, path, f'"{path}"')

    def PathUnquoteSpaces(guest: Guest, lpsz: PVOID) -> BOOL:
        path = read(guest, lpsz) if lpsz else ""
        if len(path) < 2 or path[0] != '"' or path[-1] != '"':
            return False
        return change(guest, lpsz, path, path[1:-1])

    def PathRemoveBlanks(guest: Guest, pszPath: PVOID) -> None:
        if pszPath:
            path = read(guest, pszPath)
            change(guest, pszPath, path, path.strip(" "))

    def PathRemoveArgs(guest: Guest, pszPath: PVOID) -> None:
        if pszPath:
            path = read(guest, pszPath)
            change(guest, pszPath, path, path[: pathtext.arguments(path)].removesuffix(" "))

    for function in (
        PathAddBackslash, PathRemoveBackslash, PathAddExtension, PathRemoveExtension, PathRenameExtension,
        PathRemoveFileSpec, PathStripPath, PathStripToRoot, PathQuoteSpaces, PathUnquoteSpaces, PathRemoveBlanks,
        PathRemoveArgs,
    ):  # fmt: skip
        dll.export(name=function.__name__ + letters.suffix)(function)


def _made(letters: Letters) -> None:
    """What makes a path of others."""

    def store(guest: Guest, addr: int, path: str) -> bool:
        """Whether the path fits; an empty one is stored otherwise."""
        fits = letters.units(guest.memory, path) < MAX_PATH
        letters.write(guest.memory, addr, path if fits else "")
        if not fits:
            guest.last_error = ERROR_FILENAME_EXCED_RANGE
        return fits

    def read(guest: Guest, addr: int) -> str:
        return letters.read(guest.memory, addr) if addr else ""

    def PathCanonicalize(guest: Guest, pszBuf: PVOID, pszPath: PVOID) -> BOOL:
        path = read(guest, pszPath)
        if pszBuf:
            letters.write(guest.memory, pszBuf, "")
        if not pszBuf or not pszPath:
            guest.last_error = ERROR_INVALID_PARAMETER
            return False
        return store(guest, pszBuf, pathtext.canonical(path))

    def PathCombine(guest: Guest, pszDest: PVOID, pszDir: PVOID, pszFile: PVOID) -> PVOID:
        if not pszDest:
            return 0
        folder, more = read(guest, pszDir), read(guest, pszFile)
        if not pszDir and not pszFile:
            letters.write(guest.memory, pszDest, "")
            return 0
        return pszDest if store(guest, pszDest, pathtext.combined(folder, more)) else 0

    def PathAppend(guest: Guest, pszPath: PVOID, pszMore: PVOID) -> BOOL:
        if not pszPath or not pszMore:
            return False
        path, more = read(guest, pszPath), read(guest, pszMore)
        if not pathtext.is_unc(more):
            more = more.lstrip("\\")
        return store(guest, pszPath, pathtext.combined(path, more))

    def PathBuildRoot(guest: Guest, pszRoot: PVOID, iDrive: INT) -> PVOID:
        if pszRoot and 0 <= iDrive < 26:
            letters.write(guest.memory, pszRoot, chr(ord("A") + iDrive) + ":\\")
        return pszRoot

    def PathCommonPrefix(guest: Guest, pszFile1: PVOID, pszFile2: PVOID, achPath: PVOID) -> INT:
        first, second = read(guest, pszFile1), read(guest, pszFile2)
        length = pathtext.common_prefix(first, second) if pszFile1 and pszFile2 else 0
        if achPath:
            letters.write(guest.memory, achPath, first[:length])
        return letters.units(guest.memory, first[:length])

    def PathRelativePathTo(
        guest: Guest, pszPath: PVOID, pszFrom: PVOID, dwAttrFrom: DWORD, pszTo: PVOID, dwAttrTo: DWORD
    ) -> BOOL:
        if not pszPath or not pszFrom or not pszTo:
            return False
        made = pathtext.relative(
            read(guest, pszFrom), bool(dwAttrFrom & FILE_ATTRIBUTE_DIRECTORY), read(guest, pszTo),
            bool(dwAttrTo & FILE_ATTRIBUTE_DIRECTORY),
        )  # fmt: skip
        letters.write(guest.memory, pszPath, made or "")
        return made is not None

    for function in (PathCanonicalize, PathCombine, PathAppend, PathBuildRoot, PathCommonPrefix, PathRelativePathTo):
        dll.export(name=function.__name__ + letters.suffix)(function)


for _letters in both():
    _questions(_letters)
    _changes(_letters)
    _made(_letters)

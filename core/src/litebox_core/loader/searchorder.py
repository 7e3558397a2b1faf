"""The folders in which programs, DLLs and files without a path are looked for."""

from typing import TYPE_CHECKING

from ..errors import NtError
from ..ntstatus import STATUS_ACCESS_DENIED, STATUS_INVALID_PARAMETER

if TYPE_CHECKING:
    from ..process import Process

SYSTEM_FOLDERS = ["C:\\Windows\\system32", "C:\\Windows\\system", "C:\\Windows"]
SAFE, PERMANENTLY_SAFE, UNSAFE = 0x1, 0x8001, 0x10000
LOAD_WITH_ALTERED_SEARCH_PATH = 0x8
DLL_LOAD_DIR, APPLICATION_DIR, USER_DIRS, SYSTEM32, DEFAULT_DIRS = 0x100, 0x200, 0x400, 0x800, 0x1000
_SEARCH_FLAGS = DLL_LOAD_DIR | APPLICATION_DIR | USER_DIRS | SYSTEM32 | DEFAULT_DIRS


class SearchOrder:
    """The search paths of one process. ``.`` stands for the current directory."""

    def __init__(self, process: "Process") -> None:
        self._process = process
        self.mode = UNSAFE
        """What SetSearchPathMode set: SAFE searches the current directory after Windows' own folders."""
        self.default = 0
        """The flags that SetDefaultDllDirectories set."""

    def set_mode(self, mode: int) -> None:
        """Raises NtError: STATUS_INVALID_PARAMETER, STATUS_ACCESS_DENIED once the mode is permanent."""
        if mode not in (SAFE, PERMANENTLY_SAFE, UNSAFE):
            raise NtError(STATUS_INVALID_PARAMETER)
        if self.mode == PERMANENTLY_SAFE != mode:
            raise NtError(STATUS_ACCESS_DENIED)
        self.mode = mode

    def program_folder(self) -> str:
        if self._process.loader.program_folder:
            return self._process.loader.program_folder
        memory, parameters = self._process.memory, self._process.blocks.parameters
        return memory.wstr(memory.u64(parameters + 0x68), 0x8000).rpartition("\\")[0]

    def _variable(self) -> list[str]:
        path = self._process.environment_variable("PATH")
        return path.split(";") if path else []

    def files(self) -> list[str]:
        """Where SearchPath looks."""
        if self.mode == UNSAFE:
            return [self.program_folder(), ".", *SYSTEM_FOLDERS, *self._variable()]
        return [self.program_folder(), *SYSTEM_FOLDERS, ".", *self._variable()]

    def programs(self, current: bool) -> list[str]:
        """Where CreateProcess looks; ``current``: in the current directory too."""
        return [self.program_folder(), *(["."] if current else []), *SYSTEM_FOLDERS, *self._variable()]

    def dlls(self, module: str, flags: int) -> list[str]:
        """Where LoadLibraryEx looks with these flags. Raises NtError(STATUS_INVALID_PARAMETER)."""
        loader = self._process.loader
        flags = flags or self.default
        if flags & _SEARCH_FLAGS:
            if flags & LOAD_WITH_ALTERED_SEARCH_PATH:
                raise NtError(STATUS_INVALID_PARAMETER)
            return self._flagged(module, flags)
        first = self.program_folder()
        if flags & LOAD_WITH_ALTERED_SEARCH_PATH:
            first = module[: _last_separator(module)] or first
        if loader.dll_directory is None:
            return [first, *SYSTEM_FOLDERS, ".", *self._variable()]
        return [first, *([loader.dll_directory] if loader.dll_directory else []), *SYSTEM_FOLDERS, *self._variable()]

    def is_restricted(self, flags: int) -> bool:
        """Whether only the folders that the flags name are searched, for relative paths too."""
        return bool((flags or self.default) & _SEARCH_FLAGS)

    def _flagged(self, module: str, flags: int) -> list[str]:
        loader = self._process.loader
        folders: list[str] = []
        if flags & DEFAULT_DIRS:
            flags |= APPLICATION_DIR | USER_DIRS | SYSTEM32
        if flags & DLL_LOAD_DIR:
            folders.append(_folder_of(module))
        if flags & APPLICATION_DIR:
            folders.append(self.program_folder())
        if flags & USER_DIRS:
            folders += reversed(loader.search_path)
            if loader.dll_directory:
                folders.append(loader.dll_directory)
        if flags & SYSTEM32:
            folders.append(SYSTEM_FOLDERS[0])
        return folders


def _last_separator(path: str) -> int:
    """Where the last backslash or slash is; 0 without one."""
    return max(path.rfind("\\"), path.rfind("/"), 0)


def _folder_of(module: str) -> str:
    """The folder of a full path. Raises NtError(STATUS_INVALID_PARAMETER) for any other path."""
    path = module.replace("/", "\\")
    if not (path[1:3] == ":\\" or path.startswith("\\\\")):
        raise NtError(STATUS_INVALID_PARAMETER)
    return module[: _last_separator(module)]

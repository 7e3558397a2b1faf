"""Drive C: of a program: a folder of its own with what every Windows has."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mounts import Mounts

__all__ = ["FOLDERS", "PrivateDrive"]

USER = "litebox"
FOLDERS = (
    "Windows/System32/drivers/etc", "Windows/SysWOW64", "Windows/Temp", "Windows/Fonts", "Program Files/Common Files",
    "Program Files (x86)", "ProgramData", "Users/Public", f"Users/{USER}/AppData/Local/Temp",
    f"Users/{USER}/AppData/Roaming", f"Users/{USER}/Desktop", f"Users/{USER}/Documents", f"Users/{USER}/Downloads",
)  # fmt: skip


class PrivateDrive:
    """The folder behind C:, given (it stays) or temporary (made on first use, removed with the process)."""

    def __init__(self, mounts: "Mounts", folder: str | None) -> None:
        self.temporary: str | None = None
        if folder is None:
            mounts.add_later("C", self._make)
        else:
            _furnish(folder)
            mounts.add("C", folder, read_only=False)

    def _make(self) -> str:
        import tempfile

        self.temporary = tempfile.mkdtemp(prefix="litebox-c-")
        _furnish(self.temporary)
        return self.temporary

    def close(self) -> None:
        """Removes a temporary folder."""
        if self.temporary is not None:
            from .removal import remove_tree

            remove_tree(self.temporary)


def _furnish(folder: str) -> None:
    for name in FOLDERS:
        os.makedirs(os.path.join(folder, name), exist_ok=True)

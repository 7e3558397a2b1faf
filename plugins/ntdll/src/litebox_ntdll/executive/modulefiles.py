"""The files of DLLs that plugins implement: there are none, but programs that open one get what it would hold."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litebox_core.process import Process

CHANGES = 0xD0156
"""The rights to change a file, its attributes or its name: nobody has them."""


def module_file(process: "Process", path: str) -> int:
    """A descriptor, for reading, of the file that a loaded plugin DLL would come from; -1 where there is none."""
    wanted = path.upper()
    loader = getattr(process, "loader", None)  # files are opened before there is one
    if loader is None:
        return -1
    module = next((m for m in loader.modules if m.contents is not None and m.path.upper() == wanted), None)
    if module is None or module.contents is None:
        return -1
    made = os.memfd_create("litebox-module", os.MFD_CLOEXEC)
    try:
        with open(made, "wb", closefd=False) as file:
            file.write(module.contents())
        return os.open(f"/proc/self/fd/{made}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(made)

"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.rooms import open_rooms

from . import fastpaths
from .base import dll, kernelbase
from .kernel32only import KERNEL32_ONLY
from .roomindex import INDEX

ROOMS = """
    actctx appmemory appmodel atom calendarinfo changes codepages consoleapi consoleapi2 consoleapi3 consolecells
    consolehandles consoleinput createprocess datetimeformat debugapi directories errhandlingapi fibersapi fileapi
    fileinfo fileinfoex fileioex filemapping filesagain formatenum formatmessage geoinfo handleapi heapapi inifiles
    interlockedapi ioapiset jobapi libloaderapi localeenum machine mapping memoryapi namedpipeapi nlssearch numaapi
    numberformat oldfiles pagehints pathcch paths powerapi processenv processinfo processpolicy processthreadsapi
    procthreadattr profileapi registryforwards resources resourceupdate rtlforwards scatter securityforwards startup
    stringapiset synchapi synclocks syncobjects sysinfoapi systemtopology threadapi threadinfo threadpoolapi
    threadpoollegacy timezoneapi tlhelp32 tlsapi utilapiset vectors versionapi volumes winbase_files winbase_memory
    winbase_strings wincon winnls workingset writewatch xstateapi
"""

open_rooms(__package__, ROOMS, INDEX, {"kernel32": dll, "kernelbase": kernelbase}, fastpaths)

kernelbase.include(dll, only=[name for name in dll.exports if name not in KERNEL32_ONLY])

__all__ = ["dll", "kernelbase"]

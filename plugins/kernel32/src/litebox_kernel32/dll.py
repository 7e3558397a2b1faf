"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from . import (
    appmemory,  # noqa: F401
    appmodel,  # noqa: F401
    atom,  # noqa: F401
    codepages,  # noqa: F401
    consoleapi,  # noqa: F401
    createprocess,  # noqa: F401
    datetimeformat,  # noqa: F401
    debugapi,  # noqa: F401
    directories,  # noqa: F401
    errhandlingapi,  # noqa: F401
    fibersapi,  # noqa: F401
    fileapi,  # noqa: F401
    fileinfo,  # noqa: F401
    fileinfoex,  # noqa: F401
    fileioex,  # noqa: F401
    filemapping,  # noqa: F401
    formatmessage,  # noqa: F401
    handleapi,  # noqa: F401
    heapapi,  # noqa: F401
    inifiles,  # noqa: F401
    interlockedapi,  # noqa: F401
    ioapiset,  # noqa: F401
    jobapi,  # noqa: F401
    libloaderapi,  # noqa: F401
    machine,  # noqa: F401
    mapping,  # noqa: F401
    memoryapi,  # noqa: F401
    namedpipeapi,  # noqa: F401
    oldfiles,  # noqa: F401
    pathcch,  # noqa: F401
    paths,  # noqa: F401
    processenv,  # noqa: F401
    processinfo,  # noqa: F401
    processthreadsapi,  # noqa: F401
    procthreadattr,  # noqa: F401
    profileapi,  # noqa: F401
    resources,  # noqa: F401
    rtlforwards,  # noqa: F401
    startup,  # noqa: F401
    stringapiset,  # noqa: F401
    synchapi,  # noqa: F401
    synclocks,  # noqa: F401
    syncobjects,  # noqa: F401
    sysinfoapi,  # noqa: F401
    threadapi,  # noqa: F401
    threadinfo,  # noqa: F401
    threadpoolapi,  # noqa: F401
    threadpoollegacy,  # noqa: F401
    timezoneapi,  # noqa: F401
    tlhelp32,  # noqa: F401
    tlsapi,  # noqa: F401
    utilapiset,  # noqa: F401
    vectors,  # noqa: F401
    versionapi,  # noqa: F401
    volumes,  # noqa: F401
    winbase_files,  # noqa: F401
    winbase_memory,  # noqa: F401
    winbase_strings,  # noqa: F401
    wincon,  # noqa: F401
    winnls,  # noqa: F401
    writewatch,  # noqa: F401
    xstateapi,  # noqa: F401
)
from .base import dll, kernelbase
from .kernel32only import KERNEL32_ONLY

kernelbase.include(dll, only=[name for name in dll.exports if name not in KERNEL32_ONLY])

__all__ = ["dll", "kernelbase"]

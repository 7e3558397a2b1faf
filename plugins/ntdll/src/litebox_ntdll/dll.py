"""ntdll: importing this module declares every export."""

from . import (
    crtconv,  # noqa: F401
    crtmem,  # noqa: F401
    crtprintf,  # noqa: F401
    crtscanf,  # noqa: F401
    crtstr,  # noqa: F401
    crtwcs,  # noqa: F401
    env,  # noqa: F401
    error,  # noqa: F401
    exceptions,  # noqa: F401
    functiontables,  # noqa: F401
    heapapi,  # noqa: F401
    inaddr,  # noqa: F401
    large_int,  # noqa: F401
    ldr,  # noqa: F401
    lznt1,  # noqa: F401
    ntcompletion,  # noqa: F401
    ntcontext,  # noqa: F401
    ntcontrol,  # noqa: F401
    ntdirectory,  # noqa: F401
    ntfile,  # noqa: F401
    ntfileinfo,  # noqa: F401
    ntkeyed,  # noqa: F401
    ntloader,  # noqa: F401
    ntlocks,  # noqa: F401
    ntmemory,  # noqa: F401
    ntnamespace,  # noqa: F401
    ntobject,  # noqa: F401
    ntpipe,  # noqa: F401
    ntprocess,  # noqa: F401
    ntsetfileinfo,  # noqa: F401
    ntsync,  # noqa: F401
    ntthread,  # noqa: F401
    ntthreadinfo,  # noqa: F401
    ntvolume,  # noqa: F401
    params,  # noqa: F401
    path,  # noqa: F401
    rtl,  # noqa: F401
    rtlbitmap,  # noqa: F401
    rtlbitruns,  # noqa: F401
    rtlconv,  # noqa: F401
    rtlmessage,  # noqa: F401
    rtlnum,  # noqa: F401
    rtlpool,  # noqa: F401
    rtlstr,  # noqa: F401
    rtltext,  # noqa: F401
    searchpath,  # noqa: F401
    time,  # noqa: F401
    timezone,  # noqa: F401
    tp,  # noqa: F401
    vectored,  # noqa: F401
    version,  # noqa: F401
)
from .base import dll

__all__ = ["dll"]

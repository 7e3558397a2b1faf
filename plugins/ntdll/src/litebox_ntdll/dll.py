"""ntdll: importing this module declares every export."""

from litebox_core.rooms import open_rooms

from . import fastpaths
from .base import dll
from .roomindex import INDEX

ROOMS = """
    apisets crtconv crtmem crtprintf crtscanf crtstr crtwcs dbgprint env error exceptions functiontables heapapi image
    inaddr large_int ldr lznt1 ntcompletion ntcontext ntcontrol ntdebug ntdirectory ntfile ntfileinfo ntjob ntkey
    ntkeyed ntlicense ntloader ntlocks ntmemory ntnamespace ntobject ntpipe ntprocess ntprocessinfo ntsecurity
    ntsetfileinfo ntsync ntsysteminfo ntthread ntthreadinfo nttoken ntvirtual ntvolume params path rtl rtlacl rtlactctx
    rtlatom
    rtlbitmap rtlbitruns rtlconv rtllocale rtlmessage rtlnum rtlpool rtlregistry rtlsecurity rtlsid rtlstr
    rtltext rtlunload rtlxstate searchpath time timezone tp vectored version
"""

open_rooms(__package__, ROOMS, INDEX, {"ntdll": dll}, fastpaths)

__all__ = ["dll"]

"""MSVCRT, UCRTBASE, VCRUNTIME140 and VCRUNTIME140_1: what they share, and what each has alone."""

from litebox_core import signatures
from litebox_core.rooms import open_rooms

from . import fastpaths
from .base import msvcrt, shared, ucrtbase, vcruntime, vcruntime_1
from .roomindex import INDEX
from .ucrtonly import UCRT_ONLY
from .vcruntimenames import SHARED, SHARED_1

ROOMS = """
    aligned conio conversion cpp crtforwards ctype cxxthrow direct environapi errnoapi errortext exits filenames
    files filters find float floattext formatlocale io locale locks malloc math mbconvert mbctype mblocale
    mbsecure mbstring mbtable pathtext positioning printf process reading rtti scanf setjmp signals sorting
    spawning stackreset startup stat stdiocommon stdiostreams stdlib string_change string_compare string_copy
    string_memory string_search string_secure string_tokens tempfiles time timelocale timetext timezone utime
    vcruntime writing
"""

_DLLS = {"shared": shared, "msvcrt": msvcrt, "ucrtbase": ucrtbase, "vcruntime": vcruntime}
open_rooms(__package__, ROOMS, INDEX, _DLLS, fastpaths)

msvcrt.include(shared, only=[name for name in shared.exports if name not in UCRT_ONLY])
ucrtbase.include(shared)
vcruntime.include(ucrtbase, only=[name for name in SHARED if name in ucrtbase.exports])
vcruntime_1.include(ucrtbase, only=SHARED_1)

PRIVATE = "_o_"
"""What api-ms-win-crt-private puts before the names of ordinary functions."""

for _name in [name for name in signatures.names("ucrtbase") if name.startswith(PRIVATE)]:
    if _name.removeprefix(PRIVATE) in ucrtbase.exports and _name not in ucrtbase.exports:
        ucrtbase.alias(_name, _name.removeprefix(PRIVATE))

dll = msvcrt

__all__ = ["dll", "ucrtbase", "vcruntime", "vcruntime_1"]

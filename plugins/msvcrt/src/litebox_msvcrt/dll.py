"""MSVCRT, UCRTBASE, VCRUNTIME140 and VCRUNTIME140_1: what they share, and what each has alone."""

from litebox_core import signatures

from . import (
    aligned,  # noqa: F401
    conversion,  # noqa: F401
    cpp,  # noqa: F401
    crtforwards,  # noqa: F401
    ctype,  # noqa: F401
    cxxthrow,  # noqa: F401
    direct,  # noqa: F401
    environapi,  # noqa: F401
    errnoapi,  # noqa: F401
    errortext,  # noqa: F401
    exits,  # noqa: F401
    filenames,  # noqa: F401
    files,  # noqa: F401
    filters,  # noqa: F401
    find,  # noqa: F401
    float,  # noqa: F401
    floattext,  # noqa: F401
    io,  # noqa: F401
    locale,  # noqa: F401
    locks,  # noqa: F401
    malloc,  # noqa: F401
    math,  # noqa: F401
    mbconvert,  # noqa: F401
    mbctype,  # noqa: F401
    mbstring,  # noqa: F401
    pathtext,  # noqa: F401
    positioning,  # noqa: F401
    printf,  # noqa: F401
    process,  # noqa: F401
    reading,  # noqa: F401
    rtti,  # noqa: F401
    scanf,  # noqa: F401
    setjmp,  # noqa: F401
    signals,  # noqa: F401
    sorting,  # noqa: F401
    spawning,  # noqa: F401
    stackreset,  # noqa: F401
    startup,  # noqa: F401
    stat,  # noqa: F401
    stdiocommon,  # noqa: F401
    stdiostreams,  # noqa: F401
    stdlib,  # noqa: F401
    string_change,  # noqa: F401
    string_compare,  # noqa: F401
    string_copy,  # noqa: F401
    string_memory,  # noqa: F401
    string_search,  # noqa: F401
    string_secure,  # noqa: F401
    string_tokens,  # noqa: F401
    tempfiles,  # noqa: F401
    time,  # noqa: F401
    timelocale,  # noqa: F401
    timetext,  # noqa: F401
    timezone,  # noqa: F401
    utime,  # noqa: F401
    writing,  # noqa: F401
)
from .base import msvcrt, shared, ucrtbase
from .ucrtonly import UCRT_ONLY
from .vcruntime import take_shared, vcruntime, vcruntime_1

msvcrt.include(shared, only=[name for name in shared.exports if name not in UCRT_ONLY])
ucrtbase.include(shared)
take_shared()

PRIVATE = "_o_"
"""What api-ms-win-crt-private puts before the names of ordinary functions."""

for _name in [name for name in signatures.names("ucrtbase") if name.startswith(PRIVATE)]:
    if _name.removeprefix(PRIVATE) in ucrtbase.exports and _name not in ucrtbase.exports:
        ucrtbase.alias(_name, _name.removeprefix(PRIVATE))

dll = msvcrt

__all__ = ["dll", "ucrtbase", "vcruntime", "vcruntime_1"]

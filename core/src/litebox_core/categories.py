"""The categories of API functions for ``--trace-category`` and ``@category``, by the module that declares them."""

_ROOMS = {
    "file_io": "fileapi fileinfo fileinfoex directories paths volumes winbase_files oldfiles filemapping ioapiset "
    "namedpipeapi ntfile ntfileinfo ntsetfileinfo ntdirectory ntvolume ntcontrol ntcompletion path searchpath "
    "stdio io files filenames find stat direct tempfiles utime positioning reading writing printf scanf stdiocommon "
    "stdiostreams",
    "console_io": "consoleapi consoleapi2 consoleapi3 consolecells consoleinput wincon",
    "memory": "heapapi memoryapi winbase_memory malloc aligned ntmemory crtmem string_memory",
    "process": "processthreadsapi processinfo startup exits process ntprocess params",
    "threading": "threads threadapi tlsapi fibersapi",
    "synchronization": "synchapi synclocks syncobjects interlockedapi ntsync ntlocks locks",
    "environment": "processenv env environapi",
    "module": "libloaderapi resources ldr ntloader",
    "exception": "errhandlingapi vectors debugapi signals filters cpp rtti",
    "string": "stringapiset winnls mapping codepages winbase_strings rtlstr rtlconv rtltext rtlnum crtstr crtwcs "
    "crtconv crtprintf crtscanf ctype conversion floattext locale mbconvert mbctype mbstring pathtext string_change "
    "string_compare string_copy string_search string_secure string_tokens",
    "time": "timezoneapi sysinfoapi profileapi datetimeformat time timetext timelocale timezone",
    "handle": "handleapi ntobject",
    "network": "winsock2 addresses names inaddr",
    "registry": "winreg",
}

CATEGORIES = {room: category for category, rooms in _ROOMS.items() for room in rooms.split()}
"""Module -> category."""

OTHER = "other"
NAMES = (*_ROOMS, OTHER)
"""All categories."""


def category_of(room: str) -> str:
    """The category of what a module declares, such as ``file_io``; ``other`` for modules that have none."""
    return CATEGORIES.get(room, OTHER)

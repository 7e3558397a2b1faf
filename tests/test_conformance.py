"""Every declared export against the signature data: that Windows has it, and its prototype."""

import pytest

from litebox_core import signatures
from litebox_core.config import Options
from litebox_core.plugins import Plugins
from litebox_kernel32.dll import dll as kernel32

PLUGINS = Plugins(Options())
DLLS = [name for name in PLUGINS.available() if PLUGINS.candidates[name][0].distribution.startswith("litebox-")]

# Exports that the public lists lack. Those of msvcrt and kernelbase are of older versions than the functions below.
_LATER_MSVCRT = """
    __CxxFrameHandler2 __CxxFrameHandler3 _access_s _chsize_s _controlfp_s _create_locale _ctime32 _ctime32_s
    _ctime64_s _findfirst32 _findfirst64i32 _findnext32 _findnext64i32 _free_locale _fseeki64 _ftelli64
    _get_current_locale _get_doserrno _get_errno _get_fmode _gmtime32_s _gmtime64_s _initterm_e _invalid_parameter
    _localtime32_s _localtime64_s _lock_file _mktemp_s _mktime32 _set_doserrno _set_errno _set_fmode _sopen_s
    _swprintf _time32 _unlock_file _waccess_s _wasctime_s _wcstod_l _wctime32 _wctime32_s _wctime64_s
    _wfindfirst32 _wfindfirst64i32 _wfindnext64i32 _get_environ _get_osplatform _get_osver _get_output_format
    _get_pgmptr _get_tzname _get_wenviron _get_winmajor _get_winminor _get_wpgmptr _set_output_format _strdate_s
    _strtime_s _wstrdate_s _wstrtime_s __daylight __dstbias __strncnt _wmktemp_s asctime_s btowc mbrlen mbrtowc
    mbsrtowcs memcpy_s memmove_s rand_s sprintf_s strerror_s strnlen tanhf vsnprintf vsprintf_s wcrtomb wcsrtombs
    wctob
"""
_LATER_KERNELBASE = """
    GetEnvironmentStringsA GetTempPath2A GetTempPath2W InterlockedPushListSList PackageIdFromFullName PulseEvent
    FlsGetValue2 IsApiSetImplemented QueueUserAPC2 RegisterWaitForSingleObjectEx TlsGetValue2 lstrcmp lstrcmpi
    lstrcpyn lstrlen GetConsoleInputExeNameA GetConsoleInputExeNameW ReadConsoleInputExA ReadConsoleInputExW
    SetConsoleInputExeNameA SetConsoleInputExeNameW
"""
# Entries of virtual tables: they need an address, and on x86 they are exported.
_DELETING_DESTRUCTORS = {
    f"??_G{name}@@UEAAPEAXI@Z" for name in ("exception", "bad_cast", "bad_typeid", "__non_rtti_object")
}
# The metadata knows these by OLE32 alone.
_COM = """
    CLSIDFromProgID CLSIDFromString CoCreateGuid CoCreateInstance CoFreeUnusedLibraries CoGetClassObject
    CoInitializeEx CoInitializeSecurity CoTaskMemAlloc CoTaskMemFree CoTaskMemRealloc CoUninitialize IIDFromString
    ProgIDFromCLSID StringFromCLSID StringFromGUID2 StringFromIID
"""
# Since Windows 7 KERNEL32 has the registry functions, too.
_REGISTRY = {name for name, export in kernel32.exports.items() if export.forward.startswith("advapi32.Reg")}
UNLISTED = {
    "combase": set(_COM.split()),
    "kernel32": _REGISTRY,
    "kernelbase": set(_LATER_KERNELBASE.split()),
    "msvcrt": set(_LATER_MSVCRT.split()) | _DELETING_DESTRUCTORS,
    # Early versions of NTDLL had these beside their Clear siblings.
    "ntdll": {"RtlFindLastBackwardRunSet", "RtlFindNextForwardRunSet", "RtlFindSetRuns"},
}

GROWN = {"ntdll": {"RtlProcessFlsData"}}
"""Functions that have more parameters in Windows 10 than the list has bytes for."""

# Prototypes that differ from the data, which has one header's form for the exports of two run-times.
DIFFERENT = {
    "msvcrt": {
        "swprintf": "sizeless, as before the C standard gave it a count",
        "vswprintf": "sizeless, as before the C standard gave it a count",
        "wcstok": "without the context that the C standard gave it",
    },
    "ntdll": {"swprintf": "sizeless, as before the C standard gave it a count"},
    "ws2_32": {"__WSAFDIsSet": "the metadata has no name for the second parameter"},
}


def declared(dll: str) -> list[tuple[str, object, object]]:
    found = PLUGINS.choose(dll + ".dll")
    assert found is not None
    return [(name, export, signatures.find(dll, name)) for name, export in sorted(found.dll.exports.items())]


@pytest.mark.parametrize("dll", DLLS)
def test_every_declaration_is_a_prototype(dll):
    """A wrong annotation is found here and not at the first call."""
    for name, export, _ in declared(dll):
        if export.kind == "function":
            assert export.signature is not None, name


@pytest.mark.parametrize("dll", DLLS)
def test_windows_has_these_exports(dll):
    listed = set(signatures.names(dll))
    if dll.startswith("vcruntime"):
        listed.update(name for name, _, data in declared(dll) if data is not None)
    unknown = {name for name, _, _ in declared(dll)} - listed
    assert sorted(unknown - UNLISTED.get(dll, set())) == []


@pytest.mark.parametrize("dll", DLLS)
def test_ordinals(dll):
    wrong = [
        (name, export.ordinal, data.ordinal)
        for name, export, data in declared(dll)
        if data is not None and export.ordinal and data.ordinal and export.ordinal != data.ordinal
    ]
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_parameter_counts(dll):
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.params is None:
            continue
        count = sum(p.kind != "varargs" for p in export.signature.params)
        if count != len(data.params) and name not in DIFFERENT.get(dll, {}):
            wrong.append((name, [p.name for p in export.signature.params], [p.name for p in data.params]))
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_parameter_names(dll):
    """Names are Microsoft's where the metadata is Microsoft's."""
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.params is None or data.source != "win32metadata":
            continue
        mine = [p.name for p in export.signature.params if p.kind != "varargs"]
        theirs = [p.name for p in data.params]
        if [n.strip("_").lower() for n in mine] != [n.strip("_").lower() for n in theirs] and (
            name not in DIFFERENT.get(dll, {})
        ):
            wrong.append((name, mine, theirs))
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_x86_stack_bytes(dll):
    """What a stdcall function removes from an x86 stack."""
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.x86_bytes is None or data.convention != "stdcall":
            continue
        if export.signature.stack_bytes(32) != data.x86_bytes and name not in GROWN.get(dll, ()):
            wrong.append((name, export.signature.stack_bytes(32), data.x86_bytes))
    assert wrong == []

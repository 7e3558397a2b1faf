"""litebox: Windows console programs on Linux, sandboxed and traceable, each DLL a Python package."""

__version__ = "0.1.0"

"""The machine code of API functions that is committed is what its sources say; needs MinGW."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"
DLLS = ("kernel32", "msvcrt", "ntdll")

pytestmark = pytest.mark.skipif(shutil.which("x86_64-w64-mingw32-gcc") is None, reason="no MinGW")


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(TOOLS)])
    return importlib.import_module("gen_fastpaths")


def committed(dll):
    """By function, or function.variant."""
    found = {}
    for name, codes in vars(importlib.import_module(f"litebox_{dll}.fastpaths")).items():
        if isinstance(codes, dict) and 64 in codes:
            found.update({name if key == 64 else f"{name}.{key[1]}": code for key, code in codes.items()})
    return found


def test_assembled_code_is_the_committed_one(tool):
    for dll, functions in tool.assemble().items():
        known = committed(dll)
        assert all(known[name] == code for name, code in functions.items())


def test_compiled_functions_are_the_committed_ones(tool):
    """By name: compilers of different versions make different code."""
    assembled, compiled = tool.assemble(), tool.compiled()
    for dll in DLLS:
        plain = {name for name in (*assembled[dll], *compiled.get(dll, ())) if not name.endswith(f".{tool.UNWIND}")}
        assert plain == {name for name in committed(dll) if not name.endswith(f".{tool.UNWIND}")}

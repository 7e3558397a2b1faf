"""The files of a new package. ``@FIELD@`` stands for what :mod:`~litebox_core.scaffold.package` fills in."""

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "@DISTRIBUTION@"
version = "0.1.0"
description = "@TITLE@ for litebox"
readme = "README.md"
requires-python = ">=3.10"
dependencies = ["litebox-core@CORE@"]

[project.optional-dependencies]
test = ["litebox-kernel32", "litebox-msvcrt", "litebox-ntdll", "pytest>=8"]

[project.entry-points."litebox.dll"]
"@DLL@" = "@MODULE@.dll:dll"

[tool.hatch.build.targets.wheel]
packages = ["src/@MODULE@"]

[tool.pytest.ini_options]
addopts = "--import-mode=importlib --strict-markers"
testpaths = ["tests"]
"""

_README = """\
# @DISTRIBUTION@

@DLL@.dll for litebox. `src/@MODULE@/dll.py` declares what it exports.
@IMPORTS@
```
pip install -e '.[test]'
pytest
litebox exports @DLL@
```

A program that calls it, built with MinGW:

```
cd examples
x86_64-w64-mingw32-dlltool -d @TEST@.def -l lib@TEST@.a
x86_64-w64-mingw32-gcc -o use_@TEST@.exe use_@TEST@.c -L. -l@TEST@
litebox run --trace '@DLL@!*' use_@TEST@.exe
```
"""

_DLL = '''\
"""@DLL@.dll: what it exports."""

from typing import Annotated

from litebox_core.abi import DWORD, PCWSTR, Len, WideBuffer
from litebox_core.dll import Dll
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_PARAMETER

dll = Dll("@DLL@")


@dll.export
def @FUNCTION@W(
    guest: Guest, lpName: PCWSTR, lpBuffer: Annotated[WideBuffer, Len("nSize")], nSize: DWORD
) -> DWORD:
    """Writes a greeting. Returns its length or, where nSize is too small, the size that is needed; 0 on an error."""
    if not lpName:
        raise WinError(ERROR_INVALID_PARAMETER)  # the last-error code; the result is 0
    return lpBuffer.fit(f"Hello, {lpName}!")


dll.ansi(@FUNCTION@W)  # @FUNCTION@A: the same, with narrow strings
@STUBS@'''

_TEST = '''\
from litebox_core.winerror import ERROR_INVALID_PARAMETER


def test_it_greets(box):
    buffer = box.wide(20)
    assert @CALL@.@FUNCTION@W("you", buffer, 20) == 11
    assert buffer.text == "Hello, you!"


def test_the_narrow_form(box):
    buffer = box.narrow(20)
    assert @CALL@.@FUNCTION@A(b"you", buffer, 20) == 11
    assert buffer.text == b"Hello, you!"


def test_a_buffer_that_is_too_small(box):
    buffer = box.wide(11)
    assert @CALL@.@FUNCTION@W("you", buffer, 11) == 12
    assert buffer.untouched


def test_no_name(box):
    buffer = box.wide(20)
    assert @CALL@.@FUNCTION@W("", buffer, 20) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
'''

_PROGRAM = """\
#include <stdio.h>
#include <windows.h>

__declspec(dllimport) DWORD WINAPI @FUNCTION@A(const char *name, char *buffer, DWORD size);

int main(int argc, char **argv)
{
    char buffer[80];
    DWORD length = @FUNCTION@A(argc > 1 ? argv[1] : "world", buffer, sizeof buffer);
    if (length == 0 || length >= sizeof buffer) {
        printf("it failed: length %lu, error %lu\\n", length, GetLastError());
        return 1;
    }
    puts(buffer);
    return 0;
}
"""

_DEF = """\
LIBRARY "@DLL@.dll"
EXPORTS
@FUNCTION@A
@FUNCTION@W
"""

FILES = {
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    "src/@MODULE@/__init__.py": '"""@DLL@.dll for litebox."""\n',
    "src/@MODULE@/py.typed": "",
    "src/@MODULE@/dll.py": _DLL,
    "tests/test_@TEST@.py": _TEST,
    "examples/use_@TEST@.c": _PROGRAM,
    "examples/@TEST@.def": _DEF,
}

"""Names of packages."""

import struct
from typing import Any

import pytest

from litebox_core import winerror as err
from litebox_core.abi import DWORD

FULL = "Some.App_1.2.3.4_x64_res_8wekyb3d8bbwe"


def test_a_package_id(box: Any) -> None:
    size = box.new(DWORD, 0)
    ask = box.call.kernel32.PackageIdFromFullName
    assert ask(FULL, 0, size, 0) == err.ERROR_INSUFFICIENT_BUFFER
    buffer = box.alloc(size.value)
    assert ask(FULL, 0, size, buffer) == 0
    _, machine, version, name, publisher, resource, publisher_id = struct.unpack(
        "<IIQQQQQ", box.memory.read(buffer, 48)
    )
    assert (machine, version, publisher) == (9, 0x0001_0002_0003_0004, 0)
    assert [box.memory.wstr(at) for at in (name, resource, publisher_id)] == ["Some.App", "res", "8wekyb3d8bbwe"]
    assert ask(FULL, 0x100, size, buffer) == err.ERROR_NOT_FOUND
    assert ask(None, 0, size, buffer) == ask(FULL, 0, 0, buffer) == err.ERROR_INVALID_PARAMETER


@pytest.mark.parametrize(
    "name",
    ["", "a", "Some.App_1.2.3_x64_res_8wekyb3d8bbwe", "Some.App_1.2.3.4_z80_res_8wekyb3d8bbwe",
     "Some.App_1.2.3.70000_x64_res_8wekyb3d8bbwe", "Some.App_1.2.3.4_x64_res_8wek", "ab_1.2.3.4_x64__8wekyb3d8bbwe"],
)  # fmt: skip
def test_what_is_no_name(box: Any, name: str) -> None:
    size = box.new(DWORD, 100)
    assert box.call.kernel32.PackageIdFromFullName(name, 0, size, box.alloc(100)) == err.ERROR_INVALID_PARAMETER

"""Which instructions are the kernel's."""

import pytest

from litebox_core.engine.privileged import is_privileged


@pytest.mark.parametrize(
    "code",
    [
        b"\xf4", b"\xfa", b"\xfb", b"\xec", b"\xe4\x10", b"\x66\xef", b"\xf3\x6c", b"\x0f\x22\xc0", b"\x41\x0f\x20\xc0",
        b"\x0f\x30", b"\x0f\x32", b"\x0f\x01\xf8", b"\x0f\x01\x10", b"\x48\x0f\x07", b"\x0f\x00\xd0",
    ],
    ids=bytes.hex,
)  # fmt: skip
def test_the_kernels(code):
    assert is_privileged(code + b"\x90" * 4)


@pytest.mark.parametrize(
    "code",
    [b"\xcf", b"\x8e\xd8", b"\xcd\x2d", b"\x0f\x05", b"\x0f\x01\x00", b"\x0f\x0b", b"\x90", b"\x66", b"\x0f", b""],
    ids=bytes.hex,
)  # fmt: skip
def test_everybodys(code):
    assert not is_privileged(code)

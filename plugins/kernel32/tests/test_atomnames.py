"""Names of atoms that do not fit."""

import pytest

from litebox_core.winerror import ERROR_MORE_DATA


@pytest.fixture
def add(box):
    return lambda prefix: box.call.kernel32[prefix + "AddAtomW"]("foobar")


@pytest.mark.parametrize(
    ("prefix", "name", "length", "text", "error"),
    [
        ("", "GetAtomNameA", 5, b"fooba", ERROR_MORE_DATA),
        ("Global", "GlobalGetAtomNameA", 0, b"fooba", ERROR_MORE_DATA),
        ("", "GetAtomNameW", 5, "fooba", 0), ("Global", "GlobalGetAtomNameW", 6, "foobar", 0),
    ],
)  # fmt: skip
def test_cut(box, add, prefix, name, length, text, error):
    atom, unit = add(prefix), 2 if name.endswith("W") else 1
    buffer = box.wide(10) if unit == 2 else box.narrow(10)
    before = box.memory.read(buffer.addr, 10 * unit)
    assert box.call.kernel32[name](atom, buffer, 6) == length
    assert not error or box.last_error == error
    written = text.encode("utf-16-le") if isinstance(text, str) else text
    written += bytes(6 * unit - len(written))
    assert box.memory.read(buffer.addr, 10 * unit) == written + before[len(written) :]


@pytest.mark.parametrize("name", ["GetAtomNameW", "GlobalGetAtomNameW"])
def test_integers_are_not_cut(box, name):
    assert box.call.kernel32[name](1234, box.wide(4), 4) == 0
    assert box.last_error == ERROR_MORE_DATA

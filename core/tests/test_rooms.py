"""Rooms that are imported when one of their functions is wanted: indexes, promises, and what keeps them."""

import importlib
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from litebox_core.dll import Dll, Export
from litebox_core.rooms import open_rooms

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOM = '''from litebox_core.abi import DOUBLE, INT
from . import dll

@dll.export(partial="a note", ordinal=7)
def whole(guest, value: INT) -> INT:
    return value

@dll.export(fails=3)
def half(guest, value: DOUBLE) -> DOUBLE:
    return value / 2

dll.alias("other", "whole")
dll.stub("not now", "later")
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one room, ``rooms_under_test.numbers``."""
    folder = tmp_path / "rooms_under_test"
    folder.mkdir()
    (folder / "__init__.py").write_text('from litebox_core.dll import Dll\ndll = Dll("tested")\n')
    (folder / "numbers.py").write_text(ROOM)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = importlib.import_module("rooms_under_test")
    yield found
    for name in [name for name in sys.modules if name.startswith("rooms_under_test")]:
        del sys.modules[name]


def size(package):
    return os.stat(os.path.join(os.path.dirname(package.__file__), "numbers.py")).st_size


def index(package, names="whole#7 half~ other later!"):
    return {"numbers": (size(package), {"tested": names})}


def imported():
    return "rooms_under_test.numbers" in sys.modules


def test_a_room_is_imported_when_more_is_asked_than_a_promise_says(package):
    dll = package.dll
    open_rooms("rooms_under_test", "numbers", index(package), {"tested": dll})
    whole, half, later = dll.exports["whole"], dll.exports["half"], dll.exports["later"]
    assert (whole.kind, whole.module, whole.floats, whole.ordinal) == ("function", "numbers", False, 7)
    assert (half.floats, later.kind, dll.ordinals[7]) == (True, "stub", whole)
    assert not imported()
    assert whole.partial == "a note"
    assert imported()
    assert dll.exports["whole"] is whole
    assert whole.fn(None, 5) == 5
    assert (half.fails, later.partial, dll.exports["other"].fn) == (3, "not now", whole.fn)


def test_a_room_that_another_one_imports_keeps_its_promises(package):
    open_rooms("rooms_under_test", "numbers", index(package), {"tested": package.dll})
    half = package.dll.exports["half"]
    importlib.import_module("rooms_under_test.numbers")
    assert half.promise is None
    assert half.fn.__name__ == "half"


def test_copies_of_a_promise_are_kept_with_it(package):
    open_rooms("rooms_under_test", "numbers", index(package), {"tested": package.dll})
    door = Dll("door")
    door.include(package.dll)
    copy, stub = door.exports["half"], package.dll.exports["whole"].copy(door, "stubbed")
    stub.turn_into_stub("by choice")
    assert not imported()
    assert (copy.dll, copy.fails) == (door, 3)
    assert imported()
    assert (stub.fn, stub.kind, stub.partial) == (package.dll.exports["whole"].fn, "stub", "by choice")


def test_machine_code_is_known_before_the_room_is(package):
    code = SimpleNamespace(whole={64: b"\xc3"})
    open_rooms("rooms_under_test", "numbers", index(package, "whole^whole#7"), {"tested": package.dll}, code)
    door = Dll("door")
    door.include(package.dll)
    assert package.dll.exports["whole"].fast is door.exports["whole"].fast is code.whole
    assert not imported()


def test_a_room_that_has_changed_is_imported_at_once(package):
    stale = {"numbers": (size(package) + 1, {"tested": "whole gone"})}
    open_rooms("rooms_under_test", "numbers", stale, {"tested": package.dll})
    assert imported()
    assert sorted(package.dll.exports) == ["half", "later", "other", "whole"]


def test_a_promise_that_nothing_keeps_is_an_error(package):
    names = "whole#7 half~ other later! gone"
    open_rooms("rooms_under_test", "numbers", index(package, names), {"tested": package.dll})
    with pytest.raises(TypeError, match="tested!gone: promised by an index, and not declared"):
        _ = package.dll.exports["gone"].fails


def test_an_export_has_no_other_attributes():
    with pytest.raises(AttributeError, match="no attribute 'sise'"):
        _ = Export(Dll("x"), "y").sise  # type: ignore[attr-defined]


def test_the_same_name_from_two_rooms_is_an_error(package):
    open_rooms("rooms_under_test", "numbers", index(package), {"tested": package.dll})
    package.dll.stub("from elsewhere", "later")
    with pytest.raises(ValueError, match="later is exported twice"):
        importlib.import_module("rooms_under_test.numbers")


@pytest.mark.parametrize("package_name", ["litebox_ntdll", "litebox_kernel32", "litebox_msvcrt", "litebox_advapi32"])
def test_the_committed_indexes_are_what_the_rooms_declare(package_name):
    code = (
        "import sys; sys.path.insert(0, 'tools'); import gen_rooms; "
        f"text = gen_rooms.survey({package_name!r}); import {package_name} as p; "
        "assert text == open(p.__path__[0] + '/roomindex.py').read(), 'run python tools/gen_rooms.py'"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

"""Exports that stand for others."""

from litebox_core.abi import DOUBLE, DWORD, FLOAT, Out
from litebox_core.abi.signature import prototype, uses_floats
from litebox_core.dll import Dll, Export
from litebox_core.guest import Steps


def test_a_copy_differs_in_what_it_is_called_only():
    source, target = Dll("one"), Dll("two")
    made = Export(source, "First", "data", 7)
    given = set(Export.__slots__) - {"dll", "name", "ordinal", "promise"}
    for number, slot in enumerate(given):
        setattr(made, slot, f"value {number}")
    copy = made.copy(target, "Second", 9)
    assert (copy.dll, copy.name, copy.ordinal) == (target, "Second", 9)
    for slot in given:
        assert getattr(copy, slot) == getattr(made, slot), slot


def test_which_functions_use_floating_point_registers():
    def plain(guest: object, a: DWORD, b: Out[DOUBLE]) -> DWORD: ...
    def takes(guest: object, a: DWORD, b: FLOAT) -> DWORD: ...
    def gives(guest: object) -> DOUBLE: ...
    def pauses(guest: object) -> Steps[DOUBLE]: ...
    def pauses_plainly(guest: object) -> Steps[None]: ...

    assert [uses_floats(f) for f in (plain, takes, gives, pauses, pauses_plainly)] == [False, True, True, True, False]


def test_every_installed_function_agrees_with_its_prototype():
    from litebox_core.config import Options
    from litebox_core.plugins import Plugins

    plugins = Plugins(Options())
    for name in plugins.available():
        choice = plugins.choose(name + ".dll")
        for export in choice.dll.exports.values():
            if export.fn is None:
                continue
            signature = prototype(export.fn, export.ansi)
            floats = any(p.kind == "scalar" and p.scalar.kind == "f" for p in signature.params)
            floats = floats or getattr(signature.ret, "kind", "") == "f"
            assert uses_floats(export.fn) == floats, str(export)

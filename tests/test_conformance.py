"""Every declared export against the signature data: it exists, its parameters have Microsoft's names, its x86 size is right."""

import pytest

from litebox_core import signatures
from litebox_core.config import Options
from litebox_core.plugins import Plugins

PLUGINS = Plugins(Options())
DLLS = [name for name in PLUGINS.available() if PLUGINS.candidates[name][0].distribution.startswith("litebox-")]

# Exports that the public metadata does not list, with the reason.
UNLISTED: dict[str, set[str]] = {}


def declared(dll: str) -> list[tuple[str, object, object]]:
    found = PLUGINS.choose(dll + ".dll")
    assert found is not None
    return [(name, export, signatures.find(dll, name)) for name, export in sorted(found.dll.exports.items())]


@pytest.mark.parametrize("dll", DLLS)
def test_every_declaration_is_a_prototype(dll):
    """A wrong annotation is found here and not at the first call."""
    for name, export, _ in declared(dll):
        if export.kind == "function":
            assert export.signature is not None, name


@pytest.mark.parametrize("dll", DLLS)
def test_windows_has_these_exports(dll):
    unknown = {name for name, _, data in declared(dll) if data is None}
    assert unknown - UNLISTED.get(dll, set()) == set()


@pytest.mark.parametrize("dll", DLLS)
def test_ordinals(dll):
    wrong = [
        (name, export.ordinal, data.ordinal)
        for name, export, data in declared(dll)
        if data is not None and export.ordinal and data.ordinal and export.ordinal != data.ordinal
    ]
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_parameter_counts(dll):
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.params is None:
            continue
        count = sum(p.kind != "varargs" for p in export.signature.params)
        if count != len(data.params):
            wrong.append((name, [p.name for p in export.signature.params], [p.name for p in data.params]))
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_parameter_names(dll):
    """Names are Microsoft's where the metadata is Microsoft's."""
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.params is None or data.source != "win32metadata":
            continue
        mine = [p.name for p in export.signature.params if p.kind != "varargs"]
        theirs = [p.name for p in data.params]
        if [n.strip("_").lower() for n in mine] != [n.strip("_").lower() for n in theirs]:
            wrong.append((name, mine, theirs))
    assert wrong == []


@pytest.mark.parametrize("dll", DLLS)
def test_x86_stack_bytes(dll):
    """What a stdcall function removes from an x86 stack."""
    wrong = []
    for name, export, data in declared(dll):
        if export.kind != "function" or data is None or data.x86_bytes is None or data.convention != "stdcall":
            continue
        if export.signature.stack_bytes(32) != data.x86_bytes:
            wrong.append((name, export.signature.stack_bytes(32), data.x86_bytes))
    assert wrong == []

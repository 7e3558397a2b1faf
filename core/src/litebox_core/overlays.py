"""Functions laid over those of a DLL: whole overlays (a Dll object with a few exports), and single overrides.

They lie in the order in which they were chosen, overrides on top; ``original`` is what lies below.
"""

from typing import TYPE_CHECKING, Any

from . import signatures
from .abi.signature import Signature
from .dll import Dll, Export
from .selection import PluginError, import_object

if TYPE_CHECKING:
    from .plugins import Choice

__all__ = ["lay_function", "lay_overlay"]

_TAKEN_OVER = ("translate", "category", "probes")


def lay_overlay(choice: "Choice", overlay: Dll, title: str, source: str) -> None:
    """Lays every export of an overlay's Dll over the DLL of that name.

    ``title`` names the overlay in errors, ``source`` in listings. Raises PluginError.
    """
    for export in overlay.exports.values():
        what = f"{title}: {overlay.name}.{export.name}"
        if export.kind not in ("function", "stub"):
            raise PluginError(f"{what}: only functions can be laid over others, not {export.kind}")
        _lay(choice, export.copy(choice.dll, export.name), what, source)


def lay_function(choice: "Choice", function: str, replacement: Any, what: str) -> None:
    """Lays one Python function, or the one that ``"package.module:name"`` names, over an export.

    Raises PluginError beginning with ``what``.
    """
    made = Export(choice.dll, function)
    source = replacement if isinstance(replacement, str) else getattr(replacement, "__qualname__", "(this process)")
    made.fn = import_object(replacement, what) if isinstance(replacement, str) else replacement
    if not hasattr(made.fn, "__code__"):
        raise PluginError(f"{what}: {source} is no function written in Python, whose annotations say what it takes")
    original = choice.dll.exports.get(function)
    made.ansi = original is not None and original.ansi
    _lay(choice, made, what, source)


def _lay(choice: "Choice", made: Export, what: str, source: str) -> None:
    below = choice.over.get(made.name) or choice.dll.exports.get(made.name)
    if below is not None and below.kind not in ("function", "stub"):
        raise PluginError(f"{what}: no such function, but {below.kind}; see litebox exports {choice.name}")
    known = signatures.find(choice.name, made.name) if below is None else None
    if below is None and (known is None or known.convention == "data"):
        import difflib

        near = difflib.get_close_matches(made.name, [*choice.dll.exports, *signatures.names(choice.name)], 1)
        hint = f": is it {near[0]}?" if near else ""
        raise PluginError(f"{what}: no such function{hint}; see litebox exports {choice.name}")
    try:
        mine = made.signature
    except (TypeError, AttributeError) as error:
        raise PluginError(f"{what}: {error}") from None
    wanted = below.signature if below is not None else known
    if mine is not None and wanted is not None and not _fits(mine, wanted):
        raise PluginError(f"{what}: the signature does not match\n  wanted {_text(wanted)}\n  given  {mine}")
    if below is not None:
        for slot in _TAKEN_OVER:
            setattr(made, slot, getattr(made, slot) or getattr(below, slot))
        if made.fails is None:
            made.fails = below.fails
        made.ordinal, made.module = below.ordinal, below.module
    made.below, made.source = below or Export(choice.dll, made.name, "stub"), source
    choice.over[made.name] = made


def _fits(mine: Signature, wanted: "Signature | signatures.Signature") -> bool:
    """Whether a replacement has the signature of a declaration, or as many parameters as the data says."""
    if isinstance(wanted, Signature):
        return str(mine) == str(wanted)
    return mine.varargs or wanted.params is None or len(mine.params) == len(wanted.params)


def _text(wanted: "Signature | signatures.Signature") -> str:
    if isinstance(wanted, Signature):
        return str(wanted)
    params = ", ".join(f"{param.type} {param.name}" for param in wanted.params or ())
    return f"({params}) -> {wanted.ret or '?'}"

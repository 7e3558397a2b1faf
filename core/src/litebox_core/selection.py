"""The grammar in which a run says who answers: ``kernel32,ws2_32=stub,@clock=lab-clock,+frozen-clock``.

An item is NAME or NAME=USE. A plain name is a DLL, ``@name`` a service, ``+name`` an overlay. A USE is ``real``,
``stub``, ``off``, ``native``, the name of a distribution, or ``package.module:object``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .entrypoints import EntryPoint

__all__ = [
    "OVERLAY", "SERVICE", "USES", "PluginError", "closes", "import_object", "is_dll", "load_entry", "parse_selection",
    "written",
]  # fmt: skip

USES = ("real", "stub", "off", "native")
SERVICE, OVERLAY = "@", "+"


class PluginError(Exception):
    """A plugin cannot be found, chosen, imported or overridden; the text says what to do."""


def parse_selection(text: str, place: str = "--plugins") -> dict[str, str]:
    """``"kernel32,ws2_32=stub"`` as a dict, marks kept. Raises PluginError naming ``place``."""
    chosen: dict[str, str] = {}
    for part in text.split(","):
        name, equals, use = (word.strip() for word in part.partition("="))
        if not name and not equals:
            continue
        if not name or (equals and not use):
            raise PluginError(f"{place} {text!r}: {part.strip()!r} is not NAME or NAME=USE")
        if not name.strip(SERVICE + OVERLAY):
            raise PluginError(f"{place} {text!r}: {part.strip()!r} names nothing")
        if name[0] == SERVICE:
            if not use or use in USES:
                raise PluginError(
                    f"{place} {text!r}: a service is replaced by a distribution or by package.module:Class: {name}=USE"
                )
            name = name.lower()
        elif name[0] == OVERLAY:
            if use in USES:
                raise PluginError(f"{place} {text!r}: after {name}= stands the distribution that offers it")
        else:
            name = name.lower().removesuffix(".dll")
        chosen[name] = use or "real"
    return chosen


def written(selection: Mapping[str, str]) -> str:
    """A selection as :func:`parse_selection` reads it."""
    plain = (name if name[0] == OVERLAY and use == "real" else f"{name}={use}" for name, use in selection.items())
    return ",".join(plain)


def is_dll(name: str) -> bool:
    """Whether an item of a selection names a DLL, and no service or overlay."""
    return name[0] not in (SERVICE, OVERLAY)


def closes(selection: Iterable[str]) -> bool:
    """Whether a selection names DLLs, so that those it does not name are stubbed."""
    return any(map(is_dll, selection))


def load_entry(entry: EntryPoint, what: str, remedy: str) -> Any:
    """The object of an entry point. Raises PluginError with ``what`` and ``remedy``, whatever its import raises."""
    try:
        return entry.load()
    except Exception as error:  # its name belongs into the message
        raise PluginError(
            f"{what} ({entry.value}) cannot be imported: {type(error).__name__}: {error}; {remedy}"
        ) from error


def import_object(path: str, what: str) -> Any:
    """The object that ``"package.module:name"`` names. Raises PluginError."""
    from importlib import import_module

    module_name, _, attribute = path.partition(":")
    try:
        found: Any = import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise PluginError(
            f"{what}: {path!r} cannot be imported ({error}); write package.module:name, "
            "and install the package or name its folder in PYTHONPATH"
        ) from None
    return found

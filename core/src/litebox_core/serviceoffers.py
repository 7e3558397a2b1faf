"""Who implements which service: what plugins offer through ``litebox_services``, and what a selection names instead."""

from typing import Any, NamedTuple

from .entrypoints import PLUGIN_GROUP, SERVICE_GROUP, entry_points
from .hookmanager import HookManager
from .selection import PluginError, import_object, load_entry
from .services import Service

__all__ = ["Offer", "choose_services"]


class Offer(NamedTuple):
    """One implementation of a service, and who offers it."""

    base: type
    implementation: type | str
    """The class, or where it is: ``package.module:Class``."""
    distribution: str
    version: str = ""

    @property
    def source(self) -> str:
        """Who offers it, for people: ``litebox-ntdll 0.1.0``."""
        return f"{self.distribution} {self.version}".rstrip()

    def load(self) -> type:
        """The class. Raises PluginError where it is none that implements the service."""
        if isinstance(self.implementation, type):
            return self.implementation
        found = import_object(self.implementation, f"@{_name(self.base)}")
        return _checked(self.base, found, f"{self.source} ({self.implementation})")


def _name(base: type) -> str:
    """How a selection names a service: ``clock`` for Clock."""
    return base.__name__.lower()


def choose_services(manager: HookManager, named: dict[str, str]) -> dict[type, Offer]:
    """The implementation of every service; ``named`` are those that a selection replaces: name -> USE.

    Of two plugins that offer the same one the later registered wins. An entry point of group ``litebox.service`` is
    taken when it is named, or where nobody else offers the service. Raises PluginError.
    """
    offers: dict[type, list[Offer]] = {}
    versions = {entry.distribution: entry.version for entry in entry_points(PLUGIN_GROUP)}
    hook: Any = manager.hook.litebox_services
    for plugin in hook.get_hookimpls():
        who, installed, _ = plugin.plugin_name.partition(":")
        offerer = (who, versions.get(who, "")) if installed else ("(this process)", "")
        for base, implementation in plugin.function().items():
            offers.setdefault(base, []).append(Offer(base, implementation, *offerer))
    bases = {_name(base): base for base in (*Service.__subclasses__(), *offers)}
    chosen = {base: found[-1] for base, found in offers.items()}
    idle: dict[str, list[Any]] = {}
    for entry in entry_points(SERVICE_GROUP):
        idle.setdefault(entry.name.lower(), []).append(entry)
    for name, use in named.items():
        base = bases.get(name)
        if base is None:
            raise PluginError(f"@{name}: no such service: {', '.join(sorted(bases))} are")
        chosen[base] = _named(base, use, offers.get(base, []), idle.get(name, []))
    for name, entries in idle.items():
        base = bases.get(name)
        if base is not None and base not in chosen:
            if len(entries) > 1:
                listed = " or ".join(f"@{name}={entry.distribution}" for entry in entries)
                raise PluginError(f"{len(entries)} distributions offer service {name}: choose with --plugins {listed}")
            chosen[base] = _loaded(base, entries[0])
    return chosen


def _named(base: type, use: str, offers: list[Offer], entries: list[Any]) -> Offer:
    """The implementation that a selection names: a Python class, or what a distribution offers."""
    name = _name(base)
    if ":" in use:
        return Offer(base, _checked(base, import_object(use, f"@{name}"), use), use)
    for entry in entries:
        if entry.distribution.lower() == use.lower():
            return _loaded(base, entry)
    for offer in offers:
        if offer.distribution.lower() == use.lower():
            return offer
    known = ", ".join(dict.fromkeys([*(offer.distribution for offer in offers), *(e.distribution for e in entries)]))
    raise PluginError(f"@{name}={use}: {use} does not offer the service {name} ({known or 'nobody'} does)")


def _loaded(base: type, entry: Any) -> Offer:
    remedy = f"reinstall it, or choose another for @{_name(base)}"
    found = load_entry(entry, f"plugin {entry.distribution}", remedy)
    checked = _checked(base, found, f"{entry.distribution} ({entry.value})")
    return Offer(base, checked, entry.distribution, entry.version)


def _checked(base: type, found: Any, who: str) -> type:
    if not (isinstance(found, type) and issubclass(found, base)):
        raise PluginError(f"@{_name(base)}: {who} is no subclass of {base.__module__}.{base.__qualname__}")
    return found

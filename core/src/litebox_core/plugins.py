"""Finding plugins and choosing, for each DLL and service, what answers.

Entry points are read without importing anything. The grammar of a choice is that of :mod:`litebox_core.selection`.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .dll import Dll, Export
from .entrypoints import DLL_GROUP, OVERLAY_GROUP, entry_points
from .errors import NtError
from .ntstatus import STATUS_DLL_NOT_FOUND
from .overlays import lay_function, lay_overlay
from .selection import OVERLAY, SERVICE, USES, PluginError, closes, import_object, is_dll, load_entry

if TYPE_CHECKING:
    from .config import Options
    from .hookmanager import HookManager
    from .serviceoffers import Offer

__all__ = ["Candidate", "Choice", "PluginError", "Plugins"]


class Candidate:
    """One distribution's offer of one DLL."""

    __slots__ = ("distribution", "dll", "entry_point", "object", "version")

    def __init__(self, dll: str, distribution: str, version: str, entry_point: Any = None, object: Any = None) -> None:
        self.dll, self.distribution, self.version = dll, distribution, version
        self.entry_point, self.object = entry_point, object

    def load(self) -> Dll:
        """Imports the DLL. Raises PluginError when that fails."""
        if self.object is None:
            remedy = f"reinstall it, or leave it out with --plugins {self.dll}=off"
            self.object = load_entry(self.entry_point, f"plugin {self.distribution}", remedy)
        if not isinstance(self.object, Dll):
            where = self.entry_point.value if self.entry_point is not None else self.dll
            raise PluginError(f"plugin {self.distribution}: {where} is no litebox_core.dll.Dll")
        return self.object


class Choice:
    """What answers for one DLL in one process. ``kind`` is one of ``real``, ``stub``, ``native``, ``off``."""

    __slots__ = ("_dll", "candidate", "kind", "name", "over")

    def __init__(self, name: str, kind: str, candidate: Candidate | None, dll: Dll | None = None) -> None:
        self.name, self.kind, self.candidate, self._dll = name, kind, candidate, dll
        self.over: dict[str, Export] = {}
        """What is laid over its functions, by their names."""

    @property
    def dll(self) -> Dll:
        if self._dll is None:
            assert self.candidate is not None
            dll = self.candidate.load()
            self._dll = stubbed(dll) if self.kind == "stub" else dll
        return self._dll

    @property
    def source(self) -> str:
        """Who answers, for people: ``litebox-kernel32 0.1.0``."""
        if self.kind in ("native", "off"):
            return self.kind
        who = f"{self.candidate.distribution} {self.candidate.version}".rstrip() if self.candidate else "signature data"
        return f"stubs of {who}" if self.kind == "stub" else who


def stubbed(dll: Dll) -> Dll:
    """The same exports with stubs for functions; data and machine code stay, or nothing could be linked."""
    made = Dll(dll.name, dialect=dll.dialect, version=dll.version, convention=dll.convention)
    made.include(dll)
    for export in made.exports.values():
        if export.kind == "function":
            export.turn_into_stub("stubbed by choice")
    for ordinal, export in dll.ordinals.items():
        made.exports[export.name].ordinal = ordinal
        made.ordinals[ordinal] = made.exports[export.name]
    return made


class Overlay:
    """An installed overlay: functions of one or more DLLs, chosen by its name."""

    __slots__ = ("distribution", "entry_point", "name", "version")

    def __init__(self, entry_point: Any) -> None:
        self.name, self.entry_point = entry_point.name, entry_point
        self.distribution, self.version = entry_point.distribution, entry_point.version

    @property
    def source(self) -> str:
        return f"{self.name} of {self.distribution} {self.version}"

    def load(self) -> tuple[Dll, ...]:
        """Imports it. Raises PluginError when that fails."""
        what = f"overlay {self.name} of {self.distribution}"
        found = load_entry(self.entry_point, what, "reinstall it, or leave it out")
        return overlay_dlls(found, f"{what} ({self.entry_point.value})")


def overlay_dlls(found: Any, what: str) -> tuple[Dll, ...]:
    """The Dll objects that an overlay is made of. Raises PluginError beginning with ``what``."""
    dlls = tuple(found) if isinstance(found, (list, tuple)) else (found,)
    if not all(isinstance(dll, Dll) for dll in dlls):
        raise PluginError(f"{what} is no litebox_core.dll.Dll, nor a list of them")
    return dlls


class Plugins:
    """The plugins of one process: what is installed, and what was chosen."""

    def __init__(self, options: "Options") -> None:
        self.options = options
        self.candidates: dict[str, list[Candidate]] = {}
        for entry in entry_points(DLL_GROUP):
            name = entry.name.lower()
            self.candidates.setdefault(name, []).append(Candidate(name, entry.distribution, entry.version, entry))
        self._manager: HookManager | None = None
        self._choices: dict[str, Choice | None] = {}
        self._covered = False
        """Whether anything was laid over a DLL, or could have been."""
        self._named = self._expand(options.plugins)

    def _expand(self, named: Mapping[str, str] | None) -> dict[str, str] | None:
        """A DLL named as ``real`` brings the other DLLs of its distribution along, unless they are named too."""
        if named is None or not closes(named):
            return None
        full = {name: use for name, use in named.items() if is_dll(name)}
        for name, use in list(full.items()):
            if use in ("stub", "off", "native") or ":" in use:
                continue
            mine = [c.distribution for c in self.candidates.get(name, ())]
            if not mine and self.manager and name not in self.candidates:
                raise PluginError(self._unknown(name))
            if use != "real" and use.lower() not in map(str.lower, mine):
                raise PluginError(self._no_offer(name, use))
            if use != "real":
                mine = [who for who in mine if who.lower() == use.lower()]
            for other, candidates in self.candidates.items():
                if any(c.distribution in mine for c in candidates):
                    full.setdefault(other, use)
        return full

    def _unknown(self, name: str) -> str:
        known = ", ".join(sorted(self.candidates)) or "none"
        return f"no plugin offers {name}: pip install one, or choose from those installed: {known}"

    def _no_offer(self, name: str, use: str) -> str:
        offers = ", ".join(c.distribution for c in self.candidates.get(name, ())) or "nobody"
        return (
            f"{name}={use}: {use} does not offer {name} ({offers} does); uses are {', '.join(USES)}, a distribution "
            "and package.module:dll"
        )

    def available(self) -> list[str]:
        """Names of all DLLs that some installed distribution offers."""
        return sorted(self.candidates)

    def add(self, dll: Dll, distribution: str = "(this process)") -> None:
        """Offers a Dll object made at run time; it stands before all installed ones."""
        self.candidates[dll.name.lower()] = [Candidate(dll.name.lower(), distribution, "", object=dll)]
        self._choices.pop(dll.name.lower(), None)
        if self._named is not None:
            self._named.setdefault(dll.name.lower(), "real")

    def choose(self, leaf: str) -> Choice | None:
        """What answers for a DLL (file name, in lower case); None where neither plugin nor selection knows it.

        Raises PluginError where the choice is ambiguous or impossible, NtError for a DLL switched off.
        """
        name = leaf.removesuffix(".dll")
        if name not in self._choices:
            choice = self._choices[name] = self._decide(name)
            if choice is not None and choice.kind != "off":
                self._cover(name, choice)
        choice = self._choices[name]
        if choice is not None and choice.kind == "off":
            raise NtError(STATUS_DLL_NOT_FOUND)
        return choice

    def named(self) -> set[str]:
        """The DLLs that the selection or the settings name."""
        return set(filter(is_dll, (*self.options.uses, *(self.options.plugins or {}))))

    def chosen(self, leaf: str) -> Choice | None:
        """What was chosen for a DLL (file name, in lower case) so far; chooses nothing itself."""
        return self._choices.get(leaf.removesuffix(".dll"))

    def _decide(self, name: str) -> Choice | None:
        use = self.options.uses.get(name)
        if use is None and self._named is not None:
            use = self._named.get(name, "stub" if name in self.candidates else None)
        candidates = self.candidates.get(name, [])
        if use in ("off", "native"):
            return Choice(name, use, None)
        if use is not None and ":" in use:
            found = Candidate(name, use, "", object=import_object(use, f"{name}={use}"))
            if isinstance(found.object, Dll) and found.object.name.lower() != name:
                raise PluginError(f"{name}={use}: that is the Dll {found.object.name}")
            return Choice(name, "real", found)
        if use is None or use in ("real", "stub"):
            if not candidates:
                if use == "stub":
                    return self.empty(name + ".dll")
                if use == "real":
                    raise PluginError(self._unknown(name))
                return None
            if len(candidates) > 1:
                offers = " or ".join(f"{name}={c.distribution}" for c in candidates)
                raise PluginError(f"{len(candidates)} distributions offer {name}: choose with --plugins {offers}")
            return Choice(name, use or "real", candidates[0])
        for candidate in candidates:
            if candidate.distribution.lower() == use.lower():
                return Choice(name, "real", candidate)
        raise PluginError(self._no_offer(name, use))

    def empty(self, leaf: str) -> Choice:
        """A DLL without any declaration: what programs import from it is stubbed from the signature data."""
        name = leaf.removesuffix(".dll")
        return Choice(name, "stub", None, Dll(name))

    # -- overlays and overrides ----------------------------------------------------------------------------------

    def overlays(self) -> dict[str, list[Overlay]]:
        """The installed overlays by name, chosen or not."""
        found: dict[str, list[Overlay]] = {}
        for entry in entry_points(OVERLAY_GROUP):
            found.setdefault(entry.name, []).append(Overlay(entry))
        return found

    @cached_property
    def _layers(self) -> list[tuple[str, str, tuple[Dll, ...]]]:
        """The chosen overlays from the bottom up: how errors call it, who offers it, its Dll objects."""
        layers = []
        installed = self.overlays()
        for name, use in self._marked(OVERLAY).items():
            if ":" in name:
                what = f"overlay {name}"
                layers.append((what, name, overlay_dlls(import_object(name, what), what)))
                continue
            offers = installed.get(name, [])
            wanted = [o for o in offers if use == "real" or o.distribution.lower() == use.lower()]
            if len(wanted) > 1:
                listed = " or ".join(f"+{name}={offer.distribution}" for offer in wanted)
                raise PluginError(f"{len(wanted)} distributions offer overlay {name}: choose with --plugins {listed}")
            if not wanted:
                whom = f"{use} does not offer" if offers else "no distribution offers"
                known = ", ".join(sorted(installed)) or "none"
                raise PluginError(f"{whom} overlay {name}: pip install one, or choose from those installed: {known}")
            layers.append((f"overlay {name}", wanted[0].source, wanted[0].load()))
        layers += [("overlay", "(this process)", overlay_dlls(dll, "overlay")) for dll in self.options.overlays]
        return layers

    def chosen_overlays(self) -> list[str]:
        """Who offers the overlays that are chosen, from the bottom up. Raises PluginError."""
        return [source for _, source, _ in self._layers]

    def _marked(self, mark: str) -> dict[str, str]:
        """The items of the selection that carry a mark, without it; those of ``--plugins`` win."""
        named = {**self.options.uses, **(self.options.plugins or {})}
        return {name[1:]: use for name, use in named.items() if name[0] == mark}

    def _cover(self, name: str, choice: Choice) -> None:
        """Lays overlays and overrides over a DLL."""
        if not self._covered:
            self._covered = True
            self._check_targets()
        for title, source, dlls in self._layers:
            for dll in dlls:
                if dll.name.lower() == name:
                    self._refuse_native(choice, f"{title}: {dll.name}")
                    lay_overlay(choice, dll, title, source)
        for target, replacement in self.options.overrides.items():
            dll_name, _, function = target.partition(".")
            if dll_name.lower().removesuffix(".dll") == name:
                self._refuse_native(choice, f"override {target}")
                lay_function(choice, function, replacement, f"override {target}")

    def _refuse_native(self, choice: Choice, what: str) -> None:
        if choice.kind == "native":
            raise PluginError(f"{what}: nothing can be laid over {choice.name}=native, whose code is its own")

    def _check_targets(self) -> None:
        """An override of a DLL that nobody has ever heard of is a typing error."""
        from . import signatures

        for target in self.options.overrides:
            name = target.partition(".")[0].lower().removesuffix(".dll")
            if name not in self.candidates and name not in signatures.dlls():
                raise PluginError(f"override {target}: {self._unknown(name)}")

    # -- hooks and services --------------------------------------------------------------------------------------

    @property
    def manager(self) -> "HookManager":
        """The hooks, with every installed ``litebox.plugin`` registered as ``distribution:name``."""
        if self._manager is None:
            from .hookmanager import HookManager

            self._manager = HookManager(self.options.extra_plugins)
            offers: Any = self._manager.hook.litebox_dlls
            for offer in offers.get_hookimpls():
                for dll in offer.function():
                    found = Candidate(dll.name.lower(), offer.plugin_name, "", object=dll)
                    self.candidates.setdefault(found.dll, []).append(found)
        return self._manager

    def service_offers(self) -> "dict[type, Offer]":
        """Who implements each service in this process. Raises PluginError for a choice that cannot be met."""
        from .serviceoffers import choose_services

        return choose_services(self.manager, self._marked(SERVICE))

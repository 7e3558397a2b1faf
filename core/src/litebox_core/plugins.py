"""Finding plugins and choosing, for each DLL, what answers its calls.

Entry points are read without importing anything. A selection is written ``kernel32,msvcrt=stub,ws2_32=off``: a DLL's
name alone means its plugin; after ``=`` stand ``real``, ``stub``, ``off``, ``native`` or the name of a distribution.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .dll import Dll, Export
from .entrypoints import entry_points
from .errors import NtError
from .ntstatus import STATUS_DLL_NOT_FOUND

if TYPE_CHECKING:
    from .config import Options

USES = ("real", "stub", "off", "native")
DLL_GROUP, PLUGIN_GROUP = "litebox.dll", "litebox.plugin"


class PluginError(Exception):
    """A plugin cannot be found, chosen, imported or overridden; the text says what to do."""


class Candidate:
    """One distribution's offer of one DLL."""

    __slots__ = ("distribution", "dll", "entry_point", "object", "version")

    def __init__(self, dll: str, distribution: str, version: str, entry_point: Any = None, object: Any = None) -> None:
        self.dll, self.distribution, self.version = dll, distribution, version
        self.entry_point, self.object = entry_point, object

    def load(self) -> Dll:
        """Imports the DLL. Raises PluginError when that fails."""
        if self.object is None:
            try:
                self.object = self.entry_point.load()
            except Exception as error:  # whatever a plugin does at import, its name belongs into the message
                raise PluginError(
                    f"plugin {self.distribution} ({self.entry_point.value}) cannot be imported: "
                    f"{type(error).__name__}: {error}; reinstall it, or leave it out with --plugins {self.dll}=off"
                ) from error
        if not isinstance(self.object, Dll):
            raise PluginError(f"plugin {self.distribution}: {self.entry_point.value} is no litebox_core.dll.Dll")
        return self.object


class Choice:
    """What answers for one DLL in one process. ``kind`` is one of ``real``, ``stub``, ``native``, ``off``."""

    __slots__ = ("_dll", "candidate", "kind", "name", "overrides")

    def __init__(self, name: str, kind: str, candidate: Candidate | None, dll: Dll | None = None) -> None:
        self.name, self.kind, self.candidate, self._dll = name, kind, candidate, dll
        self.overrides: dict[str, Export] = {}

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
        who = f"{self.candidate.distribution} {self.candidate.version}" if self.candidate else "signature data"
        return f"stubs of {who}" if self.kind == "stub" else who


def stubbed(dll: Dll) -> Dll:
    """The same exports with stubs for functions; data and machine code stay, or nothing could be linked."""
    made = Dll(dll.name, dialect=dll.dialect, version=dll.version, convention=dll.convention)
    made.include(dll)
    for export in made.exports.values():
        if export.kind == "function":
            export.kind, export.partial = "stub", "stubbed by choice"
    for ordinal, export in dll.ordinals.items():
        made.exports[export.name].ordinal = ordinal
        made.ordinals[ordinal] = made.exports[export.name]
    return made


def parse_selection(text: str, place: str = "--plugins") -> dict[str, str]:
    """``"kernel32,ws2_32=stub"`` as a dict. Raises PluginError naming ``place`` for what is no selection."""
    chosen: dict[str, str] = {}
    for part in text.split(","):
        name, equals, use = part.strip().partition("=")
        name = name.strip().lower().removesuffix(".dll")
        if not name and not equals:
            continue
        if not name or (equals and not use.strip()):
            raise PluginError(f"{place} {text!r}: {part.strip()!r} is not NAME or NAME=USE")
        chosen[name] = use.strip() or "real"
    return chosen


class Plugins:
    """The plugins of one process: what is installed, and what was chosen."""

    def __init__(self, options: "Options") -> None:
        self.options = options
        self.candidates: dict[str, list[Candidate]] = {}
        for entry in entry_points(DLL_GROUP):
            name = entry.name.lower()
            self.candidates.setdefault(name, []).append(Candidate(name, entry.distribution, entry.version, entry))
        self._manager: Any = None
        self._choices: dict[str, Choice | None] = {}
        self._named = self._expand(options.plugins)

    def _expand(self, named: Mapping[str, str] | None) -> dict[str, str] | None:
        """A DLL named as ``real`` brings the other DLLs of its distribution along, unless they are named too."""
        if named is None:
            return None
        full = dict(named)
        for name, use in named.items():
            if use in ("stub", "off", "native"):
                continue
            mine = [c.distribution for c in self.candidates.get(name, ())]
            if not mine and self.manager and name not in self.candidates:
                raise PluginError(self._unknown(name))
            if use != "real" and use.lower() not in map(str.lower, mine):
                raise PluginError(self._no_offer(name, use))
            for other, candidates in self.candidates.items():
                if any(c.distribution in mine for c in candidates):
                    full.setdefault(other, use)
        return full

    def _unknown(self, name: str) -> str:
        known = ", ".join(sorted(self.candidates)) or "none"
        return f"no plugin offers {name}: pip install one, or choose from those installed: {known}"

    def _no_offer(self, name: str, use: str) -> str:
        offers = ", ".join(c.distribution for c in self.candidates.get(name, ())) or "nobody"
        return f"{name}={use}: {use} does not offer {name} ({offers} does); uses are {', '.join(USES)}"

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
            if choice is not None:
                self._apply_overrides(name, choice)
        choice = self._choices[name]
        if choice is not None and choice.kind == "off":
            raise NtError(STATUS_DLL_NOT_FOUND)
        return choice

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

    # -- overrides -----------------------------------------------------------------------------------------------

    def _apply_overrides(self, name: str, choice: Choice) -> None:
        for target, source in self.options.overrides.items():
            dll, _, function = target.partition(".")
            if dll.lower().removesuffix(".dll") == name and choice.kind in ("real", "stub"):
                choice.overrides[function] = self._override(choice, target, function, source)

    def _override(self, choice: Choice, target: str, function: str, source: Any) -> Export:
        original = choice.dll.exports.get(function)
        if original is None or original.kind not in ("function", "stub"):
            raise PluginError(f"override {target}: no such function; see litebox exports {choice.name}")
        replacement = import_object(source, f"override {target}") if isinstance(source, str) else source
        made = Export(choice.dll, function, "function", original.ordinal)
        for slot in ("fails", "translate", "partial", "probes", "ansi"):
            setattr(made, slot, getattr(original, slot))
        made.fn, made.module = replacement, "override"
        try:
            mine = made.signature
        except (TypeError, AttributeError) as error:
            raise PluginError(f"override {target}: {error}") from None
        if original.signature is not None and str(mine) != str(original.signature):
            raise PluginError(
                f"override {target}: the signature does not match\n  wanted {original.signature}\n  given  {mine}"
            )
        return made

    # -- hooks ---------------------------------------------------------------------------------------------------

    @property
    def manager(self) -> Any:
        """The hooks, with every installed ``litebox.plugin`` registered as ``distribution:name``."""
        if self._manager is None:
            import pluggy

            from . import hookspecs

            class Manager(pluggy.PluginManager):
                """Counts its changes, for those who keep lists of listeners."""

                revision = 0

                def register(self, plugin: Any, name: str | None = None) -> str | None:
                    self.revision += 1
                    return super().register(plugin, name)

                def unregister(self, plugin: Any = None, name: str | None = None) -> Any:
                    self.revision += 1
                    return super().unregister(plugin, name)

            self._manager = manager = Manager("litebox")
            manager.add_hookspecs(hookspecs)
            for entry in entry_points(PLUGIN_GROUP):
                who = entry.distribution
                try:
                    plugin = entry.load()
                except Exception as error:  # as above: name the culprit
                    raise PluginError(
                        f"plugin {who}:{entry.name} ({entry.value}) cannot be imported: {type(error).__name__}: "
                        f"{error}; reinstall or uninstall it"
                    ) from error
                manager.register(plugin, f"{who}:{entry.name}")
            for plugin in self.options.extra_plugins:
                manager.register(plugin)
            for offer in manager.hook.litebox_dlls.get_hookimpls():
                dlls: Any = offer.function()
                for dll in dlls:
                    found = Candidate(dll.name.lower(), offer.plugin_name, "", object=dll)
                    self.candidates.setdefault(found.dll, []).append(found)
        return self._manager

    def services(self) -> dict[type, type]:
        """Service implementations by base class."""
        found: dict[type, type] = {}
        for offer in reversed(self.manager.hook.litebox_services()):
            found.update(offer)
        return found


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

"""The hooks of one process: pluggy's manager, and every installed ``litebox.plugin``."""

from typing import Any

import pluggy

from . import hookspecs
from .entrypoints import PLUGIN_GROUP, entry_points
from .selection import load_entry


class HookManager(pluggy.PluginManager):
    """Counts its changes, for those who keep lists of listeners."""

    revision = 0

    def __init__(self, others: "list[Any]") -> None:
        """Registers installed plugins as ``distribution:name``, then ``others``. Raises PluginError."""
        super().__init__("litebox")
        self.add_hookspecs(hookspecs)
        for entry in entry_points(PLUGIN_GROUP):
            name = f"{entry.distribution}:{entry.name}"
            self.register(load_entry(entry, f"plugin {name}", "reinstall or uninstall it"), name)
        for plugin in others:
            self.register(plugin)

    def register(self, plugin: Any, name: str | None = None) -> str | None:
        self.revision += 1
        return super().register(plugin, name)

    def unregister(self, plugin: Any = None, name: str | None = None) -> Any:
        self.revision += 1
        return super().unregister(plugin, name)

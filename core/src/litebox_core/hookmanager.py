"""The hooks of one process: pluggy's manager, and every installed ``litebox.plugin``."""

from typing import Any

import pluggy

from . import hookspecs
from .entrypoints import PLUGIN_GROUP, entry_points
from .selection import PluginError


class HookManager(pluggy.PluginManager):
    """Counts its changes, for those who keep lists of listeners."""

    revision = 0

    def __init__(self, others: "list[Any]") -> None:
        """Registers installed plugins as ``distribution:name``, then ``others``. Raises PluginError."""
        super().__init__("litebox")
        self.add_hookspecs(hookspecs)
        for entry in entry_points(PLUGIN_GROUP):
            who = entry.distribution
            try:
                plugin = entry.load()
            except Exception as error:  # whatever a plugin does at import, its name belongs into the message
                raise PluginError(
                    f"plugin {who}:{entry.name} ({entry.value}) cannot be imported: {type(error).__name__}: "
                    f"{error}; reinstall or uninstall it"
                ) from error
            self.register(plugin, f"{who}:{entry.name}")
        for plugin in others:
            self.register(plugin)

    def register(self, plugin: Any, name: str | None = None) -> str | None:
        self.revision += 1
        return super().register(plugin, name)

    def unregister(self, plugin: Any = None, name: str | None = None) -> Any:
        self.revision += 1
        return super().unregister(plugin, name)

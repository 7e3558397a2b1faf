"""The test kit: call single exports, run whole programs, compare with Wine, check traces and leaks.

The pytest plugin (:mod:`litebox_core.testing.plugin`) comes with the core; docs/testing.md
describes its fixtures.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .box import POISON, Box
    from .plugin import BoxMaker
    from .runs import GuestRun, Runner, build_folder, program
    from .settings import make_options
    from .traces import assert_called, assert_calls, assert_no_leaks, assert_not_called, called

__all__ = [
    "POISON", "Box", "BoxMaker", "GuestRun", "Runner", "assert_called", "assert_calls", "assert_no_leaks",
    "assert_not_called", "build_folder", "called", "make_options", "program",
]  # fmt: skip

_ROOMS = {
    "POISON": "box", "Box": "box", "BoxMaker": "plugin", "GuestRun": "runs", "Runner": "runs", "build_folder": "runs",
    "program": "runs", "make_options": "settings",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Imports a room when something of it is asked for: pytest loads the plugin in every session, used or not."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_ROOMS.get(name, 'traces')}", __name__), name)

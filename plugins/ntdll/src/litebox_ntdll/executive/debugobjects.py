"""Debug objects: what a debugger would wait for."""

from typing import TYPE_CHECKING

from litebox_core.objects import Waitable

if TYPE_CHECKING:
    from litebox_core.guest import Guest


class DebugObject(Waitable):
    """Signalled while an event waits; none ever does."""

    type_name = "DebugObject"
    generic = (0x20001, 0x20002, 0x120000, 0x1F000F)
    private = True

    def __init__(self, flags: int) -> None:
        super().__init__()
        self.flags = flags

    def signaled(self, guest: "Guest") -> bool:
        return False

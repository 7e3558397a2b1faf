"""The NT executive: what stands behind the system calls. A plugin that offers core's services."""

from typing import TYPE_CHECKING

from litebox_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from litebox_core.services import Service


@hookimpl
def litebox_services() -> "dict[type[Service], type[Service]]":
    """Files on mounted folders, heaps in guest memory, the host's clock and its random numbers."""
    from litebox_core.services import Clock, Entropy, Files, Heaps

    from .clock import HostClock
    from .entropy import HostEntropy
    from .files import DiskFiles
    from .heaps import Heaps as GuestHeaps

    return {Files: DiskFiles, Clock: HostClock, Entropy: HostEntropy, Heaps: GuestHeaps}

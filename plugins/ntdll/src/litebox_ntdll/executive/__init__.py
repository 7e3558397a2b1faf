"""The NT executive: what the Windows kernel owns, as services for every DLL."""

from typing import TYPE_CHECKING

from litebox_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from litebox_core.services import Service


@hookimpl
def litebox_services() -> "dict[type[Service], type[Service]]":
    """Files on mounted folders, heaps, the host's clock and its random numbers."""
    from litebox_core.children import Children
    from litebox_core.fibers import Fibers
    from litebox_core.pipes import Pipes
    from litebox_core.services import Clock, Entropy, Exceptions, Files, Heaps, Sections, Sync
    from litebox_core.threadpool import ThreadPool
    from litebox_core.threads import Locks, Threads

    from .children import HostChildren
    from .clock import HostClock
    from .entropy import HostEntropy
    from .exceptions import GuestExceptions
    from .fibers import Fibers as GuestFibers
    from .files import DiskFiles
    from .heaps import Heaps as GuestHeaps
    from .locks import Locks as GuestLocks
    from .namedpipes import NamedPipes
    from .sections import Sections as MappedSections
    from .sync import Sync as ObjectSync
    from .threadpool import ThreadPool as GuestThreadPool
    from .threads import Threads as GuestThreads

    return {
        Files: DiskFiles,
        Children: HostChildren,
        Heaps: GuestHeaps,
        Clock: HostClock,
        Entropy: HostEntropy,
        Exceptions: GuestExceptions,
        Sections: MappedSections,
        Sync: ObjectSync,
        Locks: GuestLocks,
        Pipes: NamedPipes,
        Threads: GuestThreads,
        Fibers: GuestFibers,
        ThreadPool: GuestThreadPool,
    }

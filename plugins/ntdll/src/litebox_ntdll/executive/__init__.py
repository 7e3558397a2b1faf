"""The NT executive: what the Windows kernel owns, as services for every DLL."""

from typing import TYPE_CHECKING

from litebox_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from litebox_core.services import Service


@hookimpl
def litebox_services() -> "dict[type[Service], type[Service] | str]":
    """Files on mounted folders, heaps, the host's clock and its random numbers; each imported when it is needed."""
    from litebox_core.children import Children
    from litebox_core.fibers import Fibers
    from litebox_core.pipes import Pipes
    from litebox_core.registry import Registry
    from litebox_core.services import Clock, Entropy, Exceptions, Files, Heaps, Sections, Sync
    from litebox_core.threadpool import ThreadPool
    from litebox_core.threads import Locks, Threads

    return {
        Files: f"{__name__}.files:DiskFiles",
        Children: f"{__name__}.children:HostChildren",
        Heaps: f"{__name__}.heaps:Heaps",
        Clock: f"{__name__}.clock:HostClock",
        Entropy: f"{__name__}.entropy:HostEntropy",
        Exceptions: f"{__name__}.exceptions:GuestExceptions",
        Sections: f"{__name__}.sections:Sections",
        Registry: f"{__name__}.registry:HostRegistry",
        Sync: f"{__name__}.sync:Sync",
        Locks: f"{__name__}.locks:Locks",
        Pipes: f"{__name__}.namedpipes:NamedPipes",
        Threads: f"{__name__}.threads:Threads",
        Fibers: f"{__name__}.fibers:Fibers",
        ThreadPool: f"{__name__}.threadpool:ThreadPool",
    }

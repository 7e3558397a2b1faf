"""threadpoolapiset.h: work objects and single callbacks of the process's thread pool."""

from litebox_core.abi import BOOL, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.threadpool import ThreadPool
from litebox_core.winerror import ERROR_NOT_SUPPORTED

from .base import dll


def _check_environment(guest: Guest, environment: int) -> None:
    """Raises WinError for what a TP_CALLBACK_ENVIRON asks for and nobody here does: a cleanup group."""
    width = guest.bits // 8
    if environment and guest.memory.pointer(environment + 2 * width):
        raise WinError(ERROR_NOT_SUPPORTED)


@dll.export(partial="cleanup groups are refused; pools of their own share the process's")
def CreateThreadpoolWork(guest: Guest, pfnwk: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> PVOID:
    _check_environment(guest, pcbe)
    return pool.create_work(pfnwk, pv)


@dll.export
def SubmitThreadpoolWork(guest: Guest, pwk: PVOID, *, pool: ThreadPool) -> None:
    pool.submit_work(guest, pwk)


@dll.export
def WaitForThreadpoolWorkCallbacks(
    guest: Guest, pwk: PVOID, fCancelPendingCallbacks: BOOL, *, pool: ThreadPool
) -> Steps[None]:  # fmt: skip
    yield from pool.wait_work(guest, pwk, bool(fCancelPendingCallbacks))


@dll.export
def CloseThreadpoolWork(guest: Guest, pwk: PVOID, *, pool: ThreadPool) -> None:
    pool.close_work(pwk)


@dll.export(partial="cleanup groups are refused; pools of their own share the process's")
def TrySubmitThreadpoolCallback(guest: Guest, pfns: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> BOOL:
    _check_environment(guest, pcbe)
    pool.submit_once(guest, pfns, pv)
    return True

"""combaseapi.h and objbase.h: a thread's apartment, and objects, of which there are none."""

from litebox_core.abi import DWORD, HRESULT, LONG, PVOID, Out
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

from .base import dll
from .identifiers import E_INVALIDARG, REGDB_E_CLASSNOTREG, S_OK

S_FALSE, E_POINTER, RPC_E_CHANGED_MODE, CO_E_NOTINITIALIZED = 1, 0x80004003, 0x80010106, 0x800401F0
RPC_E_TOO_LATE = 0x80010119
COINIT_APARTMENTTHREADED, _FLAGS = 2, 0xE


class Apartments(DllState):
    """How often each thread has initialised COM, and whether for an apartment of its own, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.threads: dict[int, tuple[int, bool]] = {}
        self.secured = False

    def enter(self, tid: int, single: bool) -> int:
        count, entered = self.threads.get(tid, (0, single))
        if entered != single:
            return RPC_E_CHANGED_MODE
        self.threads[tid] = count + 1, single
        return S_FALSE if count else S_OK

    def leave(self, tid: int) -> None:
        count, single = self.threads.pop(tid, (0, False))
        if count > 1:
            self.threads[tid] = count - 1, single


@dll.export
def CoInitialize(guest: Guest, pvReserved: PVOID, *, apartments: Apartments) -> HRESULT:
    return E_INVALIDARG if pvReserved else apartments.enter(guest.tid, True)


@dll.export
def CoInitializeEx(guest: Guest, pvReserved: PVOID, dwCoInit: DWORD, *, apartments: Apartments) -> HRESULT:
    if pvReserved or dwCoInit & ~_FLAGS:
        return E_INVALIDARG
    return apartments.enter(guest.tid, bool(dwCoInit & COINIT_APARTMENTTHREADED))


@dll.export
def OleInitialize(guest: Guest, pvReserved: PVOID, *, apartments: Apartments) -> HRESULT:
    return E_INVALIDARG if pvReserved else apartments.enter(guest.tid, True)


@dll.export
def CoUninitialize(guest: Guest, *, apartments: Apartments) -> None:
    apartments.leave(guest.tid)


@dll.export
def OleUninitialize(guest: Guest, *, apartments: Apartments) -> None:
    apartments.leave(guest.tid)


@dll.export(partial="nothing is called from outside: only that it comes once and in time is checked")
def CoInitializeSecurity(
    guest: Guest, pSecDesc: PVOID, cAuthSvc: LONG, asAuthSvc: PVOID, pReserved1: PVOID, dwAuthnLevel: DWORD,
    dwImpLevel: DWORD, pAuthList: PVOID, dwCapabilities: DWORD, pReserved3: PVOID, *, apartments: Apartments,
) -> HRESULT:  # fmt: skip
    if not apartments.threads:
        return CO_E_NOTINITIALIZED
    if apartments.secured:
        return RPC_E_TOO_LATE
    apartments.secured = True
    return S_OK


def _no_object(apartments: Apartments, out: Out[int]) -> int:
    if not out:
        return E_POINTER
    out.value = 0
    return REGDB_E_CLASSNOTREG if apartments.threads else CO_E_NOTINITIALIZED


@dll.export(partial="no class is registered")
def CoCreateInstance(
    guest: Guest, rclsid: PVOID, pUnkOuter: PVOID, dwClsContext: DWORD, riid: PVOID, ppv: Out[PVOID], *,
    apartments: Apartments,
) -> HRESULT:  # fmt: skip
    return _no_object(apartments, ppv)


@dll.export(partial="no class is registered")
def CoGetClassObject(
    guest: Guest, rclsid: PVOID, dwClsContext: DWORD, pvReserved: PVOID, riid: PVOID, ppv: Out[PVOID], *,
    apartments: Apartments,
) -> HRESULT:  # fmt: skip
    return _no_object(apartments, ppv)


@dll.export
def CoFreeUnusedLibraries(guest: Guest) -> None:
    """Nothing has been loaded for a class."""

"""API sets: whether names of contracts lead to a DLL."""

from litebox_core import signatures
from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_SUCCESS

from .base import dll
from .ntdef import counted_text

_KNOWN = "the sets that programs are built with are known, not those that Windows has for itself (ext-)"


def _is_contract(name: str) -> bool:
    return name.lower().startswith(("api-", "ext-"))


@dll.export(probes=True, partial=_KNOWN)
def ApiSetQueryApiSetPresence(guest: Guest, Namespace: PVOID, Present: Out[BOOLEAN]) -> NTSTATUS:
    """What comes behind the last hyphen, the number of a minor version, does not matter."""
    name = counted_text(guest.memory, Namespace)
    Present.value = bool(_is_contract(name) and signatures.hosts_of_api_set(name.partition(".")[0]))
    return STATUS_SUCCESS


@dll.export(probes=True, partial=_KNOWN)
def ApiSetQueryApiSetPresenceEx(
    guest: Guest, Namespace: PVOID, IsInSchema: Out[BOOLEAN], Present: Out[BOOLEAN]
) -> NTSTATUS:
    """For the name of a contract as a whole, without an extension."""
    name = counted_text(guest.memory, Namespace)
    if not _is_contract(name) or "." in name:
        raise NtError(STATUS_INVALID_PARAMETER)
    found = signatures.is_api_set(name)
    IsInSchema.value = Present.value = found
    return STATUS_SUCCESS

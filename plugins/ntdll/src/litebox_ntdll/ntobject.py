"""Handles: closing, duplicating, what is known of an object."""

from litebox_core.abi import HANDLE, NTSTATUS
from litebox_core.guest import Guest

from .base import dll


@dll.export(probes=True, aliases=["ZwClose"])
def NtClose(guest: Guest, Handle: HANDLE) -> NTSTATUS:
    guest.process.handles.close(Handle)
    return 0

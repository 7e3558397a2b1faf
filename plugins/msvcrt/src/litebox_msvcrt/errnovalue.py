"""Setting ``errno`` in functions that still have a result of their own to return."""

from litebox_core.guest import Guest

from .base import CrtThreads


def set_errno(guest: Guest, errno: int) -> None:
    guest.process.state(CrtThreads).set_errno(guest, errno)

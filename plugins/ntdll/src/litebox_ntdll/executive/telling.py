"""Telling those who listen what becomes of an exception."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litebox_core.guest import Guest

__all__ = ["listened", "tell"]


def tell(guest: "Guest", stage: str, code: int, address: int, handler: int = 0) -> None:
    """Calls ``litebox_exception``, where anybody implements it; for ``stage`` see ExceptionEvent."""
    if listened(guest):
        from litebox_core.trace.events import ExceptionEvent

        hook = guest.process.plugins.manager.hook.litebox_exception
        hook(guest=guest, event=ExceptionEvent(stage, code, address, handler))


def listened(guest: "Guest") -> bool:
    """Whether anybody wants to be told."""
    return bool(guest.process.plugins.manager.hook.litebox_exception.get_hookimpls())

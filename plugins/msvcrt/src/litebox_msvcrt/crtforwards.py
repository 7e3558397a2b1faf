"""What the run-times only hand on: functions that live in other DLLs."""

from .base import shared

shared.forward("__C_specific_handler", "ntdll.__C_specific_handler")

"""Engines: what runs guest code until something needs the host."""

from .base import Backing, Engine, EngineError, Exit, GuestThread, Stop

__all__ = ["Backing", "Engine", "EngineError", "Exit", "GuestThread", "Stop"]

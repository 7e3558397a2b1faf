"""Watching a program: which calls and events are traced, what a record of them holds, and who writes it down.

A traced export gets a marshaller of its own that reports to a :class:`Tracer`; all others run as if there were no
tracing. Listeners are plugins that implement ``litebox_call_enter`` and ``litebox_call_exit``; a :class:`Sink` is one
that writes.
"""

from .call import Call
from .events import ExceptionEvent, MemoryEvent
from .filters import Filter
from .sink import Sink
from .start import Tracing, start_tracing
from .tracer import Tracer

__all__ = ["Call", "ExceptionEvent", "Filter", "MemoryEvent", "Sink", "Tracer", "Tracing", "start_tracing"]

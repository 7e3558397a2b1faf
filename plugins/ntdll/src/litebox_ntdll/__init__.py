"""NTDLL and the NT executive (files, memory, heaps, clock) for litebox."""

"""Consoles as data: screen buffers, what terminals are sent to show them, and records of keys. No guest, no host."""

"""Text as Windows sees it: code pages, casing, character types, sorting, normalization and locale data.

Wide text is a Python `str` everywhere: astral characters are one character, a surrogate without its partner is kept
as it is. Lengths that a Windows program sees are UTF-16 units: `utf16.length`. Nothing is loaded before it is asked
for: import the module you need.

The tables under data/ are measurements (tools/probe_*.c, tools/gen_*.py), stored as differences from Python's own.
"""

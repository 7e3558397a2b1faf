"""Exit codes of litebox's own, chosen above those that programs use most. A program's own code is passed on."""

USAGE = 2
"""Wrong command line, litebox.toml, or choice of plugins."""
INTERNAL = 70
"""A bug in litebox or in a plugin; a Python traceback says where."""
DEADLOCK = 120
"""It can never end by itself: all its threads wait; a report says who for what."""
NOT_PE = 121
"""Not a Windows program, or a damaged one."""
WRONG_MACHINE = 122
"""A Windows program for another processor."""
MISSING_IMPORT = 123
"""It needs a DLL or function that is nowhere to be had."""
TIMEOUT = 124
"""It ran longer than --timeout."""
LIMIT = 125
"""litebox has no memory left for it."""
CRASH = 126
"""It raised an exception that nobody handled; a report says which and where."""
NOT_FOUND = 127
"""The file is not there or cannot be read."""
INTERRUPTED = 130
"""Ctrl-C."""

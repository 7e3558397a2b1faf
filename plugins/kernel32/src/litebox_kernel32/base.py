"""The Dll objects that the rooms of KERNEL32 export their functions into.

What both doors have goes into ``dll``; what only KERNELBASE has, into ``kernelbase``.
"""

from litebox_core.dll import WIN32, Dll

dll = Dll("kernel32", dialect=WIN32)
kernelbase = Dll("kernelbase", dialect=WIN32)

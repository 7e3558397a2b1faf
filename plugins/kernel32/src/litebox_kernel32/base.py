"""The Dll object that the rooms of KERNEL32 export their functions into."""

from litebox_core.dll import WIN32, Dll

dll = Dll("kernel32", dialect=WIN32)

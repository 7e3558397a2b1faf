"""The Dll object; its functions are declared by the rooms that ``dll`` imports."""

from litebox_core.dll import Dll

dll = Dll("user32", category="window")

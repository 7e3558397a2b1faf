"""The Dll object that all of ntdll's topic modules add their exports to."""

from litebox_core.dll import NATIVE, Dll

dll = Dll("ntdll", dialect=NATIVE, system_calls=("Nt", "Zw"))

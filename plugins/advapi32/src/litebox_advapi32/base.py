"""The Dll object that all of advapi32's topic modules add their exports to."""

from litebox_core.dll import Dll

dll = Dll("advapi32")

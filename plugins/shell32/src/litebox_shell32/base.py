"""The Dll object that all of shell32's topic modules add their exports to."""

from litebox_core.dll import Dll

dll = Dll("shell32")

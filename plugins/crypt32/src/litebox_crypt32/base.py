"""The Dll object of CRYPT32."""

from litebox_core.dll import Dll

dll = Dll("crypt32")

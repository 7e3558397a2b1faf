"""The Dll objects of OLE32, COMBASE, OLEAUT32 and RPCRT4."""

from litebox_core.dll import Dll

dll = Dll("ole32")
combase = Dll("combase")
"""Another door to what OLE32 has: newer programs ask for it by the names of API sets."""
oleaut32 = Dll("oleaut32")
rpcrt4 = Dll("rpcrt4")

"""advapi32: importing this module declares every export."""

from litebox_core.rooms import open_rooms

from .base import dll
from .roomindex import INDEX

ROOMS = """
    accctrl accounts aclapi descriptorapi eventlog eventtracing hashcontexts impersonation objectsecurityapi
    privilegeapi random regcopy regenum regfiles regget regkeys reglegacy regvalues regwatch services sidapi
    tokenapi wincrypt
"""

open_rooms(__package__, ROOMS, INDEX, {"advapi32": dll})

__all__ = ["dll"]

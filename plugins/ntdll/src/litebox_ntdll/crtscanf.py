"""ntdll's sscanf, over the C run-time's scanning."""

from litebox_core.abi import INT, PCSTR, VarArgs
from litebox_core.guest import Guest

from .base import dll


@dll.export(fails=-1, partial="scans as msvcrt.dll does; needs the litebox-msvcrt package")
def sscanf(guest: Guest, buffer: PCSTR, format: PCSTR, args: VarArgs) -> INT:
    from litebox_msvcrt.engines.scan import ScanOptions, TextSource, scan_narrow
    from litebox_msvcrt.scanning import Destinations

    return scan_narrow(TextSource(buffer), format, Destinations(args), ScanOptions()).stored

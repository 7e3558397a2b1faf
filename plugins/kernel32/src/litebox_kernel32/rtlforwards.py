"""winnt.h: what NTDLL does for the exceptions of compilers, exported here as well."""

from .base import dll

for _name in (
    "RtlAddFunctionTable", "RtlCaptureContext", "RtlCaptureStackBackTrace", "RtlDeleteFunctionTable",
    "RtlInstallFunctionTableCallback",
    "RtlLookupFunctionEntry", "RtlPcToFileHeader", "RtlRaiseException", "RtlRestoreContext", "RtlUnwind", "RtlUnwindEx",
    "RtlVirtualUnwind",
):  # fmt: skip
    dll.forward(_name, f"ntdll.{_name}")

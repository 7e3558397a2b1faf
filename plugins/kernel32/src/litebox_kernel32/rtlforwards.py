"""winnt.h: what NTDLL does for compilers, their exceptions and their blocks of memory, exported here as well."""

from .base import dll

MEMORY = ("RtlCompareMemory", "RtlCopyMemory", "RtlFillMemory", "RtlMoveMemory", "RtlZeroMemory")

for _name in (
    "RtlAddFunctionTable", "RtlCaptureContext", "RtlCaptureStackBackTrace", "RtlDeleteFunctionTable",
    "RtlInstallFunctionTableCallback", "RtlLookupFunctionEntry", "RtlPcToFileHeader", "RtlRaiseException",
    "RtlRestoreContext", "RtlUnwind", "RtlUnwindEx", "RtlVirtualUnwind", "__C_specific_handler", *MEMORY,
):  # fmt: skip
    dll.forward(_name, f"ntdll.{_name}")

dll.forward("DebugBreak", "ntdll.DbgBreakPoint")
for _name in ("VerLanguageNameA", "VerLanguageNameW"):
    dll.forward(_name, f"version.{_name}")

"""winnt.h: what NTDLL does for the exceptions of compilers and with memory, exported here as well."""

from .base import dll

for _name in (
    "RtlAddFunctionTable", "RtlCaptureContext", "RtlCaptureStackBackTrace", "RtlDeleteFunctionTable",
    "RtlInstallFunctionTableCallback",
    "RtlLookupFunctionEntry", "RtlPcToFileHeader", "RtlRaiseException", "RtlRestoreContext", "RtlUnwind", "RtlUnwindEx",
    "RtlVirtualUnwind",
):  # fmt: skip
    dll.forward(_name, f"ntdll.{_name}")

for _name in (
    "RtlCompareMemory", "RtlCopyMemory", "RtlFillMemory", "RtlMoveMemory", "RtlZeroMemory", "__C_specific_handler",
):  # fmt: skip
    dll.forward(_name, f"ntdll.{_name}")

dll.forward("DebugBreak", "ntdll.DbgBreakPoint")
for _name in ("VerLanguageNameA", "VerLanguageNameW"):
    dll.forward(_name, f"version.{_name}")

"""winnt.h: unwind information for code that belongs to no image, such as that of just-in-time compilers."""

from litebox_core.abi import BOOLEAN, DWORD, DWORD64, NTSTATUS, PCWSTR, PVOID, ULONG_PTR, Out
from litebox_core.guest import Guest
from litebox_core.services import Heaps

from .base import dll
from .executive.unwind import CallbackTable, DynamicTables, GrowableTable

_TABLE_NAME_SIZE = 8
STATUS_NO_MEMORY = 0xC0000017
_CALLBACK_MARK = 3


@dll.export
def RtlAddFunctionTable(
    guest: Guest, FunctionTable: PVOID, EntryCount: DWORD, BaseAddress: DWORD64, *, tables: DynamicTables
) -> BOOLEAN:
    tables.add(FunctionTable, EntryCount, BaseAddress)
    return True


@dll.export
def RtlDeleteFunctionTable(guest: Guest, FunctionTable: PVOID, *, tables: DynamicTables) -> BOOLEAN:
    if tables.callbacks.pop(FunctionTable, None) is not None:
        return True
    return tables.remove(FunctionTable)


@dll.export
def RtlAddGrowableFunctionTable(
    guest: Guest, DynamicTable: Out[PVOID], FunctionTable: PVOID, EntryCount: DWORD, MaximumEntryCount: DWORD,
    RangeBase: ULONG_PTR, RangeEnd: ULONG_PTR, *, tables: DynamicTables, heaps: Heaps,
) -> NTSTATUS:  # fmt: skip
    """Announces a table that is filled while the program runs; ``DynamicTable`` gets what names it from then on."""
    name = heaps.allocate(guest.process.process_heap, 0, _TABLE_NAME_SIZE)
    if not name:
        return STATUS_NO_MEMORY
    tables.growable[name] = GrowableTable(FunctionTable, EntryCount, MaximumEntryCount, RangeBase, RangeEnd)
    DynamicTable.value = name
    return 0


@dll.export
def RtlGrowFunctionTable(guest: Guest, DynamicTable: PVOID, NewEntryCount: DWORD, *, tables: DynamicTables) -> None:
    """Makes more of the table's entries count: never fewer than before, never more than its maximum."""
    table = tables.growable.get(DynamicTable)
    if table is not None and table.count < NewEntryCount <= table.maximum:
        table.count = NewEntryCount


@dll.export
def RtlDeleteGrowableFunctionTable(guest: Guest, DynamicTable: PVOID, *, tables: DynamicTables, heaps: Heaps) -> None:
    if tables.growable.pop(DynamicTable, None) is not None:
        heaps.free(guest.process.process_heap, 0, DynamicTable)


@dll.export
def RtlInstallFunctionTableCallback(
    guest: Guest, TableIdentifier: DWORD64, BaseAddress: DWORD64, Length: DWORD, Callback: PVOID, Context: PVOID,
    OutOfProcessCallbackDll: PCWSTR | None, *, tables: DynamicTables,
) -> BOOLEAN:  # fmt: skip
    """Names the function that knows the entries of a range of code; the identifier's two lowest bits are set."""
    if TableIdentifier & _CALLBACK_MARK != _CALLBACK_MARK:
        return False
    tables.callbacks[TableIdentifier] = CallbackTable(BaseAddress, BaseAddress + Length, Callback, Context)
    return True

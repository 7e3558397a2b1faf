"""Machine code for small functions. Made by tools/gen_fastpaths.py; do not edit."""

AcquireSRWLockExclusive = {64: bytes.fromhex(
    "31c041b801000000f04c0fb1017501c3"
)}
EnterCriticalSection = {64: bytes.fromhex(
    "b8ffffffff41b8fefffffff0440fb1410865448b042548000000750e4c894110c7410c0100000031c0c34c3941107506"
    "ff410c31c0c3"
)}
GetCurrentProcess = {64: bytes.fromhex(
    "4883c8ffc3"
)}
GetCurrentProcessId = {64: bytes.fromhex(
    "658b042540000000c3"
)}
GetCurrentThread = {64: bytes.fromhex(
    "48c7c0feffffffc3"
)}
GetCurrentThreadId = {64: bytes.fromhex(
    "658b042548000000c3"
)}
GetLastError = {64: bytes.fromhex(
    "658b042568000000c3"
)}
GetProcessHeap = {64: bytes.fromhex(
    "65488b042560000000488b4030c3"
)}
HeapAlloc = {64: bytes.fromhex(
    "65488b042560000000483b48300f8580000000f7c2f6ffffff7578654c8b1425b01f00004d85d2746a498d40ff483df8"
    "010000735e458d581741c1eb044489d8c1e00b4d8d940200f8ffff418b02ffc87841418902498b44c20865448b1425b8"
    "1f0000448950f866448940fc458d93ffa4000066448950fef7c2080000007412478d5c1bff41ffcb4ac704d800000000"
    "75f3c3"
)}
HeapFree = {64: bytes.fromhex(
    "65488b042560000000483b48300f8591000000f7c2feffffff0f858500000049f7c00f000000757c49f7c0ff0f000074"
    "73654c8b1425b01f00004d85d27465654c3b0425e01f0000725a654c3b0425e81f0000774f498b40f8653b0425b81f00"
    "00754148c1e8304189c341c1eb084181fba5000000752d0fb6c083f8207325c1e00b4901c2418b023dfe00000073154d"
    "8944c208ffc041890241c640ff5ab801000000c3"
)}
LeaveCriticalSection = {64: bytes.fromhex(
    "83790c01752b837908fe752b488361100083610c00b8feffffff41b8fffffffff0440fb14108740cc7410c01000000eb"
    "06ff490c31c0c3"
)}
ReleaseSRWLockExclusive = {64: bytes.fromhex(
    "b8010000004531c0f04c0fb1017501c3"
)}
SetLastError = {64: bytes.fromhex(
    "65890c2568000000c3"
)}
TlsGetValue = {64: bytes.fromhex(
    "83f940731889c865c70425680000000000000065488b04c580140000c3"
)}

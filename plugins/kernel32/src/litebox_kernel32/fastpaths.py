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

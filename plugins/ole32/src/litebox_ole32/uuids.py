"""rpcdce.h: UUIDs and their text."""

import uuid

from litebox_core.abi import INT, LONG, PCSTR, PCWSTR, PVOID, InOut, Out
from litebox_core.guest import Guest
from litebox_core.services import Entropy, Heaps

from .base import rpcrt4
from .guids import new_block, parse, random_guid, read_guid, write_guid

RPC_S_OK, RPC_S_INVALID_ARG, RPC_S_OUT_OF_MEMORY = 0, 87, 14
RPC_S_INVALID_STRING_UUID, RPC_S_UUID_LOCAL_ONLY = 1705, 1824
_NIL = uuid.UUID(int=0)


@rpcrt4.export
def UuidCreate(guest: Guest, Uuid: PVOID, *, entropy: Entropy) -> LONG:
    write_guid(guest, Uuid, random_guid(entropy))
    return RPC_S_OK


@rpcrt4.export(partial="the UUID is a random one: no network card's address is given away")
def UuidCreateSequential(guest: Guest, Uuid: PVOID, *, entropy: Entropy) -> LONG:
    write_guid(guest, Uuid, random_guid(entropy))
    return RPC_S_UUID_LOCAL_ONLY


@rpcrt4.export
def UuidCreateNil(guest: Guest, NilUuid: PVOID) -> LONG:
    write_guid(guest, NilUuid, _NIL)
    return RPC_S_OK


def _given(guest: Guest, addr: int) -> uuid.UUID:
    """NULL stands for the nil UUID."""
    return read_guid(guest, addr) if addr else _NIL


@rpcrt4.export
def UuidIsNil(guest: Guest, Uuid: PVOID, Status: Out[LONG]) -> INT:
    Status.value = RPC_S_OK
    return _given(guest, Uuid) == _NIL


@rpcrt4.export
def UuidEqual(guest: Guest, Uuid1: PVOID, Uuid2: PVOID, Status: Out[LONG]) -> INT:
    Status.value = RPC_S_OK
    return _given(guest, Uuid1) == _given(guest, Uuid2)


@rpcrt4.export
def UuidCompare(guest: Guest, Uuid1: PVOID, Uuid2: PVOID, Status: Out[LONG]) -> INT:
    Status.value = RPC_S_OK
    left, right = _given(guest, Uuid1), _given(guest, Uuid2)
    return (left > right) - (left < right)


def _to_text(guest: Guest, addr: int, out: Out[int], heaps: Heaps, codec: str) -> int:
    block = new_block(guest, heaps, (str(_given(guest, addr)) + "\0").encode(codec))
    out.value = block
    return RPC_S_OK if block else RPC_S_OUT_OF_MEMORY


@rpcrt4.export
def UuidToStringA(guest: Guest, Uuid: PVOID, StringUuid: Out[PVOID], *, heaps: Heaps) -> LONG:
    return _to_text(guest, Uuid, StringUuid, heaps, "ascii")


@rpcrt4.export
def UuidToStringW(guest: Guest, Uuid: PVOID, StringUuid: Out[PVOID], *, heaps: Heaps) -> LONG:
    return _to_text(guest, Uuid, StringUuid, heaps, "utf-16-le")


def _from_text(guest: Guest, text: str | None, out: int) -> int:
    found = _NIL if text is None else parse(text)
    if found is None:
        return RPC_S_INVALID_STRING_UUID
    write_guid(guest, out, found)
    return RPC_S_OK


@rpcrt4.export
def UuidFromStringA(guest: Guest, StringUuid: PCSTR | None, Uuid: PVOID) -> LONG:
    return _from_text(guest, None if StringUuid is None else StringUuid.decode("latin-1"), Uuid)


@rpcrt4.export
def UuidFromStringW(guest: Guest, StringUuid: PCWSTR | None, Uuid: PVOID) -> LONG:
    return _from_text(guest, StringUuid, Uuid)


def _free(guest: Guest, text: InOut[int], heaps: Heaps) -> int:
    if not text:
        return RPC_S_INVALID_ARG
    if text.value:
        heaps.free(guest.process.process_heap, 0, text.value)
    text.value = 0
    return RPC_S_OK


@rpcrt4.export
def RpcStringFreeA(guest: Guest, String: InOut[PVOID], *, heaps: Heaps) -> LONG:
    return _free(guest, String, heaps)


@rpcrt4.export
def RpcStringFreeW(guest: Guest, String: InOut[PVOID], *, heaps: Heaps) -> LONG:
    return _free(guest, String, heaps)

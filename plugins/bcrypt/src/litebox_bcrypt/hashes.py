"""bcrypt.h: algorithms, their properties, and hashes."""

from typing import Annotated

from litebox_core.abi import HANDLE, NTSTATUS, PCWSTR, PVOID, ULONG, Buffer, Len, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_FOUND,
    STATUS_NOT_SUPPORTED,
)

from .base import bcrypt
from .objects import ALGORITHMS, BcryptState, Hash, OpenAlgorithm

HANDLE_HMAC, HASH_REUSABLE = 8, 0x20
"""BCRYPT_ALG_HANDLE_HMAC_FLAG and BCRYPT_HASH_REUSABLE_FLAG."""
_PROVIDER = "Microsoft Primitive Provider"


@bcrypt.export(probes=True, partial="hashes and random numbers: MD4, MD5, SHA1, SHA256, SHA384, SHA512, RNG")
def BCryptOpenAlgorithmProvider(
    guest: Guest, phAlgorithm: Out[HANDLE], pszAlgId: PCWSTR | None, pszImplementation: PCWSTR | None, dwFlags: ULONG,
    *, state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    if not phAlgorithm or pszAlgId is None or dwFlags & ~(HANDLE_HMAC | HASH_REUSABLE):
        raise NtError(STATUS_INVALID_PARAMETER)
    found = ALGORITHMS.get(pszAlgId)
    if found is None or pszImplementation not in (None, _PROVIDER):
        raise NtError(STATUS_NOT_FOUND)
    if dwFlags and not found.hash:
        raise NtError(STATUS_INVALID_PARAMETER)
    phAlgorithm.value = state.add(OpenAlgorithm(found, bool(dwFlags & HANDLE_HMAC), bool(dwFlags & HASH_REUSABLE)))
    return 0


@bcrypt.export
def BCryptCloseAlgorithmProvider(
    guest: Guest, hAlgorithm: HANDLE, dwFlags: ULONG, *, state: BcryptState
) -> NTSTATUS:
    state.remove(hAlgorithm, OpenAlgorithm)
    return 0


def _property(found: OpenAlgorithm, name: str) -> bytes:
    """Raises NtError(STATUS_NOT_SUPPORTED)."""
    algorithm = found.algorithm
    if name == "AlgorithmName":
        return algorithm.name.encode("utf-16-le") + b"\0\0"
    numbers = {
        "HashDigestLength": algorithm.size, "HashBlockLength": algorithm.block, "ObjectLength": algorithm.object_size,
    }  # fmt: skip
    if name not in numbers or not algorithm.hash:
        raise NtError(STATUS_NOT_SUPPORTED)
    return numbers[name].to_bytes(4, "little")


@bcrypt.export(probes=True, partial="AlgorithmName, HashBlockLength, HashDigestLength and ObjectLength")
def BCryptGetProperty(
    guest: Guest, hObject: HANDLE, pszProperty: PCWSTR | None, pbOutput: PVOID, cbOutput: ULONG, pcbResult: Out[ULONG],
    dwFlags: ULONG, *, state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    found = state.either(hObject)
    if pszProperty is None or not pcbResult:
        raise NtError(STATUS_INVALID_PARAMETER)
    data = _property(found, pszProperty)
    pcbResult.value = len(data)
    if not pbOutput:
        return 0
    if cbOutput < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(pbOutput, data)
    return 0


def _hash(guest: Guest, of: OpenAlgorithm, secret: Buffer, flags: int) -> Hash:
    """A new hash. Raises NtError, GuestFault."""
    if not of.algorithm.hash:
        raise NtError(STATUS_NOT_SUPPORTED)
    if secret.size and not of.keyed:
        raise NtError(STATUS_INVALID_PARAMETER)
    return Hash(of, secret.read(), of.reusable or bool(flags & HASH_REUSABLE))


@bcrypt.export(probes=True)
def BCryptCreateHash(
    guest: Guest, hAlgorithm: HANDLE, phHash: Out[HANDLE], pbHashObject: PVOID, cbHashObject: ULONG,
    pbSecret: Annotated[Buffer, Len("cbSecret")], cbSecret: ULONG, dwFlags: ULONG, *, state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    """The memory that a program offers for the hash is left alone."""
    of = state.algorithm(hAlgorithm)
    if not phHash or dwFlags & ~HASH_REUSABLE:
        raise NtError(STATUS_INVALID_PARAMETER)
    if pbHashObject and cbHashObject < of.algorithm.object_size:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    phHash.value = state.add(_hash(guest, of, pbSecret, dwFlags))
    return 0


@bcrypt.export(probes=True)
def BCryptHashData(
    guest: Guest, hHash: HANDLE, pbInput: Annotated[Buffer, Len("cbInput")], cbInput: ULONG, dwFlags: ULONG, *,
    state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    found = state.get(hHash, Hash)
    if found.finished:
        raise NtError(STATUS_INVALID_HANDLE)
    found.update(pbInput.read())
    return 0


@bcrypt.export(probes=True)
def BCryptFinishHash(
    guest: Guest, hHash: HANDLE, pbOutput: PVOID, cbOutput: ULONG, dwFlags: ULONG, *, state: BcryptState
) -> NTSTATUS:
    found = state.get(hHash, Hash)
    if found.finished:
        raise NtError(STATUS_INVALID_HANDLE)
    if not pbOutput or cbOutput != found.of.algorithm.size:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.check(pbOutput, cbOutput, WRITE)
    guest.memory.write(pbOutput, found.finish())
    return 0


@bcrypt.export(probes=True)
def BCryptDuplicateHash(
    guest: Guest, hHash: HANDLE, phNewHash: Out[HANDLE], pbHashObject: PVOID, cbHashObject: ULONG, dwFlags: ULONG, *,
    state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    found = state.get(hHash, Hash)
    if not phNewHash:
        raise NtError(STATUS_INVALID_PARAMETER)
    if pbHashObject and cbHashObject < found.of.algorithm.object_size:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    phNewHash.value = state.add(found.copy())
    return 0


@bcrypt.export
def BCryptDestroyHash(guest: Guest, hHash: HANDLE, *, state: BcryptState) -> NTSTATUS:
    state.remove(hHash, Hash)
    return 0


@bcrypt.export(probes=True)
def BCryptHash(
    guest: Guest, hAlgorithm: HANDLE, pbSecret: Annotated[Buffer, Len("cbSecret")], cbSecret: ULONG,
    pbInput: Annotated[Buffer, Len("cbInput")], cbInput: ULONG, pbOutput: PVOID, cbOutput: ULONG, *,
    state: BcryptState,
) -> NTSTATUS:  # fmt: skip
    of = state.algorithm(hAlgorithm)
    made = _hash(guest, of, pbSecret, 0)
    if not pbOutput or cbOutput != of.algorithm.size:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.check(pbOutput, cbOutput, WRITE)
    made.update(pbInput.read())
    guest.memory.write(pbOutput, made.finish())
    return 0


@bcrypt.export(probes=True)
def BCryptGetFipsAlgorithmMode(guest: Guest, pfEnabled: PVOID) -> NTSTATUS:
    if not pfEnabled:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.put_u8(pfEnabled, 0)
    return 0

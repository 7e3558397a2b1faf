"""wincrypt.h: providers, random numbers and hashes. Keys are those of HMAC only."""

from typing import Annotated

from litebox_core.abi import BOOL, DWORD, PCSTR, PCWSTR, PVOID, UINT, ULONG_PTR, Buffer, InOut, Len, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.security.identity import Identity
from litebox_core.services import Entropy
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_MORE_DATA, ERROR_SUCCESS

from .base import dll
from .cryptobjects import (
    DEFAULTS,
    HASHES,
    HMAC,
    LONGEST_CONTAINER,
    LONGEST_KEY,
    MOST_CONTAINERS,
    NAMES,
    CryptState,
    HashObject,
    Key,
    Provider,
)

NTE_BAD_KEY, NTE_BAD_ALGID, NTE_BAD_TYPE, NTE_BAD_FLAGS = 0x80090003, 0x80090008, 0x8009000A, 0x80090009
NTE_BAD_HASH_STATE, NTE_EXISTS, NTE_BAD_PROV_TYPE, NTE_BAD_KEYSET = 0x8009000C, 0x8009000F, 0x80090014, 0x80090016
NTE_BAD_DATA, NTE_BAD_LEN = 0x80090005, 0x80090004
NTE_NO_MEMORY, NTE_BAD_KEYSET_PARAM = 0x8009000E, 0x8009001F
NTE_PROV_TYPE_NOT_DEF, NTE_KEYSET_NOT_DEF, NTE_PROV_TYPE_NO_MATCH = 0x80090017, 0x80090019, 0x8009001B
CRYPT_VERIFYCONTEXT, CRYPT_NEWKEYSET, CRYPT_DELETEKEYSET = 0xF0000000, 8, 0x10
CRYPT_MACHINE_KEYSET, CRYPT_SILENT = 0x20, 0x40
HP_ALGID, HP_HASHVAL, HP_HASHSIZE, HP_HMAC_INFO = 1, 2, 4, 5
PP_IMPTYPE, PP_NAME, PP_VERSION, PP_CONTAINER, PP_PROVTYPE, PP_UNIQUE_CONTAINER = 3, 4, 5, 6, 16, 36
PLAINTEXTKEYBLOB = 8
_MOST_TYPE = 999
_CONTAINERS = "containers hold no keys, and last as long as the process"


# -- providers ---------------------------------------------------------------------------------------------------------


def _provider_name(name: str, kind: int) -> str:
    """The provider of a name or, without one, of a type. Raises WinError."""
    if not 1 <= kind <= _MOST_TYPE:
        raise WinError(NTE_BAD_PROV_TYPE)
    if not name:
        if kind not in DEFAULTS:
            raise WinError(NTE_PROV_TYPE_NOT_DEF)
        return DEFAULTS[kind]
    found = next((known for known in NAMES if known.lower() == name.lower()), None)
    if found is None:
        raise WinError(NTE_KEYSET_NOT_DEF)
    if NAMES[found] != kind:
        raise WinError(NTE_PROV_TYPE_NO_MATCH)
    return found


def _acquire(guest: Guest, out: Out[int], container: str, provider: str, kind: int, flags: int) -> bool:
    if not out:
        raise WinError(ERROR_INVALID_PARAMETER)
    name, state = _provider_name(provider, kind), guest.process.state(CryptState)
    known = CRYPT_VERIFYCONTEXT | CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET | CRYPT_MACHINE_KEYSET | CRYPT_SILENT
    if flags & ~known or (flags & CRYPT_VERIFYCONTEXT and container):
        raise WinError(NTE_BAD_FLAGS)
    if len(container) > LONGEST_CONTAINER:
        raise WinError(NTE_BAD_KEYSET_PARAM)
    if not flags & CRYPT_VERIFYCONTEXT:
        container = container or guest.process.state(Identity).accounts.user.name
        key = kind, container.lower()
        if flags & CRYPT_NEWKEYSET:
            if key in state.containers:
                raise WinError(NTE_EXISTS)
            if len(state.containers) >= MOST_CONTAINERS:
                raise WinError(NTE_NO_MEMORY)
            state.containers.add(key)
        elif key not in state.containers:
            raise WinError(NTE_BAD_KEYSET)
        if flags & CRYPT_DELETEKEYSET:
            state.containers.discard(key)
            out.value = 0
            return True
    out.value = state.add(Provider(name, container))
    guest.last_error = ERROR_SUCCESS
    return True


@dll.export(probes=True, partial=_CONTAINERS)
def CryptAcquireContextW(
    guest: Guest, phProv: Out[ULONG_PTR], szContainer: PCWSTR | None, szProvider: PCWSTR | None, dwProvType: DWORD,
    dwFlags: DWORD,
) -> BOOL:  # fmt: skip
    return _acquire(guest, phProv, szContainer or "", szProvider or "", dwProvType, dwFlags)


@dll.export(probes=True, partial=_CONTAINERS)
def CryptAcquireContextA(
    guest: Guest, phProv: Out[ULONG_PTR], szContainer: PCSTR | None, szProvider: PCSTR | None, dwProvType: DWORD,
    dwFlags: DWORD,
) -> BOOL:  # fmt: skip
    decode = guest.memory.ansi_decode
    return _acquire(guest, phProv, decode(szContainer or b""), decode(szProvider or b""), dwProvType, dwFlags)


@dll.export
def CryptReleaseContext(guest: Guest, hProv: ULONG_PTR, dwFlags: DWORD, *, state: CryptState) -> BOOL:
    """With flags it fails, and releases nonetheless."""
    provider = state.get(hProv, Provider)
    provider.references -= 1
    if not provider.references:
        state.end(hProv, provider)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    return True


@dll.export
def CryptContextAddRef(
    guest: Guest, hProv: ULONG_PTR, pdwReserved: PVOID, dwFlags: DWORD, *, state: CryptState
) -> BOOL:
    provider = state.get(hProv, Provider)
    if pdwReserved or dwFlags:
        raise WinError(ERROR_INVALID_PARAMETER)
    provider.references += 1
    return True


def _give(guest: Guest, data: bytes, addr: int, size: InOut[int]) -> bool:
    """Stores data; NULL asks for their size. Raises WinError(ERROR_MORE_DATA)."""
    if not size:
        raise WinError(ERROR_INVALID_PARAMETER)
    room, size.value = size.value, len(data)
    if addr:
        if room < len(data):
            raise WinError(ERROR_MORE_DATA)
        guest.memory.write(addr, data)
    return True


@dll.export(probes=True, partial="names, container, type and version")
def CryptGetProvParam(
    guest: Guest, hProv: ULONG_PTR, dwParam: DWORD, pbData: PVOID, pdwDataLen: InOut[DWORD], dwFlags: DWORD, *,
    state: CryptState,
) -> BOOL:  # fmt: skip
    provider = state.get(hProv, Provider)
    texts = {PP_NAME: provider.name, PP_CONTAINER: provider.container, PP_UNIQUE_CONTAINER: provider.container}
    numbers = {PP_IMPTYPE: 2, PP_VERSION: 0x200, PP_PROVTYPE: provider.kind}
    if dwParam in texts:
        return _give(guest, guest.memory.ansi_encode(texts[dwParam]) + b"\0", pbData, pdwDataLen)
    if dwParam not in numbers:
        raise WinError(NTE_BAD_TYPE)
    return _give(guest, numbers[dwParam].to_bytes(4, "little"), pbData, pdwDataLen)


@dll.export(probes=True)
def CryptGenRandom(
    guest: Guest, hProv: ULONG_PTR, dwLen: DWORD, pbBuffer: Annotated[Buffer, Len("dwLen")], *, state: CryptState,
    entropy: Entropy,
) -> BOOL:  # fmt: skip
    state.get(hProv, Provider)
    guest.memory.check(pbBuffer.addr, dwLen, WRITE)
    pbBuffer.write(entropy.random(dwLen))
    return True


# -- keys --------------------------------------------------------------------------------------------------------------


@dll.export(probes=True, partial="plain keys of PLAINTEXTKEYBLOB, for HMAC")
def CryptImportKey(
    guest: Guest, hProv: ULONG_PTR, pbData: Annotated[bytes, Len("dwDataLen")], dwDataLen: DWORD, hPubKey: ULONG_PTR,
    dwFlags: DWORD, phKey: Out[ULONG_PTR], *, state: CryptState,
) -> BOOL:  # fmt: skip
    provider = state.get(hProv, Provider)
    if len(pbData) < 12 or hPubKey:
        raise WinError(ERROR_INVALID_PARAMETER)
    size = int.from_bytes(pbData[8:12], "little")
    if pbData[0] != PLAINTEXTKEYBLOB:
        raise WinError(NTE_BAD_TYPE)
    if len(pbData) < 12 + size or size > LONGEST_KEY:
        raise WinError(NTE_BAD_DATA)
    phKey.value = state.add(Key(provider, int.from_bytes(pbData[4:8], "little"), pbData[12 : 12 + size]))
    return True


@dll.export
def CryptDestroyKey(guest: Guest, hKey: ULONG_PTR, *, state: CryptState) -> BOOL:
    state.get(hKey, Key)
    state.remove(hKey)
    return True


dll.stub(
    "keys and encryption are not implemented", "CryptDecrypt", "CryptDeriveKey", "CryptDuplicateKey", "CryptEncrypt",
    "CryptExportKey", "CryptGenKey", "CryptGetKeyParam", "CryptGetUserKey", "CryptHashSessionKey", "CryptSetKeyParam",
    "CryptSetProvParam", "CryptSignHashA", "CryptSignHashW", "CryptVerifySignatureA", "CryptVerifySignatureW",
)  # fmt: skip


# -- hashes ------------------------------------------------------------------------------------------------------------


@dll.export(probes=True, partial="MD4, MD5, SHA-1, SHA-2 and HMAC")
def CryptCreateHash(
    guest: Guest, hProv: ULONG_PTR, Algid: UINT, hKey: ULONG_PTR, dwFlags: DWORD, phHash: Out[ULONG_PTR], *,
    state: CryptState,
) -> BOOL:  # fmt: skip
    provider = state.get(hProv, Provider)
    if not phHash:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    if Algid != HMAC:
        if not provider.offers(Algid):
            raise WinError(NTE_BAD_ALGID)
        phHash.value = state.add(HashObject(provider, Algid, None))
        return True
    if not hKey:
        raise WinError(NTE_BAD_KEY)
    phHash.value = state.add(HashObject(provider, Algid, state.get(hKey, Key)))
    return True


@dll.export(probes=True)
def CryptHashData(
    guest: Guest, hHash: ULONG_PTR, pbData: Annotated[Buffer, Len("dwDataLen")], dwDataLen: DWORD, dwFlags: DWORD, *,
    state: CryptState,
) -> BOOL:  # fmt: skip
    found = state.get(hHash, HashObject)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    if found.value is not None or not found.ready:
        raise WinError(NTE_BAD_HASH_STATE)
    found.update(pbData.read())
    return True


@dll.export(probes=True)
def CryptGetHashParam(
    guest: Guest, hHash: ULONG_PTR, dwParam: DWORD, pbData: PVOID, pdwDataLen: InOut[DWORD], dwFlags: DWORD, *,
    state: CryptState,
) -> BOOL:  # fmt: skip
    """Asked for its value, a hash takes no more data; asked for the size of that, it does."""
    found = state.get(hHash, HashObject)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    if dwParam == HP_ALGID:
        return _give(guest, found.algorithm.to_bytes(4, "little"), pbData, pdwDataLen)
    if dwParam not in (HP_HASHVAL, HP_HASHSIZE):
        raise WinError(NTE_BAD_TYPE)
    if not found.ready:
        raise WinError(NTE_BAD_HASH_STATE)
    if dwParam == HP_HASHSIZE:
        return _give(guest, found.size.to_bytes(4, "little"), pbData, pdwDataLen)
    fits = pbData and pdwDataLen and pdwDataLen.value >= found.size
    return _give(guest, found.finish() if fits else bytes(found.size), pbData, pdwDataLen)


@dll.export(probes=True, partial="HP_HASHVAL, and the hash of HP_HMAC_INFO")
def CryptSetHashParam(
    guest: Guest, hHash: ULONG_PTR, dwParam: DWORD, pbData: PVOID, dwFlags: DWORD, *, state: CryptState
) -> BOOL:
    found = state.get(hHash, HashObject)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    if dwParam == HP_HMAC_INFO and found.key is not None:
        algorithm = guest.memory.u32(pbData)
        if algorithm not in HASHES or not found.provider.offers(algorithm):
            raise WinError(NTE_BAD_ALGID)
        found.choose(algorithm)
    elif dwParam == HP_HASHVAL and found.ready:
        found.value = guest.memory.read(pbData, found.size)
    else:
        raise WinError(NTE_BAD_TYPE)
    return True


@dll.export(probes=True)
def CryptDuplicateHash(
    guest: Guest, hHash: ULONG_PTR, pdwReserved: PVOID, dwFlags: DWORD, phHash: Out[ULONG_PTR], *, state: CryptState
) -> BOOL:
    found = state.get(hHash, HashObject)
    if pdwReserved or not phHash:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags:
        raise WinError(NTE_BAD_FLAGS)
    phHash.value = state.add(found.copy())
    return True


@dll.export
def CryptDestroyHash(guest: Guest, hHash: ULONG_PTR, *, state: CryptState) -> BOOL:
    state.get(hHash, HashObject)
    state.remove(hHash)
    return True

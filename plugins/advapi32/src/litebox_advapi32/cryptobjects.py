"""What the handles of the CryptoAPI mean: providers, hashes, keys. A handle is the address of a small block."""

import hmac
from typing import Any, TypeVar

from litebox_core import hashing
from litebox_core.errors import NtError, WinError
from litebox_core.ntstatus import STATUS_NO_MEMORY
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INVALID_PARAMETER

__all__ = [
    "HASHES", "LONGEST_CONTAINER", "LONGEST_KEY", "MOST_CONTAINERS", "NAMES", "CryptState", "HashObject", "Key",
    "Provider",
]  # fmt: skip

T = TypeVar("T")
HMAC = 0x8009
HASHES = {0x8002: "md4", 0x8003: "md5", 0x8004: "sha1", 0x800C: "sha256", 0x800D: "sha384", 0x800E: "sha512"}
"""ALG_ID to the name of a hash."""
NAMES = {
    "Microsoft Base Cryptographic Provider v1.0": 1, "Microsoft Enhanced Cryptographic Provider v1.0": 1,
    "Microsoft Strong Cryptographic Provider": 1, "Microsoft RSA SChannel Cryptographic Provider": 12,
    "Microsoft Enhanced RSA and AES Cryptographic Provider": 24,
}  # fmt: skip
"""Providers and their types."""
DEFAULTS = {
    1: "Microsoft Strong Cryptographic Provider", 12: "Microsoft RSA SChannel Cryptographic Provider",
    24: "Microsoft Enhanced RSA and AES Cryptographic Provider",
}  # fmt: skip
_SHA2_TYPES = (12, 24)
_BLOCK = 32
_MOST_OBJECTS = 1 << 16
MOST_CONTAINERS, LONGEST_CONTAINER = 4096, 260
LONGEST_KEY = 4096
"""Bytes."""


class Provider:
    """``references``: how often CryptReleaseContext has to be called."""

    def __init__(self, name: str, container: str) -> None:
        self.name, self.kind, self.container, self.references = name, NAMES[name], container, 1

    def offers(self, algorithm: int) -> bool:
        """Whether it has a hash."""
        return algorithm in HASHES and (algorithm < 0x800C or self.kind in _SHA2_TYPES)


class Key:
    """A key for HMAC."""

    def __init__(self, provider: Provider, algorithm: int, secret: bytes) -> None:
        self.provider, self.algorithm, self.secret = provider, algorithm, secret


class HashObject:
    """A hash, or with a key an HMAC, which gets its inner hash later. ``value`` is what was asked for, or set."""

    def __init__(self, provider: Provider, algorithm: int, key: Key | None) -> None:
        self.provider, self.algorithm, self.key = provider, algorithm, key
        self.inner = algorithm if key is None else 0
        self._state: Any = hashing.new(HASHES[algorithm]) if key is None else None
        self.value: bytes | None = None

    def choose(self, algorithm: int) -> None:
        """The hash that an HMAC is made with."""
        assert self.key is not None
        self.inner, self._state = algorithm, hmac.new(self.key.secret, digestmod=_maker(HASHES[algorithm]))

    @property
    def ready(self) -> bool:
        return self._state is not None

    @property
    def size(self) -> int:
        return int(self._state.digest_size)

    def update(self, data: bytes) -> None:
        self._state = hashing.grown(self._state, data)

    def finish(self) -> bytes:
        if self.value is None:
            self.value = self._state.digest()
        return self.value

    def copy(self) -> "HashObject":
        made = HashObject.__new__(HashObject)
        made.provider, made.algorithm, made.key, made.inner = self.provider, self.algorithm, self.key, self.inner
        made._state, made.value = self._state.copy() if self._state is not None else None, self.value
        return made


def _maker(name: str) -> Any:
    """What :mod:`hmac` makes its hashes with."""
    return lambda: hashing.new(name)


class CryptState(DllState):
    """The objects of a process, and its containers of keys."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._objects: dict[int, Any] = {}
        self.containers: set[tuple[int, str]] = set()
        """Types of providers, and names in lower case."""

    def add(self, obj: object) -> int:
        """A handle. Raises NtError(STATUS_NO_MEMORY)."""
        heaps = self.process.service(Heaps)
        addr = heaps.allocate(heaps.process_heap, 0, _BLOCK) if len(self._objects) < _MOST_OBJECTS else 0
        if not addr:
            raise NtError(STATUS_NO_MEMORY)
        self.process.memory.write(addr, addr.to_bytes(8, "little") * (_BLOCK // 8))
        self._objects[addr] = obj
        return addr

    def get(self, handle: int, kind: type[T]) -> T:
        """Raises WinError(ERROR_INVALID_PARAMETER) for what is no handle of this kind."""
        found = self._objects.get(handle)
        if not isinstance(found, kind):
            raise WinError(ERROR_INVALID_PARAMETER)
        return found

    def remove(self, handle: int) -> None:
        heaps = self.process.service(Heaps)
        del self._objects[handle]
        heaps.free(heaps.process_heap, 0, handle)

    def end(self, handle: int, provider: Provider) -> None:
        """A provider is gone, and all that was made with it."""
        for other, obj in list(self._objects.items()):
            if other != handle and getattr(obj, "provider", None) is provider:
                self.remove(other)
        self.remove(handle)

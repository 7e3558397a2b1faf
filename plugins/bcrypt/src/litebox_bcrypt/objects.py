"""What handles mean: algorithms, which are open or have handles of their own, and hashes."""

import hmac
from typing import Any, NamedTuple, TypeVar

from litebox_core import hashing
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE
from litebox_core.process import DllState, Process

__all__ = ["ALGORITHMS", "Algorithm", "BcryptState", "Hash", "OpenAlgorithm"]

T = TypeVar("T")


class Algorithm(NamedTuple):
    """``size`` and ``block`` in bytes; ``object_size`` is what a program must offer for a hash object, at least."""

    name: str
    hash: str = ""
    size: int = 0
    block: int = 64
    object_size: int = 0


_ALL = (
    Algorithm("MD4", "md4", 16, 64, 270), Algorithm("MD5", "md5", 16, 64, 274), Algorithm("SHA1", "sha1", 20, 64, 278),
    Algorithm("SHA256", "sha256", 32, 64, 286), Algorithm("SHA384", "sha384", 48, 128, 382),
    Algorithm("SHA512", "sha512", 64, 128, 382), Algorithm("RNG"),
)  # fmt: skip
ALGORITHMS = {algorithm.name: algorithm for algorithm in _ALL}
_PSEUDO = {
    0x11: ("MD4", False), 0x21: ("MD5", False), 0x31: ("SHA1", False), 0x41: ("SHA256", False),
    0x51: ("SHA384", False), 0x61: ("SHA512", False), 0x81: ("RNG", False), 0x91: ("MD5", True), 0xA1: ("SHA1", True),
    0xB1: ("SHA256", True), 0xC1: ("SHA384", True), 0xD1: ("SHA512", True), 0x121: ("MD4", True),
}  # fmt: skip
"""BCRYPT_..._ALG_HANDLE: algorithms that need not be opened."""
_MOST = 1 << 16
_FIRST, _STEP = 0x10000, 0x10


class OpenAlgorithm:
    """``keyed``: hashes of it are HMACs; ``reusable``: they begin again when they are finished."""

    def __init__(self, algorithm: Algorithm, keyed: bool, reusable: bool = False) -> None:
        self.algorithm, self.keyed, self.reusable = algorithm, keyed, reusable


class Hash:
    """A hash or an HMAC. ``finished``: it takes no more data."""

    def __init__(self, of: OpenAlgorithm, secret: bytes, reusable: bool) -> None:
        self.of, self.reusable, self.finished = of, reusable, False
        if len(secret) > of.algorithm.block:  # what HMAC makes of it anyway
            secret = hashing.digest(of.algorithm.hash, secret)
        self.secret = secret
        self._state: Any = None
        self.begin()

    def begin(self) -> None:
        name = self.of.algorithm.hash
        maker: Any = lambda: hashing.new(name)  # noqa: E731
        self._state = hmac.new(self.secret, digestmod=maker) if self.of.keyed else maker()

    def update(self, data: bytes) -> None:
        self._state = hashing.grown(self._state, data)

    def finish(self) -> bytes:
        value: bytes = self._state.digest()
        if self.reusable:
            self.begin()
        else:
            self.finished = True
        return value

    def copy(self) -> "Hash":
        made = Hash(self.of, self.secret, self.reusable)
        made._state, made.finished = self._state.copy(), self.finished
        return made


class BcryptState(DllState):
    """The handles of a process."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._objects: dict[int, object] = {}
        self._next = _FIRST

    def add(self, obj: object) -> int:
        """Raises NtError(STATUS_INSUFFICIENT_RESOURCES)."""
        if len(self._objects) >= _MOST:
            raise NtError(STATUS_INSUFFICIENT_RESOURCES)
        self._next += _STEP
        self._objects[self._next] = obj
        return self._next

    def get(self, handle: int, kind: type[T]) -> T:
        """Raises NtError(STATUS_INVALID_HANDLE)."""
        found = self._objects.get(handle)
        if not isinstance(found, kind):
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def algorithm(self, handle: int) -> OpenAlgorithm:
        """The algorithm behind a handle of either kind. Raises NtError(STATUS_INVALID_HANDLE)."""
        pseudo = _PSEUDO.get(handle)
        if pseudo is not None:
            return OpenAlgorithm(ALGORITHMS[pseudo[0]], pseudo[1])
        return self.get(handle, OpenAlgorithm)

    def either(self, handle: int) -> OpenAlgorithm:
        """The algorithm of a handle on an algorithm or a hash. Raises NtError(STATUS_INVALID_HANDLE)."""
        found = self._objects.get(handle)
        return found.of if isinstance(found, Hash) else self.algorithm(handle)

    def remove(self, handle: int, kind: type) -> None:
        """Raises NtError(STATUS_INVALID_HANDLE)."""
        self.get(handle, kind)
        del self._objects[handle]

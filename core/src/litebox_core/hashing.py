"""Hash functions whose state lies where a program can see it: one block at a time, as MD4, MD5 and SHA-1 work.

What hashes whole messages uses :mod:`hashlib`; only MD4, which many hosts have no longer, is done here as well.
"""

import hashlib
import math
import struct
from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["BLOCK", "Hash", "digest", "grown", "md4_block", "md5_block", "new", "padding", "sha1_block"]

BLOCK = 64
"""Bytes."""
_MASK = 0xFFFFFFFF
_WORDS, _BIG_WORDS = struct.Struct("<16I"), struct.Struct(">16I")
MD_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
SHA1_START = (*MD_START, 0xC3D2E1F0)
_SINES = tuple(int(abs(math.sin(i + 1)) * 2**32) for i in range(64))
_MD5_TURNS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_MD5_ORDER = tuple(
    list(range(16))
    + [(5 * i + 1) % 16 for i in range(16)]
    + [(3 * i + 5) % 16 for i in range(16)]
    + [7 * i % 16 for i in range(16)]
)
_MD4_TURNS = ((3, 7, 11, 19), (3, 5, 9, 13), (3, 9, 11, 15))
_MD4_ORDER = (
    tuple(range(16)),
    (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
    (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15),
)
State = tuple[int, ...]
Block = Callable[[State, Any], State]


class Hash(Protocol):
    """What hashlib's objects have, as far as it is needed."""

    @property
    def digest_size(self) -> int: ...

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...
    def copy(self) -> "Hash": ...


def _turned(value: int, by: int) -> int:
    value &= _MASK
    return (value << by | value >> (32 - by)) & _MASK


def md5_block(state: State, block: Any) -> State:
    """The state after 64 more bytes."""
    words = _WORDS.unpack(block)
    a, b, c, d = state
    for i in range(64):
        if i < 16:
            f = d ^ (b & (c ^ d))
        elif i < 32:
            f = c ^ (d & (b ^ c))
        elif i < 48:
            f = b ^ c ^ d
        else:
            f = c ^ (b | ~d & _MASK)
        turned = _turned(a + f + _SINES[i] + words[_MD5_ORDER[i]], _MD5_TURNS[i >> 4][i & 3])
        a, d, c, b = d, c, b, (b + turned) & _MASK
    return tuple((old + new) & _MASK for old, new in zip(state, (a, b, c, d), strict=True))


def md4_block(state: State, block: Any) -> State:
    """The state after 64 more bytes."""
    words = _WORDS.unpack(block)
    a, b, c, d = state
    for turn, constant in enumerate((0, 0x5A827999, 0x6ED9EBA1)):
        for i, word in enumerate(_MD4_ORDER[turn]):
            f = (d ^ (b & (c ^ d)), b & c | b & d | c & d, b ^ c ^ d)[turn]
            turned = _turned(a + f + words[word] + constant, _MD4_TURNS[turn][i & 3])
            a, d, c, b = d, c, b, turned
    return tuple((old + new) & _MASK for old, new in zip(state, (a, b, c, d), strict=True))


def sha1_block(state: State, block: Any) -> State:
    """The state after 64 more bytes."""
    words = list(_BIG_WORDS.unpack(block))
    for i in range(16, 80):
        words.append(_turned(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1))
    a, b, c, d, e = state
    for i, word in enumerate(words):
        if i < 20:
            f = (d ^ (b & (c ^ d))) + 0x5A827999
        elif i < 40:
            f = (b ^ c ^ d) + 0x6ED9EBA1
        elif i < 60:
            f = (b & c | b & d | c & d) + 0x8F1BBCDC
        else:
            f = (b ^ c ^ d) + 0xCA62C1D6
        a, b, c, d, e = (_turned(a, 5) + f + e + word) & _MASK, a, _turned(b, 30), c, d
    return tuple((old + new) & _MASK for old, new in zip(state, (a, b, c, d, e), strict=True))


def padding(length: int, big: bool = False) -> bytes:
    """What comes behind a message of ``length`` bytes: its end and its size in bits, up to a whole block."""
    bits = (8 * length & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big" if big else "little")
    return b"\x80" + bytes((55 - length) % BLOCK) + bits


class _Md4:
    digest_size, block_size, name = 16, BLOCK, "md4"

    def __init__(self, state: State = MD_START, left: bytes = b"", length: int = 0) -> None:
        self._state, self._left, self._length = state, left, length

    def update(self, data: bytes, /) -> None:
        self._length += len(data)
        data, at = self._left + data, 0
        while at + BLOCK <= len(data):
            self._state = md4_block(self._state, data[at : at + BLOCK])
            at += BLOCK
        self._left = data[at:]

    def digest(self) -> bytes:
        end = self.copy()
        end.update(padding(self._length))
        return struct.pack("<4I", *end._state)

    def copy(self) -> "_Md4":
        return _Md4(self._state, self._left, self._length)


def grown(state: Any, data: bytes) -> Any:
    """The hash after more data. ``state`` itself stays as it is: snapshots may keep it."""
    made = state.copy()
    made.update(data)
    return made


def digest(name: str, data: bytes) -> bytes:
    """The hash of a whole message."""
    made = new(name)
    made.update(data)
    return made.digest()


def new(name: str) -> Hash:
    """A hash of md4, md5, sha1, sha256, sha384 or sha512."""
    if name == "md4":
        return _Md4()
    made: Any = hashlib.new(name, usedforsecurity=False)
    return made  # type: ignore[no-any-return]

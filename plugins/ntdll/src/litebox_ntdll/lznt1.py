"""Compression of buffers: LZNT1."""

import struct

from litebox_core.abi import NTSTATUS, PVOID, ULONG, USHORT, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BAD_COMPRESSION_BUFFER,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
    STATUS_UNSUPPORTED_COMPRESSION,
)

from .base import dll

COMPRESSION_FORMAT_NONE, COMPRESSION_FORMAT_DEFAULT, COMPRESSION_FORMAT_LZNT1 = 0, 1, 2
CHUNK = 0x1000
COMPRESSED, SIGNATURE = 0x8000, 0x3000


def _length_bits(position: int) -> int:
    """How many bits of a token are its length, ``position`` bytes into a chunk."""
    return 16 - max(4, (position - 1).bit_length())


def decompress_chunk(data: bytes, limit: int) -> bytes:
    """The content of one compressed chunk, cut to ``limit``. Raises NtError(STATUS_BAD_COMPRESSION_BUFFER)."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end and len(out) < limit:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= end or len(out) >= limit:
                break
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            if at + 2 > end or not out:
                raise NtError(STATUS_BAD_COMPRESSION_BUFFER)
            token = data[at] | data[at + 1] << 8
            at += 2
            bits = _length_bits(len(out))
            length, distance = (token & (1 << bits) - 1) + 3, (token >> bits) + 1
            if distance > len(out) or len(out) + length > CHUNK:
                raise NtError(STATUS_BAD_COMPRESSION_BUFFER)
            start = len(out) - distance
            while length > 0:  # a match may reach into what it makes
                piece = out[start : start + length]
                out += piece
                length -= len(piece)
    return bytes(out[:limit])


def decompress(data: bytes, limit: int, offset: int = 0) -> bytes:
    """At most ``limit`` bytes of the content from ``offset`` on. Raises NtError(STATUS_BAD_COMPRESSION_BUFFER)."""
    if len(data) < 2:
        raise NtError(STATUS_BAD_COMPRESSION_BUFFER)
    out: list[bytes] = []
    at, have = 0, 0
    while at + 2 <= len(data) and have < limit:
        head = data[at] | data[at + 1] << 8
        if not head:
            break
        size = (head & 0xFFF) + 1
        body = data[at + 2 : at + 2 + size]
        at += 2 + size
        if len(body) < size:
            raise NtError(STATUS_BAD_COMPRESSION_BUFFER)
        if offset >= CHUNK:
            offset -= CHUNK
            continue
        room = min(limit - have + offset, CHUNK)
        piece = decompress_chunk(body, room) if head & COMPRESSED else body[:room]
        if at + 2 <= len(data) and (data[at] or data[at + 1]) and len(piece) < room:
            piece = piece.ljust(room, b"\0")  # only the last chunk may be short
        out.append(piece[offset:])
        have += len(out[-1])
        offset = 0
    return b"".join(out)


def compress_chunk(data: bytes) -> bytes:
    """A chunk's compressed form, without its header."""
    out = bytearray()
    seen: dict[bytes, int] = {}
    at, end = 0, len(data)
    while at < end:
        flags_at = len(out)
        out.append(0)
        for bit in range(8):
            if at >= end:
                break
            key = data[at : at + 3]
            found = seen.get(key) if len(key) == 3 else None
            seen[key] = at
            if found is None:
                out.append(data[at])
                at += 1
                continue
            bits = _length_bits(at)
            longest = min((1 << bits) + 2, end - at)
            length = 3
            while length < longest and data[found + length] == data[at + length]:
                length += 1
            token = (at - found - 1) << bits | length - 3
            out += struct.pack("<H", token)
            out[flags_at] |= 1 << bit
            for passed in range(at + 1, min(at + length, end - 2)):
                seen[data[passed : passed + 3]] = passed
            at += length
    return bytes(out)


def compress(data: bytes) -> bytes:
    """The LZNT1 form of some data."""
    out: list[bytes] = []
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        packed = compress_chunk(chunk)
        if len(packed) < len(chunk):
            out += (struct.pack("<H", COMPRESSED | SIGNATURE | len(packed) - 1), packed)
        else:
            out += (struct.pack("<H", SIGNATURE | len(chunk) - 1), chunk)
    return b"".join(out)


def _check_format(format_and_engine: int) -> None:
    if format_and_engine & 0xFF in (COMPRESSION_FORMAT_NONE, COMPRESSION_FORMAT_DEFAULT):
        raise NtError(STATUS_INVALID_PARAMETER)
    if format_and_engine & 0xFF != COMPRESSION_FORMAT_LZNT1:
        raise NtError(STATUS_UNSUPPORTED_COMPRESSION)


@dll.export(partial="LZNT1 only")
def RtlGetCompressionWorkSpaceSize(
    guest: Guest,
    CompressionFormatAndEngine: USHORT,
    CompressBufferWorkSpaceSize: Out[ULONG],
    CompressFragmentWorkSpaceSize: Out[ULONG],
) -> NTSTATUS:
    _check_format(CompressionFormatAndEngine)
    CompressBufferWorkSpaceSize.value = 0x8010
    CompressFragmentWorkSpaceSize.value = 0x1000
    return STATUS_SUCCESS


@dll.export(partial="LZNT1 only")
def RtlCompressBuffer(
    guest: Guest,
    CompressionFormatAndEngine: USHORT,
    UncompressedBuffer: PVOID,
    UncompressedBufferSize: ULONG,
    CompressedBuffer: PVOID,
    CompressedBufferSize: ULONG,
    UncompressedChunkSize: ULONG,
    FinalCompressedSize: Out[ULONG],
    WorkSpace: PVOID,
) -> NTSTATUS:
    _check_format(CompressionFormatAndEngine)
    data = compress(guest.memory.read(UncompressedBuffer, UncompressedBufferSize))
    if len(data) > CompressedBufferSize:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(CompressedBuffer, data)
    FinalCompressedSize.value = len(data)
    return STATUS_SUCCESS


def _decompress(guest: Guest, target: int, room: int, source: int, size: int, offset: int, final: Out[ULONG]) -> int:
    data = decompress(guest.memory.read(source, size), room, offset)
    guest.memory.write(target, data)
    final.value = len(data)
    return STATUS_SUCCESS


@dll.export(partial="LZNT1 only")
def RtlDecompressBuffer(
    guest: Guest,
    CompressionFormat: USHORT,
    UncompressedBuffer: PVOID,
    UncompressedBufferSize: ULONG,
    CompressedBuffer: PVOID,
    CompressedBufferSize: ULONG,
    FinalUncompressedSize: Out[ULONG],
) -> NTSTATUS:
    _check_format(CompressionFormat)
    return _decompress(
        guest, UncompressedBuffer, UncompressedBufferSize, CompressedBuffer, CompressedBufferSize, 0,
        FinalUncompressedSize,
    )  # fmt: skip


@dll.export(partial="LZNT1 only")
def RtlDecompressFragment(
    guest: Guest,
    CompressionFormat: USHORT,
    UncompressedFragment: PVOID,
    UncompressedFragmentSize: ULONG,
    CompressedBuffer: PVOID,
    CompressedBufferSize: ULONG,
    FragmentOffset: ULONG,
    FinalUncompressedSize: Out[ULONG],
    WorkSpace: PVOID,
) -> NTSTATUS:
    _check_format(CompressionFormat)
    return _decompress(
        guest, UncompressedFragment, UncompressedFragmentSize, CompressedBuffer, CompressedBufferSize, FragmentOffset,
        FinalUncompressedSize,
    )  # fmt: skip

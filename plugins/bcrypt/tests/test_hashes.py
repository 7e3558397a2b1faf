"""BCRYPT's algorithms and hashes."""

import hashlib
import hmac

import pytest

STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED, STATUS_NOT_FOUND, STATUS_BUFFER_TOO_SMALL = (
    0xC0000008, 0xC000000D, 0xC00000BB, 0xC0000225, 0xC0000023
)  # fmt: skip
SHA256_PSEUDO, HMAC_SHA1_PSEUDO, RNG_PSEUDO, REUSABLE = 0x41, 0xA1, 0x81, 0x20


def unsigned(status):
    return status & 0xFFFFFFFF


@pytest.fixture
def bcrypt(box):
    return box.call.bcrypt


def opened(box, name, flags=0):
    out = box.alloc(8)
    assert box.call.bcrypt.BCryptOpenAlgorithmProvider(out, name, None, flags) == 0
    return box.memory.pointer(out)


def test_algorithms_that_are_not_there(box, bcrypt):
    out = box.alloc(8)
    assert unsigned(bcrypt.BCryptOpenAlgorithmProvider(out, "AES", None, 0)) == STATUS_NOT_FOUND
    assert unsigned(bcrypt.BCryptOpenAlgorithmProvider(out, None, None, 0)) == STATUS_INVALID_PARAMETER
    assert unsigned(bcrypt.BCryptOpenAlgorithmProvider(out, "MD5", None, 1)) == STATUS_INVALID_PARAMETER
    assert unsigned(bcrypt.BCryptOpenAlgorithmProvider(out, "MD5", "somebody's", 0)) == STATUS_NOT_FOUND


def test_properties(box, bcrypt):
    handle, room, size = opened(box, "SHA256"), box.alloc(16), box.alloc(4)
    assert bcrypt.BCryptGetProperty(handle, "AlgorithmName", room, 14, size, 0) == 0
    assert (box.memory.wstr(room), box.memory.u32(size)) == ("SHA256", 14)
    assert unsigned(bcrypt.BCryptGetProperty(handle, "AlgorithmName", room, 13, size, 0)) == STATUS_BUFFER_TOO_SMALL
    assert unsigned(bcrypt.BCryptGetProperty(handle, "None", room, 14, size, 0)) == STATUS_NOT_SUPPORTED
    assert unsigned(bcrypt.BCryptGetProperty(0, "AlgorithmName", room, 14, size, 0)) == STATUS_INVALID_HANDLE
    assert unsigned(bcrypt.BCryptGetProperty(handle, None, room, 14, size, 0)) == STATUS_INVALID_PARAMETER


def test_one_call(box, bcrypt):
    source, result = box.alloc(8), box.alloc(64)
    box.memory.write(source, b"abc")
    assert bcrypt.BCryptHash(SHA256_PSEUDO, 0, 0, source, 3, result, 32) == 0
    assert box.memory.read(result, 32) == hashlib.sha256(b"abc").digest()
    assert bcrypt.BCryptHash(HMAC_SHA1_PSEUDO, source, 3, source, 3, result, 20) == 0
    assert box.memory.read(result, 20) == hmac.new(b"abc", b"abc", "sha1").digest()
    assert unsigned(bcrypt.BCryptHash(SHA256_PSEUDO, source, 3, source, 3, result, 32)) == STATUS_INVALID_PARAMETER
    assert unsigned(bcrypt.BCryptHash(SHA256_PSEUDO, 0, 0, source, 3, result, 31)) == STATUS_INVALID_PARAMETER
    assert unsigned(bcrypt.BCryptHash(RNG_PSEUDO, 0, 0, source, 3, result, 32)) == STATUS_NOT_SUPPORTED


def test_a_finished_hash_takes_no_more(box, bcrypt):
    handle, out, result = opened(box, "MD5"), box.alloc(8), box.alloc(16)
    assert unsigned(bcrypt.BCryptCreateHash(handle, out, result, 16, 0, 0, 0)) == STATUS_BUFFER_TOO_SMALL
    assert bcrypt.BCryptCreateHash(handle, out, 0, 0, 0, 0, 0) == 0
    hash_ = box.memory.pointer(out)
    assert bcrypt.BCryptFinishHash(hash_, result, 16, 0) == 0
    assert box.memory.read(result, 16) == hashlib.md5(b"", usedforsecurity=False).digest()
    assert unsigned(bcrypt.BCryptHashData(hash_, result, 1, 0)) == STATUS_INVALID_HANDLE
    assert bcrypt.BCryptDestroyHash(hash_) == 0
    assert unsigned(bcrypt.BCryptDestroyHash(hash_)) == STATUS_INVALID_HANDLE
    assert unsigned(bcrypt.BCryptDestroyHash(handle)) == STATUS_INVALID_HANDLE


def test_a_reusable_hash_begins_again(box, bcrypt):
    handle, out, data, result = opened(box, "SHA1", REUSABLE), box.alloc(8), box.alloc(8), box.alloc(20)
    box.memory.write(data, b"x")
    assert bcrypt.BCryptCreateHash(handle, out, 0, 0, 0, 0, 0) == 0
    for _ in range(2):
        assert bcrypt.BCryptHashData(box.memory.pointer(out), data, 1, 0) == 0
        assert bcrypt.BCryptFinishHash(box.memory.pointer(out), result, 20, 0) == 0
        assert box.memory.read(result, 20) == hashlib.sha1(b"x", usedforsecurity=False).digest()


def test_random_numbers_of_an_algorithm(box, bcrypt):
    room = box.alloc(32)
    assert bcrypt.BCryptGenRandom(opened(box, "RNG"), room, 32, 0) == 0
    assert box.memory.read(room, 32) != bytes(32)
    assert unsigned(bcrypt.BCryptGenRandom(opened(box, "MD5"), room, 32, 0)) == STATUS_INVALID_HANDLE


def test_a_long_secret_is_not_kept(box, bcrypt):
    """An HMAC with a key longer than a block is that with the key's hash."""
    from litebox_bcrypt.objects import BcryptState

    handle, out, secret = opened(box, "SHA256", 8), box.alloc(8), b"s" * 1_000_000
    assert bcrypt.BCryptCreateHash(handle, out, 0, 0, secret, len(secret), 0) == 0
    made = box.memory.pointer(out)
    assert len(box.process.state(BcryptState)._objects[made].secret) == 32
    room = box.alloc(32)
    assert bcrypt.BCryptHashData(made, b"data", 4, 0) == 0
    assert bcrypt.BCryptFinishHash(made, room, 32, 0) == 0
    assert box.memory.read(room, 32) == hmac.digest(secret, b"data", "sha256")

"""The CryptoAPI's handles; contexts of hashes that lie in the program's memory."""

import hashlib
import hmac
import struct

import pytest

from litebox_advapi32 import cryptobjects
from litebox_advapi32.cryptobjects import HashObject, Key, Provider
from litebox_core.memento import Memento

PROV_RSA_FULL, PROV_RSA_AES, VERIFYCONTEXT, NEWKEYSET, DELETEKEYSET = 1, 24, 0xF0000000, 8, 0x10
MD5, SHA_256, HMAC = 0x8003, 0x800C, 0x8009
ERROR_INVALID_PARAMETER, NTE_BAD_ALGID, NTE_BAD_FLAGS, NTE_BAD_TYPE = 87, 0x80090008, 0x80090009, 0x8009000A
NTE_EXISTS, NTE_BAD_KEYSET, NTE_BAD_KEY = 0x8009000F, 0x80090016, 0x80090003
NTE_BAD_DATA, NTE_BAD_KEYSET_PARAM = 0x80090005, 0x8009001F


@pytest.fixture
def advapi32(box):
    return box.call.advapi32


def acquire(box, kind=PROV_RSA_AES, container=None, flags=VERIFYCONTEXT):
    out = box.alloc(8)
    done = box.call.advapi32.CryptAcquireContextW(out, container, None, kind, flags)
    return box.memory.pointer(out) if done else 0


def test_providers_take_their_hashes_with_them(box, advapi32):
    provider, out = acquire(box), box.alloc(8)
    assert advapi32.CryptCreateHash(provider, MD5, 0, 0, out) == 1
    hash_ = box.memory.pointer(out)
    assert advapi32.CryptContextAddRef(provider, 0, 0) == 1
    assert advapi32.CryptReleaseContext(provider, 0) == 1
    assert advapi32.CryptHashData(hash_, out, 1, 0) == 1
    assert advapi32.CryptReleaseContext(provider, 1) == 0  # and is released
    assert box.last_error == NTE_BAD_FLAGS
    for call in (lambda: advapi32.CryptHashData(hash_, out, 1, 0), lambda: advapi32.CryptReleaseContext(provider, 0)):
        assert call() == 0
        assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_handle_of_one_kind_is_none_of_another(box, advapi32):
    provider = acquire(box)
    assert advapi32.CryptDestroyHash(provider) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert advapi32.CryptDestroyHash(0xDEAD) == 0


def test_which_provider_has_which_hash(box, advapi32):
    out = box.alloc(8)
    assert advapi32.CryptCreateHash(acquire(box, PROV_RSA_FULL), SHA_256, 0, 0, out) == 0
    assert box.last_error == NTE_BAD_ALGID
    assert advapi32.CryptCreateHash(acquire(box), SHA_256, 0, 0, out) == 1
    assert advapi32.CryptCreateHash(acquire(box), HMAC, 0, 0, out) == 0
    assert box.last_error == NTE_BAD_KEY
    assert advapi32.CryptGetHashParam(box.memory.pointer(out), 99, 0, box.alloc(4), 0) == 0
    assert box.last_error == NTE_BAD_TYPE


def test_containers(box):
    assert acquire(box, container="box", flags=0) == 0
    assert box.last_error == NTE_BAD_KEYSET
    assert acquire(box, container="box", flags=NEWKEYSET)
    assert acquire(box, container="BOX", flags=0)
    assert acquire(box, container="box", flags=NEWKEYSET) == 0
    assert box.last_error == NTE_EXISTS
    assert acquire(box, container="box", flags=DELETEKEYSET) == 0 and box.last_error != NTE_BAD_KEYSET
    assert acquire(box, container="box", flags=0) == 0
    assert acquire(box, container="box", flags=VERIFYCONTEXT) == 0
    assert box.last_error == NTE_BAD_FLAGS


@pytest.mark.parametrize("sizes", [(0,), (1,), (55,), (56,), (64,), (3, 61, 64, 200), (63, 1, 1)])
def test_contexts(box, advapi32, sizes):
    """What hashlib makes of the same bytes."""
    data = bytes(range(256)) * 2
    source, context, result = box.alloc(512), box.alloc(120), box.alloc(20)
    box.memory.write(source, data)
    total = sum(sizes)
    advapi32.MD5Init(context)
    for at, size in zip([sum(sizes[:n]) for n in range(len(sizes))], sizes, strict=True):
        advapi32.MD5Update(context, source + at, size)
    advapi32.MD5Final(context)
    assert box.memory.read(context + 88, 16) == hashlib.md5(data[:total], usedforsecurity=False).digest()
    advapi32.A_SHAInit(context)
    for at, size in zip([sum(sizes[:n]) for n in range(len(sizes))], sizes, strict=True):
        advapi32.A_SHAUpdate(context, source + at, size)
    advapi32.A_SHAFinal(context, result)
    assert box.memory.read(result, 20) == hashlib.sha1(data[:total], usedforsecurity=False).digest()


def test_md4_where_the_host_has_none(box, advapi32):
    """The test vectors of RFC 1320."""
    context, source = box.alloc(104), box.alloc(80)
    for text, digest in (
        (b"", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        (b"message digest", "d9130a8164549fe818874806e1c7014b"),
        (b"1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ):
        box.memory.write(source, text or b"\0")
        advapi32.MD4Init(context)
        advapi32.MD4Update(context, source, len(text))
        advapi32.MD4Final(context)
        assert box.memory.read(context + 88, 16).hex() == digest


@pytest.mark.parametrize("keyed", [False, True])
def test_a_snapshot_keeps_a_hash(keyed):
    provider = Provider("Microsoft Strong Cryptographic Provider", "")
    made = HashObject(provider, HMAC if keyed else MD5, Key(provider, 0, b"key") if keyed else None)
    if keyed:
        made.choose(MD5)
    made.update(b"a")
    kept = Memento([(made, "a hash")])
    made.update(b"b")
    changed = made.finish()
    kept.bring_back()
    made.update(b"c")
    one = hmac.new(b"key", b"ac", "md5") if keyed else hashlib.md5(b"ac", usedforsecurity=False)
    assert made.finish() == one.digest() != changed


def test_names_of_containers_have_a_limit(box):
    assert acquire(box, container="c" * 261, flags=NEWKEYSET) == 0
    assert box.last_error == NTE_BAD_KEYSET_PARAM
    assert acquire(box, container="c" * 260, flags=NEWKEYSET)


def test_absurd_keys_are_refused(box, advapi32):
    provider, out = acquire(box), box.alloc(8)
    for size, done in ((4096, 1), (4097, 0), (1 << 20, 0)):
        blob = struct.pack("<BBHII", 8, 2, 0, 0x6602, size) + bytes(size)
        assert advapi32.CryptImportKey(provider, blob, len(blob), 0, 0, out) == done
    assert box.last_error == NTE_BAD_DATA


def test_there_is_an_end_of_handles(box, advapi32, monkeypatch):
    """They are small for the program, and larger for the host."""
    monkeypatch.setattr(cryptobjects, "_MOST_OBJECTS", 20)
    provider, out = acquire(box), box.alloc(8)
    done = [advapi32.CryptCreateHash(provider, MD5, 0, 0, out) for _ in range(30)]
    assert sum(done) == 19
    assert done[-1] == 0

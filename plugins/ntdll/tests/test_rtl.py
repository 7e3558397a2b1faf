"""The runtime library: strings, numbers, bitmaps, environment, times, addresses, compression."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litebox_core.testing import Box
from litebox_ntdll import inaddr, lznt1, rtlbitmap, time
from litebox_ntdll.ntdef import counted, put_counted


def unicode_string(box: Box, text: str = "", room: int = 0) -> int:
    """A UNICODE_STRING that holds ``text``, with ``room`` bytes of buffer."""
    data = text.encode("utf-16-le", "surrogatepass")
    buffer, addr = box.alloc(max(len(data), room) + 8), box.alloc(16)
    box.memory.write(buffer, data + b"\x55" * 8)
    put_counted(box.memory, addr, len(data), max(len(data), room), buffer)
    return addr


def text_of(box: Box, addr: int) -> str:
    length, _, buffer = counted(box.memory, addr)
    return box.memory.read(buffer, length).decode("utf-16-le", "surrogatepass")


def test_init_unicode_string(box: Box) -> None:
    call, target, source = box.call.ntdll, box.alloc(16), box.alloc("abc")
    call.RtlInitUnicodeString(target, source)
    assert counted(box.memory, target) == (6, 8, source)
    call.RtlInitUnicodeString(target, 0)
    assert counted(box.memory, target) == (0, 0, 0)
    long = box.alloc("x" * 40000)
    call.RtlInitUnicodeString(target, long)
    assert counted(box.memory, target) == (0xFFFC, 0xFFFE, long)
    assert call.RtlInitUnicodeStringEx(target, long) == 0xC0000106


def test_append_needs_room_and_terminates_where_it_can(box: Box) -> None:
    call, target = box.call.ntdll, unicode_string(box, "ab", 8)
    assert call.RtlAppendUnicodeToString(target, "c") == 0
    assert text_of(box, target) == "abc"
    assert box.memory.u16(counted(box.memory, target)[2] + 6) == 0
    assert call.RtlAppendUnicodeToString(target, "de") == 0xC0000023
    assert text_of(box, target) == "abc"


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [("  -12", 10, -12 & 0xFFFFFFFF), ("0x1fG", 0, 0x1F), ("0b102", 0, 2), ("0o78", 0, 7), ("", 0, 0),
     ("4294967297", 10, 1), ("0x1f", 16, 0)],
)  # fmt: skip
def test_unicode_string_to_integer(box: Box, text: str, base: int, value: int) -> None:
    out = box.alloc(4)
    assert box.call.ntdll.RtlUnicodeStringToInteger(unicode_string(box, text), base, out) == 0
    assert box.memory.u32(out) == value


def test_integers_refuse_odd_bases_and_small_buffers(box: Box) -> None:
    call, buffer = box.call.ntdll, box.alloc(b"\x55" * 15)
    assert call.RtlIntegerToChar(255, 16, 2, buffer) == 0
    assert box.memory.read(buffer, 3) == b"FF\x55"
    assert call.RtlIntegerToChar(255, 16, 1, buffer) == 0x80000005
    assert call.RtlIntegerToChar(255, 7, 9, buffer) == 0xC000000D
    assert call.RtlIntegerToChar(255, 16, 9, 0) == 0xC0000005


def test_guid_round_trip(box: Box) -> None:
    call, guid, target = box.call.ntdll, box.alloc(16), box.alloc(16)
    text = "{01020304-0506-0708-090A-0B0C0D0E0F10}"
    assert call.RtlGUIDFromString(unicode_string(box, text), guid) == 0
    assert box.memory.read(guid, 8) == bytes.fromhex("0403020106050807")
    assert call.RtlStringFromGUID(guid, target) == 0
    assert text_of(box, target) == text
    assert call.RtlGUIDFromString(unicode_string(box, text[:-1] + ")"), guid) == 0xC000000D


def test_environment(box: Box) -> None:
    call, env, value = box.call.ntdll, box.alloc(8), unicode_string(box, "", 40)
    assert call.RtlCreateEnvironment(0, env) == 0
    block = box.memory.u64(env)
    for name, text in (("b", "2"), ("A", "1"), ("B", "3"), ("=C:", "C:\\x")):
        assert call.RtlSetEnvironmentVariable(env, unicode_string(box, name), unicode_string(box, text)) == 0
    block = box.memory.u64(env)
    assert call.RtlQueryEnvironmentVariable_U(block, unicode_string(box, "b"), value) == 0
    assert text_of(box, value) == "3"
    assert call.RtlExpandEnvironmentStrings_U(block, unicode_string(box, "%a%-%zz%b%"), value, 0) == 0
    assert text_of(box, value) == "1-%zz3"
    assert call.RtlSetEnvironmentVariable(env, unicode_string(box, "x=y"), unicode_string(box, "1")) == 0xC000000D
    assert call.RtlSetEnvironmentVariable(env, unicode_string(box, "A"), 0) == 0
    assert call.RtlQueryEnvironmentVariable_U(box.memory.u64(env), unicode_string(box, "a"), value) == 0xC0000100


@given(st.integers(0, time.time_of(time.TIME_FIELDS(Year=30827, Month=12, Day=31)) or 0))
def test_times_and_fields(moment: int) -> None:
    fields = time.fields_of(moment)
    assert time.time_of(fields) == moment - moment % time.TICKS_PER_MS


@given(st.binary(max_size=200).map(lambda piece: piece * 60))
def test_lznt1_round_trip(data: bytes) -> None:
    assert lznt1.decompress(lznt1.compress(data), len(data)) == data if data else lznt1.compress(data) == b""


@given(st.binary(min_size=1, max_size=40), st.integers(1, 20), st.integers(0, 300))
def test_runs_of_bits(data: bytes, count: int, hint: int) -> None:
    bits, size = int.from_bytes(data, "little"), 8 * len(data)
    hint = hint if hint < size else 0
    text = f"{bits:0{size}b}"[::-1]
    first = text.find("1" * count, hint)
    expected = first if first >= 0 else text.find("1" * count)
    found = rtlbitmap.find_run(bits, size, count, hint)
    assert found == (None if expected < 0 else expected)


@given(st.binary(min_size=16, max_size=16))
def test_ipv6_text_is_read_back(data: bytes) -> None:
    assert inaddr.parse_ipv6(inaddr.ipv6_text(data)) == (data, len(inaddr.ipv6_text(data)))


def test_qsort_calls_the_guest(box: Box) -> None:
    import struct

    values = [5, 3, 9, 1, 7, 2, 8, 6, 4, 0, 11, 10]
    array = box.alloc(struct.pack("<12i", *values))
    compare = box.process.code(b"\x8b\x01\x2b\x02\xc3")  # mov eax, [rcx]; sub eax, [rdx]; ret
    box.call.ntdll.qsort(array, 12, 4, compare)
    assert list(struct.unpack("<12i", box.memory.read(array, 48))) == sorted(values)

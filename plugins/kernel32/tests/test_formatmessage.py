"""FormatMessage: escapes, inserts, line widths, sources."""

import struct

import pytest

from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MR_MID_NOT_FOUND,
    ERROR_RESOURCE_LANG_NOT_FOUND,
)

ALLOCATE_BUFFER, IGNORE_INSERTS, FROM_STRING, FROM_SYSTEM, ARGUMENT_ARRAY = 0x100, 0x200, 0x400, 0x1000, 0x2000


def formatted(box, text, *arguments, flags=0, size=200):
    """What FormatMessageW makes of a string."""
    array = box.alloc(b"".join(a.to_bytes(8, "little", signed=a < 0) for a in arguments)) if arguments else 0
    out = box.wide(size)
    count = box.call.kernel32.FormatMessageW(FROM_STRING | ARGUMENT_ARRAY | flags, text, 0, 0, out, size, array)
    assert count == len(out.text)
    return out.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\nb", "a\r\nb"),
        ("a\r\nb\r", "a\r\nb\r\n"),
        ("50%% %!%.% x", "50% !. x"),
        ("one%nline%0gone", "one\r\nline"),
        ("a%tb%rc", "a\tb\rc"),

    ],
)
def test_escapes(box, text, expected):
    assert formatted(box, text) == expected


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("%1!d!", -5, "-5"),
        ("%1!5d!|", 42, "   42|"),
        ("%1!-5d!|", 42, "42   |"),
        ("%1!05d!", -42, "-0042"),
        ("%1!.4x!", 0xAB, "00ab"),
        ("%1!#X!", 0xAB, "0XAB"),
        ("%1!u!", -1, "4294967295"),
        ("%1!I64u!", -1, "18446744073709551615"),
        ("%1!c!", 0x41, "A"),
        ("%1!hd!", 0x18000, "-32768"),
        ("%1!p!", 0xABC, "0000000000000ABC"),
    ],
)
def test_numbers(box, form, value, expected):
    assert formatted(box, form, value) == expected


def test_strings(box):
    wide, narrow = box.alloc("wörd"), box.alloc(b"narrow")
    expected = "wörd, narrow narrow wörd wö   wörd"
    assert formatted(box, "%2, %1!S! %1!hs! %2!ls! %2!.2s! %2!6s!", narrow, wide) == expected


def test_star_takes_the_next_arguments(box):
    assert formatted(box, "%1!*.*d!|%4!d!", 6, 3, 7, 9) == "   007|9"


def test_inserts_left_alone(box):
    assert formatted(box, "%1 %2!d! %%%n%.", flags=IGNORE_INSERTS) == "%1 %2!d! %%\r\n%."


def test_width(box):
    assert formatted(box, "one two three", flags=8) == "one two\r\nthree"
    assert formatted(box, "one\r\ntwo%nthree", flags=0xFF) == "one two\r\nthree"


def test_va_list(box):
    values = box.alloc((7).to_bytes(8, "little") + (9).to_bytes(8, "little"))
    pointer = box.alloc(values.to_bytes(8, "little"))
    out = box.wide(20)
    assert box.call.kernel32.FormatMessageW(FROM_STRING, "%2!d!%1!d!", 0, 0, out, 20, pointer) == 2
    assert out.text == "97"


def test_errors(box):
    call, out = box.call.kernel32.FormatMessageW, box.wide(20)
    assert call(FROM_STRING, "%1", 0, 0, out, 20, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert call(0, "x", 0, 0, out, 20, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert call(FROM_STRING, "long", 0, 0, out, 4, 0) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    assert call(FROM_STRING, "x", 0, 0, 0, 20, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_system(box):
    call, out = box.call.kernel32.FormatMessageA, box.narrow(100)
    assert call(FROM_SYSTEM, 0, 2, 0, out, 100, 0) == 44
    assert out.text == b"The system cannot find the file specified.\r\n"
    assert call(FROM_SYSTEM, 0, 0x80070005, 0x409, out, 100, 0) == len(b"Access is denied.\r\n")
    assert call(FROM_SYSTEM, 0, 0xFFFFFF, 0, out, 100, 0) == 0
    assert box.last_error == ERROR_MR_MID_NOT_FOUND
    assert call(FROM_SYSTEM, 0, 2, 0x411, out, 100, 0) == 0
    assert box.last_error == ERROR_RESOURCE_LANG_NOT_FOUND


def test_allocated(box):
    pointer = box.alloc(8)
    assert box.call.kernel32.FormatMessageW(FROM_STRING | ALLOCATE_BUFFER, "hello", 0, 0, pointer, 0, 0) == 5
    assert box.memory.wstr(box.memory.u64(pointer)) == "hello"
    assert box.call.kernel32.HeapFree(box.process.process_heap, 0, box.memory.u64(pointer)) == 1


def test_what_does_not_fit_is_cut(box):
    call = box.call.kernel32.FormatMessageW
    for size, seen in ((0, "xxxxxx"), (1, ""), (4, "tes")):
        out = box.wide(7)
        box.memory.write(out.addr, "xxxxxx\0".encode("utf-16-le"))
        assert call(FROM_STRING, "test", 0, 0, out, size, 0) == 0
        assert box.last_error == ERROR_INSUFFICIENT_BUFFER
        assert out.text == seen
        assert box.memory.wstr(out.addr + 8) == "xx"


def test_stars_of_a_va_list(box):
    call, out = box.call.kernel32.FormatMessageW, box.wide(50)
    numbers, pointer = box.alloc(64), box.alloc(8)
    for source, values, text, used in (
        ("%1!*.*u!,%1!*.*u!", (5, 3, 1, 4, 2), "  001, 0002", 5),
        ("%1!*.*u!,%3!*.*u!", (5, 3, 1, 6, 4, 2), "  001,  0002", 6),
        ("%1!**u!", (34,), "*u", 1),
    ):
        box.memory.write(numbers, struct.pack(f"<{len(values)}Q", *values))
        box.memory.put_u64(pointer, numbers)
        assert call(FROM_STRING, source, 0, 0, out, 50, pointer) == len(text)
        assert out.text == text
        assert box.memory.u64(pointer) == numbers + 8 * used
    for source in ("%1!***u!", "%1!#.0000000000000000000000000000x!"):
        box.memory.put_u64(pointer, numbers)
        assert call(FROM_STRING, source, 0, 0, out, 50, pointer) == 0
        assert box.last_error == ERROR_INVALID_PARAMETER


def test_carriage_returns_begin_lines(box):
    call, out = box.call.kernel32.FormatMessageA, box.narrow(50)
    assert call(FROM_STRING | 10, b"short%rlong line", 0, 0, out, 50, 0) == 15
    assert call(FROM_STRING | 8, b"short%rlong line", 0, 0, out, 50, 0) == 16
    assert out.text == b"short\rlong\r\nline"

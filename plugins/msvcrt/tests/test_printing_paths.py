"""printf and its relatives by machine code: what it writes is what the functions write that it leaves cases to."""

import random
import struct

import pytest

from litebox_msvcrt.base import TEB_POINT
from litebox_msvcrt.windows import ENOUGH

WATCHED = ["msvcrt!*", "ucrtbase!*"]

INTEGERS = [0, 1, -1, 7, 42, -42, 255, 65535, 123456789, 0x7FFFFFFF, -0x80000000, 0x123456789ABCDEF, -(1 << 63)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 0.125, 9.995, 0.1, 1e-5, 1e-30, 123.456, 99999.5, 999999.9999999, 1e12,
          1e15, 1e300, 0.05, 0.045, 1.005, 3.14159265358979, float("inf"), float("-inf"), float("nan")]  # fmt: skip
TEXTS = [b"", b"a", b"hello", b"\xe4\xf6", b"a%db", b"x" * 70]


def specification(chance):
    """A conversion, and the values of its arguments; texts are numbers of TEXTS."""
    flags = "".join(chance.sample("-+ 0#", chance.choice([0, 0, 0, 1, 1, 2])))
    width = chance.choice(["", "", "", "1", "5", "12", "*"])
    precision = chance.choice(["", "", "", ".0", ".2", ".3", ".10", ".", ".*"])
    kind = chance.choice("ddiuxXoscfffffg%")
    if kind == "%":
        return b"%%", []
    size = chance.choice(["", "", "", "l", "ll", "I64", "I32", "h"]) if kind in "diuxXo" else ""
    values = [chance.choice([0, 3, 8, -4]) for part in (width, precision) if part.endswith("*")]
    if kind == "s":
        values.append(("text", chance.choice([None, *range(len(TEXTS))])))
    elif kind == "c":
        values.append(chance.choice([65, 0xE4, 0x141]))
    elif kind in "fg":
        value = round(chance.uniform(-2000, 2000), chance.randrange(8))
        value = chance.choice([*FLOATS, *[value] * 20])
        values.append(struct.unpack("<Q", struct.pack("<d", value))[0])
    else:
        values.append(chance.choice(INTEGERS))
    return f"%{flags}{width}{precision}{size}{kind}".encode(), values


def formats(seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        parts, values = [], []
        for _ in range(chance.randrange(4)):
            text, given = specification(chance)
            parts += [chance.choice([b"", b"=", b"value: ", b"\n", b"100%% "]), text]
            values += given
        yield b"".join(parts) + chance.choice([b"", b"\n", b"\xe4"]), values


def argument_list(box, values):
    texts = [box.alloc(text + b"\0") for text in TEXTS]
    made = [
        (0 if value[1] is None else texts[value[1]]) if isinstance(value, tuple) else value & (1 << 64) - 1
        for value in values
    ]
    return box.alloc(struct.pack(f"<{len(made) + 4}Q", *made, 0, 0, 0, 0))


@pytest.mark.parametrize("runtime", ["msvcrt", "ucrtbase"])
def test_into_buffers(both, runtime):
    buffers = [box.alloc(bytes(4096)) for box in both]
    for number, (text, values) in enumerate(formats(1, 300)):
        answers, room = [], random.Random(number).choice([0, 1, 5, 20, 400, 1 << 40])
        for box, buffer in zip(both, buffers, strict=True):
            crt, place, arguments = getattr(box.call, runtime), box.alloc(text + b"\0"), argument_list(box, values)
            box.memory.fill(buffer, 600, 0x5A)
            got = []
            if runtime == "msvcrt":
                got += (crt.vsprintf(buffer, place, arguments), box.memory.read(buffer, 500))
                box.memory.fill(buffer, 600, 0x5A)
                got.append(crt._vsnprintf(buffer, room, place, arguments))
            else:
                for options in (0, 1, 2, 0x24):
                    box.memory.fill(buffer, 600, 0x5A)
                    got.append(crt.__stdio_common_vsprintf(options, buffer, room, place, 0, arguments))
            answers.append((got, box.memory.read(buffer, 500)))
        assert answers[0] == answers[1], (text, values, room)


def test_arguments_of_dots(both):
    text = b"%d %s %5.2f|%x|%c%%%-4d|\0"
    number = struct.unpack("<Q", struct.pack("<d", 3.14159))[0]
    for box in both:
        crt, buffer, place, word = box.call.msvcrt, box.alloc(bytes(200)), box.alloc(text), box.alloc(b"word\0")
        for _ in range(2):
            assert crt.sprintf(buffer, place, 7, word, number, 255, 65, 12) == 23

            assert box.memory.cstr(buffer) == b"7 word  3.14|ff|A%12  |"
            assert crt._snprintf(buffer, 100, place, 7, word, number, 255, 65, 12) == 23


@pytest.mark.parametrize("runtime", ["msvcrt", "ucrtbase"])
@pytest.mark.parametrize("mode", [b"w", b"wb", b"a+"])
def test_to_streams(both, runtime, mode, tmp_path):
    answers = []
    for box in both:
        crt = getattr(box.call, runtime)
        stream = crt.fopen(box.alloc(b"C:\\printed.txt\0"), box.alloc(mode + b"\0"))
        got = []
        for number, (text, values) in enumerate(formats(2, 250)):
            place, arguments = box.alloc(text + b"\0"), argument_list(box, values)
            if runtime == "msvcrt":
                got.append(crt.vfprintf(stream, place, arguments))
            else:
                got.append(crt.__stdio_common_vfprintf(0, stream, place, 0, arguments))
            if not number % 3:
                got.append(crt.fputs(place, stream))
            if not number % 7:
                got.append(crt.fwrite(place, 1, len(text), stream))
            if not number % 11:
                got.append(crt.fputc(number & 0xFF, stream))
            if not number % 90:
                got.append(crt.ftell(stream))
        got.append(crt.fclose(stream))
        stream = crt.fopen(box.alloc(b"C:\\printed.txt\0"), box.alloc(b"rb\0"))
        size = crt.fread(buffer := box.alloc(bytes(1 << 16)), 1, 1 << 16, stream)
        answers.append((got, size, box.memory.read(buffer, size)))
        crt.fclose(stream)
        crt.remove(box.alloc(b"C:\\printed.txt\0"))
        assert size > 4096
    assert answers[0] == answers[1]


def test_machine_code_prints(box):
    """Once a stream has its window nothing but a full one needs the host."""
    crt = box.call.msvcrt
    stream = crt.fopen(box.alloc(b"C:\\printed.txt\0"), box.alloc(b"w\0"))
    text, arguments = box.alloc(b"line %d: %s %.2f\n\0"), box.alloc(struct.pack("<QQd", 5, box.alloc(b"text\0"), 1.25))
    for _ in range(ENOUGH + 1):
        assert crt.vfprintf(stream, text, arguments) == 18
    for name in ("vfprintf", "fputs", "fwrite"):
        calls = box.process.dispatcher
        entry = next(e for e in calls.every_entry() if e.name == f"msvcrt!{name}")
        calls.handlers[calls.resumes.index(entry.resume)] = None  # a call of the host would end the test
    for _ in range(20):
        assert crt.vfprintf(stream, text, arguments) == 18
        assert crt.fputs(text, stream) == 0
        assert crt.fwrite(text, 4, 3, stream) == 3
    crt.fclose(stream)


def test_a_locale_with_another_decimal_point(both):
    text, values = b"%.1f\0", struct.pack("<d", 2.25 + 1)
    for box in both:
        crt, buffer, place = box.call.msvcrt, box.alloc(bytes(50)), box.alloc(text)
        for locale, expected in ((b"C", b"3.3"), (b"German_Germany.1252", b"3,3"), (b"C", b"3.3")):
            assert crt.setlocale(0, box.alloc(locale + b"\0"))
            for _ in range(3):
                crt.vsprintf(buffer, place, box.alloc(struct.pack("<d", 3.26)))
                assert box.memory.cstr(buffer) == expected
        assert values
    assert both[0].guest.spill[TEB_POINT] & 1

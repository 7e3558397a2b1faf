"""Conversions between code pages, by machine code and by the functions that it leaves some to: the same answers."""

import random

WATCHED = ["kernel32!*"]


PAGES = [0, 1, 2, 3, 42, 437, 932, 1252, 65000, 65001, 7]


def test_to_wide(both):
    chance = random.Random(1)
    places = [(box.alloc(256), box.alloc(512)) for box in both]
    for _ in range(600):
        text = bytes(
            chance.choice(b"az\x7f\0" if chance.random() < 0.9 else b"\x80\xc3\xa4")
            for _ in range(chance.randrange(30))
        )
        page, flags = chance.choice(PAGES), chance.choice([0, 0, 0, 8, 1, 0x80])
        count, room = chance.choice([-1, -2, 0, len(text), len(text) + 1]), chance.choice([-1, 0, 1, 5, 30, 100])
        answers = []
        for box, (source, target) in zip(both, places, strict=True):
            box.memory.write(source, text + bytes(40))
            box.memory.fill(target, 256, 0x5A)
            box.call.kernel32.SetLastError(5)
            got = box.call.kernel32.MultiByteToWideChar(page, flags, source, count, target, room)
            answers.append((got, got or box.last_error, box.memory.read(target, 256)))
        assert answers[0] == answers[1], (text, page, flags, count, room)


def test_from_wide(both):
    chance = random.Random(2)
    places = [(box.alloc(256), box.alloc(256), box.alloc(b"?"), box.alloc(4)) for box in both]
    for _ in range(600):
        units = [
            chance.choice([0x61, 0x7F, 0] if chance.random() < 0.9 else [0x80, 0xE4, 0x20AC, 0xD83D])
            for _ in range(chance.randrange(30))
        ]
        page, flags = chance.choice(PAGES), chance.choice([0, 0, 0, 0x80, 0x400])
        count, room = chance.choice([-1, 0, len(units)]), chance.choice([-1, 0, 1, 5, 30, 100])
        with_default, with_used = chance.random() < 0.1, chance.random() < 0.1
        answers = []
        for box, (source, target, default, used) in zip(both, places, strict=True):
            box.memory.write(source, b"".join(unit.to_bytes(2, "little") for unit in units) + bytes(40))
            box.memory.fill(target, 128, 0x5A)
            box.memory.put_u32(used, 7)
            got = box.call.kernel32.WideCharToMultiByte(
                page, flags, source, count, target, room, default if with_default else 0, used if with_used else 0
            )
            answers.append((got, got or box.last_error, box.memory.read(target, 128), box.memory.u32(used)))
        assert answers[0] == answers[1], (units, page, flags, count, room)


def test_onto_itself(both):
    for box in both:
        text = box.alloc(b"abcdef\0" + bytes(32))
        assert box.call.kernel32.MultiByteToWideChar(0, 0, text, -1, text, 20) == 0
        assert box.last_error == 87
        assert box.call.kernel32.MultiByteToWideChar(0, 0, text, -1, text + 2, 7) == 7
        assert box.memory.read(text + 2, 14) == "abcdef\0".encode("utf-16-le")
        assert box.call.kernel32.WideCharToMultiByte(0, 0, text + 2, -1, text + 3, 7, 0, 0) == 7
        assert box.memory.read(text + 3, 7) == b"abcdef\0"

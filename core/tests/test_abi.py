"""Parameters and results of every kind, through the stub that a guest calls."""

import math
import struct
from typing import Annotated

import pytest

from litebox_core.abi import (
    BOOL,
    BYTE,
    CHAR,
    DOUBLE,
    DWORD,
    FLOAT,
    HANDLE,
    INT,
    LONG_PTR,
    LONGLONG,
    PCSTR,
    PCWSTR,
    PVOID,
    SHORT,
    SIZE_T,
    ULONGLONG,
    WCHAR,
    WORD,
    AnsiBuffer,
    Array,
    Buffer,
    Bytes,
    In,
    InOut,
    Len,
    Out,
    Ptr,
    Struct,
    TextBuffer,
    VaList,
    VarArgs,
    WideBuffer,
    WideChars,
    enum,
    flags,
)
from litebox_core.crash import Crash
from litebox_core.dll import Dll
from litebox_core.guest import Float32, Guest

M64 = 0xFFFFFFFFFFFFFFFF
DIRTY = 0xDEADBEEF_00000000


INTEGERS = [
    (BYTE, 0xFF, 0xFF), (CHAR, 0xFF, -1), (CHAR, 0x7F, 127), (WORD, 0xFFFF, 0xFFFF), (SHORT, 0x8000, -32768),
    (DWORD, 0xFFFFFFFF, 0xFFFFFFFF), (INT, 0xFFFFFFFF, -1), (INT, 0x7FFFFFFF, 0x7FFFFFFF), (BOOL, 2, 2),
    (LONGLONG, M64, -1), (ULONGLONG, M64, M64), (SIZE_T, 1 << 63, 1 << 63), (LONG_PTR, 1 << 63, -(1 << 63)),
    (PVOID, 0x7FFE0000, 0x7FFE0000), (HANDLE, M64, M64), (WCHAR, 0xD800, 0xD800),
]  # fmt: skip


@pytest.mark.parametrize("position", [0, 3, 4, 6])
def test_integers_with_dirty_upper_bits(make_lab, position):
    """On x64 the bits above a narrow argument are undefined, in registers and on the stack."""
    dll, seen = Dll("abilab"), []
    for number, (kind, _, _) in enumerate(INTEGERS):
        before = "".join(f"p{i}: DWORD, " for i in range(position))
        scope = {"__name__": __name__, "Guest": Guest, "DWORD": DWORD, "KIND": kind, "seen": seen}
        exec(f"def f{number}(guest: Guest, {before}x: KIND) -> DWORD:\n    seen.append(x)\n    return 0", scope)
        dll.export(scope[f"f{number}"])
    lab = make_lab(dll)
    for number, (kind, raw, expected) in enumerate(INTEGERS):
        width = 8 * kind.__metadata__[0].width(64)
        dirty = raw | (DIRTY | 0x5A5A5A00) & M64 >> width << width if width < 64 else raw
        lab.process.call(lab.address("abilab", f"f{number}"), *[DIRTY] * position, dirty)
        assert seen[-1] == expected, kind


@pytest.mark.parametrize(
    ("kind", "value", "raw"),
    [
        (BYTE, -1, 0xFF), (CHAR, -1, 0xFF), (SHORT, -2, 0xFFFE), (INT, -1, 0xFFFFFFFF), (DWORD, -1, 0xFFFFFFFF),
        (BOOL, True, 1), (LONGLONG, -1, M64), (SIZE_T, 1 << 64 | 5, 5), (HANDLE, -1, M64), (None, None, 0),
    ],
)  # fmt: skip
def test_results_fill_the_register_up_to_their_width(make_lab, kind, value, raw):
    dll = Dll("abilab")

    @dll.export
    def f(guest: Guest) -> kind:
        return value

    lab = make_lab(dll)
    assert lab.process.call(lab.address("abilab", "f")) == raw


def test_wide_and_narrow_strings(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(guest: Guest, w: PCWSTR, a: PCSTR, none_w: PCWSTR | None, none_a: PCSTR | None) -> DWORD:
        seen.append((w, a, none_w, none_a))
        return 1

    lab = make_lab(dll)
    lone = lab.alloc(b"\x00\xd8a\x00\x00")  # a lone high surrogate, "a", NUL
    address = lab.address("abilab", "f")
    lab.process.call(address, lab.alloc("aé\U0001f600"), lab.alloc(b"\xff\x80x"), 0, 0)
    lab.process.call(address, lone, lab.alloc(b""), lab.alloc(""), lab.alloc(b"a"))
    assert seen == [("aé\U0001f600", b"\xff\x80x", None, None), ("\ud800a", b"", "", b"a")]


@pytest.mark.parametrize("kind", [PCWSTR, PCSTR])
@pytest.mark.parametrize("addr", [0, 0x10, 0x7FFFFFFF0000, M64, M64 - 1, 1 << 63])
def test_a_bad_string_is_an_access_violation(make_lab, kind, addr):
    dll = Dll("abilab")

    @dll.export
    def f(guest: Guest, text: kind) -> DWORD:
        raise AssertionError("it was called")

    lab = make_lab(dll)
    with pytest.raises(Crash, match="access violation") as crash:
        lab.process.call(lab.address("abilab", "f"), addr)
    assert crash.value.code == 0xC0000005


def test_a_string_without_an_end_is_an_access_violation(make_lab):
    dll = Dll("abilab")

    @dll.export
    def f(guest: Guest, a: PCSTR | None, w: PCWSTR | None) -> DWORD:
        raise AssertionError("it was called")

    lab = make_lab(dll)
    addr = lab.memory.allocate(0x1000)
    lab.memory.fill(addr, 0x1000, 0x41)
    for args in ((addr, 0), (0, addr), (0, addr + 1)):
        with pytest.raises(Crash, match="access violation"):
            lab.process.call(lab.address("abilab", "f"), *args)


def test_strings_across_pages_of_different_protection(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(guest: Guest, a: PCSTR, w: PCWSTR) -> DWORD:
        seen.append((a, w))
        return 0

    lab = make_lab(dll)
    addr = lab.memory.allocate(0x2000)
    lab.memory.write(addr + 0xFFD, b"abcdef\0")
    wide = lab.memory.allocate(0x2000)
    lab.memory.write(wide + 0xFFD, "xyz".encode("utf-16-le") + b"\0\0")  # at an odd address
    lab.memory.protect(addr + 0x1000, 0x1000, 2)
    lab.memory.protect(wide + 0x1000, 0x1000, 2)
    lab.process.call(lab.address("abilab", "f"), addr + 0xFFD, wide + 0xFFD)
    assert seen == [(b"abcdef", "xyz")]


def test_ansi_form_of_a_wide_function(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def NameW(guest: Guest, text: PCWSTR | None, buffer: Annotated[WideBuffer, Len("size")], size: DWORD) -> DWORD:
        seen.append((text, type(buffer).unit))
        return buffer.fit("grün")

    dll.ansi(NameW)
    lab = make_lab(dll)
    wide, narrow = lab.wide(8), lab.narrow(8)
    assert lab.process.call(lab.address("abilab", "NameW"), lab.alloc("é"), wide.addr, 8) == 4
    assert lab.process.call(lab.address("abilab", "NameA"), lab.alloc(b"\xe9"), narrow.addr, 8) == 4
    assert (wide.text, narrow.text) == ("grün", b"gr\xfcn")
    assert lab.process.call(lab.address("abilab", "NameA"), 0, narrow.addr, DIRTY | 4) == 5  # one too small
    assert seen == [("é", 2), ("é", 1), (None, 1)]


def test_buffers_with_a_length(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(
        guest: Guest,
        data: Annotated[bytes, Len("size")],
        size: DWORD,
        out: Annotated[Buffer, Len("count", 4)],
        count: INT,
    ) -> DWORD:
        seen.append((data, out.size))
        return out.write(data[::-1])

    lab = make_lab(dll)
    source, target = lab.alloc(b"abcdef"), lab.alloc(64)
    address = lab.address("abilab", "f")
    assert lab.process.call(address, source, DIRTY | 6, target, DIRTY | 4) == 6
    assert lab.memory.read(target, 7) == b"fedcba\0"
    assert lab.process.call(address, 0, 0, target, 0) == 0  # nothing at NULL is nothing
    assert seen == [(b"abcdef", 16), (b"", 0)]


def test_a_length_beyond_memory_is_an_access_violation_and_not_an_allocation(make_lab):
    dll = Dll("abilab")

    @dll.export
    def f(guest: Guest, data: Annotated[bytes, Len("size")], size: SIZE_T) -> DWORD:
        raise AssertionError("it was called")

    lab = make_lab(dll)
    source = lab.memory.allocate(0x1000)
    for size in (0x1001, 1 << 32, 1 << 62, M64):
        with pytest.raises(Crash, match="access violation"):
            lab.process.call(lab.address("abilab", "f"), source, size)


def test_pointers(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(
        guest: Guest,
        a: In[DWORD],
        b: Out[SHORT],
        c: InOut[LONGLONG],
        d: Out[DOUBLE],
        e: Out[HANDLE] | None,
        p: Ptr[WORD],
    ) -> BOOL:
        seen.append((a.value, c.value, e is None, bool(p)))
        b.value, c.value, d.value = -2, c.value - 1, 0.5
        if p:
            p[2] = p[0] + p[1]
        return True

    lab = make_lab(dll)
    a, b, c, d = lab.new(DWORD, 7), lab.new(SHORT), lab.new(LONGLONG, 0), lab.new(DOUBLE)
    array = lab.alloc(struct.pack("<3H", 40000, 20000, 0))
    address = lab.address("abilab", "f")
    assert lab.process.call(address, a.addr, b.addr, c.addr, d.addr, 0, array) == 1
    assert (b.value, c.value, d.value) == (-2, -1, 0.5)
    assert lab.memory.u16(array + 4) == 60000
    assert lab.process.call(address, a.addr, b.addr, c.addr, d.addr, lab.alloc(8), 0) == 1
    assert seen == [(7, 0, True, True), (7, -1, False, False)]
    with pytest.raises(Crash, match="write of 0x0"):
        lab.process.call(address, a.addr, 0, c.addr, d.addr, 0, array)


def structure(size):
    return type(f"S{size}", (Struct,), {"__annotations__": {"data": Annotated[bytes, Bytes(size)]}})


@pytest.mark.parametrize("size", range(1, 17))
@pytest.mark.parametrize("position", [0, 3, 4])
def test_structures_by_value(make_lab, size, position):
    """Of 1, 2, 4 and 8 bytes they travel in the slot, all others by reference to a copy."""
    dll, seen, cls = Dll("abilab"), [], structure(size)
    scope = {"__name__": __name__, "Guest": Guest, "DWORD": DWORD, "CLS": cls, "seen": seen}
    before = "".join(f"p{i}: DWORD, " for i in range(position))
    exec(f"def f(guest: Guest, {before}x: CLS, y: DWORD) -> DWORD:\n    seen.append((x.data, y))\n    return 0", scope)
    dll.export(scope["f"])
    lab = make_lab(dll)
    content = bytes(range(1, size + 1))
    argument = int.from_bytes(content.ljust(8, b"\xee"), "little") if size in (1, 2, 4, 8) else lab.alloc(content)
    lab.process.call(lab.address("abilab", "f"), *[0] * position, argument, 77)
    assert seen == [(content, 77)]


@pytest.mark.parametrize("size", range(1, 17))
@pytest.mark.parametrize("pauses", [False, True])
def test_structures_as_results(make_lab, size, pauses):
    from litebox_core.guest import Steps

    dll, cls = Dll("abilab"), structure(size)
    content = bytes(range(1, size + 1))

    def f(guest: Guest, x: DWORD) -> cls:
        assert x == 5
        return cls(data=content)

    def g(guest: Guest, x: DWORD) -> Steps[cls]:
        assert x == 5
        return cls(data=content)
        yield

    dll.export(g if pauses else f, name="f")
    lab = make_lab(dll)
    address = lab.address("abilab", "f")
    if size in (1, 2, 4, 8):
        assert lab.process.call(address, 5) == int.from_bytes(content, "little")
    else:
        target = lab.alloc(32)
        assert lab.process.call(address, target, 5) == target
        assert lab.memory.read(target, size + 1) == content + b"\0"


class Inner(Struct):
    x: WORD
    y: ULONGLONG


class Outer(Struct):
    tag: BYTE
    inner: Inner
    many: Annotated[list[Inner], Array(Inner, 2)]
    numbers: Annotated[list[int], Array(SHORT, 3)]
    raw: Annotated[bytes, Bytes(3)]
    text: Annotated[str, WideChars(4)]
    where: PVOID
    ratio: FLOAT


class Packed(Struct, pack_to=1):
    tag: BYTE
    value: ULONGLONG


def test_structure_layouts():
    assert (Outer.layout(64).offsets, Outer.sizeof(64)) == (
        {"tag": 0, "inner": 8, "many": 24, "numbers": 56, "raw": 62, "text": 66, "where": 80, "ratio": 88}, 96
    )  # fmt: skip
    assert (Outer.layout(32).offsets["where"], Outer.sizeof(32)) == (76, 88)
    assert (Packed.sizeof(64), Packed.layout(64).offsets["value"]) == (9, 1)


def test_structures_by_pointer(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(guest: Guest, source: In[Outer], target: Out[Outer]) -> DWORD:
        value = source.value
        seen.append(value)
        value.inner.y += 1
        value.many[1].x = 9
        value.text = "too long for it"
        target.value = value
        return 0

    lab = make_lab(dll)
    value = Outer(
        tag=1, inner=Inner(x=2, y=M64 - 1), numbers=[-1, 0, 1], raw=b"ab", text="hi", where=0x1234, ratio=0.25
    )
    target = lab.alloc(96)
    lab.process.call(lab.address("abilab", "f"), lab.alloc(value), target)
    assert seen[0].numbers == [-1, 0, 1]
    back = Outer.unpack(lab.memory.read(target, 96))
    assert (back.inner.y, back.many[1].x, back.text, back.raw, back.ratio) == (M64, 9, "too", b"ab\0", 0.25)


def test_wrong_structure_values_are_refused():
    with pytest.raises(TypeError, match="no field z"):
        Inner(z=1)
    with pytest.raises(ValueError, match="3 values, not 2"):
        Outer(numbers=[1, 2]).pack()
    with pytest.raises(struct.error):
        Inner(x=-1).pack()


def test_floats_in_registers_and_on_the_stack(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(
        guest: Guest, a: DOUBLE, b: INT, c: FLOAT, d: DOUBLE, e: DOUBLE, g: FLOAT, h: ULONGLONG
    ) -> DOUBLE:  # fmt: skip
        seen.append((a, b, c, d, e, g, h))
        return a + d + e

    @dll.export
    def single(guest: Guest, x: FLOAT) -> FLOAT:
        return x * 2

    lab = make_lab(dll)
    args = (1.5, -7, Float32(0.1), -0.0, 1e300, Float32(3.25), M64)
    assert lab.process.call(lab.address("abilab", "f"), *args, ret=DOUBLE) == 1e300
    (a, b, c, d, e, g, h) = seen[0]
    assert (a, b, e, g, h) == (1.5, -7, 1e300, 3.25, M64)
    assert c == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert math.copysign(1, d) == -1
    address = lab.address("abilab", "single")
    assert lab.process.call(address, Float32(1.5), ret=FLOAT) == 3.0
    assert lab.process.call(address, Float32(3e38), ret=FLOAT) == math.inf
    assert lab.process.call(address, Float32(-3e38), ret=FLOAT) == -math.inf
    assert math.isnan(lab.process.call(address, Float32(math.nan), ret=FLOAT))


def test_variable_arguments(make_lab):
    dll, seen = Dll("abilab"), []

    @dll.export
    def f(guest: Guest, first: DWORD, rest: VarArgs) -> INT:
        seen.append((first, rest.integer(32, True), rest.double(), rest.integer(64, False), rest.integer(16, False),
                     rest.double(), rest.read_cstr(rest.pointer())))  # fmt: skip
        return 6

    @dll.export
    def g(guest: Guest, first: DWORD, rest: VaList) -> INT:
        seen.append((first, rest.integer(32, True), rest.double()))
        return 2

    lab = make_lab(dll)
    # A caller passes a double among variable arguments in both register files: process.call does so for doubles.
    args = (5, DIRTY | 0xFFFFFFFE, 2.5, M64, DIRTY | 0x12345, -1.0, lab.alloc(b"end"))
    assert lab.process.call(lab.address("abilab", "f"), *args) == 6
    values = lab.alloc(struct.pack("<qd", -3, 0.5))
    assert lab.process.call(lab.address("abilab", "g"), 5, values) == 2
    assert seen == [(5, -2, 2.5, M64, 0x2345, -1.0, b"end"), (5, -3, 0.5)]


def test_names_of_enumerations_and_flags():
    colour = enum({"RED": 1, "BLUE": 2})
    rights = flags({"ALL": 7, "READ": 1, "WRITE": 2})
    assert [colour.show(v) for v in (1, 2, 3)] == ["RED", "BLUE", "0x3"]
    assert [rights.show(v) for v in (7, 3, 0, 0x11)] == ["ALL", "READ|WRITE", "0x0", "READ|0x10"]


def bad_annotations():
    def unknown(guest: Guest, x: int) -> DWORD: ...
    def missing(guest: Guest, x) -> DWORD: ...
    def no_result(guest: Guest, x: DWORD): ...
    def bad_result(guest: Guest, x: DWORD) -> str: ...
    def star(guest: Guest, *x: DWORD) -> DWORD: ...
    def length(guest: Guest, x: Annotated[bytes, Len("y")]) -> DWORD: ...
    def target(guest: Guest, x: Out[int]) -> DWORD: ...
    def union(guest: Guest, x: DWORD | PCWSTR) -> DWORD: ...

    return [unknown, missing, no_result, bad_result, star, length, target, union]


@pytest.mark.parametrize("function", bad_annotations(), ids=lambda f: f.__name__)
def test_bad_declarations_name_the_function(function):
    from litebox_core.abi import prototype

    with pytest.raises(TypeError, match=function.__name__):
        prototype(function)


def test_an_export_declared_twice_is_refused():
    dll = Dll("abilab")

    @dll.export(ordinal=3)
    def f(guest: Guest) -> DWORD:
        return 0

    with pytest.raises(ValueError, match="f is exported twice"):
        dll.export(f)
    with pytest.raises(ValueError, match="ordinal 3 is given twice"):
        dll.export(f, name="g", ordinal=3)


def test_text_buffer_protocols(lab):
    memory = lab.memory
    addr = lab.alloc(64)
    buffer = WideBuffer(memory, addr, 3)
    assert isinstance(buffer, TextBuffer)
    assert buffer.fit("abc") == 4
    assert memory.read(addr, 8) == bytes(8)
    assert buffer.fit("ab") == 2
    assert buffer.text() == "ab"
    assert buffer.cut("wxyz") == 2
    assert buffer.text() == "wx"
    assert WideBuffer(memory, 0, 3).fit("a") == 2
    assert AnsiBuffer(memory, addr, 3).fit("é") == 1
    assert memory.read(addr, 2) == b"\xe9\0"
    with pytest.raises(ValueError, match="do not fit"):
        Buffer(memory, addr, 2).write(b"abc")

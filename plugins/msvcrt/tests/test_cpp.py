"""The C++ classes that MSVCRT exports, called through the guest."""

import struct


def test_exception(box):
    crt, memory = box.call.msvcrt, box.memory
    this, text = box.alloc(24), box.alloc(struct.pack("<Q", box.alloc(b"boom")))
    assert crt["??0exception@@QEAA@AEBQEBD@Z"](this, text) & 0xFFFFFFFFFFFFFFFF == this
    vtable = box.address("msvcrt", "??_7exception@@6B@")
    assert memory.u64(this) == vtable
    what = box.address("msvcrt", "?what@exception@@UEBAPEBDXZ")
    assert memory.u64(vtable + 8) == what
    assert memory.cstr(crt["?what@exception@@UEBAPEBDXZ"](this)) == b"boom"
    other = box.alloc(24)
    crt["??0exception@@QEAA@AEBV0@@Z"](other, this)
    assert memory.u64(other + 8) != memory.u64(this + 8)  # a copy of the text
    crt["??1exception@@UEAA@XZ"](this)
    assert memory.cstr(crt["?what@exception@@UEBAPEBDXZ"](other)) == b"boom"
    crt["??0exception@@QEAA@XZ"](other)
    assert memory.cstr(crt["?what@exception@@UEBAPEBDXZ"](other)) == b"Unknown exception"


def test_type_info(box):
    one = box.alloc(bytes(16) + b".?AVone@@")
    two = box.alloc(bytes(16) + b".?AVtwo@@")
    crt = box.call.msvcrt
    assert crt["??8type_info@@QEBAHAEBV0@@Z"](one, one) == 1
    assert crt["??8type_info@@QEBAHAEBV0@@Z"](one, two) == 0
    assert crt["??9type_info@@QEBAHAEBV0@@Z"](one, two) == 1
    assert crt["?before@type_info@@QEBAHAEBV1@@Z"](one, two) == 1
    assert box.memory.cstr(crt["?raw_name@type_info@@QEBAPEBDXZ"](one)) == b".?AVone@@"


def test_handlers(box):
    crt = box.call.msvcrt
    assert crt["?set_terminate@@YAP6AXXZP6AXXZ@Z"](0x1234) == 0
    assert crt["?set_terminate@@YAP6AXXZP6AXXZ@Z"](0) == 0x1234


def test_names(box):
    one = box.alloc(bytes(16) + b".?AVone@space@@")
    crt, memory = box.call.msvcrt, box.memory
    name = crt["?name@type_info@@QEBAPEBDXZ"](one)
    assert memory.cstr(name) == b"class space::one"
    assert crt["?name@type_info@@QEBAPEBDXZ"](one) == name


def test_dynamic_cast(box):
    """class D : A, B {}: the vtables of D and of the B in it lead to one hierarchy."""
    memory = box.memory
    image = box.alloc(0x400)
    names = {"A": 0x10, "B": 0x40, "D": 0x70, "X": 0xA0}
    for name, at in names.items():
        memory.write(image + at, bytes(16) + b".?AV" + name.encode() + b"@@\0")
    for at, (name, member) in zip((0x100, 0x120, 0x140), (("D", 0), ("A", 0), ("B", 16)), strict=True):
        memory.write(image + at, struct.pack("<2I3iI", names[name], 0, member, -1, 0, 0))
    memory.write(image + 0x160, struct.pack("<3I", 0x100, 0x120, 0x140))
    memory.write(image + 0x180, struct.pack("<4I", 0, 1, 3, 0x160))
    for at, offset in ((0x1A0, 0), (0x1C0, 16)):
        memory.write(image + at, struct.pack("<6I", 1, offset, 0, names["D"], 0x180, at))
    memory.write(image + 0x200, struct.pack("<4Q", image + 0x1A0, 0, image + 0x1C0, 0))
    this = box.alloc(struct.pack("<4Q", image + 0x208, 0, image + 0x218, 0))
    crt = box.call.msvcrt
    assert crt.__RTtypeid(this + 16) == image + names["D"]
    assert crt.__RTCastToVoid(this + 16) == this
    assert crt.__RTDynamicCast(this + 16, 0, image + names["B"], image + names["A"], 0) == this
    assert crt.__RTDynamicCast(this, 0, image + names["A"], image + names["B"], 0) == this + 16
    assert crt.__RTDynamicCast(this, 0, image + names["A"], image + names["X"], 0) == 0
    assert crt.__RTDynamicCast(0, 0, 0, 0, 0) == 0

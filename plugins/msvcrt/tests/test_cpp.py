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

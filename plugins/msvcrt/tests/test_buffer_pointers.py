"""_get_stream_buffer_pointers, by which C++ libraries look into streams."""

from litebox_core.abi import PVOID

EINVAL = 22


def test_an_empty_buffer_for_each_stream(box):
    crt = box.call.ucrtbase
    crt._set_invalid_parameter_handler(box.address("kernel32", "IsDebuggerPresent"))
    found = []
    for index in (0, 1):
        stream, places = crt.__acrt_iob_func(index), [box.new(PVOID) for _ in range(3)]
        assert crt._get_stream_buffer_pointers(stream, *places) == 0
        found += [place.value for place in places]
        assert [box.memory.u64(place.value) for place in places] == [0, 0, 0]
        box.memory.put_u64(places[0].value, 0x1234)  # a character that is put back has its place there
        assert crt._get_stream_buffer_pointers(stream, *places) == 0
        assert box.memory.u64(places[0].value) == 0x1234
        assert crt._get_stream_buffer_pointers(stream, 0, 0, 0) == 0
    assert len(set(found)) == 6
    assert crt._get_stream_buffer_pointers(0, 0, 0, 0) == EINVAL
    assert crt._get_stream_buffer_pointers(0x1234, 0, 0, 0) == EINVAL

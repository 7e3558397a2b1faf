"""State of the processor beyond the integer registers: AVX, AVX-512, and the debug registers."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from litebox_core.engine.base import STEPPED, EngineError, Exit, Stop, Watch
from litebox_core.engine.xstate import AVX
from litebox_core.memory.regions import PAGE_EXECUTE_READWRITE
from litebox_core.services import Exceptions
from litebox_core.testing import Box, make_options
from litebox_engine_native import host, watching
from litebox_engine_native.engine import NativeEngine
from litebox_engine_native.thread import NativeThread

LOAD_YMM7, STORE_YMM7 = b"\xc5\xfc\x10\x39", b"\xc5\xfc\x11\x39"  # vmovups ymm7, [rcx]; vmovups [rcx], ymm7
UD2, RET = b"\x0f\x0b", b"\xc3"

needs_avx = pytest.mark.skipif(not host.extended_state().enabled & AVX, reason="the processor has no AVX")
needs_avx512 = pytest.mark.skipif("avx512f" not in host._flags(), reason="the processor has no AVX-512")


class Stopped(Exception):
    def __init__(self, stop: Stop) -> None:
        super().__init__(repr(stop))
        self.stop = stop


class Recorder(Exceptions):
    def dispatch(self, guest: Any, stop: Stop) -> None:
        raise Stopped(stop)


class Lab:
    """A box on the native engine whose exceptions end the call."""

    def __init__(self, box: Box) -> None:
        self.box, self.process, self.memory = box, box.process, box.process.memory
        engine = self.process.engine
        assert isinstance(engine, NativeEngine)
        self.engine = engine
        self.data = self.memory.allocate(0x1000)

    @property
    def thread(self) -> NativeThread:
        thread = self.box.guest.thread
        assert isinstance(thread, NativeThread)
        return thread

    def code(self, *parts: bytes) -> int:
        code = b"".join(parts)
        addr = self.memory.allocate(len(code), PAGE_EXECUTE_READWRITE)
        self.memory.write(addr, code)
        return addr

    def stop(self, *parts: bytes) -> Stop:
        """Why code stops, with RCX being the address of the data."""
        self.process.replace_service(Exceptions, Recorder(self.process))
        with pytest.raises(Stopped) as stopped:
            self.process.call(self.code(*parts), self.data)
        self.box.guest.frames.clear()
        return stopped.value.stop


@pytest.fixture
def lab(make_box: Callable[..., Box], tmp_path: Any) -> Lab:
    options = make_options(str(tmp_path))
    options.engine = "native"
    return Lab(make_box(options))


@needs_avx
def test_upper_halves(lab: Lab) -> None:
    lab.memory.write(lab.data, bytes(range(32)))
    lab.stop(LOAD_YMM7, UD2)
    upper = lab.engine.upper(lab.thread)
    assert upper is not None and upper[7 * 16 : 8 * 16] == bytes(range(16, 32))
    assert lab.engine.set_upper(lab.thread, bytes(7 * 16) + b"\x5a" * 16 + bytes(8 * 16))
    lab.process.call(lab.code(STORE_YMM7, RET), lab.data)
    assert lab.memory.read(lab.data, 32) == bytes(range(16)) + b"\x5a" * 16


@needs_avx
def test_initial_state(lab: Lab) -> None:
    """Nothing is told of registers whose upper halves are zero, and to set nothing makes them so."""
    lab.stop(b"\xc5\xfc\x77", UD2)  # vzeroall
    assert lab.engine.upper(lab.thread) is None
    lab.memory.write(lab.data, b"\x77" * 32)
    lab.stop(LOAD_YMM7, UD2)
    lab.engine.set_upper(lab.thread, None)
    assert lab.engine.upper(lab.thread) is None
    lab.process.call(lab.code(STORE_YMM7, RET), lab.data)
    assert lab.memory.read(lab.data, 32) == b"\x77" * 16 + bytes(16)


@needs_avx
def test_thread_that_gets_anothers_place(lab: Lab) -> None:
    """A thread of the host's that had another guest thread tells nothing of it."""
    teb = lab.box.guest.teb
    first = lab.engine.new_thread(0, 0, teb)
    lab.engine.set_upper(first, b"\x11" * 256)
    lab.engine.watch(first, [Watch(lab.data, 4, False, 1)]) if watches_work(lab) else None
    lab.engine.end_thread(first)
    second = lab.engine.new_thread(0, 0, teb)
    assert isinstance(first, NativeThread) and isinstance(second, NativeThread) and first.tid == second.tid
    assert lab.engine.upper(second) is None and lab.engine.vectors(second) == bytes(256)
    assert not lab.engine.watched(second)
    lab.engine.end_thread(second)


@needs_avx512
def test_wide_registers_after_an_exception(make_box: Callable[..., Box], tmp_path: Any) -> None:
    """A handler that uses AVX-512 itself: whom it interrupted does not see it, although no context carries that."""
    options = make_options(str(tmp_path))
    options.engine = "native"
    lab = Lab(make_box(options))
    load, store = b"\x62\xf1\x7c\x48\x10\x39", b"\x62\xf1\x7c\x48\x11\x39"  # vmovups zmm7, [rcx]; vmovups [rcx], zmm7
    high, mask = b"\x62\xe1\x7c\x48\x10\x09", b"\xc5\xf8\x92\xda"  # vmovups zmm17, [rcx]; kmovw k3, edx
    store_high, store_mask = b"\x62\xe1\x7c\x48\x11\x49\x01", b"\xc5\x78\x93\xc3"  # to [rcx + 64]; kmovw r8d, k3
    handler = lab.code(
        b"\x48\x8b\x41\x08\x48\x83\x80\xf8\x00\x00\x00\x02",  # mov rax, [rcx + 8]; add qword [rax + 0f8h], 2: RIP
        b"\x48\xb9" + struct.pack("<Q", lab.data + 0x200), load, high, b"\x31\xd2", mask,  # others than before
        b"\xb8\xff\xff\xff\xff\xc3",
    )  # fmt: skip
    assert lab.box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
    lab.memory.write(lab.data, bytes(range(64)))
    lab.memory.write(lab.data + 0x200, b"\xee" * 64)
    code = lab.code(
        load, high, b"\xba\x55\x00\x00\x00", mask, UD2,
        store, store_high, store_mask, b"\x44\x89\xc0\xc5\xf8\x77", RET,  # mov eax, r8d; vzeroupper
    )  # fmt: skip
    assert lab.process.call(code, lab.data) == 0x55
    assert lab.memory.read(lab.data, 128) == bytes(range(64)) * 2


def watches_work(lab: Lab) -> bool:
    return watching.works(lab.engine._process)


def test_watching(lab: Lab) -> None:
    if not watches_work(lab):
        pytest.skip("THIS HOST LETS NO THREAD WATCH DATA: breakpoints on data of the native engine stay untested here")
    store = b"\xc6\x41\x08\x01\x90"  # mov byte [rcx + 8], 1; nop
    lab.engine.watch(lab.thread, [Watch(lab.data + 8, 4, False, 4)])
    stop = lab.stop(store, UD2)
    assert (stop.why, stop.access) == (Exit.STEP, 4)
    lab.engine.watch(lab.thread, [Watch(lab.data + 8, 4, True, 1)])
    assert lab.stop(b"\x8a\x41\x0b\x90", UD2).access == 1  # mov al, [rcx + 11]
    assert lab.stop(b"\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d", store).access == 1 | STEPPED  # with the trap flag
    lab.engine.watch(lab.thread, [])
    assert lab.stop(store, UD2).why is Exit.ILLEGAL


def test_host_without_debug_registers(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "works", lambda process: False)
    with pytest.raises(EngineError, match="the host lets no thread watch data"):
        lab.engine.watch(lab.thread, [Watch(lab.data, 4, False, 1)])
    lab.engine.watch(lab.thread, [])
    assert not lab.engine.watched(lab.thread)


def test_host_that_refuses(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried once; a process that was refused answers calls as before."""

    def refuse(tid: int, register: int, value: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(watching, "_poke", refuse)
    assert not watching.works(lab.engine._process)
    with pytest.raises(EngineError, match="the host lets no thread watch data"):
        lab.engine.watch(lab.thread, [Watch(lab.data, 4, False, 1)])
    assert lab.box.call.kernel32.lstrlenW("still here") == 10

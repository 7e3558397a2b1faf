"""Boxes with DLLs made by the test, and guest code placed in them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from litebox_core.dll import Dll
from litebox_core.memory.regions import PAGE_EXECUTE_READWRITE
from litebox_core.testing import Box, make_options


class Lab(Box):
    """A box whose process also has DLLs that exist only in the test."""

    def __init__(self, folder: str, *dlls: Dll, **selection: str) -> None:
        super().__init__(make_options(folder, **selection), dlls=dlls)

    def code(self, *parts: bytes) -> int:
        """Address of machine code, on pages of its own."""
        machine_code = b"".join(parts)
        addr = self.memory.allocate(max(len(machine_code), 1), PAGE_EXECUTE_READWRITE)
        self.memory.write(addr, machine_code)
        return addr

    def run(self, *parts: bytes, args: tuple = (), ret=None):
        """What machine code leaves in RAX when it is called with these arguments."""
        return self.process.call(self.code(*parts), *args, ret=ret)


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    made: list[Lab] = []

    def make(*dlls: Dll, **selection: str) -> Lab:
        made.append(Lab(str(tmp_path), *dlls, **selection))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(make_lab: Callable[..., Lab]) -> Lab:
    return make_lab()

"""Initialisation files that nobody would write: they take no time, and are not cut off."""

import time

import pytest

from litebox_core.winerror import ERROR_NOT_ENOUGH_MEMORY


@pytest.fixture
def ini(box, tmp_path):
    """Makes a file; its path for the guest."""

    def make(text: str) -> str:
        (tmp_path / "a.ini").write_text(text, encoding="ascii")
        return ".\\a.ini"

    return make


def test_a_number_of_many_digits(box, ini):
    began = time.monotonic()
    name = ini("[a]\nk=" + "9" * 1_000_000)
    assert box.call.kernel32.GetPrivateProfileIntW("a", "k", 0, name) == (pow(10, 1_000_000, 1 << 32) - 1) & 0xFFFFFFFF
    assert time.monotonic() - began < 5


def test_a_long_name_and_many_sections(box, ini):
    began = time.monotonic()
    name, section = ini("[\n" * 100_000), box.alloc("s" * 1_000_000)
    box.call.kernel32.GetPrivateProfileSectionW(section, box.alloc(64), 32, name)
    assert time.monotonic() - began < 10


def test_a_file_too_large_is_left_alone(box, ini, tmp_path):
    text = "[a]\n" + ";" * (1 << 24)
    name = ini(text)
    assert box.call.kernel32.WritePrivateProfileStringW("a", "k", "v", name) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY
    assert (tmp_path / "a.ini").read_text(encoding="ascii") == text

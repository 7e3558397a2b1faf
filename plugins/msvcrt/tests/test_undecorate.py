"""Decorated names, with what Microsoft's undname prints for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litebox_msvcrt.engines.undecorate import NAME_ONLY, NO_ACCESS, NO_MS_KEYWORDS, undecorate, undecorate_type


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("?f@@YAXXZ", "void __cdecl f(void)"),
        (
            "?f@C@N@@QEAAHPEBDAEAVD@2@@Z",
            "public: int __cdecl N::C::f(char const * __ptr64,class N::D & __ptr64) __ptr64",
        ),
        ("?f@C@@UEBA_NXZ", "public: virtual bool __cdecl C::f(void)const __ptr64"),
        ("?f@C@@KAXH@Z", "protected: static void __cdecl C::f(int)"),
        ("??0C@@QEAA@XZ", "public: __cdecl C::C(void) __ptr64"),
        ("??1C@@UEAA@XZ", "public: virtual __cdecl C::~C(void) __ptr64"),
        ("??4C@@QEAAAEAV0@AEBV0@@Z", "public: class C & __ptr64 __cdecl C::operator=(class C const & __ptr64) __ptr64"),
        ("??_7C@@6B@", "const C::`vftable'"),
        ("?x@@3HA", "int x"),
        ("?x@C@@2PEBDEB", "public: static char const * __ptr64 const __ptr64 C::x"),
        ("??$max@H@@YAHHH@Z", "int __cdecl max<int>(int,int)"),
        ("?printf@@YAHPEBDZZ", "int __cdecl printf(char const * __ptr64,...)"),
        ("main", "main"),
        ("?f@@YAX", "?f@@YAX"),
    ],
)
def test_names(name, text):
    assert undecorate(name) == text


def test_flags():
    name = "?f@C@@UEBA_NXZ"
    assert undecorate(name, NAME_ONLY) == "C::f"
    assert undecorate(name, NO_ACCESS | NO_MS_KEYWORDS) == "virtual bool C::f(void)const "


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".?AVC@N@@", "class N::C"),
        (".?AUS@@", "struct S"),
        (".?AW4E@@", "enum E"),
        (".PEAH", "int * __ptr64"),
        (".?AV?$vector@HV?$allocator@H@std@@@std@@", "class std::vector<int,class std::allocator<int> >"),
        (".nonsense", ".nonsense"),
    ],
)
def test_types(name, text):
    assert undecorate_type(name) == text


@given(st.text(alphabet="?@$_ABCDEHNPQVXYZ0123", max_size=40))
def test_any_text_has_an_answer(text):
    assert isinstance(undecorate("?" + text), str)


def test_names_that_say_things_again_and_again():
    """Each type eight times the one before: short names would fill the memory."""
    name = "?f@@YAXPEAH" + "".join("P6AX" + str(n) * 8 + "@Z" for n in range(9)) + "@Z"
    assert undecorate(name) == name
    name = "?" + "n" * 1000 + "@0" + "0" * 1000 + "@@3HA"
    assert undecorate(name) == name


@pytest.mark.parametrize("name", ["?a@@YAH\xb2@Z", "??$a@\xb2", "?a@?\xb2@@3HA"])
def test_digits_of_other_scripts_are_none(name):
    assert undecorate(name) == name

"""Registry files: as Windows' editor writes them, and as people do."""

import time

import pytest

from litebox_core.regfile import CURRENT_USER, Change, RegFileError, dump, parse, read
from litebox_core.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ

HEAD = "Windows Registry Editor Version 5.00\r\n\r\n"
MACHINE = "\\REGISTRY\\MACHINE"
EVERY_KIND = HEAD + r"""
; a comment
[HKEY_LOCAL_MACHINE\SOFTWARE\Acme]
@="the default"
"quoted \"name\""="C:\\folder"
"number"=dword:0000002A
"bytes"=hex:01,02,\
  03,\
  ff
"path"=hex(2):25,00,58,00,25,00,00,00
"list"=hex(7):61,00,00,00,62,00,00,00,00,00
"odd"=hex(1234):
"gone"=-

[-HKEY_CURRENT_USER\Software\Old]
[HKCU\Software\New]
""".replace("\n", "\r\n")


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


EXPECTED = [
    Change(MACHINE + "\\SOFTWARE\\Acme"),
    Change(MACHINE + "\\SOFTWARE\\Acme", "", REG_SZ, utf16("the default\0")),
    Change(MACHINE + "\\SOFTWARE\\Acme", 'quoted "name"', REG_SZ, utf16("C:\\folder\0")),
    Change(MACHINE + "\\SOFTWARE\\Acme", "number", REG_DWORD, b"\x2a\0\0\0"),
    Change(MACHINE + "\\SOFTWARE\\Acme", "bytes", REG_BINARY, b"\1\2\3\xff"),
    Change(MACHINE + "\\SOFTWARE\\Acme", "path", REG_EXPAND_SZ, utf16("%X%\0")),
    Change(MACHINE + "\\SOFTWARE\\Acme", "list", REG_MULTI_SZ, utf16("a\0b\0\0")),
    Change(MACHINE + "\\SOFTWARE\\Acme", "odd", 0x1234, b""),
    Change(MACHINE + "\\SOFTWARE\\Acme", "gone", gone=True),
    Change(CURRENT_USER + "\\Software\\Old", gone=True),
    Change(CURRENT_USER + "\\Software\\New"),
]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
def test_every_kind_of_line(tmp_path, encoding):
    path = tmp_path / "a.reg"
    path.write_bytes(EVERY_KIND.encode(encoding))
    assert read(str(path)) == EXPECTED


def test_what_is_written_is_read_again(tmp_path):
    long = Change(MACHINE + "\\X", "long", REG_BINARY, bytes(range(256)))
    strange = Change(MACHINE + "\\X", "strange", REG_SZ, utf16("two\r\nlines\0"))
    cut = Change(MACHINE + "\\X", "no NUL", REG_SZ, utf16("abc"))
    text = dump([*EXPECTED, Change(MACHINE + "\\X"), long, strange, cut])
    assert list(parse(text, "x")) == [*EXPECTED, Change(MACHINE + "\\X"), long, strange, cut]


def test_the_older_form_has_narrow_texts(tmp_path):
    path = tmp_path / "old.reg"
    path.write_bytes(b'REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\A]\r\n"p"="gr\xfc\xdf"\r\n"e"=hex(2):25,58,25,00\r\n')
    assert read(str(path))[1:] == [
        Change(CURRENT_USER + "\\A", "p", REG_SZ, utf16("grüß\0")),
        Change(CURRENT_USER + "\\A", "e", REG_EXPAND_SZ, utf16("%X%\0")),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "x:1: a registry file begins with 'Windows Registry Editor Version 5.00'"),
        ("[HKLM\\a]", "x:1: a registry file begins with"),
        (HEAD + "[HKLM\\a", "x:3: the key's name has no ]"),
        (HEAD + "[HKEY_NOWHERE\\a]", "x:3: 'HKEY_NOWHERE' is no root of the registry"),
        (HEAD + "[HKLM\\a\\\\b]", "x:3: 'HKLM\\\\a\\\\\\\\b' has an empty part"),
        (HEAD + "[HKLM\\" + "a\\" * 600 + "a]", "x:3: 'HKLM\\\\a"),
        (HEAD + "[HKLM\\" + "a" * 256 + "]", "x:3: 'HKLM\\\\aaa"),
        (HEAD + '"a"="b"', "x:3: a value without a key"),
        (HEAD + '[-HKLM\\a]\r\n"a"="b"', "x:4: a value without a key"),
        (HEAD + "[HKLM\\a]\r\na=b", "x:4: 'a=b' is no [key]"),
        (HEAD + '[HKLM\\a]\r\n"a"=dword:123456789', "x:4: 'dword:123456789': dword: takes up to eight"),
        (HEAD + '[HKLM\\a]\r\n"a"=dword:-1', "x:4: 'dword:-1': dword: takes up to eight"),
        (HEAD + '[HKLM\\a]\r\n"a"=hex:1,2,zz', "x:4: hex: takes bytes of two hexadecimal digits"),
        (HEAD + '[HKLM\\a]\r\n"a"=hex:1,\\\r\n  100', "x:4: hex: takes bytes of two hexadecimal digits"),
        (HEAD + '[HKLM\\a]\r\n"a"=what', "x:4: 'what' is no data"),
        (HEAD + '[HKLM\\a]\r\n"a"="open', "x:4: '\"open' is no data"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, problem):
    with pytest.raises(RegFileError) as error:
        list(parse(text, "x"))
    assert str(error.value).startswith(problem)


def test_no_text_at_all(tmp_path):
    path = tmp_path / "b.reg"
    path.write_bytes(b"\xff\xfe\0")
    with pytest.raises(RegFileError, match="it is neither UTF-16 nor UTF-8 text"):
        read(str(path))


def test_many_lines_of_one_value_take_no_time():
    began = time.monotonic()
    rows = ",\\\r\n".join(["00"] * 400_000)
    (_, value) = parse(HEAD + '[HKLM\\a]\r\n"a"=hex:' + rows, "x")
    assert len(value.data) == 400_000
    assert time.monotonic() - began < 10

"""DOS paths: a table of measured answers, and what only Windows itself does."""

import pytest

from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_NAME_TOO_LONG, STATUS_OBJECT_NAME_INVALID
from litebox_ntdll.executive import paths

CURRENT = "C:\\windows\\temp\\"

# path|RtlDetermineDosPathNameType_U|RtlIsDosDeviceName_U|GetFullPathName|RtlDosPathNameToNtPathName_U
TABLE = r"""
|5|0|FAIL|FAIL
\|4|0|C:\|\??\C:\
\\|1|0|\\|\??\UNC\
\\.|7|0|\\.\|\??\
\\?|7|0|\\.\|\??\
\\.\|6|0|\\.\|\??\
\\?\|6|0|\\?\|\??\
\??\C:\foo|4|0|C:\??\C:\foo|\??\C:\foo
\\?\C:\a\..\b|6|0|\\?\C:\b|\??\C:\a\..\b
\\.\C:\a\..\..\b|6|0|\\.\b|\??\b
C:|3|0|C:\windows\temp\|\??\C:\windows\temp\
C:foo|3|0|C:\windows\temp\foo|\??\C:\windows\temp\foo
C:\|2|0|C:\|\??\C:\
C:\foo\..\..\bar|2|0|C:\bar|\??\C:\bar
C:/foo/./bar/|2|0|C:\foo\bar\|\??\C:\foo\bar\
C:\foo.|2|0|C:\foo|\??\C:\foo
C:\foo. . |2|0|C:\foo|\??\C:\foo
C:\foo.\bar|2|0|C:\foo\bar|\??\C:\foo\bar
C:\foo \bar|2|0|C:\foo \bar|\??\C:\foo \bar
C:\...|2|0|C:\|\??\C:\
C:\foo\...|2|0|C:\foo\|\??\C:\foo\
C:\foo\.|2|0|C:\foo|\??\C:\foo
C:\foo\..|2|0|C:\|\??\C:\
C:\foo\bar\..|2|0|C:\foo|\??\C:\foo
C:\foo\bar\.. |2|0|C:\foo\bar\|\??\C:\foo\bar\
\\srv\share\..\..\x|1|0|\\srv\share\x|\??\UNC\srv\share\x
\\srv\share|1|0|\\srv\share|\??\UNC\srv\share
\\srv\share\|1|0|\\srv\share\|\??\UNC\srv\share\
\\srv|1|0|\\srv|\??\UNC\srv
\\srv\..\x|1|0|\\srv\..\x|\??\UNC\srv\..\x
//srv/share/a|1|0|\\srv\share\a|\??\UNC\srv\share\a
nul|5|6|\\.\nul|\??\nul
NUL.txt|5|6|\\.\NUL|\??\NUL
nul:|5|6|\\.\nul|\??\nul
C:nul|3|40006|\\.\nul|\??\nul
nul |5|6|\\.\nul|\??\nul
nul .txt|5|6|\\.\nul|\??\nul
nul.txt:x|5|6|\\.\nul|\??\nul
con|5|6|\\.\con|\??\con
conin$|5|c|\\.\conin$|\??\conin$
CONOUT$|5|e|\\.\CONOUT$|\??\CONOUT$
C:\conin$|2|6000c|\\.\conin$|\??\conin$
conin$.txt|5|c|\\.\conin$|\??\conin$
com1|5|8|\\.\com1|\??\com1
com0|5|0|C:\windows\temp\com0|\??\C:\windows\temp\com0
com1.txt|5|8|\\.\com1|\??\com1
lpt9:|5|8|\\.\lpt9|\??\lpt9
prn|5|6|\\.\prn|\??\prn
aux:|5|6|\\.\aux|\??\aux
\\.\CON|6|80006|\\.\CON|\??\CON
\\.\nul|6|0|\\.\nul|\??\nul
\\?\nul|6|0|\\?\nul|\??\nul
nul\|5|0|C:\windows\temp\nul\|\??\C:\windows\temp\nul\
nul\x|5|0|C:\windows\temp\nul\x|\??\C:\windows\temp\nul\x
 |5|0|FAIL|FAIL
   |5|0|FAIL|FAIL
.|5|0|C:\windows\temp|\??\C:\windows\temp
..|5|0|C:\windows|\??\C:\windows
...|5|0|C:\windows\temp\|\??\C:\windows\temp\
foo|5|0|C:\windows\temp\foo|\??\C:\windows\temp\foo
\foo|4|0|C:\foo|\??\C:\foo
..\..\..\..\..\..\..\foo|5|0|C:\foo|\??\C:\foo
foo\\bar|5|0|C:\windows\temp\foo\bar|\??\C:\windows\temp\foo\bar
C:\\foo\\\bar|2|0|C:\foo\bar|\??\C:\foo\bar
C:\..|2|0|C:\|\??\C:\
\\.\C:|6|0|\\.\C:|\??\C:
\\.\C:\|6|0|\\.\C:\|\??\C:\
\\./C:/x|6|0|\\.\C:\x|\??\C:\x
//?/C:/a/../b|6|0|\\?\C:\b|\??\C:\b
C:\a\b..|2|0|C:\a\b|\??\C:\a\b
C:\a\ |2|0|C:\a\|\??\C:\a\
C:\a\ .\b|2|0|C:\a\ \b|\??\C:\a\ \b
C:\a\. .\b|2|0|C:\a\. \b|\??\C:\a\. \b
D:foo|3|0|D:\foo|\??\D:\foo
1:\x|2|0|1:\x|\??\1:\x
C:\a\.b.|2|0|C:\a\.b|\??\C:\a\.b
C:.|3|0|C:\windows\temp|\??\C:\windows\temp
C:..|3|0|C:\windows|\??\C:\windows
\\.\pipe\x\..\y.|6|0|\\.\pipe\y|\??\pipe\y
"""


def drive_current(letter):
    return CURRENT if letter in "cC" else letter.upper() + ":\\"


def attempt(function, path):
    try:
        return function(path, CURRENT, drive_current)
    except NtError:
        return "FAIL"


@pytest.mark.parametrize("row", TABLE.strip("\n").split("\n"))
def test_measured(row):
    path, kind, device, full, nt = row.split("|")
    part = paths.dos_device_part(path)
    assert paths.path_type(path) == int(kind)
    assert (part[0] << 17 | part[1] * 2 if part else 0) == int(device, 16)
    assert attempt(paths.full_path, path) == full
    assert attempt(paths.nt_path, path) == nt


@pytest.mark.parametrize(
    ("path", "full"),
    [
        ("/", "C:\\"),
        ("C:\\foo..\\bar", "C:\\foo..\\bar"),  # one dot at the end of a folder is taken away, more are not
        ("C:\\a\\...\\b", "C:\\a\\...\\b"),
        ("C:\\dir\\nul", "\\\\.\\nul"),
        ("C:\\dir\\NUL.tar.gz", "\\\\.\\NUL"),
        ("com\u00b9", "\\\\.\\com\u00b9"),
        ("com\u2074", "C:\\windows\\temp\\com\u2074"),
    ],
)
def test_windows_only(path, full):
    assert attempt(paths.full_path, path) == full


@pytest.mark.parametrize("current", ["\\\\server\\share\\dir\\", "\\\\?\\C:\\dir\\"])
def test_rooted_on_other_roots(current):
    root = current.removesuffix("dir\\")
    assert paths.full_path("\\x", current, drive_current) == root + "x"
    assert paths.full_path("..\\y", current, drive_current) == root + "y"


def test_limits():
    for path, status in (("", STATUS_OBJECT_NAME_INVALID), ("a\0b", STATUS_OBJECT_NAME_INVALID),
                         ("a" * 40000, STATUS_NAME_TOO_LONG)):  # fmt: skip
        with pytest.raises(NtError) as caught:
            paths.full_path(path, CURRENT, drive_current)
        assert caught.value.status == status


def test_split():
    assert paths.split_nt("\\??\\C:\\a\\b") == ("C:", "\\a\\b")
    assert paths.split_nt("\\??\\NUL") == ("NUL", "")
    assert paths.split_nt("\\dosdevices\\c:\\x") == ("c:", "\\x")
    assert paths.split_nt("\\Device\\Null") is None

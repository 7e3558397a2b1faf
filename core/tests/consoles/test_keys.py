"""Input records, the keys that terminals tell of, and lines that are made of records."""

import pytest

from litebox_core.consoles.keys import KEY_EVENT, Record, key_records
from litebox_core.consoles.records import MOST_RECORDS, LineEditor, Records

ALT, CTRL, SHIFT, ENHANCED = 2, 8, 0x10, 0x100


def pressed(text, **how):
    """Virtual key, scan code, character and state of each key that goes down."""
    return [record.key[2:] for record in key_records(text, **how) if record.key[0]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", (0x41, 0x1E, 0x61, 0)), ("A", (0x41, 0x1E, 0x41, SHIFT)), ("5", (0x35, 6, 0x35, 0)),
        ("%", (0x35, 6, 0x25, SHIFT)), (" ", (0x20, 0x39, 0x20, 0)), ("/", (0xBF, 0x35, 0x2F, 0)),
        ("?", (0xBF, 0x35, 0x3F, SHIFT)), ("\\", (0xDC, 0x2B, 0x5C, 0)), ("`", (0xC0, 0x29, 0x60, 0)),
        ("\r", (0x0D, 0x1C, 13, 0)), ("\n", (0x0D, 0x1C, 13, 0)), ("\x7f", (8, 0x0E, 8, 0)), ("\t", (9, 0x0F, 9, 0)),
        ("\x1b", (0x1B, 1, 27, 0)), ("\x03", (0x43, 0x2E, 3, CTRL)), ("\x1a", (0x5A, 0x2C, 26, CTRL)),
        ("\x1bx", (0x58, 0x2D, 0x78, ALT)), ("\u00e9", (0, 0, 0xE9, 0)), ("\x1b[A", (0x26, 0x48, 0, ENHANCED)),
        ("\x1bOD", (0x25, 0x4B, 0, ENHANCED)), ("\x1b[1;5C", (0x27, 0x4D, 0, ENHANCED | CTRL)),
        ("\x1b[3~", (0x2E, 0x53, 0, ENHANCED)), ("\x1b[5;2~", (0x21, 0x49, 0, ENHANCED | SHIFT)),
        ("\x1bOP", (0x70, 0x3B, 0, 0)), ("\x1b[15~", (0x74, 0x3F, 0, 0)), ("\x1b[24~", (0x7B, 0x58, 0, 0)),
        ("\x1b[Z", (9, 0x0F, 9, SHIFT)), ("\x1b[1;3F", (0x23, 0x4F, 0, ENHANCED | ALT)),
    ],
)  # fmt: skip
def test_keys(text, wanted):
    assert pressed(text) == [wanted]
    down, up = key_records(text)
    assert (down.key[0], up.key[0], down.key[1:], down.source) == (1, 0, up.key[1:], text)


def test_several_keys():
    assert [key[2] for key in pressed("a\x1b[Bb\x1b\x1b[C")] == [0x61, 0, 0x62, 27, 0]
    assert [key[2] for key in pressed("\U0001f600")] == [0xD83D, 0xDE00]
    assert [key[2] for key in pressed("\x1b[A", sequences=False)] == [27, 0x5B, 0x41]
    assert pressed("\x1b[99~")[0][2] == ord("[")  # no key's: Alt and what follows
    assert all(unit for *_, unit, _ in pressed("\x1b[" + "9" * 5000 + "~"))


def edited(typed, **how):
    shown = []
    editor = LineEditor(shown.append, **how)
    return editor, editor.feed(key_records(typed)), "".join(shown)


def test_lines():
    editor, complete, shown = edited("axb\x7fc\r")
    assert (complete, editor.text, shown) == (True, "axc\r\n", "axb\b \bc\r\n")
    editor, complete, shown = edited("ab\x01\x1b")
    assert (complete, editor.text, shown) == (False, "", "ab^A" + "\b \b" * 4)
    editor, complete, shown = edited("\U0001f600")
    assert (editor.text.encode("utf-16-le", "surrogatepass"), shown) == ("\U0001f600".encode("utf-16-le"), "\U0001f600")
    editor, complete, shown = edited("xy\tz", text="abc", wakeup=1 << 9)
    assert (complete, editor.text, shown, editor.woken) == (True, "abcxy\t", "xy", True)
    editor, complete, _ = edited("abcdef", most=4)
    assert editor.text == "abcd"


def test_a_queue():
    records = Records()
    keys = key_records("ab")
    assert records.add(keys)
    assert records.peek(3) == keys[:3]
    assert records.take(1) == keys[:1]
    assert records.next_key() == keys[2]
    records.put_back(keys[2])
    assert list(records.each()) == keys[2:]
    assert records.take(5) == [] and records.next_key() is None
    assert records.add([Record(KEY_EVENT, bytes(16))] * MOST_RECORDS)
    assert not records.add(keys)
    assert len(records) == MOST_RECORDS

"""Texts of strangers in one printable line: the one spelling of escapes in traces, reports and error messages.

>>> print(escaped("bell \\a, line\\n, right-to-left \\u202e"))
bell \\x07, line\\n, right-to-left \\u202e
>>> print(quoted('a "b" \\\\ c'))
"a \\"b\\" \\\\ c"
"""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(text: str) -> str:
    """The text with everything escaped that is not printable, whether a terminal would act on it or not."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _SHORT.get(c) or _number(ord(c)) for c in text)


def _number(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str, more: str = "") -> str:
    """The text in double quotes, with quotes and backslashes in it escaped too; ``more`` stands before the end."""
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped(text)}{more}"'

"""How values and events of a recorded trace are written for people, in one line and without control characters."""

import re
from typing import Any

from ..escapes import escaped, quoted

_BARE = re.compile(r"0x[0-9a-fA-F]+\Z|[A-Z_][A-Z0-9_]*(?:\|(?:[A-Z_][A-Z0-9_]*|0x[0-9a-fA-F]+))*\Z")
"""Texts that are most likely a pointer, a handle or names of constants."""
_TEXT_NAME = re.compile(r"(lp|p|psz|pwsz|lpsz|str|w?sz)?[a-z]*(name|path|string|str|text|file|dir)\Z", re.IGNORECASE)
KINDS = {"stub": " [stub]", "overlay": " [overlay]"}
"""What marks a call that did not go to an implementation of the DLL itself."""
LIMIT = 120
"""Longer texts of arguments are cut."""


def value_text(value: Any, name: str = "", limit: int = LIMIT) -> str:
    """A recorded value: texts in quotes, constants and hex numbers bare, None as NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if _BARE.match(value) and not (_TEXT_NAME.match(name) and not value.startswith("0x")):
            return value
        more = len(value) - limit
        return f"{quoted(value[:limit], '...')}+{more}" if more > 0 else quoted(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{escaped(k)}={value_text(v, k, limit)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(value_text(v, name, limit) for v in value) + "]"
    return repr(value)


def arguments_text(call: dict[str, Any]) -> str:
    """``name=value, name=value`` of a call event."""
    return ", ".join(f"{escaped(n)}={value_text(v, n)}" for n, v in (call.get("args") or {}).items())


def answer_text(call: dict[str, Any], *, structures: bool = False) -> str:
    """What comes after the arguments: ``-> TRUE (lpRead=12) !ERROR_NAME [stub]``; structures only on demand."""
    if call.get("unfinished"):
        return " ..." + KINDS.get(call.get("kind") or "", "")
    result, out, error = call.get("result"), call.get("out"), call.get("error")
    text = f" -> {value_text(result)}" if result is not None else ""
    shown = {n: v for n, v in (out or {}).items() if structures or not isinstance(v, (dict, list))}
    if shown:
        text += f" ({', '.join(f'{escaped(n)}={value_text(v, n)}' for n, v in shown.items())})"
    if error:
        text += f" !{escaped(error)}"
    return text + KINDS.get(call.get("kind") or "", "")


def call_line(call: dict[str, Any]) -> str:
    """A whole call event in one line."""
    return f"{escaped(call['dll'])}!{escaped(call['function'])}({arguments_text(call)}){answer_text(call)}"

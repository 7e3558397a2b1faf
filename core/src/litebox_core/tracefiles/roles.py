"""Which hex numbers of a call are handles and addresses, and which are flags and statuses: by the signature data."""

import re
from functools import lru_cache

from .. import signatures

_HANDLE_NAME = re.compile(r"(ph|phk|h|lph)[A-Z]|.*[hH]andle|(s|sock|socket|fd|hkey|key)\Z")
_OBJECTS = ("handle", "ptr", "fn", "astr", "wstr", "abuf", "wbuf", "bstr", "usize", "isize")
_RESULT = ""
"""The name that the result has here."""


@lru_cache(maxsize=4096)
def roles(dll: str, function: str, names: tuple[str, ...]) -> dict[str, bool]:
    """For each parameter of these names, and for the result under ``""``: whether it identifies an object.

    What the data does not know is left out.
    """
    found = signatures.find(dll, function)
    if found is None:
        return {}
    known: dict[str, bool] = {}
    if found.ret:
        known[_RESULT] = is_object(found.ret)
    for name, param in zip(names, found.params or (), strict=False):
        known[name] = is_object(param.type)
        if param.type.startswith("ptr:"):
            known[f"*{name}"] = is_object(param.type[4:])
    return known


def is_object(word: str) -> bool:
    """Whether a word of the type vocabulary stands for a handle or an address."""
    return word.partition(":")[0] in _OBJECTS


def named_like_a_handle(name: str) -> bool:
    """The guess for small numbers that nothing is known of."""
    return _HANDLE_NAME.match(name.lstrip("*.")) is not None

"""A function of the signature data as Python source: a module that declares it, ready to paste."""

import builtins
from collections.abc import Mapping

from .. import signatures
from ..signatures import Signature
from .types import Typed, Writer, identifier

WIDTH = 100
_NO_PROTOTYPE = "The signature data has no prototype of it"


class Unknown(LookupError):
    """No such DLL or function in the signature data; one line that names what is near."""


def find(dll: str, function: str) -> Signature:
    """The signature of an export by name or ordinal (``"#16"`` or ``"16"``). Raises :class:`Unknown`."""
    name = dll.lower().removesuffix(".dll")
    hosts = signatures.hosts_of_api_set(name) or (name,)
    known = signatures.dlls()
    if not any(host in known for host in hosts):
        raise Unknown(f"no signature data for {name}{_near(name, known)}")
    digits = function.removeprefix("#")
    key: str | int = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else function
    for host in hosts:
        found = signatures.find(host, key)
        if found is not None:
            return found
    what = f"ordinal {key}" if isinstance(key, int) else key
    names = [title for host in hosts for title in signatures.names(host)]
    raise Unknown(f"{name} exports no {what} in the signature data{_near(function, names)}")


def _near(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """``"; did you mean A, B or C?"``, or nothing."""
    from difflib import get_close_matches

    by_lower: dict[str, list[str]] = {}
    for name in known:
        by_lower.setdefault(name.lower(), []).append(name)
    found = [
        name for lower in get_close_matches(word.lower(), by_lower, n=4, cutoff=0.7) for name in by_lower[lower]
    ]
    forms = [name for name in (word + "W", word + "A") if name in known]
    best = list(dict.fromkeys([*forms, *found]))[:4]
    if not best:
        return ""
    return f"; did you mean {', '.join(best[:-1])}{' or ' if best[:-1] else ''}{best[-1]}?"


def declaration(found: Signature) -> str:
    """The source of a module that declares one export."""
    if found.convention == "data":
        return _data(found)
    writer = Writer()
    params, notes = _parameters(found, writer)
    returned = writer.returned(found.ret)
    body = [*notes, *_function(found, writer, params, returned)]
    head = _imports(found, writer)
    return "\n".join([*head, "", *_enums(writer), *_structs(writer), _dll(found), "", "", *body, ""])


def _data(found: Signature) -> str:
    names = "NATIVE, Dll" if _is_native(found) else "Dll"
    return (
        f"from litebox_core.dll import {names}\n\n{_dll(found)}\n\n"
        f'dll.data("{found.name}", 8)  # data; its size is not known: that of a pointer is assumed\n'
    )


def _parameters(found: Signature, writer: Writer) -> tuple[list[tuple[str, Typed]], list[str]]:
    """Names and types of the parameters, and comments on what is not known."""
    if found.params is None:
        count = (found.x86_bytes or 0) // 4
        notes = [f"# {_NO_PROTOTYPE}." if found.x86_bytes is None else
                 f"# {_NO_PROTOTYPE}; on x86 its arguments take {found.x86_bytes} bytes."]  # fmt: skip
        return [(f"arg{i}", Typed(writer.use("PVOID"))) for i in range(1, count + 1)], notes
    made: list[tuple[str, Typed]] = []
    for index, param in enumerate(found.params):
        made.append((identifier(param.name), writer.parameter(param, found.params[index + 1 :])))
    if found.convention == "vararg":
        taken = {name for name, _ in made}
        made.append(("args" if "args" not in taken else "varargs", Typed(writer.use("VarArgs"))))
    return made, []


def _imports(found: Signature, writer: Writer) -> list[str]:
    lines = ["from typing import Annotated", ""] if writer.annotated else []
    if writer.abi:
        lines += _wrapped("from litebox_core.abi import ", sorted(writer.abi, key=_import_order))
    names = ["Dll"]
    if _is_native(found):
        names.insert(0, "NATIVE")
    if found.ret == "win32":
        names.insert(0, "RETURN_ERROR")
    lines.append(f"from litebox_core.dll import {', '.join(sorted(names, key=_import_order))}")
    return [*lines, "from litebox_core.guest import Guest"]


def _import_order(name: str) -> tuple[int, str]:
    """As import sorters have it: constants, classes, the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)


def _wrapped(head: str, names: list[str]) -> list[str]:
    line = head + ", ".join(names)
    if len(line) <= WIDTH:
        return [line]
    return [head + "(", *(f"    {name}," for name in names), ")"]


def _enums(writer: Writer) -> list[str]:
    lines: list[str] = []
    for name, (members, how) in writer.enums.items():
        inside = ", ".join(f'"{title}": {value:#x}' for title, value in members.items())
        line = f"{name} = {{{inside}}}"
        if len(line) <= WIDTH:
            lines += [line, ""]
        else:
            lines += [f"{name} = {{", *_members(members, how), "}", ""]
    return lines


def _members(members: Mapping[str, int], how: str) -> list[str]:
    items = list(members.items())
    if how == "flags":  # what has most bits is looked for first
        items.sort(key=lambda item: -bin(item[1]).count("1"))
    return [f'    "{title}": {value:#x},' for title, value in items]


def _structs(writer: Writer) -> list[str]:
    lines: list[str] = []
    for name, field in writer.structs.items():
        note = "# the size is right; the data does not know the fields"
        lines += ["", f"class {name}(Struct):", f"    opaque: {field}  {note}", "", ""]
    return lines


def _is_native(found: Signature) -> bool:
    return found.dll == "ntdll"


def _dll(found: Signature) -> str:
    more = ", dialect=NATIVE" if _is_native(found) else ""
    if found.convention in ("cdecl", "vararg"):
        more += ', convention="cdecl"'
    return f'dll = Dll("{found.dll}"{more})'


def _function(found: Signature, writer: Writer, params: list[tuple[str, Typed]], returned: Typed) -> list[str]:
    name = identifier(found.name)
    taken = {*writer.abi, *writer.enums, *writer.structs, "Annotated", "Dll", "Guest", "NATIVE", "RETURN_ERROR", "dll"}
    if name in taken or name in vars(builtins):
        name += "_"
    options = [] if name == found.name else [f'name="{found.name}"']
    options += [f"ordinal={found.ordinal}"] if found.ordinal is not None else []
    options += ["fails=RETURN_ERROR"] if found.ret == "win32" else []
    lines = [f"@dll.export({', '.join(options)})" if options else "@dll.export"]
    texts = [f"{title}: {typed.text}" for title, typed in params]
    head = f"def {name}({', '.join(['guest: Guest', *texts])}) -> {returned.text}:"
    if len(head) <= WIDTH and not any(typed.note for _, typed in params) and not returned.note:
        lines.append(head)
    else:
        lines += [f"def {name}(", "    guest: Guest,"]
        for text, (_, typed) in zip(texts, params, strict=True):
            lines.append(f"    {text}," + (f"  # {typed.note}" if typed.note else ""))
        lines.append(f") -> {returned.text}:" + (f"  # {returned.note}" if returned.note else ""))
    lines.append(f'    raise NotImplementedError("{found.dll}!{found.name}")')
    twin = _ansi_twin(found)
    if twin is not None:
        ordinal = f", ordinal={twin.ordinal}" if twin.ordinal is not None else ""
        lines += ["", "", f"dll.ansi({name}{ordinal})  # {twin.name}"]
    return lines


def _ansi_twin(found: Signature) -> Signature | None:
    """The A form of a W function whose prototype is the same but for the strings."""
    if not found.name.endswith("W") or found.params is None:
        return None
    twin = signatures.find(found.dll, found.name[:-1] + "A")
    if twin is None or twin.params is None or twin.ret != found.ret:
        return None
    texts = {"wstr": "astr", "wbuf": "abuf"}
    here = [texts.get(param.type, param.type) for param in found.params]
    same = here == [param.type for param in twin.params]
    return twin if same and any(param.type in texts for param in found.params) else None

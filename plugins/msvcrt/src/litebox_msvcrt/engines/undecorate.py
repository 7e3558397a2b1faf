"""Decorated C++ names of the Microsoft compiler, and what they say: ``?f@C@@QEAAHXZ`` is ``public: int C::f(void)``."""

from collections.abc import Callable
from typing import NamedTuple

from .undecoratetables import (
    CLASSES,
    CONVENTIONS,
    MEMBER_QUALIFIERS,
    MORE_OPERATORS,
    OPERATORS,
    POINTERS,
    QUALIFIERS,
    RTTI,
    SPECIAL,
    TYPES,
)

# Flags of __unDName
NO_LEADING_UNDERSCORES, NO_MS_KEYWORDS, NO_FUNCTION_RETURNS = 1, 2, 4
NO_THIS_TYPE, NO_ACCESS, NO_MEMBER_TYPE, NAME_ONLY, TYPE_ONLY = 0x60, 0x80, 0x200, 0x1000, 0x2000

_DEEPEST = 64


class BadName(Exception):
    """The text is no decorated name, or one that is not known here."""


_MOST_REPEATED = 1 << 16
"""How many characters a name may say again, all told: what is said again may say things again itself."""


class Type(NamedTuple):
    """A type: what stands before and behind the name that has it."""

    left: str
    right: str = ""

    def __str__(self) -> str:
        return self.left + self.right


def undecorate(text: str, flags: int = 0) -> str:
    """What a decorated name says; the text itself where it is none."""
    try:
        reader = _Reader(text, flags)
        found = str(reader.type()) if flags & TYPE_ONLY else reader.symbol()
        return found if reader.at == len(text) else text
    except (BadName, IndexError, RecursionError):
        return text


def undecorate_type(text: str) -> str:
    """What the decorated name in a type descriptor, such as ``.?AVC@@``, says; the text itself where it is none."""
    found = undecorate(text[1:], TYPE_ONLY) if text.startswith(".") else text
    return text if found == text[1:] else found


class _Reader:
    def __init__(self, text: str, flags: int) -> None:
        self.text, self.flags, self.at, self.depth = text, flags, 0, 0
        self.left = _MOST_REPEATED
        self.names: list[str] = []
        self.types: list[Type] = []

    # -- characters --------------------------------------------------------------------------------------------------

    def next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def skip(self, prefix: str) -> bool:
        if self.text.startswith(prefix, self.at):
            self.at += len(prefix)
            return True
        return False

    def number(self) -> int:
        sign = -1 if self.skip("?") else 1
        c = self.next()
        if "0" <= c <= "9":
            return sign * (int(c) + 1)
        value = 0
        while c != "@":
            if not "A" <= c <= "P":
                raise BadName
            value = value << 4 | ord(c) - 65
            c = self.next()
        return sign * value

    def keyword(self, word: str) -> str:
        """A word that Microsoft's compiler added to the language, as the flags want it."""
        if self.flags & NO_MS_KEYWORDS:
            return ""
        return word.lstrip("_") if self.flags & NO_LEADING_UNDERSCORES else word

    # -- names -------------------------------------------------------------------------------------------------------

    def symbol(self) -> str:
        if not self.skip("?"):
            raise BadName
        if self.text.startswith("$", self.at):
            self.at -= 1
            return self.component()
        template = self.text.startswith("?$", self.at) and not self.text.startswith("?$?", self.at)
        special, arguments = "", ""
        if self.skip("?$?"):
            outer, self.names, self.types = (self.names, self.types), [], []
            special = self.special()
            arguments = self.template_arguments()
            self.names, self.types = outer
        elif not template and self.skip("?"):
            special = self.special()
            if special.startswith("!"):
                return special[1:]
        if template:
            self.skip("?$")
        parts = [self.template() if template else special or self.component()]
        while not self.skip("@"):
            parts.append(self.component())
        if special in ("constructor", "destructor"):
            if len(parts) < 2:
                raise BadName
            parts[0] = ("~" if special == "destructor" else "") + parts[1]
        conversion = special == "operator "
        parts[0] = parts[0].rstrip()
        name = "::".join(reversed(parts)) + arguments
        return self.encoded(name, conversion, special in ("constructor", "destructor"))

    def special(self) -> str:
        """An operator, or a function or table of the compiler's; ``!`` before a whole answer."""
        c = self.next()
        if c in "01":
            return "constructor" if c == "0" else "destructor"
        if c == "B":
            return "operator "
        if c in OPERATORS:
            return "operator" + OPERATORS[c]
        if c != "_":
            raise BadName
        c = self.next()
        if c in MORE_OPERATORS:
            return "operator" + MORE_OPERATORS[c]
        if c == "R":
            c = self.next()
            if c == "0":
                text = f"!{self.type()} `{RTTI[c]}'"
                if not self.skip("@8"):
                    raise BadName
                return text
            place = f"({','.join(str(self.number()) for _ in range(4))})" if c == "1" else ""
            if c not in RTTI:
                raise BadName
            return f"`{RTTI[c]}{place}'"
        if c == "_" and self.skip("K"):
            return f'operator "" {self.identifier()}'
        if c in SPECIAL:
            return f"`{SPECIAL[c]}'"
        raise BadName

    def identifier(self) -> str:
        end = self.text.index("@", self.at) if "@" in self.text[self.at :] else -1
        name = self.text[self.at : end]
        if end < 0 or not name or not all(c.isalnum() or c in "_$" or ord(c) > 127 for c in name):
            raise BadName
        self.at = end + 1
        return name

    def repeat(self, length: int) -> None:
        """Something is said again. Raises BadName where that makes too much of a short name."""
        self.left -= length
        if self.left < 0:
            raise BadName

    def remember(self, name: str) -> str:
        if len(self.names) < 10:
            self.names.append(name)
        return name

    def component(self) -> str:
        """One part of a qualified name."""
        c = self.text[self.at]
        if "0" <= c <= "9":
            self.at += 1
            self.repeat(len(self.names[int(c)]))
            return self.names[int(c)]
        if self.skip("?$"):
            return self.remember(self.template())
        if self.skip("?A"):
            self.at = self.text.index("@", self.at) + 1 if "@" in self.text[self.at :] else len(self.text)
            return self.remember("`anonymous namespace'")
        if self.skip("??"):
            self.at -= 1
            return f"`{self.deeper(self.symbol)}'"
        if self.skip("?"):
            return f"`{self.number()}'"
        name = self.identifier()
        return name if name in self.names else self.remember(name)

    def deeper(self, read: Callable[[], str]) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise BadName
        found = read()
        self.depth -= 1
        return found

    def template(self) -> str:
        outer, self.names, self.types = (self.names, self.types), [], []
        name = self.component() if not self.skip("?") else self.special()
        text = self.deeper(lambda: name + self.template_arguments())
        self.names, self.types = outer
        return text

    def template_arguments(self) -> str:
        found = []
        while not self.skip("@") and self.at < len(self.text):
            argument = self.template_argument()
            if argument:
                found.append(argument)
        text = ",".join(found)
        return f"<{text}{' ' if text.endswith('>') else ''}>"

    def template_argument(self) -> str:
        if self.skip("$0"):
            return str(self.number())
        if self.skip("$D"):
            return f"`template-parameter{self.number()}'"
        if self.text.startswith("?", self.at):
            return f"`template-parameter{self.number()}'"
        if self.skip("$1"):
            return "&" + self.deeper(self.symbol)
        if self.skip("$$V") or self.skip("$$Z") or self.skip("$S"):
            return ""
        return str(self.argument())

    # -- what a name is of -------------------------------------------------------------------------------------------

    def encoded(self, name: str, conversion: bool, nothing: bool) -> str:
        c = self.next()
        if c in "01234":
            return self.variable(name, c)
        if c in "67":
            return self.vtable(name)
        if c in "89":
            return name
        if c == "$":
            return self.thunk(name)
        if not "A" <= c <= "Z":
            raise BadName
        index = ord(c) - 65
        access = "" if index >= 24 else ("private: ", "protected: ", "public: ")[index // 8]
        kind = -1 if index >= 24 else index % 8 // 2
        prefix = ("", "static ", "virtual ", "virtual ")[kind] if kind >= 0 else ""
        if kind == 3:
            name += f"`adjustor{{{self.number()}}}' "
            access = "[thunk]:" + access
        return self.function(name, access, prefix, kind in (0, 2, 3), conversion)

    def function(self, name: str, access: str, prefix: str, member: bool, conversion: bool = False) -> str:
        this = self.this_type() if member else ""
        convention = self.convention()
        result = Type("") if self.skip("@") else self.result()
        arguments = self.arguments()
        self.skip("Z")  # what it throws: anything
        if self.flags & NAME_ONLY:
            return name
        if conversion:
            name, result = f"{name} {result}{' ' if result.left.endswith(('const', 'volatile')) else ''}", Type("")
        left = [] if self.flags & NO_FUNCTION_RETURNS else [result.left]
        words = [w for w in (convention, name) if w]
        if left and left[0]:
            words[0] = left[0] + ("" if result.right.startswith(")") else " ") + words[0]
        access = "" if self.flags & NO_ACCESS else access
        prefix = "" if self.flags & NO_MEMBER_TYPE else prefix
        tail = "" if self.flags & NO_FUNCTION_RETURNS else result.right
        return f"{access}{prefix}{' '.join(words)}({arguments}){this}{tail}"

    def this_type(self) -> str:
        ptr64 = unaligned = reference = ""
        while True:
            if self.skip("E"):
                ptr64 = self.keyword("__ptr64")
            elif self.skip("F"):
                unaligned = self.keyword("__unaligned")
            elif self.skip("I"):
                continue
            elif self.skip("G"):
                reference = "& "
            elif self.skip("H"):
                reference = "&& "
            else:
                break
        qualifier = QUALIFIERS.get(self.next())
        if qualifier is None:
            raise BadName
        if self.flags & NO_THIS_TYPE:
            return ""
        text = qualifier + " " if qualifier else ""
        if ptr64:
            text = text + ptr64 if text else " " + ptr64
        return text + (unaligned + " " if unaligned else "") + reference

    def variable(self, name: str, kind: str) -> str:
        declared = self.argument()
        ptr64 = self.keyword("__ptr64") if self.skip("E") else ""
        c = self.next()
        qualifier = QUALIFIERS.get(c) or MEMBER_QUALIFIERS.get(c, "")
        if c in MEMBER_QUALIFIERS:
            self.class_name()
            declared = Type(declared.left.removesuffix(" volatile"), declared.right)
        if self.flags & NAME_ONLY:
            return name
        access = {"0": "private: static ", "1": "protected: static ", "2": "public: static "}.get(kind, "")
        if self.flags & NO_ACCESS:
            access = access.removeprefix(access.partition(" ")[0] + " ")
        words = [declared.left, qualifier, ptr64, name]
        return access + " ".join(word for word in words if word) + declared.right

    def vtable(self, name: str) -> str:
        self.skip("E")
        qualifier = QUALIFIERS.get(self.next(), "")
        bases = []
        while not self.skip("@"):
            parts = [self.component()]
            while not self.skip("@"):
                parts.append(self.component())
            bases.append("`" + "::".join(reversed(parts)) + "'")
        ending = f"{{for {'s '.join(bases)}}}" if bases else ""
        return f"{qualifier} {name}{ending}".lstrip()

    def thunk(self, name: str) -> str:
        c = self.next()
        if c == "B":
            offset = self.number()
            if not self.skip("A"):
                raise BadName
            convention = self.convention()
            return f"[thunk]: {convention + ' ' if convention else ''}{name}{{{offset},{{flat}}}}' }}'"
        extended = c == "R"
        if extended:
            c = self.next()
        if c not in "012345":
            raise BadName
        access = "[thunk]:" + ("private: ", "protected: ", "public: ")[int(c) // 2]
        numbers = ",".join(str(self.number() & 0xFFFFFFFF) for _ in range(4 if extended else 2))
        return self.function(f"{name}`vtordisp{'ex' if extended else ''}{{{numbers}}}' ", access, "virtual ", True)

    # -- types -------------------------------------------------------------------------------------------------------

    def convention(self) -> str:
        c = self.next()
        found = CONVENTIONS.get(c) or CONVENTIONS.get(chr(ord(c) - 1))
        if found is None:
            raise BadName
        return self.keyword(found)

    def arguments(self) -> str:
        if self.skip("X"):
            return "void"
        found = []
        while not self.skip("@"):
            if self.skip("Z"):
                found.append("...")
                break
            found.append(str(self.argument()))
        return ",".join(found)

    def argument(self) -> Type:
        """A type that digits may refer back to."""
        c = self.text[self.at]
        if "0" <= c <= "9":
            self.at += 1
            self.repeat(sum(map(len, self.types[int(c)])))
            return self.types[int(c)]
        start = self.at
        found = self.type()
        if self.at - start > 1 and len(self.types) < 10:
            self.types.append(found)
        return found

    def result(self) -> Type:
        if self.skip("?"):
            qualifier = QUALIFIERS.get(self.next())
            if qualifier is None:
                raise BadName
            return _qualified(self.type(), qualifier)
        return self.type()

    def type(self) -> Type:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise BadName
        found = self._type()
        self.depth -= 1
        return found

    def _type(self) -> Type:
        c = self.next()
        if c == "_":
            c += self.next()
        if c in TYPES:
            return Type(TYPES[c])
        if c == "?":
            qualifier = QUALIFIERS.get(self.next())
            if qualifier is None:
                raise BadName
            return _qualified(self.type(), qualifier)
        if c in CLASSES:
            return Type(CLASSES[c] + self.class_name())
        if c == "W":
            self.next()
            return Type("enum " + self.class_name())
        if c in POINTERS:
            return self.pointer(*POINTERS[c])
        if c == "Y":
            return self.array("")
        if c == "$" and self.skip("$"):
            return self.extended()
        raise BadName

    def extended(self) -> Type:
        c = self.next()
        if c in "QR":
            return self.pointer("&&", "" if c == "Q" else "volatile")
        if c == "T":
            return Type("std::nullptr_t")
        if c == "B":
            return self.type()
        if c == "C":
            qualifier = QUALIFIERS.get(self.next())
            if qualifier is None:
                raise BadName
            return _qualified(self.type(), qualifier)
        if c == "A" and self.skip("6"):
            return self.function_type("")
        raise BadName

    def class_name(self) -> str:
        parts = [self.component()]
        while not self.skip("@"):
            parts.append(self.component())
        return "::".join(reversed(parts))

    def pointer(self, sign: str, own: str) -> Type:
        words = ""
        while True:
            if self.skip("E"):
                words += " " + self.keyword("__ptr64") if self.keyword("__ptr64") else ""
            elif self.skip("I"):
                words += " " + self.keyword("__restrict") if self.keyword("__restrict") else ""
            elif self.skip("F"):
                sign = f"{self.keyword('__unaligned')} {sign}".lstrip()
            else:
                break
        after = words + (f" {own}" if own else "")
        if self.skip("6"):
            return self.function_type(sign + after)
        if self.skip("8"):
            owner = self.class_name()
            return self.member_function(f"{owner}::{sign}{after}")
        c = self.next()
        if c in MEMBER_QUALIFIERS:
            owner = self.class_name()
            pointee = _qualified(self.type(), MEMBER_QUALIFIERS[c])
            return Type(f"{pointee.left} {owner}::{sign}{after}", pointee.right)
        if c not in QUALIFIERS:
            raise BadName
        if self.skip("Y"):
            return self.array(" (" + (QUALIFIERS[c] + " " if QUALIFIERS[c] else "") + sign + after)
        pointee = _qualified(self.type(), QUALIFIERS[c])
        space = "" if pointee.right.startswith(")") and not pointee.left.endswith("**") else " "
        return Type(f"{pointee.left}{space}{sign}{after}", pointee.right)

    def array(self, inner: str) -> Type:
        count = self.number()
        if not 0 < count < 32:
            raise BadName
        sizes = "".join(f"[{self.number()}]" for _ in range(count))
        element = self.type()
        if inner and element.right.startswith(")"):
            inner = inner[1:]
        return Type(element.left + (inner or " "), (")" if inner else "") + sizes + element.right)

    def function_type(self, declarator: str) -> Type:
        convention = self.convention()
        result = self.result()
        arguments = self.arguments()
        self.skip("Z")
        if not declarator:
            return Type(f"{result.left} {convention}", f"({arguments}){result.right}")
        return Type(f"{result.left} ({convention}{declarator}", f")({arguments}){result.right}")

    def member_function(self, declarator: str) -> Type:
        this = self.this_type()
        convention = self.convention()
        result = self.result()
        arguments = self.arguments()
        self.skip("Z")
        return Type(f"{result.left} ({convention} {declarator}", f")({arguments}){this}{result.right}")


def _qualified(found: Type, qualifier: str) -> Type:
    """A type with const or volatile, which stand behind what they belong to."""
    if not qualifier or found.left.endswith(("* " + qualifier, "& " + qualifier)):
        return found
    return Type(f"{found.left} {qualifier}", found.right)

"""Reads the data wheels of win32more: Python modules made from Microsoft's win32metadata, parsed and never imported."""

import ast
import keyword
import zipfile
from typing import NamedTuple

NAMESPACE = "win32more."
SCALARS = {
    "SByte": ("i8", 1), "Byte": ("u8", 1), "Int16": ("i16", 2), "UInt16": ("u16", 2), "Char": ("u16", 2),
    "Int32": ("i32", 4), "UInt32": ("u32", 4), "Int64": ("i64", 8), "UInt64": ("u64", 8), "Single": ("f32", 4),
    "Double": ("f64", 8), "Boolean": ("bool8", 1), "IntPtr": ("isize", 0), "UIntPtr": ("usize", 0),
    "VoidPtr": ("ptr", 0), "String": ("wstr", 0), "Bytes": ("astr", 0), "Void": ("void", 0),
}  # fmt: skip
# Typedefs whose meaning is more than their width, by name
MEANINGS = {
    "BOOL": "bool32", "BOOLEAN": "bool8", "NTSTATUS": "ntstatus", "HRESULT": "hresult", "WIN32_ERROR": "win32",
    "BSTR": "bstr", "LPARAM": "isize", "LRESULT": "isize", "WPARAM": "usize", "PSID": "ptr:SID", "PSTR": "astr",
    "PWSTR": "wstr", "PSECURITY_DESCRIPTOR": "ptr:SECURITY_DESCRIPTOR", "LPPROC_THREAD_ATTRIBUTE_LIST": "ptr",
    "SHANDLE_PTR": "isize", "HANDLE_PTR": "usize", "FARPROC": "fn", "PROC": "fn", "NEARPROC": "fn",
    "VARIANT_BOOL": "i16",
}  # fmt: skip


class Function(NamedTuple):
    dll: str  # lower case, without ".dll"
    name: str | int  # an ordinal where there is no name
    variadic: bool
    cdecl: bool
    ret: str
    params: list[tuple[str, str]]
    x86_bytes: int


class Metadata:
    """The functions of the wheels, and the enums and structs they refer to.

    A type is a word of the vocabulary of litebox_core.signatures. Enums have their namespace.
    """

    def __init__(self, wheel: zipfile.ZipFile) -> None:
        self.types: dict[str, list[tuple[str, ast.stmt]]] = {}  # dotted name: (architectures, definition)
        self.members: dict[str, dict[str, int]] = {}  # dotted name of the enum: its members
        self._functions: list[tuple[str, str, ast.FunctionDef, ast.Call]] = []
        self._layouts: dict[tuple[str, int], tuple[int, int]] = {}
        for name in sorted(wheel.namelist()):
            if name.endswith(".py"):
                module = name.removesuffix("/__init__.py").replace("/", ".")
                for statement in ast.parse(wheel.read(name)).body:
                    self._collect(module, statement, "")

    def merge(self, other: "Metadata") -> None:
        """Lets the types of another wheel be referred to from this one."""
        for name, definitions in other.types.items():
            self.types.setdefault(name, definitions)
        for name, members in other.members.items():
            self.members.setdefault(name, members)

    def _collect(self, module: str, statement: ast.stmt, arch: str) -> None:
        if isinstance(statement, ast.If):
            assert isinstance(statement.test, ast.Compare)
            right = statement.test.comparators[0]
            assert isinstance(right, ast.Constant)
            for inner in statement.body:
                self._collect(module, inner, str(right.value))
            for inner in statement.orelse:  # another `if`
                self._collect(module, inner, "")
        elif isinstance(statement, ast.FunctionDef):
            if not statement.decorator_list:
                return  # an inline function of a header, written out in Python
            decorator = statement.decorator_list[0]
            if isinstance(decorator, ast.Call):
                self._functions.append((module, arch, statement, decorator))
            else:
                self.types.setdefault(f"{module}.{statement.name}", []).append((arch, statement))
        elif isinstance(statement, ast.ClassDef):
            self.types.setdefault(f"{module}.{statement.name}", []).append((arch, statement))
            if is_enum(statement):
                for field in statement.body:
                    if isinstance(field, ast.Assign) and isinstance(field.targets[0], ast.Name):
                        value = ast.literal_eval(field.value)
                        self.members.setdefault(f"{module}.{statement.name}", {})[field.targets[0].id] = value
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            self.types.setdefault(f"{module}.{statement.targets[0].id}", []).append((arch, statement))
        elif isinstance(statement, ast.AnnAssign):
            self._collect_constant(statement)

    def _collect_constant(self, statement: ast.AnnAssign) -> None:
        """Takes a constant with the type of an enum as one of its members."""
        if not isinstance(statement.annotation, ast.Attribute) or not isinstance(statement.target, ast.Name):
            return
        value = statement.value
        if (
            isinstance(value, ast.UnaryOp)
            and isinstance(value.op, ast.USub)
            and isinstance(value.operand, ast.Constant)
        ):
            number = -value.operand.value if isinstance(value.operand.value, int) else None
        else:
            number = value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else None
        if number is not None:
            self.members.setdefault(ast.unparse(statement.annotation), {})[statement.target.id] = number

    def functions(self) -> list[Function]:
        """Every function once per DLL; where the architectures differ, that of x64, with the byte count of x86."""
        chosen: dict[tuple[str, str | int], Function] = {}
        x86: dict[tuple[str, str | int], int] = {}
        for module, arch, node, decorator in self._functions:
            library = decorator.args[0]
            assert isinstance(library, ast.Constant)
            options = {
                word.arg: word.value.value for word in decorator.keywords if isinstance(word.value, ast.Constant)
            }
            name = options.get("entry_point", node.name)
            assert isinstance(name, str | int) and isinstance(decorator.func, ast.Name)
            dll = str(library.value).lower().removesuffix(".dll")
            arguments = [(argument.arg, argument.annotation) for argument in node.args.args]
            size = sum(-(-self.layout(annotation, 4, module)[0] // 4) * 4 for _, annotation in arguments if annotation)
            key = dll, name
            if "X86" in arch or not arch:
                x86[key] = size
            if arch and "X64" not in arch and key in chosen:
                continue
            ret = self.type_of(node.returns, module) if node.returns else "void"
            params = [
                (name_of(argument), self.type_of(annotation, module))
                for argument, annotation in arguments
                if annotation
            ]
            cdecl = decorator.func.id == "cfunctype"
            chosen[key] = Function(dll, name, bool(options.get("variadic")), cdecl, ret, params, size)
        return [function._replace(x86_bytes=x86.get(key, function.x86_bytes)) for key, function in chosen.items()]

    def _find(self, dotted: str, arch: str) -> ast.stmt | None:
        definitions = self.types.get(dotted, [])
        for wanted, statement in definitions:
            if not wanted or arch in wanted.split(","):
                return statement
        return definitions[0][1] if definitions else None

    def type_of(self, node: ast.expr, module: str) -> str:
        """The word for a type, as on x64."""
        if isinstance(node, ast.Constant) and node.value is None:
            return "void"
        if isinstance(node, ast.Call):  # POINTER(...)
            pointee = node.args[0]
            if isinstance(pointee, ast.Constant) and isinstance(
                pointee.value, str
            ):  # a name that means its A or W variant
                return f"ptr:{pointee.value}"
            dotted = ast.unparse(pointee)
            short = dotted.rpartition(".")[2]
            statement = self._find(dotted, "X64")
            if isinstance(statement, ast.Assign) and is_opaque(statement, short):
                return f"ptr:{short}"
            if isinstance(statement, ast.ClassDef) and not is_enum(statement) and not is_interface(statement):
                return f"ptr:{short}"
            inner = self.type_of(pointee, module)
            if inner == "void":
                return "ptr"
            return "ptr:" + (inner.split(":")[1] if inner.startswith("struct:") else inner)
        if isinstance(node, ast.BinOp | ast.Subscript):  # an array
            return "ptr"
        dotted = ast.unparse(node)
        if dotted in SCALARS:
            return SCALARS[dotted][0]
        if dotted == "Guid":
            return "struct:GUID:16"
        short = dotted.rpartition(".")[2]
        if short in MEANINGS:
            return MEANINGS[short]
        statement = self._find(dotted, "X64")
        if statement is None:
            if is_winrt(dotted):
                return f"ptr:{short}"
            raise LookupError(f"no definition of {dotted}")
        if isinstance(statement, ast.FunctionDef):
            return f"fn:{short}"
        if isinstance(statement, ast.ClassDef):
            bases = [base.id for base in statement.bases if isinstance(base, ast.Name)]
            if "ComPtr" in bases:
                return f"ptr:{short}"
            if "Enum" in bases:
                return self._enum(dotted, SCALARS[bases[1]][0])
            large, small = self.layout(node, 8, module)[0], self.layout(node, 4, module)[0]
            return f"struct:{short}:{large}" if large == small else f"struct:{short}:{large}/{small}"
        assert isinstance(statement, ast.Assign)
        base = statement.value
        if isinstance(base, ast.Name) and base.id in ("VoidPtr", "IntPtr", "UIntPtr"):
            return "handle"
        if dotted in self.members and isinstance(base, ast.Name) and SCALARS[base.id][1]:
            return self._enum(dotted, SCALARS[base.id][0])
        return self.type_of(base, module)

    def _enum(self, dotted: str, scalar: str) -> str:
        """`enum:Name`, signed or unsigned 32 bits; other widths say so."""
        width = scalar[1:]
        return f"enum{'' if width == '32' else width}:{dotted}"

    def layout(self, node: ast.expr, pointer: int, module: str) -> tuple[int, int]:
        """Size and alignment of a type, for pointers of 4 or 8 bytes."""
        if isinstance(node, ast.Call):
            return pointer, pointer
        if isinstance(node, ast.BinOp):
            assert isinstance(node.right, ast.Constant) and isinstance(node.right.value, int)
            size, alignment = self.layout(node.left, pointer, module)
            return size * node.right.value, alignment
        if isinstance(node, ast.Subscript):  # FlexibleArray[...], declared [1] in C, or Annotated[..., a bit field]
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            return self.layout(inner, pointer, module)
        dotted = ast.unparse(node)
        if dotted in SCALARS:
            size = SCALARS[dotted][1] or pointer
            return size, size
        if dotted == "Guid":
            return 16, 4
        known = self._layouts.get((dotted, pointer))
        if known is None:
            statement = self._find(dotted, "X64" if pointer == 8 else "X86")
            if statement is None:
                if not is_winrt(dotted):
                    raise LookupError(f"no definition of {dotted}")
                known = pointer, pointer
            elif isinstance(statement, ast.Assign):
                known = self.layout(statement.value, pointer, module)
            elif isinstance(statement, ast.FunctionDef):
                known = pointer, pointer
            else:
                assert isinstance(statement, ast.ClassDef)
                known = self._layout_of_class(statement, pointer, module, {})
            self._layouts[dotted, pointer] = known
        return known

    def _layout_of_class(
        self, node: ast.ClassDef, pointer: int, module: str, outer: dict[str, ast.ClassDef]
    ) -> tuple[int, int]:
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        if "ComPtr" in bases:
            return pointer, pointer
        if "Enum" in bases:
            size = SCALARS[bases[1]][1]
            return size, size
        nested = {inner.name: inner for inner in node.body if isinstance(inner, ast.ClassDef)}
        pack, size, alignment, bits_left = 16, 0, 1, 0
        for field in node.body:
            if isinstance(field, ast.Assign) and ast.unparse(field.targets[0]) == "_pack_":
                pack = ast.literal_eval(field.value)
        for field in node.body:
            if not isinstance(field, ast.AnnAssign):
                continue
            name = ast.unparse(field.annotation)
            if name in nested:
                field_size, field_alignment = self._layout_of_class(nested[name], pointer, module, nested)
            elif isinstance(field.annotation, ast.BinOp) and ast.unparse(field.annotation.left) in nested:
                inner, field_alignment = self._layout_of_class(
                    nested[ast.unparse(field.annotation.left)], pointer, module, nested
                )
                field_size = inner * ast.literal_eval(field.annotation.right)
            else:
                field_size, field_alignment = self.layout(field.annotation, pointer, module)
            field_alignment = min(field_alignment, pack)
            alignment = max(alignment, field_alignment)
            bits = bits_of(field.annotation)
            if bits and bits <= bits_left:
                bits_left -= bits
                continue
            bits_left = field_size * 8 - bits if bits else 0
            if "Union" in bases:
                size = max(size, field_size)
            else:
                size = -(-size // field_alignment) * field_alignment + field_size
        return -(-size // alignment) * alignment, alignment


def is_winrt(dotted: str) -> bool:
    """Whether a type is of the Windows Runtime, which is not in these wheels: an interface."""
    return dotted.startswith(NAMESPACE + "Windows.") and dotted.split(".")[2] not in ("Win32", "Wdk")


def is_enum(statement: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Enum" for base in statement.bases)


def is_interface(statement: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "ComPtr" for base in statement.bases)


def bits_of(annotation: ast.expr) -> int:
    """The width of a bit field, Annotated[UInt32, NativeBitfieldAttribute(5)]; 0 for other fields."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        attribute = annotation.slice.elts[1]
        if isinstance(attribute, ast.Call) and isinstance(attribute.args[0], ast.Constant):
            return int(str(attribute.args[0].value))
    return 0


def is_opaque(statement: ast.Assign, name: str) -> bool:
    """Whether a typedef stands for a structure of unknown content, which occurs behind pointers only."""
    return (
        isinstance(statement.value, ast.Name)
        and statement.value.id == "IntPtr"
        and name not in MEANINGS
        and not name.startswith(("H", "PTP_"))
        and "HANDLE" not in name
        and name not in ("WSAEVENT", "SOCKET", "RIO_CQ", "RIO_RQ", "RIO_BUFFERID")
    )


def name_of(argument: str) -> str:
    """Microsoft's name of a parameter: a Python keyword is spelled with an underscore in the wheels."""
    plain = argument.removesuffix("_")
    return plain if keyword.iskeyword(plain) else argument

"""What the letters of decorated C++ names stand for."""

TYPES = {
    "C": "signed char", "D": "char", "E": "unsigned char", "F": "short", "G": "unsigned short", "H": "int",
    "I": "unsigned int", "J": "long", "K": "unsigned long", "M": "float", "N": "double", "O": "long double",
    "X": "void", "_D": "__int8", "_E": "unsigned __int8", "_F": "__int16", "_G": "unsigned __int16", "_H": "__int32",
    "_I": "unsigned __int32", "_J": "__int64", "_K": "unsigned __int64", "_L": "__int128", "_M": "unsigned __int128",
    "_N": "bool", "_Q": "char8_t", "_S": "char16_t", "_U": "char32_t", "_W": "wchar_t", "Z": "...",
}  # fmt: skip
OPERATORS = dict(
    zip(
        "23456789ACDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            " new", " delete", "=", ">>", "<<", "!", "==", "!=", "[]", "->", "*", "++", "--", "-", "+", "&", "->*",
            "/", "%", "<", "<=", ">", ">=", ",", "()", "~", "^", "|", "&&", "||", "*=", "+=", "-=",
        ),
        strict=True,
    )
)  # fmt: skip
MORE_OPERATORS = dict(
    zip("0123456UV", ("/=", "%=", ">>=", "<<=", "&=", "|=", "^=", " new[]", " delete[]"), strict=True)
)
SPECIAL = {
    "7": "vftable", "8": "vbtable", "9": "vcall", "A": "typeof", "B": "local static guard", "C": "string",
    "D": "vbase destructor", "E": "vector deleting destructor", "F": "default constructor closure",
    "G": "scalar deleting destructor", "H": "vector constructor iterator", "I": "vector destructor iterator",
    "J": "vector vbase constructor iterator", "K": "virtual displacement map",
    "L": "eh vector constructor iterator", "M": "eh vector destructor iterator",
    "N": "eh vector vbase constructor iterator", "O": "copy constructor closure", "S": "local vftable",
    "T": "local vftable constructor closure", "X": "placement delete closure", "Y": "placement delete[] closure",
}  # fmt: skip
RTTI = {
    "0": "RTTI Type Descriptor", "1": "RTTI Base Class Descriptor at ", "2": "RTTI Base Class Array",
    "3": "RTTI Class Hierarchy Descriptor", "4": "RTTI Complete Object Locator",
}  # fmt: skip
CONVENTIONS = {
    "A": "__cdecl", "C": "__pascal", "E": "__thiscall", "G": "__stdcall", "I": "__fastcall", "M": "__clrcall",
    "O": "__eabi", "Q": "__vectorcall",
}  # fmt: skip
QUALIFIERS = {"A": "", "B": "const", "C": "volatile", "D": "const volatile"}
MEMBER_QUALIFIERS = dict(zip("QRST", QUALIFIERS.values(), strict=True))
POINTERS = {"P": ("*", ""), "Q": ("*", "const"), "R": ("*", "volatile"), "S": ("*", "const volatile"),
             "A": ("&", ""), "B": ("&", "volatile")}  # fmt: skip
CLASSES = {"T": "union ", "U": "struct ", "V": "class "}

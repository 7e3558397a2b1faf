"""8.3 names."""

__all__ = ["is_8dot3"]

_ILLEGAL_8DOT3 = frozenset('+,;=[]"*/:<>?\\|') | {chr(i) for i in range(32)}


def is_8dot3(name: str) -> bool:
    """Whether the name is one that MS-DOS could have made; spaces within it may be."""
    base, dot, extension = name.partition(".")
    if not 0 < len(base) <= 8 or len(extension) > 3 or "." in extension or (dot and not extension):
        return False
    return _ILLEGAL_8DOT3.isdisjoint(name) and base[-1] != " " and extension[-1:] != " " and base[0] != " "

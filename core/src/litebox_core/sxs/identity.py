"""The names of assemblies."""

from typing import NamedTuple

from .xmltree import Element

__all__ = ["Identity", "ManifestError", "version"]

ANY = ("", "*")
NO_LANGUAGE = ("", "*", "neutral")
_ENCODED = ("language", "processorArchitecture", "publicKeyToken", "type", "version")


class ManifestError(Exception):
    """A manifest that Windows refuses."""


def version(text: str) -> int:
    """``1.2.3.4`` as one number of four 16-bit parts; parts that are missing at the end are 0. Raises ManifestError."""
    parts = text.split(".")
    if len(parts) > 4 or not all(p.isascii() and p.isdigit() and len(p) < 6 and int(p) < 65536 for p in parts):
        raise ManifestError(f"the version {text[:40]!r}")
    numbers = [int(part) for part in parts] + [0] * (4 - len(parts))
    return numbers[0] << 48 | numbers[1] << 32 | numbers[2] << 16 | numbers[3]


class Identity(NamedTuple):
    """Who an assembly is, by the attributes of ``assemblyIdentity``; empty texts for those that are missing."""

    name: str
    type: str
    version: str
    processorArchitecture: str
    publicKeyToken: str
    language: str

    @classmethod
    def of(cls, element: Element, versioned: bool) -> "Identity":
        """Raises ManifestError. With ``versioned`` a version must be there, as for the assembly's own identity."""
        identity = cls(*(element.attributes.get(field, "") for field in cls._fields))
        if not identity.name:
            raise ManifestError("an assembly without a name")
        if versioned or identity.version:
            version(identity.version)
        return identity

    def encoded(self) -> str:
        """The text form: the name, and the other attributes in the order of the alphabet."""
        values = [(field, str(getattr(self, field))) for field in _ENCODED]
        return ",".join([self.name, *(f'{field}="{value}"' for field, value in values if value)])

    def answers(self, wanted: "Identity") -> bool:
        """Whether an assembly of this identity is what another one asks for. Versions must be the same."""
        return (
            self.name.lower() == wanted.name.lower()
            and (not wanted.version or version(self.version) == version(wanted.version))
            and _fits(self.type, wanted.type, ("",))
            and _fits(self.processorArchitecture, wanted.processorArchitecture, ANY)
            and _fits(self.publicKeyToken, wanted.publicKeyToken, ("",))
            and (wanted.language == "*" or _language(self.language) == _language(wanted.language))
        )


def _language(name: str) -> str:
    return "" if name.lower() in NO_LANGUAGE else name.lower()


def _fits(value: str, wanted: str, anything: tuple[str, ...]) -> bool:
    return wanted.lower() in anything or value.lower() == wanted.lower()

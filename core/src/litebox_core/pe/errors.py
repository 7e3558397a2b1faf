"""What is wrong with an image, in one line that names the file, the place and the remedy."""

from ..escapes import escaped

DAMAGED = "the file is damaged or was not made for Windows: get a fresh copy"


def printable(text: str, limit: int = 200) -> str:
    """`text` fit for one line of output: control characters escaped, the rest cut off at `limit` characters."""
    if len(text) > limit:
        text = text[:limit] + "..."
    return escaped(text)


class ImageError(Exception):
    """An image file that cannot be used. `str()` is one line: file, place, problem, remedy."""

    def __init__(self, name: str, place: str, problem: str, remedy: str = DAMAGED) -> None:
        super().__init__(name, place, problem, remedy)
        self.name = name
        self.place = place
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return (
            f"{printable(self.name)}: {printable(self.place)}: {printable(self.problem, 400)}"
            f" ({printable(self.remedy, 400)})"
        )


class NotPE(ImageError):
    """The file is not a Portable Executable at all."""


class WrongMachine(ImageError):
    """A well-formed image for a processor that litebox does not run."""


class BadImage(ImageError):
    """A Portable Executable that Windows would refuse, or one of whose tables is malformed."""


class Immovable(BadImage):
    """An image that can be at its preferred base only, where there is no room for it."""

"""``litebox new``: a package for a DLL of one's own, or the declaration of a function that Windows has."""

import os
from typing import TYPE_CHECKING

import click

from . import codes

if TYPE_CHECKING:
    from ..scaffold.package import Imports


@click.command(
    "new",
    short_help="Begin a DLL of your own, or print a function's declaration.",
    epilog="""\b
Examples:
  litebox new mydll                       write the package litebox-mydll
  litebox new mydll --for app.exe         with stubs of what app.exe imports from it
  litebox new mydll --dir work/lab        into this folder
  litebox new 'ws2_32!recv'               print the declaration of a function
  litebox new 'ws2_32!16'                 the same, by ordinal

\b
Exit codes: 0, or
   2 usage, a name that cannot be, a folder that is there already, nothing known of the function
 121 not a Windows program   122 wrong processor   127 file not found or not writable""",
)
@click.option("--dir", "folder", metavar="DIR", help="The folder to make. [default: the distribution's name]")
@click.option("--package", metavar="NAME", help="The distribution's name. [default: litebox-MYDLL]")
@click.option("--for", "program", metavar="APP", help="Stub what this program imports from the DLL.")
@click.argument("what", metavar="DLL | DLL!FUNCTION")
def new_command(what: str, folder: str | None, package: str | None, program: str | None) -> None:
    """Write a package that implements a DLL (it installs and its tests pass), or, for DLL!FUNCTION, print the typed
    declaration of a function of Windows, from the signature data.
    """
    from .run import fail

    dll, mark, function = what.partition("!")
    if mark:
        if folder or package or program:
            fail(codes.USAGE, "new DLL!FUNCTION prints a declaration and takes no options")
        print_declaration(dll, function)
    else:
        write_package(dll, folder, package, program)


def print_declaration(dll: str, function: str) -> None:
    """Prints the module that declares a function; ends the command when nothing is known of it."""
    from ..pe.errors import printable
    from ..scaffold.declaration import Unknown, declaration, find
    from .run import fail

    if not dll or not function:
        fail(codes.USAGE, "write DLL!FUNCTION, as in 'ws2_32!recv'")
    try:
        found = find(dll, function)
    except Unknown as error:
        fail(codes.USAGE, printable(str(error)))
    click.echo(declaration(found), nl=False)


def write_package(dll: str, folder: str | None, package: str | None, program: str | None) -> None:
    """Writes a package; ends the command, with nothing written, when it cannot be."""
    from ..pe.errors import printable
    from ..scaffold.package import BadName, files, installed, names_of, write
    from .run import fail

    try:
        names = names_of(dll, package)
    except BadName as error:
        fail(codes.USAGE, printable(str(error)))
    if installed(names.distribution):
        fail(codes.USAGE, f"{names.distribution} is installed already: choose another name with --package")
    imports = imports_of(program, names.dll) if program is not None else None
    target = folder or names.distribution
    try:
        write(target, files(names, imports))
    except (FileExistsError, IsADirectoryError):
        fail(codes.USAGE, f"{printable(target)} is there already: choose another folder with --dir")
    except (OSError, ValueError) as error:
        fail(codes.NOT_FOUND, f"{printable(target)}: {getattr(error, 'strerror', None) or error}")
    click.echo(f"{target}: {names.dll}.dll as the package {names.distribution}. Next:")
    click.echo(f"  pip install -e '{os.path.join('.', target)}[test]'")
    click.echo(f"  pytest {target}")


def imports_of(program: str, dll: str) -> "Imports":
    """What a program imports from a DLL; ends the command when the file is none, or imports nothing from it."""
    from .. import pe
    from ..loader.mapping import read_image_file
    from ..pe.errors import printable
    from ..pe.imports import delay_imports, imports
    from ..scaffold.package import Imports
    from .run import fail

    path = os.path.abspath(program)
    name = os.path.basename(path)
    try:
        image = pe.parse(read_image_file(path, name), name)
        tables = [(table.name.lower().removesuffix(".dll"), table.functions) for table in imports(image)]
        tables += [(table.name.lower().removesuffix(".dll"), table.functions) for table in delay_imports(image)]
    except pe.WrongMachine as error:
        fail(codes.WRONG_MACHINE, str(error))
    except pe.ImageError as error:
        fail(codes.NOT_PE, str(error))
    except (OSError, ValueError) as error:
        fail(codes.NOT_FOUND, f"{printable(path)}: {getattr(error, 'strerror', None) or error}")
    functions = [function for other, functions in tables if other == dll for function in functions]
    if not functions:
        others = sorted({other for other, _ in tables})
        from_these = ", ".join(others) or "no DLL"
        fail(codes.USAGE, printable(f"{name} imports nothing from {dll}, but from {from_these}", 500))
    found = sorted({function.name for function in functions if function.name is not None})
    names = [title for title in found if title.isascii() and title.isprintable()]
    return Imports(printable(name), names, sorted({f.ordinal for f in functions if f.ordinal is not None}))

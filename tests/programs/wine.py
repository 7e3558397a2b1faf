"""Wine, where it is installed."""

import os
import shutil


def command() -> "list[str] | None":
    """What to write before a program to run it under Wine; None where there is no Wine."""
    for wine in (shutil.which("wine64"), shutil.which("wine"), "/usr/lib/wine/wine64"):
        if wine and os.path.exists(wine):
            return [wine]
    return None


ENVIRONMENT = {"WINEDEBUG": "-all"}

"""Golden files: what a test found, compared with a file of the repository, or written into it on demand."""

import difflib
import os

import pytest

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def golden(request):
    """``golden("name.txt", text)`` fails with a diff unless the text is that of ``tests/golden/name.txt``."""

    def compare(name, found):
        path = os.path.join(GOLDEN, name)
        if request.config.getoption("--update-golden"):
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(found)
        with open(path, encoding="utf-8", newline="\n") as file:
            wanted = file.read()
        if found != wanted:
            lines = difflib.unified_diff(
                wanted.splitlines(), found.splitlines(), f"tests/golden/{name}", "found", lineterm="", n=1
            )
            pytest.fail(
                "\n".join([*lines, "If that is right: pytest tests/test_golden.py --update-golden"]), pytrace=False
            )

    return compare

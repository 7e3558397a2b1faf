"""The documentation builds without a warning, needs no network to be read, and says what the code says."""

import html
import importlib.util
import os
import re
import subprocess
import sys

import pytest

from litebox_core.cli.listing import counts, support
from litebox_core.cli.main import LazyGroup

pytest.importorskip("material", reason="mkdocs-material is not installed (requirements-docs.txt)")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", os.path.join(ROOT, "mkdocs.yml")]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def made():
    """The module that makes pages from the code."""
    spec = importlib.util.spec_from_file_location("docs_pages", os.path.join(ROOT, "tools", "docs_pages.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_fetched_to_read_it(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loads = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?([^\"' >]+)", text)
        loads += re.findall(r"<link\b[^>]*\bhref=[\"']?([^\"' >]+)", text)
        assert loads
        assert not [target for target in loads if "//" in target], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_every_page_of_docs_is_in_it(site):
    for name in os.listdir(os.path.join(ROOT, "docs")):
        if name.endswith(".md"):
            assert (site / (name[:-3] + ".html")).exists(), name


def test_every_function_is_in_the_support_tables(site, made):
    dlls = made.our_dlls()
    assert {"ntdll", "kernel32", "kernelbase", "msvcrt", "ucrtbase", "ws2_32"} <= set(dlls)
    index = (site / "support" / "index.html").read_text(encoding="utf-8")
    for name, (dll, _) in dlls.items():
        page = (site / "support" / f"{name}.html").read_text(encoding="utf-8")
        rows = {}
        cells = r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>"
        for first, second, third in re.findall(cells, page, re.DOTALL):
            title = html.unescape(first).split(" @")[0]
            rows[title] = (re.sub("<.*?>", "", second), re.sub("<.*?>", "", third))
        assert set(rows) == set(dll.exports), name
        for title, (prototype, words) in rows.items():
            export = dll.exports[title]
            assert words.startswith(support(export)), title
            if export.signature is not None:
                assert html.unescape(prototype) == str(export.signature), title
        assert f'<a href="{name}.html">' in index
        assert f"{counts(dll)['real']} real" in page


def test_every_command_is_in_the_reference(site):
    page = (site / "commands.html").read_text(encoding="utf-8")
    for name in LazyGroup.modules:
        assert f"Usage: litebox {name} " in re.sub("<.*?>", "", page)


def test_a_name_of_a_function_is_no_markup(made):
    assert made.plain("a|b_c*<d>") == r"a\|b\_c\*&lt;d&gt;"

"""The quick reader of entry points agrees with importlib.metadata."""

import sys
from importlib import metadata

import pytest

from litebox_core.entrypoints import entry_points

GROUPS = ("litebox.dll", "litebox.plugin")


def known(group):
    return sorted((e.name, e.value, e.dist.name, e.dist.version) for e in metadata.entry_points(group=group))


def found(group):
    return sorted((e.name, e.value, e.distribution, e.version) for e in entry_points(group))


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_installed(group):
    assert found(group)
    assert found(group) == known(group)


def install(folder, name, version, text):
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no header\n")
    (info / "entry_points.txt").write_text(text)


def test_the_first_on_the_path_wins(tmp_path, monkeypatch):
    install(
        tmp_path / "one",
        "my-lab",
        "1.0",
        "[console_scripts]\nx = y:z\n\n[litebox.dll]\n# note\nmylab = mylab.dll : a.b\n",
    )
    install(tmp_path / "two", "my-lab", "2.0", "[litebox.dll]\nmylab = mylab:other\n")
    install(tmp_path / "two", "your-lab", "3.0", "[litebox.plugin]\nyours=your.lab\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "one"), str(tmp_path / "missing"), str(tmp_path / "two")])
    assert found("litebox.dll") == [("mylab", "mylab.dll : a.b", "my-lab", "1.0")]
    assert found("litebox.plugin") == [("yours", "your.lab", "your-lab", "3.0")]


def test_a_zip_file_on_the_path_is_asked_too(tmp_path, monkeypatch):
    import zipfile

    with zipfile.ZipFile(tmp_path / "plugins.zip", "w") as archive:
        archive.writestr("zipped_lab-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped-lab\nVersion: 1.0\n")
        archive.writestr("zipped_lab-1.0.dist-info/entry_points.txt", "[litebox.dll]\nzipped = zipped:dll\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "plugins.zip")])
    assert found("litebox.dll") == [("zipped", "zipped:dll", "zipped-lab", "1.0")]


def test_loading():
    (entry,) = (e for e in entry_points("litebox.dll") if e.name == "kernel32")
    assert entry.load().name == "kernel32"

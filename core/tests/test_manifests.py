"""Manifests: what Windows refuses, what costs too much, and how their data is laid out."""

import time
import uuid

import pytest

from litebox_core.sxs import sections
from litebox_core.sxs.assemblies import Assembly
from litebox_core.sxs.identity import Identity, ManifestError, version
from litebox_core.sxs.manifest import read_manifest

V1, V2 = "urn:schemas-microsoft-com:asm.v1", "urn:schemas-microsoft-com:asm.v2"
IDENTITY = '<assemblyIdentity type="win32" name="a" version="1.2.3.4"/>'


def document(inside, attributes=f'xmlns="{V1}" manifestVersion="1.0"'):
    return f"<assembly {attributes}>{inside}</assembly>".encode()


def one(manifest):
    return [Assembly(manifest, manifest.identity, "C:\\a.manifest", 0, None, 0)]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"text",
        b"<assembly/>",
        document("", f'xmlns="{V1}"'),
        document("", 'manifestVersion="1.0"'),
        document("", f'xmlns="{V1}" manifestVersion="2.0"'),
        document("", f'xmlns="{V1}" manifestVersion="1.0" more=""'),
        document("<unknown/>"),
        document("<file/>"),
        document('<file name="x"><unknown/></file>'),
        document('<file name="x" hash="0123" hashalg="SHA1"/>'),
        document('<file name="x" hash="zz"/>'),
        document('<assemblyIdentity type="win32" name="a"/>'),  # the schema has version as a must; Wine does without
        document('<assemblyIdentity type="win32" version="1.0.0.0"/>'),
        document('<assemblyIdentity name="a" version="1.0.0.65536"/>'),
        document('<assemblyIdentity name="a" version="1.0.0.0.0"/>'),
        document('<clrClass name="x" clsid="{1}"/>'),
        document('<file name="x"><comClass/></file>'),
        document("x").decode().encode("utf-16-le"),
        b"\xff\xfe" + document("x"),
        document("") + b"<second/>",
        document("é").decode().encode("latin-1"),
    ],
)
def test_refused(bad):
    with pytest.raises(ManifestError):
        read_manifest(bad)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding):
    manifest = read_manifest(document('<file name="é.dll"/>').decode().encode(encoding))
    assert [file.name for file in manifest.files] == ["é.dll"]


def test_other_namespaces_are_passed_over():
    text = '<x xmlns="urn:x"/><undeclared:file/><file name="f" xmlns:d="urn:d" d:any="1"><d:hash/></file>'
    manifest = read_manifest(document(text))
    assert [file.name for file in manifest.files] == ["f"]


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE a [<!ENTITY b "ha">]>' + document("&b;"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + document(""),
        document("<description>" * 100 + "</description>" * 100),
        document("<description/>" * 40000),
        document("".join(f'<description xmlns:p{i}="urn:{i}">' for i in range(70)) + "</description>" * 70),
        document("<description " + " ".join(f'xmlns:p{i}="urn:{i}"' for i in range(1000)) + "/>"),
        document(" " * (2 << 20)),
        document(f'<file name="{"x" * 300}"/>'),
    ],
)
def test_too_much(bomb):
    with pytest.raises(ManifestError):
        read_manifest(bomb)


def test_text_in_many_pieces_costs_little():
    began = time.monotonic()
    manifest = read_manifest(document(f'<file name="x"><windowClass>{"a<!---->" * 100000}</windowClass></file>'))
    assert manifest.files[0].windows == [("a" * 100000, True)]
    assert time.monotonic() - began < 20


def test_trust():
    level = '<requestedExecutionLevel level="{}" uiAccess="{}"/>'
    text = (
        '<trustInfo xmlns="' + V2 + '"><security><requestedPrivileges>{}</requestedPrivileges></security></trustInfo>'
    )
    manifest = read_manifest(document(text.format(level.format("HighestAvailable", "TRUE"))))
    assert (manifest.level, manifest.ui_access) == (2, True)
    for bad in (level.format("none", "false"), level.format("asInvoker", "1"), level.format("asInvoker", "true") * 2):
        with pytest.raises(ManifestError):
            read_manifest(document(text.format(bad)))


def test_versions():
    assert version("1.2.3.4") == 0x0001_0002_0003_0004
    assert version("10.0.18358") == 0x000A_0000_47B6_0000
    for bad in ("", "1.", "1.-2", "1.0x3", "1.²"):
        with pytest.raises(ManifestError):
            version(bad)


def test_identities():
    wanted = Identity("Name", "win32", "1.0.0.0", "*", "", "*")
    found = Identity("NAME", "win32", "1.0.0.0", "amd64", "0123", "en-US")
    assert found.answers(wanted)
    assert not found.answers(wanted._replace(version="1.0.0.1"))
    assert not found.answers(wanted._replace(processorArchitecture="x86"))
    assert not found.answers(wanted._replace(language="neutral"))
    assert found.encoded() == (
        'NAME,language="en-US",processorArchitecture="amd64",publicKeyToken="0123",type="win32",version="1.0.0.0"'
    )


def test_a_section_of_strings_is_in_the_order_of_its_hashes():
    text = IDENTITY + "".join(f'<file name="F{i}.dll"/>' for i in range(20))
    made = sections.build(sections.DLL_REDIRECTION, one(read_manifest(document(text))), {})
    words = memoryview(made.data[: len(made.data) & ~3]).cast("I")
    assert (words[0], words[5]) == (sections.STRING_MAGIC, 20)
    table = words[6] // 4
    rows = [words[table + 6 * i : table + 6 * i + 6] for i in range(20)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    for row in rows:
        key = made.data[row[1] : row[1] + row[2]].decode("utf-16-le")
        assert sections.pseudokey(key) == row[0] == sections.pseudokey(key.lower())
        assert made.entries[key.upper()].offset == row[3]


def test_a_class_is_found_by_its_alias_too():
    clsid, alias = uuid.UUID(int=5), uuid.UUID(int=9)
    text = f'<file name="a.dll"><comClass clsid="{{{clsid}}}" progid="A.B" threadingModel="Both"/></file>'
    roster = one(read_manifest(document(IDENTITY + text)))
    made = sections.build(sections.COM_SERVER_REDIRECTION, roster, {clsid: alias})
    assert made.entries[clsid] == made.entries[alias]
    progids = sections.build(sections.COM_PROGID_REDIRECTION, roster, {clsid: alias})
    assert alias.bytes_le in progids.data
    assert sections.build(sections.COM_INTERFACE_REDIRECTION, roster, {clsid: alias}) is None

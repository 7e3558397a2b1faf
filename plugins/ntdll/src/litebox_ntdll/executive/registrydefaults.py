"""What is in the registry when a run begins: what programs look for on any Windows, and what agrees with litebox."""

import struct

from litebox_core import regfile
from litebox_core.environment import guest_environment
from litebox_core.nls.casing import upcase
from litebox_core.process import Process
from litebox_core.registry import REG_BINARY, REG_LINK
from litebox_core.services import Clock
from litebox_core.teb import OS_VERSION
from litebox_core.tokens import USER, sid_text

from .registrytree import LINK_VALUE, Node, Tree, target_of

__all__ = ["apply", "fill"]

_HIVES = ("HARDWARE", "SAM", "SECURITY", "SOFTWARE", "SYSTEM")
_USERS = (".DEFAULT", "S-1-5-18", "S-1-5-19", "S-1-5-20")

_TEXT = r"""Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"SystemRoot"="C:\\Windows"
"PathName"="C:\\Windows"
"ProductName"="Windows 10 Pro"
"EditionID"="Professional"
"InstallationType"="Client"
"CurrentVersion"="6.3"
"CurrentMajorVersionNumber"=dword:{major:x}
"CurrentMinorVersionNumber"=dword:{minor:x}
"CurrentBuild"="{build}"
"CurrentBuildNumber"="{build}"
"CurrentType"="Multiprocessor Free"
"BuildBranch"="vb_release"
"ReleaseId"="2009"
"DisplayVersion"="22H2"
"UBR"=dword:1
"SoftwareType"="System"
"RegisteredOwner"="{user}"
"RegisteredOrganization"=""
"ProductId"="00000-00000-00000-AAAAA"
"InstallDate"=dword:5e0be100

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList]
"ProfilesDirectory"=hex(2):{profiles}

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\{sid}]
"ProfileImagePath"="{profile}"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Time Zones\UTC]
"Display"="(UTC) Coordinated Universal Time"
"Std"="UTC"
"Dlt"="UTC"
"TZI"=hex:00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion]
"ProgramFilesDir"="C:\\Program Files"
"ProgramFilesDir (x86)"="C:\\Program Files (x86)"
"ProgramW6432Dir"="C:\\Program Files"
"CommonFilesDir"="C:\\Program Files\\Common Files"
"CommonFilesDir (x86)"="C:\\Program Files (x86)\\Common Files"
"CommonW6432Dir"="C:\\Program Files\\Common Files"
"DevicePath"="C:\\Windows\\inf"
"MediaPathUnexpanded"="C:\\Windows\\Media"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System]
"EnableLUA"=dword:1
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\SideBySide]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography]
"MachineGuid"="6c697465-626f-7800-0000-000000000001"

[HKEY_LOCAL_MACHINE\SOFTWARE\Classes]
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\CLSID\{{20D04FE0-3AEA-1069-A2D8-08002B30309D}}]
@="This PC"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\Interface\{{00000000-0000-0000-C000-000000000046}}]
@="IUnknown"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\Wow6432Node]
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\Wow6432Node\CLSID\{{20D04FE0-3AEA-1069-A2D8-08002B30309D}}]
@="This PC"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\Wow6432Node\Interface\{{00000000-0000-0000-C000-000000000046}}]
@="IUnknown"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.bat]
@="batfile"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.exe]
@="exefile"
"Content Type"="application/x-msdownload"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.txt]
@="txtfile"
"Content Type"="text/plain"
"PerceivedType"="text"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\exefile]
@="Application"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\txtfile]
@="Text Document"
[HKEY_LOCAL_MACHINE\SOFTWARE\Policies]
[HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node]
[HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion]
"ProgramFilesDir"="C:\\Program Files (x86)"
"CommonFilesDir"="C:\\Program Files (x86)\\Common Files"
[HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Pro"
"CurrentVersion"="6.3"
"CurrentBuild"="{build}"
"CurrentBuildNumber"="{build}"

[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:1
"Default"=dword:1
"Failed"=dword:0
"LastKnownGood"=dword:1

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ComputerName\ComputerName]
"ComputerName"="{computer}"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ComputerName\ActiveComputerName]
"ComputerName"="{computer}"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\FileSystem]
"LongPathsEnabled"=dword:1
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Nls\CodePage]
"ACP"="1252"
"OEMCP"="437"
"MACCP"="10000"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Nls\Language]
"Default"="0409"
"InstallLanguage"="0409"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Nls\Locale]
@="00000409"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ProductOptions]
"ProductType"="WinNT"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Session Manager]
"SafeDllSearchMode"=dword:1
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Session Manager\Environment]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\TimeZoneInformation]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Windows]
"CSDVersion"=dword:0
"Directory"=hex(2):{root}
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Enum]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Hardware Profiles\Current\Software]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Tcpip\Parameters]
"Hostname"="{computer}"
"NV Hostname"="{computer}"
"Domain"=""

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System]
"Identifier"="AT/AT COMPATIBLE"
[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS]

[HKEY_USERS\.DEFAULT\Control Panel\International]
"Locale"="00000409"
[HKEY_USERS\.DEFAULT\Environment]
[HKEY_USERS\.DEFAULT\Software]

[HKEY_CURRENT_USER\Console]
[HKEY_CURRENT_USER\Control Panel\Desktop]
[HKEY_CURRENT_USER\Control Panel\International]
"Locale"="00000409"
"LocaleName"="en-US"
"sLanguage"="ENU"
"sCountry"="United States"
"sDecimal"="."
"sThousand"=","
"sList"=","
"sDate"="/"
"sTime"=":"
"sShortDate"="M/d/yyyy"
"sLongDate"="dddd, MMMM d, yyyy"
"sTimeFormat"="h:mm:ss tt"
"s1159"="AM"
"s2359"="PM"
"iCountry"="1"
"iDigits"="2"
"iLZero"="1"
"iMeasure"="1"
[HKEY_CURRENT_USER\Control Panel\International\Geo]
"Nation"="244"
[HKEY_CURRENT_USER\Environment]
"TEMP"=hex(2):{temp}
"TMP"=hex(2):{temp}
[HKEY_CURRENT_USER\Software\Classes]
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders]
"AppData"="{profile}\\AppData\\Roaming"
"Local AppData"="{profile}\\AppData\\Local"
"Desktop"="{profile}\\Desktop"
"Personal"="{profile}\\Documents"
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders]
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run]
[HKEY_CURRENT_USER\Software\Policies]
[HKEY_CURRENT_USER\Volatile Environment]
"USERNAME"="{user}"
"USERPROFILE"="{profile}"
"""


def fill(process: Process, tree: Tree) -> None:
    """Makes the keys that every Windows has."""
    now = process.service(Clock).system_time()
    registry = _fixed(tree, tree.root, "REGISTRY", now)
    machine, users = _fixed(tree, registry, "MACHINE", now), _fixed(tree, registry, "USER", now)
    for hive in _HIVES:
        _fixed(tree, machine, hive, now)
    for user in (*_USERS, sid_text(USER), sid_text(USER) + "_Classes"):
        _fixed(tree, users, user, now)
    for change in regfile.parse(_template(process), "registry"):
        apply(tree, change, now)
    _describe(process, tree, now)
    software, system = machine.keys["SOFTWARE"], machine.keys["SYSTEM"]
    _link(tree, system, "CurrentControlSet", "SYSTEM\\ControlSet001", now)
    _link(tree, software.keys["WOW6432NODE"], "Classes", "SOFTWARE\\Classes\\Wow6432Node", now)


def _fixed(tree: Tree, parent: Node, name: str, time: int) -> Node:
    made = tree.create(parent, name, "", False, False, time)
    made.fixed = True
    return made


def _link(tree: Tree, parent: Node, name: str, target: str, time: int) -> None:
    made = tree.create(parent, name, "", True, True, time)
    made.fixed = True
    data = f"\\REGISTRY\\MACHINE\\{target}".encode("utf-16-le")
    tree.set(made, LINK_VALUE, REG_LINK, data, time)


def apply(tree: Tree, change: regfile.Change, time: int) -> None:
    """Makes a change of a registry file, with the keys that are missing on the way."""
    node: Node | None = tree.root
    for part in change.path.split("\\")[1:]:
        assert node is not None
        below = node.child(part)
        if below is not None and below.link:
            below = tree.find(target_of(below))
        if below is None and change.gone:
            return
        node = below if below is not None else tree.create(node, part, "", False, False, time)
    assert node is not None
    if change.name is None:
        if change.gone and not node.fixed:
            tree.delete(node, time)
    elif not change.gone:
        tree.set(node, change.name, change.type, change.data, time)
    elif upcase(change.name) in node.values:
        tree.unset(node, change.name, time)


def _template(process: Process) -> str:
    get = guest_environment(process).get
    major, minor, build = OS_VERSION
    profile = get("USERPROFILE") or "C:\\Users\\litebox"
    return _TEXT.format(
        major=major, minor=minor, build=build, user=_quoted(get("USERNAME") or "litebox"),
        computer=_quoted(get("COMPUTERNAME") or "LITEBOX"), sid=sid_text(USER), profile=_quoted(profile),
        profiles=_expandable("%SystemDrive%\\Users"), root=_expandable("%SystemRoot%"),
        temp=_expandable("%USERPROFILE%\\AppData\\Local\\Temp"),
    )  # fmt: skip


def _quoted(text: str) -> str:
    printable = "".join(char for char in text if char.isprintable())
    return printable.replace("\\", "\\\\").replace('"', '\\"')


def _expandable(text: str) -> str:
    return (text + "\0").encode("utf-16-le").hex(",")


def _describe(process: Process, tree: Tree, time: int) -> None:
    """The processors, the system's environment variables and the time zone."""
    get = guest_environment(process).get

    def text(path: str, name: str, value: str, kind: int = 1) -> None:
        data = (value + "\0").encode("utf-16-le", "surrogatepass")
        apply(tree, regfile.Change("\\REGISTRY\\MACHINE\\" + path, name, kind, data), time)

    def number(path: str, name: str, value: int) -> None:
        data = (value & 0xFFFFFFFF).to_bytes(4, "little")
        apply(tree, regfile.Change("\\REGISTRY\\MACHINE\\" + path, name, 4, data), time)

    identifier = get("PROCESSOR_IDENTIFIER") or ""
    about, _, vendor = identifier.partition(", ")
    for index in range(process.options.processors):
        path = f"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\{index}"
        text(path, "Identifier", about)
        text(path, "VendorIdentifier", vendor)
        text(path, "ProcessorNameString", about)
        number(path, "~MHz", 2000)
    environment = "SYSTEM\\ControlSet001\\Control\\Session Manager\\Environment"
    for name in ("ComSpec", "DriverData", "NUMBER_OF_PROCESSORS", "OS", "Path", "PATHEXT", "PROCESSOR_ARCHITECTURE",
                 "PROCESSOR_IDENTIFIER", "PROCESSOR_LEVEL", "PROCESSOR_REVISION", "windir"):  # fmt: skip
        text(environment, name, get(name) or "", 2 if name in ("ComSpec", "Path", "windir") else 1)
    zone = process.service(Clock).zone()
    path = "SYSTEM\\ControlSet001\\Control\\TimeZoneInformation"
    year = zone.year(1601 + time // 315_569_520_000_000)
    text(path, "TimeZoneKeyName", zone.key_name)
    text(path, "StandardName", year.standard_name)
    text(path, "DaylightName", year.daylight_name)
    number(path, "Bias", year.bias)
    number(path, "StandardBias", year.standard_bias)
    number(path, "DaylightBias", year.daylight_bias)
    number(path, "ActiveTimeBias", -zone.offset(time) // 600_000_000)
    binary = {"StandardStart": year.standard_rule, "DaylightStart": year.daylight_rule}
    for name, rule in binary.items():
        data = struct.pack("<8H", *rule.systemtime())
        apply(tree, regfile.Change("\\REGISTRY\\MACHINE\\" + path, name, REG_BINARY, data), time)

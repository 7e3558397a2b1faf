"""litebox.toml, the environment, and what they refuse: each error names file, place and remedy."""

import os

import pytest

from litebox_core.config import ConfigError, Options, parse_mount, parse_processors, parse_size, parse_time
from litebox_core.selection import PluginError, parse_selection
from litebox_core.testing import make_options


def read(tmp_path, text):
    path = tmp_path / "litebox.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = Options()
    options.read_file(str(path))
    return options


def test_everything(tmp_path):
    (tmp_path / "data").mkdir()
    options = read(
        tmp_path,
        """
        [run]
        plugins = ["kernel32", "ws2_32=stub"]
        engine = "unicorn"
        timeout = "5m"
        memory = "512M"
        cwd = "data"
        trace = ["*", "-kernel32/heapapi"]
        [dll.Bcrypt]
        use = "off"
        [dll.kernel32.override]
        GetTickCount64 = "mylab.clock:frozen"
        [mounts]
        C = "c"
        D = "data:ro"
        [env]
        NAME = "value"
        """,
    )
    assert options.plugins == {"kernel32": "real", "ws2_32": "stub"}
    assert (options.timeout, options.memory, options.trace) == (300, 512 << 20, ["*", "-kernel32/heapapi"])
    assert options.cwd == str(tmp_path / "data")
    assert options.uses == {"bcrypt": "off"}
    assert options.overrides == {"kernel32.GetTickCount64": "mylab.clock:frozen"}
    assert [(m.letter, m.folder, m.read_only) for m in options.mounts] == [
        ("C", str(tmp_path / "c"), False),
        ("D", str(tmp_path / "data"), True),
    ]
    assert options.environment == {"NAME": "value"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[run", "at end"),
        ("a = 1\na = 2", "a value"),
        ("[run]\nx = \n", "line 2"),
        (b"[run]\nengine = '\xff'", "UTF-8"),
        ("x = " + "[" * 5000, ""),
        ("[runn]", "[runn]"),
        ("run = 3", "run"),
        ("[run]\nspeed = 3", "run.speed"),
        ("[run]\nengine = 3", "run.engine"),
        ("[run]\nplugins = 3", "run.plugins"),
        ("[run]\nplugins = [3]", "run.plugins"),
        ("[run]\nplugins = '=x'", "NAME=USE"),
        ("[run]\ntimeout = true", "run.timeout"),
        ("[run]\ntimeout = 'soon'", "run.timeout"),
        ("[run]\nmemory = 'x'", "run.memory"),
        ("[run]\ncwd = 1", "run.cwd"),
        ('[run]\ncwd = "none"', "is no folder"),
        ("[run]\ntrace = [1]", "run.trace"),
        ("dll = 1", "dll"),
        ("[dll]\nx = 1", "dll.x"),
        ("[dll.x]\nuse = 1", "dll.x.use"),
        ("[dll.x]\nuser = 'a'", "dll.x.user"),
        ("[dll.x]\noverride = 1", "dll.x.override"),
        ("[dll.x.override]\nF = 1", "dll.x.override.F"),
        ("[mounts]\nCC = '/'", "mounts.CC"),
        ("[mounts]\nZ = '/'", "mounts.Z"),
        ("[mounts]\nD = 'none'", "mounts.D"),
        ("[mounts]\nD = 3", "mounts.D"),
        ('[mounts]\nC = "a\\u0000b"', "mounts.C"),
        ("[env]\nA = 1", "env.A"),
        ("mounts = []", "mounts"),
        ("[env]\nA = { B = 1 }", "env.A"),
    ],
)
def test_errors_name_file_and_place(tmp_path, text, place):
    with pytest.raises(PluginError) as error:
        read(tmp_path, text)
    said = str(error.value)
    assert said.startswith(str(tmp_path / "litebox.toml") + ": ")
    assert place in said
    assert "\n" not in said


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            Options().read_file(str(path))


def test_the_environment():
    options = Options()
    options.read_environment({"LITEBOX_PLUGINS": "kernel32=stub", "LITEBOX_ENGINE": "x", "LITEBOX_C": "/c"})
    assert (options.plugins, options.engine, options.drive_c) == ({"kernel32": "stub"}, "x", "/c")
    options.read_environment({"LITEBOX_PLUGINS": "", "LITEBOX_ENGINE": ""})
    assert options.engine == "x"


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1), ("4k", 4096), ("512M", 512 << 20), ("2G", 2 << 30), ("2GiB", 2 << 30), ("1t", 1 << 40)]
)
def test_sizes(text, size):
    assert parse_size(text, "--memory") == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5G", "G", "B", "1X", "²", "0x10", "1 2"])
def test_no_sizes(text):
    with pytest.raises(ConfigError, match="--memory"):
        parse_size(text, "--memory")


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("90s", 90), ("5m", 300), ("1h", 3600), ("0.5", 0.5)])
def test_times(text, seconds):
    assert parse_time(text, "--timeout") == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "s", "nan", "inf", "1e30", "5 minutes", "1d"])
def test_no_times(text):
    with pytest.raises(ConfigError, match="--timeout"):
        parse_time(text, "--timeout")


def test_mounts(tmp_path):
    folder = str(tmp_path)
    for text, expected in (
        (f"X={folder}", ("X", folder, False)),
        (f"x:={folder}:ro", ("X", folder, True)),
        (folder, ("", folder, False)),
        (f"{folder}:rw", ("", folder, False)),
    ):
        mount = parse_mount(text)
        assert (mount.letter, mount.folder, mount.read_only) == expected


@pytest.mark.parametrize("text", ["=/", "1=/", "XY=/", "Z=/", "é=/", "X=/no/such", "/no/such"])
def test_no_mounts(text):
    if text == "=/":
        assert parse_mount(text).letter == ""
    else:
        with pytest.raises(ConfigError, match="--mount"):
            parse_mount(text)


def test_selections():
    assert parse_selection("kernel32, WS2_32.dll=stub,,x=litebox-x") == {
        "kernel32": "real",
        "ws2_32": "stub",
        "x": "litebox-x",
    }
    assert parse_selection("") == {}
    for text in ("=", "=stub", "x=", "a,=b"):
        with pytest.raises(PluginError, match="NAME=USE"):
            parse_selection(text)


@pytest.mark.parametrize("count", [1, 2, 63, 64])
def test_processors_are_what_all_functions_tell(make_box, tmp_path, count):
    options = make_options(str(tmp_path))
    options.processors = parse_processors(str(count), "--processors")
    box = make_box(options)
    info = box.alloc(48)
    box.call.kernel32.GetSystemInfo(info)
    assert box.memory.u32(info + 32) == count
    assert box.memory.u64(info + 24) == (1 << count) - 1
    assert box.call.kernel32.GetActiveProcessorCount(0) == count
    assert box.process.environment_variable("NUMBER_OF_PROCESSORS") == str(count)


def test_processors_of_the_host():
    assert parse_processors("host", "--processors") == min(len(os.sched_getaffinity(0)), 64)


@pytest.mark.parametrize("text", ["", "0", "65", "-1", "1.5", "two", "²"])
def test_no_number_of_processors(text):
    with pytest.raises(ConfigError, match=r"--processors: .*: write a number from 1 to 64, or host"):
        parse_processors(text, "--processors")

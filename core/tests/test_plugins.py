"""Choosing who answers: ambiguity, typing errors, plugins that fail; stubs, overrides and what they may call."""

import pytest

from litebox_core.abi import DOUBLE, DWORD, INT, PCWSTR, Callback
from litebox_core.config import Options
from litebox_core.dll import NATIVE, RETURN_ERROR, WIN32, Dll, Export, Original
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.hookspecs import hookimpl
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_INVALID_HANDLE
from litebox_core.plugins import Candidate, PluginError, Plugins
from litebox_core.process import Process
from litebox_core.registry import Registry
from litebox_core.selection import import_object, parse_selection, written
from litebox_core.services import Clock, Service
from litebox_core.testing import make_options


class EntryPoint:
    value = "broken:dll"

    def __init__(self, error=None, result=None):
        self.error, self.result = error, result

    def load(self):
        if self.error is not None:
            raise self.error
        return self.result


def plugins(candidates=(), **settings):
    options = Options()
    for name, value in settings.items():
        setattr(options, name, value)
    made = Plugins(Options())
    for candidate in candidates:
        made.candidates.setdefault(candidate.dll, []).append(candidate)
    made.options = options
    made._named = made._expand(options.plugins)
    return made


def test_two_distributions_offer_one_dll():
    both = [
        Candidate("lab", "litebox-lab", "1.0", object=Dll("lab")),
        Candidate("lab", "other-lab", "2.0", object=Dll("lab")),
    ]
    with pytest.raises(PluginError, match=r"2 distributions offer lab: .* --plugins lab=litebox-lab or lab=other-lab"):
        plugins(both).choose("lab.dll")
    for selection in ({"plugins": {"lab": "other-lab"}}, {"uses": {"lab": "Other-Lab"}}):
        assert plugins(both, **selection).choose("lab.dll").source == "other-lab 2.0"


def test_names_that_nobody_knows():
    with pytest.raises(PluginError, match=r"no plugin offers kernel33: .*kernel32"):
        plugins(plugins={"kernel33": "real"})
    with pytest.raises(PluginError, match="litebox-nobody does not offer kernel32"):
        plugins(plugins={"kernel32": "litebox-nobody"})
    with pytest.raises(PluginError, match=r"stubb does not offer ws2_32 .*uses are real, stub, off, native"):
        plugins(uses={"ws2_32": "stubb"}).choose("ws2_32.dll")


def test_a_plugin_that_cannot_be_imported():
    for entry, word in (
        (EntryPoint(ImportError("no module named x")), "ImportError: no module named x"),
        (EntryPoint(ZeroDivisionError("at import")), "ZeroDivisionError"),
        (EntryPoint(result=object()), "is no litebox_core.dll.Dll"),
    ):
        chosen = plugins([Candidate("lab", "litebox-lab", "1.0", entry)]).choose("lab.dll")
        with pytest.raises(PluginError, match=word) as error:
            _ = chosen.dll
        assert "litebox-lab" in str(error.value)


def test_a_selection_stubs_the_rest():
    chosen = plugins(plugins={"kernel32": "real"})
    assert [chosen.choose(f"{name}.dll").kind for name in ("kernel32", "kernelbase", "msvcrt")] == [
        "real",
        "real",
        "stub",
    ]
    assert chosen.choose("unheard.dll") is None
    off = plugins(uses={"msvcrt": "off", "ws2_32": "stub"})
    assert off.choose("ws2_32.dll").kind == "stub"
    with pytest.raises(NtError):
        off.choose("msvcrt.dll")


def test_a_service_that_nobody_offers(lab):
    class Weather(Service):
        pass

    with pytest.raises(PluginError, match=r"no plugin offers the service Weather: pip install litebox-ntdll"):
        lab.process.service(Weather)
    assert lab.process.service(Clock) is lab.process.service(Clock)
    assert Registry is not Weather


def test_a_service_of_a_plugin_made_at_run_time(tmp_path):
    class Frozen(Clock):
        def uptime_ms(self):
            return 1234

        def system_time(self):
            return 0

        def counter(self):
            return 5

    class Plugin:
        @hookimpl
        def litebox_services(self):
            return {Clock: Frozen}

    options = make_options(str(tmp_path))
    options.extra_plugins = [Plugin()]
    with Process(options) as process:
        process.start(None)
        address = process.loader.procedure(process.loader.load_now("kernel32.dll", None), "GetTickCount64")
        assert process.call(address) == 1234


def original_dll():
    dll = Dll("overlab")

    @dll.export(fails=-1)
    def add(guest: Guest, a: DWORD, b: DWORD, *, clock: Clock) -> INT:
        if a == 0:
            raise NtError(STATUS_ACCESS_DENIED)
        return a + b if clock.uptime_ms() >= 0 else -9

    @dll.export
    def name(guest: Guest, text: PCWSTR) -> DWORD:
        return len(text)

    dll.ansi(name, "nameA")
    dll.stub("nobody needs it", "later")
    return dll


@pytest.fixture
def override(tmp_path):
    """Calls an export of the DLL above under overrides."""
    opened = []

    def do(overrides, function, *args, ret=INT):
        options = make_options(str(tmp_path))
        options.overrides = {f"overlab.{name}": replacement for name, replacement in overrides.items()}
        chosen = Plugins(options)
        chosen.add(original_dll())
        process = Process(options, chosen)
        opened.append(process)
        process.start(None)
        process.replace = None
        address = process.loader.procedure(process.loader.load_now("overlab.dll", None), function)
        args = [_text(process, arg) for arg in args]
        return process.call(address, *args, ret=ret), process

    yield do
    for process in opened:
        process.close()


def _text(process, arg):
    if not isinstance(arg, bytes):
        return arg
    addr = process.heaps_allocate(len(arg) + 2)
    process.memory.write(addr, arg + b"\0\0")
    return addr


def test_an_override_answers_and_may_ask_the_original(override):
    def add(guest: Guest, a: DWORD, b: DWORD, *, original: Callback) -> INT:
        return 100 * original(guest, a, b)

    assert override({"add": add}, "add", 1, 2)[0] == 300
    result, process = override({"add": add}, "add", 0, 2)  # the original's error is the override's
    assert result == -1
    assert next(iter(process.threads.values())).last_error == 5


def test_an_override_that_pauses(override):
    def add(guest: Guest, a: DWORD, b: DWORD) -> Steps[INT]:
        return 7
        yield

    assert override({"add": add}, "add", 1, 2)[0] == 7


def test_an_override_of_one_form_leaves_the_other(override):
    def name(guest: Guest, text: PCWSTR) -> DWORD:
        return 1000 + len(text)

    assert override({"nameA": name}, "nameA", b"abc")[0] == 1003
    assert override({"nameA": name}, "name", "abc".encode("utf-16-le"))[0] == 3


def test_an_override_of_a_stub(override):
    def later(guest: Guest, x: DWORD) -> DWORD:
        return x + 1

    def asks(guest: Guest, x: DWORD, *, original: Callback) -> DWORD:
        return original(guest, x)

    assert override({"later": later}, "later", 1)[0] == 2
    with pytest.raises(PluginError, match="the original is a stub"):
        override({"later": asks}, "later", 1)


def wrong_overrides():
    def few(guest: Guest, a: DWORD) -> INT: ...
    def types(guest: Guest, a: DWORD, b: PCWSTR) -> INT: ...
    def result(guest: Guest, a: DWORD, b: DWORD) -> DOUBLE: ...
    def untyped(guest, a, b): ...

    return [few, types, result, untyped, 5, "os", "os:nothing", "no.such.module:x", "os:path:x", ""]


@pytest.mark.parametrize("replacement", wrong_overrides(), ids=lambda r: getattr(r, "__name__", repr(r)))
def test_overrides_that_do_not_fit_are_refused(override, replacement):
    with pytest.raises(PluginError, match=r"override overlab\.add: "):
        override({"add": replacement}, "add", 1, 2)


def test_an_override_of_nothing_is_refused(override):
    with pytest.raises(PluginError, match=r"override overlab\.nothing: .*no such function"):
        override({"nothing": "os.path:join"}, "add", 1, 2)


def test_overlays_made_in_python_lie_in_order_and_an_override_on_top(make_lab):
    first, second = Dll("overlab"), Dll("overlab")

    @first.export(name="add")
    def ten_more(guest: Guest, a: DWORD, b: DWORD, *, original: Original) -> INT:
        return original(guest, a, b) + 10

    @second.export(name="add")
    def doubled(guest: Guest, a: DWORD, b: DWORD, *, original: Original) -> INT:
        return 2 * original(guest, a, b)

    second.stub("not today", "name")

    def negative(guest: Guest, a: DWORD, b: DWORD, *, original: Original) -> INT:
        return -original(guest, a, b)

    options = make_options(".")
    options.overlays, options.overrides = [first, second], {"overlab.add": negative}
    chosen = Plugins(options)
    chosen.add(original_dll())
    with Process(options, chosen) as process:
        process.start(None)
        module = process.loader.load_now("overlab.dll", None)
        assert process.call(process.loader.procedure(module, "add"), 1, 2, ret=INT) == -26
        assert process.call(process.loader.procedure(module, "name"), 0, ret=INT) == 0
        kinds = {e.export.name: e.kind for e in process.dispatcher.every_entry() if e.dll == "overlab"}
        assert (kinds["add"], kinds["name"], kinds["nameA"]) == ("overlay", "stub", "real")


def test_what_a_dll_leaves_out_may_be_laid_over_it(tmp_path):
    """The signature data knows the functions of USER32, which has no plugin; their parameters are counted."""
    user32 = Dll("user32")

    @user32.export
    def GetDoubleClickTime(guest: Guest) -> DWORD:
        return 250

    options = make_options(str(tmp_path))
    options.overlays = [user32]
    options.uses["user32"] = "stub"
    with Process(options) as process:
        process.start(None)
        module = process.loader.load_now("user32.dll", None)
        assert process.call(process.loader.get_procedure(module, "GetDoubleClickTime")) == 250

    @user32.export
    def MessageBeep(guest: Guest) -> DWORD:
        return 1

    with Process(options) as process, pytest.raises(PluginError, match=r"MessageBeep: the signature does not match"):
        process.start(None)
        process.loader.load_now("user32.dll", None)


def test_a_selection_is_written_as_it_is_read():
    chosen = {"kernel32": "real", "ws2_32": "stub", "+frozen": "real", "+half": "lab", "@clock": "lab"}
    assert parse_selection(written(chosen)) == chosen


def test_objects_are_imported_by_path():
    import os

    assert import_object("os:path.join", "x") is os.path.join


DIALECTS = [
    (WIN32, -1, None, NtError(STATUS_INVALID_HANDLE), -1, 6), (WIN32, None, None, WinError(87), 0, 87),
    (WIN32, RETURN_ERROR, None, NtError(STATUS_ACCESS_DENIED), 5, None),
    (WIN32, 0, {STATUS_ACCESS_DENIED: 32}, NtError(STATUS_ACCESS_DENIED), 0, 32),
    (NATIVE, None, None, NtError(STATUS_ACCESS_DENIED), STATUS_ACCESS_DENIED - (1 << 32), None),
    (NATIVE, 3, None, NtError(STATUS_ACCESS_DENIED), 3, None),
    (NATIVE, None, {STATUS_ACCESS_DENIED: STATUS_INVALID_HANDLE}, NtError(STATUS_ACCESS_DENIED),
     STATUS_INVALID_HANDLE - (1 << 32), None),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "fails", "translate", "error", "answer", "last"), DIALECTS)
def test_dialects_of_core(make_lab, dialect, fails, translate, error, answer, last):
    dll = Dll("wordlab", dialect=dialect)

    @dll.export(fails=fails, translate=translate)
    def f(guest: Guest) -> INT:
        raise error

    lab = make_lab(dll)
    lab.guest.last_error = 0x1234
    assert lab.process.call(lab.address("wordlab", "f"), ret=INT) == answer
    assert lab.last_error == (0x1234 if last is None else last)


@pytest.mark.parametrize(
    ("package", "word"), [("litebox_msvcrt.base:CRT", "errno"), ("litebox_ws2_32", "winsock")], ids=["crt", "winsock"]
)
def test_one_raise_in_the_dialects_of_plugins(make_lab, package, word):
    """STATUS_INVALID_HANDLE is EBADF to the C run-time and WSAENOTSOCK to sockets."""
    if word == "winsock":
        lab = make_lab()
        assert lab.call.ws2_32.closesocket(0x1234) == -1
        assert lab.last_error in (10038, 10093)
        return
    dll = Dll("wordlab", dialect=import_object(package, "dialect"), fails=-1)

    @dll.export
    def f(guest: Guest) -> INT:
        raise NtError(STATUS_INVALID_HANDLE)

    lab = make_lab(dll)
    assert lab.process.call(lab.address("wordlab", "f"), ret=INT) == -1
    assert lab.memory.u32(lab.call.msvcrt._errno()) == 9


def test_stubs_answer_by_their_type(make_lab):
    lab = make_lab(kernel32="stub", ntdll="stub", msvcrt="stub")
    lab.guest.last_error = 0
    assert lab.process.call(lab.address("kernel32", "GetTickCount64")) == 0
    assert lab.last_error == 120
    assert lab.process.call(lab.address("ntdll", "NtClose"), 0) == 0xC0000002
    assert lab.process.call(lab.address("ntdll", "__C_specific_handler"), 0, 0, 0, 0) == 1  # ExceptionContinueSearch
    spill = lab.guest.spill
    spill[0x1F60:0x1F68] = b"\x01" * 8  # what an earlier function left
    assert lab.process.call(lab.address("msvcrt", "sqrt"), 2.0, ret=DOUBLE) == 0.0
    entries = [entry for entry in lab.process.dispatcher.every_entry() if entry.calls]
    assert {entry.name: entry.calls for entry in entries} == {
        "kernel32!GetTickCount64": 1, "ntdll!NtClose": 1, "ntdll!__C_specific_handler": 1, "msvcrt!sqrt": 1,
    }  # fmt: skip


def test_export_kinds_are_named():
    dll = original_dll()
    assert isinstance(dll.exports["add"], Export)
    assert {name: export.kind for name, export in dll.exports.items()} == {
        "add": "function", "name": "function", "nameA": "function", "later": "stub",
    }  # fmt: skip


def test_stubs_of_functions_that_return_error_codes_do_not_say_success(make_box):
    box = make_box()
    assert box.call.iphlpapi.GetAdaptersInfo(0, 0) == 120
    assert box.call.netapi32.NetUserGetInfo(0, 0, 1, 0) == 120
    assert box.call.rpcrt4.RpcBindingFree(0) == 120
    assert box.call.iphlpapi.if_nametoindex(0) == 0  # an index, 0 for none
    assert box.last_error == 120


def test_stubs_of_system_calls_do_not_say_success(box):
    """Most have no prototype in the signature data; each returns a status."""
    assert box.call.ntdll.NtCreateUserProcess() == 0xC0000002
    assert box.call.ntdll.ZwAlpcCreatePort() == 0xC0000002

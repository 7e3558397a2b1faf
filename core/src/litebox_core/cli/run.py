"""``litebox run``: run a program."""

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import codes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ..config import Options
    from ..trace import Tracing

# What litebox takes for itself directly after APP. Long names only: programs have short ones and --config themselves.
VALUE_OPTIONS = (
    "--plugins", "--stub", "--override", "--engine", "--trace", "--trace-format", "--trace-output", "--trace-category",
    "--trace-filter", "--trace-start", "--trace-stop",
)  # fmt: skip
FLAG_OPTIONS = ("--trace-apis",)
SEEDED = "--deterministic"
_GARBAGE = 10_000
"""How many objects more than have gone make Python look for garbage: calls and exceptions leave no cycles behind."""


def split_arguments(words: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Parts what stands directly after APP: litebox's own options (name, value), and the program's arguments.

    Raises click.UsageError for an option of litebox without its value.
    """
    own: list[tuple[str, str]] = []
    index = 0
    while index < len(words):
        word = words[index]
        name, equals, value = word.partition("=")
        if word == "--":
            return own, words[index + 1 :]
        if name in FLAG_OPTIONS and not equals:
            own.append((name, ""))
        elif name == SEEDED:
            own.append((name, value if equals else "0"))
        elif name in VALUE_OPTIONS:
            if not equals:
                index += 1
                if index == len(words):
                    raise click.UsageError(f"{name} needs a value")
                value = words[index]
            own.append((name, value))
        else:
            break
        index += 1
    return own, words[index:]


class RunCommand(click.Command):
    """Lets ``--deterministic`` stand with a number behind it or without one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        valued = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag and not option.count
            for name in option.opts
        }
        index = 0
        while index < len(args) and args[index].startswith("-") and args[index] != "--":
            if args[index] == SEEDED:
                seed = args[index + 1] if args[index + 1 : index + 2] and args[index + 1].isdigit() else None
                args[index : index + 1 + (seed is not None)] = [f"{SEEDED}={seed or 0}"]
            elif args[index] in valued:
                index += 1
            index += 1
        return super().parse_args(ctx, args)


@click.command(
    "run",
    cls=RunCommand,
    short_help="Run a Windows program.",
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False},
    epilog="""\b
Examples:
  litebox run hello.exe
  litebox run app.exe --plugins kernel32,msvcrt          only these; the rest is stubbed
  litebox run app.exe --plugins kernel32,ws2_32=stub in.txt
  litebox run --mount D=data:ro --timeout 30 app.exe D:\\in.txt
  litebox run app.exe --trace '*,-kernel32/heapapi' -- --version

\b
Options stand before APP. Directly after APP, up to the first other word or `--`,
litebox still takes --plugins, --stub, --override, --engine, --deterministic[=SEED]
and the --trace family;
all the rest goes to the program untouched.

\b
Exit codes: the low 8 bits of the program's, or
   2 usage   70 bug in litebox   120 deadlock   121 not a Windows program
 122 wrong processor   123 missing import   124 timeout   125 no memory left
 126 crash   127 file not found   130 interrupted""",
)
@click.option(
    "--plugins",
    metavar="LIST",
    help="DLLs to answer for, the rest is stubbed: NAME[=real|stub|off|native|DIST],..; +OVERLAY; @SERVICE=DIST.",
)
@click.option("--stub", multiple=True, metavar="LIST", help="DLLs to stub, all others as they are.")
@click.option("--override", multiple=True, metavar="DLL.FUNC=MODULE:NAME", help="Replace one function by a Python one.")
@click.option("--engine", metavar="NAME", help="What executes the code: unicorn, native, auto. [default: unicorn]")
@click.option("--config", metavar="FILE", help="Settings. [default: litebox.toml of the current folder, if there]")
@click.option(
    "--mount", multiple=True, metavar="[X=]DIR[:ro]", help="Show a folder as drive X:, or at its own path on Z:."
)
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="Set a variable of the program's environment.")
@click.option("--clean-env", is_flag=True, help="Do not hand the host's environment on.")
@click.option("--cwd", metavar="DIR", help="Start in this host folder.")
@click.option(
    "--registry", multiple=True, metavar="FILE[:rw]", help="A .reg file whose keys are there; :rw keeps changes in it."
)
@click.option("--timeout", metavar="TIME", help="End the program after this time: 30, 90s, 5m.")
@click.option("--memory", metavar="SIZE", help="The most memory it may have: 512M, 2G. [default: 4G]")
@click.option("--processors", metavar="N|host", help="How many processors the program is told of. [default: 1]")
@click.option(
    "--network", metavar="off|loopback|host", help="What its sockets reach: nothing, this machine, all. [default: off]"
)
@click.option(
    "--deterministic", metavar="[SEED]", help="Time, chance and thread switches follow from a number. [default: 0]"
)
@click.option("--minidump", metavar="FILE", help="Write a minidump for debuggers to FILE when the program crashes.")
@click.option(
    "--allow-child-processes/--no-child-processes",
    default=None,
    help="Whether it may start other Windows programs that it sees; programs of the host never. [default: allow]",
)
@click.option(
    "-t",
    "--trace",
    multiple=True,
    metavar="FILTER",
    help="Trace API calls: '*', 'Nt*File', 'msvcrt!*', '@file_io'; '-' in front takes away.",
)
@click.option("--trace-apis", is_flag=True, help="Trace all API calls.")
@click.option(
    "-f", "--trace-format", multiple=True, metavar="NAME",
    help="Form of the trace: text, calls, json, perfetto, summary, or a plugin's. [default: text]",
)  # fmt: skip
@click.option(
    "-o", "--trace-output", multiple=True, metavar="[FORMAT:]WHERE",
    help="Where the trace goes: a file, - (standard output) or stderr. [default: stderr]",
)  # fmt: skip
@click.option("--trace-start", metavar="N|FUNCTION", help="Trace after N calls, or from the first of FUNCTION on.")
@click.option("--trace-stop", metavar="N|FUNCTION", help="Trace N calls, or up to the first call of FUNCTION.")
@click.option("--trace-category", multiple=True, metavar="NAME", help="Trace one category: file_io, memory, ...")
@click.option("--trace-filter", multiple=True, metavar="FILTER", help="The same as --trace.")
@click.option("-v", "--verbose", count=True, help="Say what was chosen, and which stubs were called.")
@click.argument("app")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run_command(app: str, args: tuple[str, ...], **flags: Any) -> None:
    """Run the Windows program APP with ARGS."""
    from ..plugins import PluginError

    own, rest = split_arguments(list(args))
    for name, value in own:
        key = name[2:].replace("-", "_")
        if key in ("stub", "override", "trace", "trace_category", "trace_filter", "trace_format", "trace_output"):
            flags[key] = (*flags[key], value)
        elif key == "trace_apis":
            flags[key] = True
        else:
            flags[key] = value
    try:
        options = make_options(app, rest, flags)
    except PluginError as error:
        fail(codes.USAGE, str(error))
    status = execute(options)
    sys.stdout.flush()
    leave(status)


def make_options(app: str, arguments: list[str], flags: dict[str, Any]) -> "Options":
    """Flags over environment over litebox.toml. Raises ConfigError and PluginError."""
    from .. import config
    from ..selection import parse_selection

    options = config.Options()
    path = (
        flags["config"]
        or os.environ.get("LITEBOX_CONFIG")
        or (config.FILE_NAME if os.path.exists(config.FILE_NAME) else None)
    )
    if path:
        options.read_file(path)
    options.read_environment(os.environ)
    if flags["plugins"] is not None:
        options.plugins = parse_selection(flags["plugins"])
    for text in flags["stub"]:
        if "=" in text:
            raise config.ConfigError(f"--stub {text!r}: write names of DLLs only; --plugins takes NAME=USE")
        options.uses.update(dict.fromkeys(parse_selection(text, "--stub"), "stub"))
    for text in flags["override"]:
        target, equals, source = text.partition("=")
        if not equals or "." not in target:
            raise config.ConfigError(f"--override {text!r}: write DLL.FUNCTION=package.module:name")
        options.overrides[target] = source
    options.mounts += [config.parse_mount(text) for text in flags["mount"]]
    for text in flags["registry"]:
        config.read_registry(options, text)
    for text in flags["env"]:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise config.ConfigError(f"--env {text!r}: write NAME=VALUE")
        options.environment[name] = value
    options.clean_environment = flags["clean_env"]
    if flags["cwd"]:
        options.cwd = os.path.abspath(flags["cwd"])
        if not os.path.isdir(options.cwd):
            raise config.ConfigError(f"--cwd: {options.cwd} is no folder")
    if flags["timeout"]:
        options.timeout = config.parse_time(flags["timeout"], "--timeout")
    if flags["deterministic"] is not None:
        options.deterministic = config.parse_seed(flags["deterministic"], SEEDED)
    if flags["processors"]:
        options.processors = config.parse_processors(flags["processors"], "--processors")
    if flags["memory"]:
        options.memory = config.parse_size(flags["memory"], "--memory")
    if flags["network"] is not None:
        options.network = config.parse_network(flags["network"], "--network")
    if flags["minidump"]:
        options.minidump = os.path.abspath(flags["minidump"])
    if flags["engine"]:
        options.engine = flags["engine"]
    elif options.deterministic is not None:
        options.engine = "unicorn"  # the one that can, whatever is the engine of other runs
    options.verbose = flags["verbose"]
    if flags["allow_child_processes"] is not None:
        options.child_processes = flags["allow_child_processes"]
    options.trace += [*flags["trace"], *flags["trace_filter"], *(f"@{name}" for name in flags["trace_category"])]
    if flags["trace_apis"] and not options.trace:
        options.trace.append("*")
    options.trace_outputs += flags["trace_output"]
    options.trace_formats += flags["trace_format"]
    options.trace_start = flags["trace_start"] or options.trace_start
    options.trace_stop = flags["trace_stop"] or options.trace_stop
    options.forks, options.trace_folder = True, os.getcwd()
    options.program = os.path.abspath(app)
    options.arguments = arguments
    return options


def execute(options: "Options", ended: "Callable[[int], None]" = lambda code: None) -> int:
    """Runs a program and reports what went wrong; the exit status for the shell.

    ``ended`` is told the exit code that Windows programs see, where the program got as far as having one.
    """
    from .. import pe
    from ..control import STATUS_CONTROL_C_EXIT, Control, Terminated
    from ..crash import Crash
    from ..engine.base import EngineError
    from ..errors import NtError
    from ..loader import MissingImport
    from ..loader.mapping import read_program
    from ..pe.errors import printable
    from ..plugins import PluginError
    from ..process import Process
    from ..scheduler import Deadlock, TimeLimit
    from ..stubs import stub_report

    name = os.path.basename(options.program)
    try:
        image = read_program(options)
    except pe.WrongMachine as error:
        return say(codes.WRONG_MACHINE, str(error))
    except pe.ImageError as error:
        return say(codes.NOT_PE, str(error))
    except OSError as error:
        return say(codes.NOT_FOUND, f"{printable(options.program)}: {error.strerror}")
    name = printable(name)
    if '"' in options.program:
        return say(codes.USAGE, f"{name}: no Windows program has a quote in its path: rename it")
    process: Process | None = None
    tracing: Tracing | None = None
    gc.disable()  # nothing that a start makes is garbage: looking for some would take a tenth of it
    try:
        with Process(options) as process:
            if options.traced:
                from ..trace import start_tracing

                tracing = start_tracing(process)
            process.start_program(image)
            if options.verbose:
                say(0, f"engine: {process.engine_choice}")
                for module in process.loader.modules:
                    say(0, f"{module.base:#x} {module.path}")
            handle_interrupts(process)
            gc.freeze()
            gc.set_threshold(_GARBAGE)
            gc.enable()
            if options.handover is not None:
                options.handover.wait_for_start(process)
            code = process.run()
            ended(code)
            status = code & 0xFF
            if code == STATUS_CONTROL_C_EXIT and process.state(Control).ended_by_event:
                status = codes.INTERRUPTED
    except pe.ImageError as error:
        return say(codes.NOT_PE, str(error))
    except MissingImport as error:
        return say(codes.MISSING_IMPORT, printable(str(error), 2000))
    except PluginError as error:
        return say(codes.USAGE, str(error))
    except EngineError as error:
        return say(codes.USAGE, str(error))
    except NtError as error:
        return say(codes.LIMIT, f"{name}: it cannot be started: {error}")
    except Crash as error:
        ended(error.code)
        status = say(codes.CRASH, f"{name}: {error.report}")
    except TimeLimit:
        status = say(codes.TIMEOUT, f"{name}: ended after {options.timeout:g} seconds (--timeout)")
    except Deadlock as error:
        status = say(codes.DEADLOCK, f"{name}: {error}")
    except Terminated:
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    except Exception:
        import traceback

        traceback.print_exc()
        return say(codes.INTERNAL, f"{name}: this is a bug in litebox or in a plugin (see above)")
    finally:
        gc.enable()
        close_tracing(tracing)
    if process is not None and (options.verbose or status == codes.CRASH or stubs_were_chosen(options)):
        for line in stub_report(process):
            say(0, f"[stub] {line}")
    return status


def stubs_were_chosen(options: "Options") -> bool:
    """Whether the user asked for stubs, and so wants to hear of them."""
    return "stub" in options.uses.values() or "stub" in (options.plugins or {}).values()


def close_tracing(tracing: "Tracing | None") -> None:
    """Writes out the rest of the trace; a reader that has gone away is none of the program's business."""
    if tracing is not None:
        try:
            tracing.close()
        except OSError as error:
            say(0, f"--trace-output: {error.strerror}: the trace is not complete")
        if tracing.unmatched:
            say(0, tracing.unmatched)


def handle_interrupts(process: Any) -> None:
    """Makes Ctrl-C and its kin events of the program, and SIGTERM, or Ctrl-C again and again, its end."""
    from ..control import SIGNALS, Impatience, Terminated

    outside, impatience = process.scheduler.outside, Impatience()

    def interrupted(number: int, frame: "FrameType | None") -> None:
        if number == signal.SIGTERM:
            outside.signals.append(number)  # whatever becomes of the exception
            raise Terminated
        if number == signal.SIGINT and impatience.enough():
            raise KeyboardInterrupt
        outside.signalled(number, nested=is_within(frame, interrupted.__code__))

    for number in (*SIGNALS, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, interrupted)
    outside.watch_signals()


def is_within(frame: "FrameType | None", code: "CodeType") -> bool:
    """Whether a frame is one of a function or of what that has called."""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def say(code: int, text: str) -> int:
    print(f"litebox: {text}", file=sys.stderr)
    return code


def fail(code: int, text: str) -> NoReturn:
    say(code, text)
    sys.exit(code)


def leave(status: int) -> NoReturn:
    """Ends at once: nothing is left to be torn down that the kernel does not tear down faster."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

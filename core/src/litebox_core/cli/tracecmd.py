"""``litebox trace``: show, compare and report recorded traces."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from . import codes

if TYPE_CHECKING:
    from ..tracefiles.matching import RecordFilter
    from ..tracefiles.records import Reader

FILTER_HELP = "Only these calls, as for run --trace: 'Nt*File', '@file_io,-ReadFile', 'result:error', 'thread:main'."


@click.group("trace", short_help="Show, compare and report recorded traces.")
def trace_command() -> None:
    """Show, compare and report traces that were recorded with --trace-output json:FILE.

    \b
    litebox run --trace '*' --trace-output json:t.jsonl app.exe
    litebox trace show t.jsonl -t '@file_io'      its file calls, for people
    litebox trace diff old.jsonl new.jsonl        where two runs part
    litebox trace report t.jsonl -o report.html   all of it as one page
    """


@trace_command.command(
    "show",
    epilog="""\b
Examples:
  litebox trace show t.jsonl
  litebox trace show t.jsonl -t 'Nt*File' -t 'result:error'    either of them
  litebox trace show t.jsonl -t '*,-@memory,from:main,thread:main'
  litebox trace show t.jsonl -t 'event:exception,@exception'
  litebox trace show --follow --events t.jsonl
  zcat t.jsonl.gz | litebox trace show -

\b
Exit codes: 0, or
   2 usage, or not a trace   127 file not found   130 interrupted""",
)
@click.option("-t", "--trace", "filters", multiple=True, metavar="FILTER", help=FILTER_HELP)
@click.option("--events", is_flag=True, help="Also threads, modules, memory, faults, exceptions and exits.")
@click.option("--follow", is_flag=True, help="Wait for more, until the program has ended.")
@click.option("-v", "--verbose", is_flag=True, help="Also durations, callers and structures.")
@click.argument("file")
def show_command(file: str, filters: tuple[str, ...], events: bool, follow: bool, verbose: bool) -> None:
    """Print the recorded trace FILE, one call a line; - is standard input."""
    from ..trace.text import colour_wanted
    from ..tracefiles.show import Writer, show

    with errors_in_one_line():
        wanted = make_filter(filters)
        reader = make_reader(file)
        writer = Writer(verbose=verbose, colour=colour_wanted(sys.stdout))
        count = show(reader, wanted, writer, sys.stdout, events=events, follow=follow)
        if reader.cut:
            note(f"{reader.name}: the last line is cut off: the recording did not come to its end")
        if filters and not count:
            note(f"--trace {' '.join(map(repr, filters))}: nothing matched")


@trace_command.command(
    "diff",
    epilog="""\b
Examples:
  litebox trace diff before.jsonl after.jsonl
  litebox trace diff a.jsonl b.jsonl -t '*,-@memory' --context 10
  litebox trace diff --quiet a.jsonl b.jsonl && echo the same

\b
Exit codes, as of diff:
  0 the same   1 different   2 usage, or a file that cannot be read   130 interrupted""",
)
@click.option("-t", "--trace", "filters", multiple=True, metavar="FILTER", help=FILTER_HELP)
@click.option("--context", type=click.IntRange(0), default=3, show_default=True, help="Equal calls around changes.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="Show so many places; 0 for all of them."
)
@click.option("--strict", is_flag=True, help="Compare also what clocks, IDs and random numbers were.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing: only the exit code tells.")
@click.argument("a")
@click.argument("b")
def diff_command(
    a: str, b: str, filters: tuple[str, ...], context: int, limit: int, strict: bool, quiet: bool
) -> None:
    """Compare the recorded traces A and B; one of them may be - for standard input.

    Each thread is compared with the one that began in the same place. Times make no difference, and handles and
    addresses are compared by the call that they came from.
    """
    from ..trace.text import colour_wanted
    from ..tracefiles.diff import Comparison, DiffWriter
    from ..tracefiles.stable import Side

    if a == b == "-":
        raise click.UsageError("only one of the traces can be standard input")
    with errors_in_one_line(file_code=codes.USAGE, pipe_code=1):
        sides = []
        for file, wanted in ((a, make_filter(filters)), (b, make_filter(filters))):
            sides.append(Side(make_reader(file).read(), wanted, strict=strict))
        found = Comparison(*sides)
        if not quiet:
            names = (printable_name(a), printable_name(b))
            DiffWriter(sys.stdout, names, context=context, limit=limit, colour=colour_wanted(sys.stdout)).write(found)
        sys.stdout.flush()
        if not found.same:
            sys.exit(1)


@trace_command.command(
    "report",
    epilog="""\b
Examples:
  litebox trace report t.jsonl -o report.html
  litebox trace report t.jsonl -o report.html -t '*,-@memory' --calls 100000
  zcat t.jsonl.gz | litebox trace report - -o - > report.html

\b
Exit codes: 0, or
   2 usage, or not a trace   127 file not found or not to be written   130 interrupted""",
)
@click.option("-o", "--output", required=True, metavar="FILE", help="The page to write; - is standard output.")
@click.option("-t", "--trace", "filters", multiple=True, metavar="FILTER", help=FILTER_HELP)
@click.option(
    "--calls", type=click.IntRange(0), default=20_000, show_default=True, help="The most calls in its table."
)
@click.argument("file")
def report_command(file: str, output: str, filters: tuple[str, ...], calls: int) -> None:
    """Make one self-contained HTML page of the recorded trace FILE; - is standard input."""
    import io

    from ..tracefiles.records import Trace
    from ..tracefiles.report import write_report

    with errors_in_one_line():
        wanted = make_filter(filters)
        reader = make_reader(file)
        trace = reader.read()
        if filters:
            kept = []
            for event in trace.events:
                wanted.see(event)
                if event["event"] != "call" or wanted.wants(event):
                    kept.append(event)
            trace = Trace(kept, cut=trace.cut)
        if output == "-":
            write_report(trace, sys.stdout, calls=calls)
            return
        page = io.StringIO()
        write_report(trace, page, calls=calls)
        with open(output, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(page.getvalue())


def printable_name(file: str) -> str:
    from ..pe.errors import printable

    return "standard input" if file == "-" else printable(file)


def make_filter(texts: tuple[str, ...]) -> "RecordFilter":
    from ..tracefiles.matching import RecordFilter

    return RecordFilter(texts)


def make_reader(file: str) -> "Reader":
    from ..tracefiles.records import Reader

    return Reader(sys.stdin.buffer if file == "-" else file)


def note(text: str) -> None:
    print(f"litebox: {text}", file=sys.stderr)


@contextmanager
def errors_in_one_line(file_code: int = codes.NOT_FOUND, pipe_code: int = 0) -> Iterator[None]:
    """Ends the command with one line and the documented code for whatever is wrong with files and options."""
    from ..config import ConfigError
    from ..pe.errors import printable
    from ..tracefiles.records import TraceFileError
    from .run import fail

    out: Any = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except (TraceFileError, ConfigError) as error:
        fail(codes.USAGE, str(error))
    except BrokenPipeError:
        # Nobody reads on: that is no error. Python must not find it again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(pipe_code)
    except KeyboardInterrupt:
        sys.exit(codes.INTERRUPTED)
    except OSError as error:
        fail(file_code, f"{printable(str(error.filename or ''))}: {error.strerror}")

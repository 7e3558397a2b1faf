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
  litebox trace show --follow --events t.jsonl
  zcat t.jsonl.gz | litebox trace show -

\b
Exit codes: 0, or
   2 usage, or not a trace   127 file not found   130 interrupted""",
)
@click.option("-t", "--trace", "filters", multiple=True, metavar="FILTER", help=FILTER_HELP)
@click.option("--events", is_flag=True, help="Also threads, modules, memory, faults, exceptions and exits.")
@click.option("--follow", is_flag=True, help="Wait for more, until the program has ended.")
@click.option("-v", "--verbose", is_flag=True, help="Also how long each call took, and where it came from.")
@click.argument("file")
def show_command(file: str, filters: tuple[str, ...], events: bool, follow: bool, verbose: bool) -> None:
    """Print the recorded trace FILE, one call a line; - is standard input."""
    from ..tracefiles.show import Writer, show

    with errors_in_one_line():
        wanted = make_filter(filters)
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        reader = make_reader(file)
        count = show(reader, wanted, Writer(events=events, verbose=verbose, colour=colour), sys.stdout, follow=follow)
        if reader.cut:
            note(f"{reader.name}: the last line is cut off: the recording did not come to its end")
        if filters and not count:
            note(f"--trace {' '.join(map(repr, filters))}: no call matched")


def make_filter(texts: tuple[str, ...]) -> "RecordFilter":
    from ..tracefiles.matching import RecordFilter

    return RecordFilter(texts)


def make_reader(file: str) -> "Reader":
    from ..tracefiles.records import Reader

    return Reader(sys.stdin.buffer if file == "-" else file)


def note(text: str) -> None:
    print(f"litebox: {text}", file=sys.stderr)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
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
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(codes.INTERRUPTED)
    except OSError as error:
        fail(codes.NOT_FOUND, f"{printable(str(error.filename or ''))}: {error.strerror}")
